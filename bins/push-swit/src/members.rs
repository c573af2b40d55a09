//! The people in a team, and the order of the teams below one.
//!
//! Only people whom this pipeline brought, or brings, are taken out of a team; who was put there by hand stays. Success of
//! a call means that any of its people was taken in, so the teams are read again afterwards.

use crate::call::Call;
use crate::clean::folded;
use crate::target::{Swit, Todo};
use crate::wanted::{self, TEAM, USER};
use crate::world::World;
use muster_delivery::{Found, Outcome, Task, Work};
use muster_stream::Record;
use muster_swit::Team;
use std::collections::HashSet;

pub(crate) const ADD: Work = Work::Stage("add");
pub(crate) const REMOVE: Work = Work::Stage("remove");
pub(crate) const CHECK: Work = Work::Stage("check");
pub(crate) const SORT: Work = Work::Stage("sort");

impl Swit<'_> {
    /// Which of these steps a team needs.
    pub(crate) fn work_on_members(
        &self,
        task: &Task,
        record: &Record,
        team: Option<&Team>,
        world: &World,
    ) -> Vec<Work> {
        let mut steps = Vec::new();
        let adds = self.lacks_anybody(task, team, world);
        let removes = team.is_some_and(|team| !self.leavers(task, record, team, world).is_empty());
        steps.extend(adds.then_some(ADD));
        steps.extend(removes.then_some(REMOVE));
        steps.extend((adds || removes).then_some(CHECK));
        steps.extend(self.outlook().sorts(&task.key).map(|_| SORT));
        steps
    }

    /// The calls of one of these steps.
    pub(crate) fn member_calls(&self, task: &Task, record: &Record, team: &Team, world: &World) -> Todo {
        let batches = |users: Vec<String>| -> Vec<Vec<String>> {
            users.chunks(self.options.batch).map(<[String]>::to_vec).collect()
        };
        let id = || team.id.clone();
        match task.work {
            ADD => {
                let new = newcomers(task, team, world);
                Ok(batches(new).into_iter().map(|users| Call::AddMembers { team: id(), users }).collect())
            }
            REMOVE => {
                let gone = self.leavers(task, record, team, world);
                Ok(batches(gone).into_iter().map(|users| Call::RemoveMembers { team: id(), users }).collect())
            }
            SORT => Ok(self.sorted(task, team, world)),
            _ => Err(Outcome::failed(None, format!("there is no step {:?}", task.work))),
        }
    }

    /// Members of a team who shall not be in it.
    pub(crate) fn leavers(&self, task: &Task, record: &Record, team: &Team, world: &World) -> Vec<String> {
        let says = record.map().contains_key("members") && !wanted::is_unknown(record, "members");
        if !says || !task.may_take_out {
            return Vec::new();
        }
        let wanted: HashSet<String> = people(task, world).chain(self.named_people(record, world)).collect();
        let candidates = team.members.iter().filter(|id| !wanted.contains(*id));
        let is_sure = found_members(task).all(|found| *found != Found::Unknown);
        candidates.filter(|id| self.may_leave(id, is_sure, world)).cloned().collect()
    }

    /// People whom a team's record names, found by their addresses: also those whose own record failed.
    fn named_people<'a>(&'a self, record: &'a Record, world: &'a World) -> impl Iterator<Item = String> + 'a {
        let emails = wanted::members(record).filter_map(|name| self.survey.email_of.get(name));
        emails.flat_map(|email| world.with_email(email)).map(|user| user.id.clone())
    }

    /// Whether a person is ours to take out of a team. A foreign one may be whom a name means that nobody could read.
    fn may_leave(&self, id: &str, is_sure: bool, world: &World) -> bool {
        let Some(user) = world.users.get(id) else { return false };
        let is_named = self.survey.emails.contains_key(&folded(&user.email));
        is_named
            || if self.is_owned(USER, id) {
                !self.is_unknown(USER, id)
            } else {
                is_sure && self.options.foreign_goes
            }
    }

    /// Whether a team lacks somebody, be it somebody who is still to be made or activated.
    fn lacks_anybody(&self, task: &Task, team: Option<&Team>, world: &World) -> bool {
        let options = &self.options;
        let is_new = |key: &String, id: &Option<String>| match id.as_deref().or_else(|| world.id(USER, key)) {
            None => options.create_users,
            Some(id) => {
                let comes = world.users.get(id).is_none_or(|user| user.is_active || options.activate_users);
                comes && team.is_none_or(|team| !team.members.iter().any(|member| member == id))
            }
        };
        found_members(task).any(|found| match found {
            Found::Here { key, id } => is_new(key, id),
            Found::Unknown | Found::Absent => false,
        })
    }

    /// All sub-teams of the parent of `team` in their order, when that is another one than the present.
    fn sorted(&self, task: &Task, team: &Team, world: &World) -> Vec<Call> {
        let (Some(keys), Some(parent)) = (self.outlook().sorts(&task.key), &team.parent) else {
            return Vec::new();
        };
        let present: Vec<&str> = world.children(parent).map(|team| team.id.as_str()).collect();
        let wanted = keys.iter().filter_map(|key| world.id(TEAM, key)).filter(|id| present.contains(id));
        let wanted: Vec<&str> = wanted.collect();
        let others = present.iter().filter(|id| !wanted.contains(*id));
        let order: Vec<&str> = wanted.iter().chain(others).copied().collect();
        let may_differ = order != present || (world.touched.contains(parent) && order.len() > 1);
        match may_differ {
            true => {
                let children = order.into_iter().map(str::to_owned).collect();
                vec![Call::Sort { parent: parent.clone(), children }]
            }
            false => Vec::new(),
        }
    }

    /// Read the teams again and see whether the people came into this one and left it.
    pub(crate) async fn checked(&self, task: &Task) -> Result<Outcome, muster_base::Error> {
        let id = self.id(task, &self.world.borrow());
        let again = self.read_again().await?;
        let team = again.all.iter().find(|team| Some(&team.id) == id.as_ref());
        let (Some(team), Some(record)) = (team, &task.record) else {
            return Ok(Outcome::failed(None, "Swit does not have this team any more"));
        };
        let world = self.world.borrow();
        let missing = newcomers(task, team, &world);
        let left = self.leavers(task, record, team, &world);
        Ok(match (missing.is_empty(), left.is_empty()) {
            (true, true) => Outcome::unchanged(),
            (false, _) => {
                Outcome::failed(None, format!("Swit did not take these people into it: {}", few(&missing)))
            }
            _ => Outcome::failed(None, format!("Swit did not take these people out of it: {}", few(&left))),
        })
    }
}

/// What the people whom a team's record names were found to be.
fn found_members(task: &Task) -> impl Iterator<Item = &Found> {
    task.references.iter().filter(|resolved| resolved.reference.kind == USER).map(|resolved| &resolved.found)
}

/// The ids of the people whom a team's record names, as far as they are known.
fn people<'a>(task: &'a Task, world: &'a World) -> impl Iterator<Item = String> + 'a {
    found_members(task).filter_map(|found| match found {
        Found::Here { key, id } => id.clone().or_else(|| world.id(USER, key).map(str::to_owned)),
        Found::Unknown | Found::Absent => None,
    })
}

/// The people whom a team lacks; who is inactive comes when he is active again.
fn newcomers(task: &Task, team: &Team, world: &World) -> Vec<String> {
    let is_active = |id: &String| world.users.get(id).is_some_and(|user| user.is_active);
    let mut seen = HashSet::new();
    people(task, world)
        .filter(|id| !team.members.contains(id) && is_active(id) && seen.insert(id.clone()))
        .collect()
}

/// The first of many ids.
fn few(ids: &[String]) -> String {
    match ids {
        [first, second, third, _, ..] => format!("{first}, {second}, {third} and {} more", ids.len() - 3),
        _ => ids.join(", "),
    }
}
