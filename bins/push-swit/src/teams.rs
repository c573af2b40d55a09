//! What becomes of a team: moved out of what goes, deleted or marked, made under the root, renamed and moved.
//!
//! Moves go parents first. When the new parent of a team lies below the team itself, what is between them goes to the root
//! first: a move must not make a circle.
//! Names are given out as they become free; who got a number because another team had not yet left its name gets the name
//! in a step of its own afterwards.

use crate::call::Call;
use crate::clean;
use crate::target::{Swit, Todo};
use crate::wanted::{self, TEAM};
use crate::world::World;
use muster_delivery::{Action, Found, Outcome, Task, Work};
use muster_stream::Record;
use muster_swit::{Team, TeamChange};

pub(crate) const OUT: Work = Work::Stage("out");
pub(crate) const REPAIR: Work = Work::Stage("repair");
pub(crate) const CREATE: Work = Work::Stage("create");
pub(crate) const MOVE: Work = Work::Stage("move");
pub(crate) const NAME: Work = Work::Stage("name");

const REMOVED: &str = "(removed) ";

impl Swit<'_> {
    /// Which steps a team needs.
    pub(crate) fn work_on_team(&self, task: &Task, record: &Record) -> Vec<Work> {
        let world = self.world.borrow();
        let team = world.id(TEAM, &task.key).and_then(|id| world.teams.get(id));
        let mut steps = match team {
            None => vec![CREATE, MOVE, NAME],
            Some(team) => {
                let change = self.change(task, record, team, &world);
                let mut steps = Vec::new();
                steps.extend((!self.is_safe(team, &world)).then_some(OUT));
                // A repair deletes, which nothing does while the input is partial.
                let spare = self.spare(record, team, &world).next().filter(|_| task.may_take_out);
                steps.extend(spare.map(|_| REPAIR));
                steps.extend(change.name.is_some().then_some(NAME));
                steps.extend((change != TeamChange::default()).then_some(MOVE));
                steps
            }
        };
        steps.extend(self.work_on_members(task, record, team, &world));
        steps
    }

    /// The calls of one step.
    pub(crate) fn team_calls(&self, task: &Task) -> Todo {
        // It looks at the world itself, which is ours alone below.
        self.outlook();
        let mut world = self.world.borrow_mut();
        let team = self.id(task, &world).and_then(|id| world.teams.get(&id).cloned());
        match (task.action, &task.record) {
            (Action::Delete | Action::Passivate, _) => going(task.action, team, &mut world),
            (_, Some(record)) if task.work == CREATE => self.create_team(&task.key, record, &mut world),
            (_, Some(record)) => match team {
                Some(team) => self.step(task, record, &team, &mut world),
                None => Err(Outcome::failed(None, "Swit does not have this team any more")),
            },
            (_, None) => Err(Outcome::failed(None, "there is no record")),
        }
    }

    fn step(&self, task: &Task, record: &Record, team: &Team, world: &mut World) -> Todo {
        match task.work {
            OUT => Ok(self.out(task, team, world)),
            REPAIR => self.repair(record, team, world),
            MOVE => self.renamed_and_moved(task, record, team, world),
            NAME => Ok(named(record, team, world)),
            _ => self.member_calls(task, record, team, world),
        }
    }

    /// Under the root, since its parent may not be there yet.
    fn create_team(&self, key: &str, record: &Record, world: &mut World) -> Todo {
        let name = claimed(&wanted::name(record), key, world)?;
        let (parent, reference) = (world.root.clone(), self.reference(record));
        Ok(vec![Call::CreateTeam { key: key.to_owned(), name, parent, reference }])
    }

    /// What Swit keeps as the reference of a team.
    fn reference(&self, record: &Record) -> String {
        let alias = wanted::aliases(record).next().filter(|_| self.options.reference_is_alias);
        alias.unwrap_or(record.key()).to_owned()
    }

    /// What differs: a name that another team may have yet, the reference, the parent.
    fn change(&self, task: &Task, record: &Record, team: &Team, world: &World) -> TeamChange {
        let name = wanted::name(record);
        let reference = self.reference(record);
        let parent = self.parent(task, record, team, world);
        TeamChange {
            name: Some(name).filter(|name| !name.is_empty() && *name != clean::name(&team.name)),
            reference: Some(reference).filter(|reference| team.reference.as_ref() != Some(reference)),
            parent: parent.filter(|parent| team.parent.as_ref() != Some(parent)),
        }
    }

    /// The id of the team above; nothing where that is to stay, or is not there yet.
    fn parent(&self, task: &Task, record: &Record, team: &Team, world: &World) -> Option<String> {
        let says = wanted::says_parent(record);
        let resolved = task.references.iter().find(|resolved| resolved.reference.member == "parent");
        match resolved.map(|resolved| &resolved.found) {
            _ if !says => None,
            None => Some(world.root.clone()),
            Some(Found::Here { key, id }) => {
                let id = id.clone().or_else(|| world.id(TEAM, key).map(str::to_owned));
                // One that is still to be made shows as a difference.
                Some(id.unwrap_or_else(|| format!("<id of team {key}>")))
            }
            Some(Found::Unknown) => None,
            Some(Found::Absent) => {
                let above = team.parent.as_ref();
                let stays = above.is_some_and(|id| self.is_unknown(TEAM, id));
                (!stays).then(|| world.root.clone())
            }
        }
    }

    fn renamed_and_moved(&self, task: &Task, record: &Record, team: &Team, world: &mut World) -> Todo {
        let mut change = self.change(task, record, team, world);
        let mut first: Option<Call> = None;
        if let Some(parent) = &change.parent {
            if !world.teams.contains_key(parent) {
                return Err(Outcome::failed(None, "the team above is not in Swit"));
            }
            first = self.opened(team, parent, world)?;
        }
        if let Some(name) = change.name.take() {
            change.name = Some(claimed(&name, &team.id, world)?);
        }
        Ok(first.into_iter().chain(updated(team, change)).collect())
    }

    /// When the new parent lies below the team itself: the one between them that goes to the root first, and to its own
    /// place later.
    fn opened(&self, team: &Team, parent: &str, world: &World) -> Result<Option<Call>, Outcome> {
        let above = world.lineage(parent);
        let Some(place) = above.iter().position(|id| *id == team.id) else { return Ok(None) };
        let between = place.checked_sub(1).and_then(|place| above.get(place)).filter(|id| self.is_wanted(id));
        let change = TeamChange { parent: Some(world.root.clone()), ..TeamChange::default() };
        match between {
            Some(id) => Ok(Some(Call::UpdateTeam { id: id.clone(), change })),
            None => {
                let what = "it would come to lie below itself; what is between stays where it is";
                Err(Outcome::failed(None, what))
            }
        }
    }

    /// Whether a team lies in nothing that goes in this run.
    fn is_safe(&self, team: &Team, world: &World) -> bool {
        let above = world.lineage(&team.id);
        above.iter().skip(1).all(|id| self.stays(id, world))
    }

    fn stays(&self, id: &str, world: &World) -> bool {
        if *id == world.root || self.is_wanted(id) {
            return true;
        }
        let is_fixed = world.teams.get(id).is_some_and(|team| world.is_fixed(team));
        is_fixed
            || !(self.goes(TEAM, id)
                || self.options.foreign_goes && !self.is_owned(TEAM, id)
                || self.is_spare(id, world))
    }

    /// Out of what goes: to where it shall be, if that stands and stays, else to the root.
    fn out(&self, task: &Task, team: &Team, world: &World) -> Vec<Call> {
        if self.is_safe(team, world) {
            return Vec::new();
        }
        let parent = task.record.as_ref().and_then(|record| self.parent(task, record, team, world));
        let fits = |id: &String| {
            let above = world.lineage(id);
            !above.is_empty() && !above.contains(&team.id) && above.iter().all(|id| self.stays(id, world))
        };
        let parent = Some(parent.filter(fits).unwrap_or_else(|| world.root.clone()));
        updated(team, TeamChange { parent, ..TeamChange::default() })
    }

    /// Other teams with the reference of this one; nothing of it while they are to stop the run.
    fn spare<'a>(
        &'a self,
        record: &'a Record,
        team: &'a Team,
        world: &'a World,
    ) -> impl Iterator<Item = &'a Team> {
        let names =
            std::iter::once(record.key()).chain(wanted::aliases(record)).filter(|_| self.options.repairs);
        let found = names.flat_map(|name| world.with_reference(name));
        // One that is alone with its reference is another record's, however this one is called besides.
        found.filter(|other| other.id != team.id && self.is_spare(&other.id, world))
    }

    /// What a repair deletes, for the guard.
    pub(crate) fn doomed_duplicates(
        &self,
        task: &Task,
        record: &Record,
        team: &Team,
        world: &World,
    ) -> Vec<String> {
        let spare = self.spare(record, team, world).filter(|_| task.may_take_out);
        spare.map(|team| format!("duplicate {}", team.id)).collect()
    }

    /// Whether a team is one of several with a reference, and not the one that is kept. What the ledger knows goes with its
    /// own record, never as another's duplicate.
    fn is_spare(&self, id: &str, world: &World) -> bool {
        self.options.repairs
            && !self.is_owned(TEAM, id)
            && world.duplicates().any(|(reference, ids)| {
                ids.iter().any(|other| other == id) && kept(world, reference).is_some_and(|kept| kept != id)
            })
    }

    fn repair(&self, record: &Record, team: &Team, world: &World) -> Todo {
        let spare: Vec<&Team> = self.spare(record, team, world).collect();
        if let Some(full) = spare.iter().find(|spare| world.children(&spare.id).next().is_some()) {
            return Err(Outcome::failed(
                None,
                format!("its duplicate {} has sub-teams; move them by hand", full.id),
            ));
        }
        Ok(spare.iter().map(|team| Call::DeleteTeam { id: team.id.clone() }).collect())
    }
}

/// Of several teams with a reference the one with most members, the first of these.
pub(crate) fn kept<'a>(world: &'a World, reference: &str) -> Option<&'a str> {
    let teams: Vec<&Team> = world.with_reference(reference).collect();
    let most = teams.iter().map(|team| team.members.len()).max()?;
    teams.into_iter().find(|team| team.members.len() == most).map(|team| team.id.as_str())
}

/// The name without the number that it got because another team had not left it yet.
fn named(record: &Record, team: &Team, world: &mut World) -> Vec<Call> {
    let name = wanted::name(record);
    if team.name == name || name.is_empty() || !world.names.is_free(&name, &team.id) {
        return Vec::new();
    }
    world.names.set(&name, &team.id);
    updated(team, TeamChange { name: Some(name), ..TeamChange::default() })
}

fn claimed(name: &str, owner: &str, world: &mut World) -> Result<String, Outcome> {
    let none = || Outcome::failed(None, format!("a hundred teams are called '{name}' already"));
    world.names.claim(name, owner).ok_or_else(none)
}

fn updated(team: &Team, change: TeamChange) -> Vec<Call> {
    match change == TeamChange::default() {
        true => Vec::new(),
        false => vec![Call::UpdateTeam { id: team.id.clone(), change }],
    }
}

fn going(action: Action, team: Option<Team>, world: &mut World) -> Todo {
    let Some(team) = team else { return Ok(Vec::new()) };
    if world.is_fixed(&team) {
        return Err(Outcome::blocked("this team is Swit's own"));
    }
    if action == Action::Passivate {
        return marked(&team, world);
    }
    if let Some(child) = world.children(&team.id).next() {
        let what = format!("it holds the team '{}', which would be deleted with it", child.name);
        return Err(Outcome::blocked(what));
    }
    Ok(vec![Call::DeleteTeam { id: team.id }])
}

/// For a person to confirm: renamed, and under the root.
fn marked(team: &Team, world: &mut World) -> Todo {
    if team.name.starts_with(REMOVED) {
        return Ok(Vec::new());
    }
    let name = Some(claimed(&format!("{REMOVED}{}", clean::name(&team.name)), &team.id, world)?);
    let parent = Some(world.root.clone()).filter(|root| team.parent.as_ref() != Some(root));
    Ok(updated(team, TeamChange { name, parent, reference: None }))
}
