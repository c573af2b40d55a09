//! Swit as it is by now: what was read at the start, with every write since taken into account.

use crate::call::Call;
use crate::clean::{self, folded};
use crate::names::Names;
use crate::wanted::{TEAM, USER};
use muster_swit::{Team, Teams, User};
use std::collections::{HashMap, HashSet};

/// The team for people without one: nobody's, and it stays.
pub(crate) const UNASSIGNED: &str = "Unassigned";

/// The organisation.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) root: String,
    /// People by id.
    pub(crate) users: HashMap<String, User>,
    /// Teams by id.
    pub(crate) teams: HashMap<String, Team>,
    /// Ids of teams; siblings in their order.
    order: Vec<String>,
    pub(crate) names: Names,
    /// Ids by kind and key, as they become known.
    ids: HashMap<(String, String), String>,
    /// Parents to which a team came in this run: where it stands there, Swit decides.
    pub(crate) touched: HashSet<String>,
    /// People and teams as they were read, by what finds them.
    by_email: HashMap<String, Vec<String>>,
    by_reference: HashMap<String, Vec<String>>,
}

impl World {
    pub(crate) fn of(people: Vec<User>, teams: Teams) -> Self {
        let mut names = Names::default();
        for team in &teams.all {
            names.set(&team.name, &team.id);
        }
        let mut world = Self { names, ..Self::default() };
        for user in &people {
            world.by_email.entry(folded(&user.email)).or_default().push(user.id.clone());
        }
        for team in &teams.all {
            if let Some(reference) = &team.reference {
                world.by_reference.entry(reference.clone()).or_default().push(team.id.clone());
            }
        }
        Self {
            root: teams.root,
            users: people.into_iter().map(|user| (user.id.clone(), user)).collect(),
            order: teams.all.iter().map(|team| team.id.clone()).collect(),
            teams: teams.all.into_iter().map(|team| (team.id.clone(), team)).collect(),
            ..world
        }
    }

    /// All teams in their order.
    pub(crate) fn ordered(&self) -> impl Iterator<Item = &Team> {
        self.order.iter().filter_map(|id| self.teams.get(id))
    }

    /// The teams directly below a team, in their order.
    pub(crate) fn children(&self, parent: &str) -> impl Iterator<Item = &Team> {
        self.ordered().filter(move |team| team.parent.as_deref() == Some(parent))
    }

    /// A team and all above it, the root last.
    pub(crate) fn lineage(&self, id: &str) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let mut next = self.teams.get(id);
        while let Some(team) = next.filter(|team| !all.contains(&team.id)) {
            all.push(team.id.clone());
            next = team.parent.as_ref().and_then(|parent| self.teams.get(parent));
        }
        all
    }

    /// Whether this team is nobody's: the root, or the one for people without a team.
    pub(crate) fn is_fixed(&self, team: &Team) -> bool {
        team.parent.is_none() || folded(&team.name) == folded(UNASSIGNED)
    }

    /// Remember what Swit calls an object of ours.
    pub(crate) fn know(&mut self, kind: &str, key: &str, id: &str) {
        self.ids.insert((kind.to_owned(), key.to_owned()), id.to_owned());
    }

    /// What Swit calls an object of ours.
    pub(crate) fn id(&self, kind: &str, key: &str) -> Option<&str> {
        self.ids.get(&(kind.to_owned(), key.to_owned())).map(String::as_str)
    }

    /// Take a call that succeeded into account; `id` is that of what it made.
    pub(crate) fn settle(&mut self, call: &Call, id: Option<&str>) {
        match call {
            Call::CreateUser { key, name, email, phone, .. } => {
                let id = id.map_or_else(|| format!("<id of user {key}>"), str::to_owned);
                self.know(USER, key, &id);
                self.users.insert(id.clone(), new_user(&id, name, email, phone.clone()));
            }
            Call::CreateTeam { key, name, parent, reference } => {
                let id = id.map_or_else(|| format!("<id of team {key}>"), str::to_owned);
                self.know(TEAM, key, &id);
                self.add_team(&id, name, parent, reference);
            }
            Call::PatchUser { id, changes } => {
                if let Some(user) = self.users.get_mut(id) {
                    user.name = changes.name.clone().unwrap_or_else(|| user.name.clone());
                    user.phone = changes.phone.clone().or(user.phone.take());
                }
            }
            Call::Activate { id } => self.set_active(id, true),
            Call::Deactivate { id } => self.set_active(id, false),
            Call::RemoveUser { id } => {
                self.users.remove(id);
                self.teams.values_mut().for_each(|team| team.members.retain(|member| member != id));
            }
            Call::UpdateTeam { id, change } => self.update_team(id, change),
            Call::DeleteTeam { id } => {
                if let Some(team) = self.teams.remove(id) {
                    self.names.release(&team.name, id);
                }
            }
            Call::AddMembers { team, users } => {
                if let Some(team) = self.teams.get_mut(team) {
                    team.members.extend(users.iter().cloned());
                }
            }
            Call::RemoveMembers { team, users } => {
                if let Some(team) = self.teams.get_mut(team) {
                    team.members.retain(|member| !users.contains(member));
                }
            }
            Call::Sort { parent, children } => self.sort(parent, children),
            Call::SetPrimary { team, user } => {
                if let Some(user) = self.users.get_mut(user) {
                    user.primary = Some(team.clone());
                }
            }
        }
    }

    fn set_active(&mut self, id: &str, is_active: bool) {
        if let Some(user) = self.users.get_mut(id) {
            user.is_active = is_active;
        }
    }

    fn add_team(&mut self, id: &str, name: &str, parent: &str, reference: &str) {
        self.names.set(name, id);
        self.order.push(id.to_owned());
        self.touched.insert(parent.to_owned());
        let team = Team {
            id: id.to_owned(),
            name: name.to_owned(),
            parent: Some(parent.to_owned()),
            reference: Some(reference.to_owned()),
            members: Vec::new(),
            map: muster_stream::Map::new(),
        };
        self.teams.insert(id.to_owned(), team);
    }

    fn update_team(&mut self, id: &str, change: &muster_swit::TeamChange) {
        let Some(team) = self.teams.get_mut(id) else { return };
        if let Some(name) = &change.name {
            self.names.release(&team.name, id);
            self.names.set(name, id);
            team.name.clone_from(name);
        }
        if let Some(reference) = &change.reference {
            team.reference = Some(reference.clone());
        }
        if let Some(parent) = &change.parent {
            team.parent = Some(parent.clone());
            self.touched.insert(parent.clone());
            self.order.retain(|other| other != id);
            self.order.push(id.to_owned());
        }
    }

    fn sort(&mut self, parent: &str, children: &[String]) {
        self.touched.remove(parent);
        self.order.retain(|id| !children.contains(id));
        self.order.extend(children.iter().cloned());
    }

    /// The people who had an address at the start, whatever its case.
    pub(crate) fn with_email(&self, email: &str) -> impl Iterator<Item = &User> {
        let ids = self.by_email.get(&folded(email)).filter(|_| !email.is_empty());
        ids.into_iter().flatten().filter_map(|id| self.users.get(id))
    }

    /// The teams that had a reference at the start.
    pub(crate) fn with_reference(&self, reference: &str) -> impl Iterator<Item = &Team> {
        let ids = self.by_reference.get(reference).into_iter().flatten();
        ids.filter_map(|id| self.teams.get(id)).filter(|team| !self.is_fixed(team))
    }

    /// References that several teams had at the start, with these teams.
    pub(crate) fn duplicates(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.by_reference
            .iter()
            .filter(|(_, ids)| ids.len() > 1)
            .map(|(name, ids)| (name.as_str(), ids.as_slice()))
    }
}

fn new_user(id: &str, name: &str, email: &str, phone: Option<String>) -> User {
    User {
        id: id.to_owned(),
        name: name.to_owned(),
        email: email.to_owned(),
        phone: phone.map(|phone| clean::phone(&phone)),
        role: 30,
        is_active: true,
        primary: None,
        map: muster_stream::Map::new(),
    }
}
