//! One write, before it is a request.

use muster_base::Error;
use muster_http::Request;
use muster_swit::{Api, Changes, ScimForm, TeamChange};

/// What is to be done in Swit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    CreateUser { key: String, name: String, email: String, phone: Option<String>, language: String },
    PatchUser { id: String, changes: Changes },
    Activate { id: String },
    Deactivate { id: String },
    RemoveUser { id: String },
    CreateTeam { key: String, name: String, parent: String, reference: String },
    UpdateTeam { id: String, change: TeamChange },
    DeleteTeam { id: String },
    AddMembers { team: String, users: Vec<String> },
    RemoveMembers { team: String, users: Vec<String> },
    Sort { parent: String, children: Vec<String> },
    SetPrimary { team: String, user: String },
}

impl Call {
    /// The request that it is.
    pub(crate) fn request(&self, api: &Api<'_>, form: ScimForm) -> Result<Request, Error> {
        match self {
            Self::CreateUser { name, email, phone, language, .. } => {
                api.create_user(name, email, phone.as_deref(), language)
            }
            Self::PatchUser { id, changes } => api.patch_user(id, changes, form),
            Self::Activate { id } => api.activate(id),
            Self::Deactivate { id } => api.deactivate(id),
            Self::RemoveUser { id } => api.remove_user(id),
            Self::CreateTeam { name, parent, reference, .. } => api.create_team(name, parent, reference),
            Self::UpdateTeam { id, change } => api.update_team(id, change),
            Self::DeleteTeam { id } => api.delete_team(id),
            Self::AddMembers { team, users } => api.add_members(team, users),
            Self::RemoveMembers { team, users } => api.remove_members(team, users),
            Self::Sort { parent, children } => api.sort(parent, children),
            Self::SetPrimary { team, user } => api.set_primary(team, user),
        }
    }

    /// Whether an object that is gone is what was wanted.
    pub(crate) fn takes_away(&self) -> bool {
        matches!(
            self,
            Self::Deactivate { .. }
                | Self::RemoveUser { .. }
                | Self::DeleteTeam { .. }
                | Self::RemoveMembers { .. }
        )
    }
}
