//! What becomes of a person: made, changed, activated, deactivated or removed, given a primary team.

use crate::call::Call;
use crate::clean;
use crate::target::{Swit, Todo};
use crate::wanted::{self, TEAM, USER};
use crate::world::World;
use muster_delivery::{Action, Found, Outcome, Task, Work};
use muster_stream::Record;
use muster_swit::{Changes, User};

pub(crate) const CREATE: Work = Work::Stage("create");
pub(crate) const UPDATE: Work = Work::Stage("update");
pub(crate) const ACTIVATE: Work = Work::Stage("activate");
pub(crate) const PRIMARY: Work = Work::Stage("primary");

impl Swit<'_> {
    /// Which steps a person needs.
    pub(crate) fn work_on_user(&self, task: &Task, record: &Record) -> Vec<Work> {
        let world = self.world.borrow();
        let user = world.id(USER, &task.key).and_then(|id| world.users.get(id));
        let primary = has_primary(task) && user.is_none_or(|user| differs_in_primary(task, user, &world));
        let Some(user) = user else {
            // Who is left to single sign-on comes by himself.
            let steps = [(CREATE, true), (PRIMARY, primary)];
            return chosen(&steps, self.options.create_users);
        };
        let steps = [
            (UPDATE, changes(record, user).is_some()),
            (ACTIVATE, !user.is_active && self.options.activate_users),
            (PRIMARY, primary),
        ];
        chosen(&steps, true)
    }

    /// The calls of one step.
    pub(crate) fn user_calls(&self, task: &Task) -> Todo {
        let world = self.world.borrow();
        let user = self.id(task, &world).and_then(|id| world.users.get(&id).cloned());
        match (task.action, &task.record) {
            (Action::Delete | Action::Passivate, _) => going(task.action, user),
            (_, Some(record)) if task.work == CREATE => Ok(self.create_user(&task.key, record)),
            (_, Some(record)) => match (task.work, user) {
                (UPDATE, Some(user)) => Ok(changes(record, &user)
                    .map(|changes| Call::PatchUser { id: user.id, changes })
                    .into_iter()
                    .collect()),
                (ACTIVATE, Some(user)) if !user.is_active => Ok(vec![Call::Activate { id: user.id }]),
                (PRIMARY, Some(user)) => Ok(primary_call(task, &user, &world)),
                (_, Some(_)) => Ok(Vec::new()),
                (_, None) => Err(Outcome::failed(None, "Swit does not have this person any more")),
            },
            (_, None) => Err(Outcome::failed(None, "there is no record")),
        }
    }

    fn create_user(&self, key: &str, record: &Record) -> Vec<Call> {
        let language = wanted::text(record, "language").filter(|language| !language.is_empty());
        vec![Call::CreateUser {
            key: key.to_owned(),
            name: wanted::name(record),
            email: wanted::text(record, "email").unwrap_or_default().trim().to_owned(),
            phone: wanted::phone(record).filter(|phone| !phone.is_empty()),
            language: language.unwrap_or(&self.options.language).to_owned(),
        }]
    }
}

fn chosen(steps: &[(Work, bool)], may: bool) -> Vec<Work> {
    steps.iter().filter(|(_, is_due)| *is_due && may).map(|(work, _)| *work).collect()
}

/// What a person's record changes by SCIM; names and numbers are compared in Swit's form on both sides.
fn changes(record: &Record, user: &User) -> Option<Changes> {
    let name = Some(wanted::name(record)).filter(|name| !name.is_empty() && *name != clean::name(&user.name));
    let held = clean::phone(user.phone.as_deref().unwrap_or_default());
    let phone = wanted::phone(record).filter(|phone| *phone != held);
    (name.is_some() || phone.is_some()).then_some(Changes { name, phone })
}

fn going(action: Action, user: Option<User>) -> Todo {
    let Some(user) = user else { return Ok(Vec::new()) };
    if user.is_administrator() {
        return Err(Outcome::blocked("administrators are never taken away"));
    }
    Ok(match action {
        Action::Passivate if !user.is_active => Vec::new(),
        Action::Passivate => vec![Call::Deactivate { id: user.id }],
        _ => vec![Call::RemoveUser { id: user.id }],
    })
}

fn has_primary(task: &Task) -> bool {
    task.references.iter().any(|resolved| resolved.reference.member == "primary")
}

/// The id of the team that a person's record calls the primary one, once Swit has it.
fn primary(task: &Task, world: &World) -> Option<String> {
    let resolved = task.references.iter().find(|resolved| resolved.reference.member == "primary")?;
    match &resolved.found {
        Found::Here { key, id } => id.clone().or_else(|| world.id(TEAM, key).map(str::to_owned)),
        Found::Unknown | Found::Absent => None,
    }
}

fn differs_in_primary(task: &Task, user: &User, world: &World) -> bool {
    let is_here = task.references.iter().any(|resolved| {
        resolved.reference.member == "primary" && matches!(resolved.found, Found::Here { .. })
    });
    is_here && primary(task, world).is_none_or(|team| user.primary.as_ref() != Some(&team))
}

fn primary_call(task: &Task, user: &User, world: &World) -> Vec<Call> {
    let team = primary(task, world).filter(|team| user.primary.as_ref() != Some(team));
    let team = team.filter(|team| world.teams.get(team).is_some_and(|team| team.members.contains(&user.id)));
    team.map(|team| Call::SetPrimary { team, user: user.id.clone() }).into_iter().collect()
}
