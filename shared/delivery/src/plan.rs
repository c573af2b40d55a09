//! From the input, the ledger and what the target holds to ordered steps.
//!
//! Nothing is sent here. Every object of the run ends up either settled (wrong, unknown, unchanged, blocked) or with one
//! step or more, each of another phase; within a phase, steps of one level may run side by side, level after level.

use crate::hold::hold;
use crate::levels::levels;
use crate::resolve::{Known, judged};
use crate::spool::{Cause, Entry, Flaw};
use crate::{
    Action, Comparison, OnMissing, Options, Origin, Outcome, Phase, Role, Row, Said, State, Target, Task,
    Work,
};
use muster_base::Error;
use muster_stream::{Op, Record};
use std::collections::{HashMap, HashSet};

/// What is to be done, and what needs nothing done.
#[derive(Default)]
pub(crate) struct Plan {
    /// Phases of levels of steps.
    pub(crate) phases: Vec<Vec<Vec<Step>>>,
    /// Objects that have steps, by entry.
    pub(crate) objects: HashMap<usize, Object>,
    /// Objects without a step, in the order of the input.
    pub(crate) settled: Vec<Settled>,
    /// What the ledger is to learn of objects without a step.
    pub(crate) learned: Vec<(usize, Learned)>,
    /// References that are left out, because there is no such object, by kind of the record.
    pub(crate) left_out: HashMap<String, u64>,
    /// Members that records name, by kind of the record.
    pub(crate) mentions: HashMap<String, u64>,
}

/// What the ledger is to learn of an object without a step.
pub(crate) enum Learned {
    /// It comes from elsewhere, or is missing no more.
    Seen(Origin),
    /// The target has it: it is adopted.
    Adopted(Origin),
    /// It became this by itself.
    Became(State),
}

/// What the steps of an object come to.
#[derive(Default)]
pub(crate) struct Object {
    /// What its record says; none for a removal.
    pub(crate) said: Option<Said>,
    pub(crate) origin: Option<Origin>,
    /// What becomes of it.
    pub(crate) action: Action,
    /// Its steps.
    pub(crate) steps: usize,
    /// Whether it is an update of something that the target is known to have otherwise.
    pub(crate) is_change: bool,
    /// Whether a member of it is cleared.
    pub(crate) clears: bool,
    /// Members that are taken out of it.
    pub(crate) taken_out: Vec<String>,
}

/// One step.
#[derive(Debug)]
pub(crate) struct Step {
    /// The object it is about, as an index into the spool's entries.
    pub(crate) entry: usize,
    pub(crate) action: Action,
    /// Which of its object's steps it is.
    pub(crate) work: Work,
    /// Other entries that it needs.
    pub(crate) needs: Vec<Need>,
    /// Containers that are taken away, in which its object lies until it is done.
    pub(crate) leaves: Vec<usize>,
    /// Members that it takes out.
    pub(crate) taken_out: u64,
    /// Whether it may be carried out twice.
    pub(crate) repeats: bool,
}

/// An object of this run that a step needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    pub(crate) entry: usize,
    pub(crate) role: Role,
    /// Whether the target has the object already, for all that is known.
    pub(crate) owned: bool,
}

/// An object that needs no step.
pub(crate) struct Settled {
    pub(crate) entry: usize,
    pub(crate) action: Option<Action>,
    pub(crate) outcome: Outcome,
    /// Whether it counts as unknown.
    pub(crate) unknown: bool,
}

/// Makes a plan.
pub(crate) struct Planner<'a, T> {
    pub(crate) target: &'a T,
    pub(crate) known: &'a Known<'a>,
    pub(crate) options: &'a Options,
}

/// What one object comes to.
enum Decision {
    Steps(Object, Vec<(usize, Step)>),
    Settled(Settled, Option<Learned>),
}

impl<T: Target> Planner<'_, T> {
    /// Plan all objects.
    pub(crate) fn plan(&self) -> Result<Plan, Error> {
        let phases = self.target.phases();
        let count = self.known.spool.entries.len();
        let mut steps: Vec<Vec<Step>> = phases.iter().map(|_| Vec::new()).collect();
        let mut plan = Plan::default();
        for index in 0..count {
            match self.decide(index, &mut plan)? {
                Decision::Steps(object, all) => {
                    plan.objects.insert(index, Object { steps: all.len(), ..object });
                    all.into_iter().for_each(|(phase, step)| steps[phase].push(step));
                }
                Decision::Settled(settled, learned) => {
                    plan.learned.extend(learned.map(|learned| (index, learned)));
                    plan.settled.push(settled);
                }
            }
        }
        hold(self.known, &mut steps, &mut plan);
        let mut circles = HashSet::new();
        for (phase, steps) in phases.iter().zip(steps) {
            let (levels, circular) = levels(phase.order, steps, count);
            plan.phases.push(levels);
            for step in circular.into_iter().filter(|step| circles.insert(step.entry)) {
                let outcome = Outcome::failed(None, "its containers form a circle");
                plan.settle(step.entry, step.action, outcome);
            }
        }
        plan.without(&circles);
        plan.settled.sort_by_key(|settled| settled.entry);
        Ok(plan)
    }

    fn decide(&self, index: usize, plan: &mut Plan) -> Result<Decision, Error> {
        let entry = &self.known.spool.entries[index];
        let settled = |outcome| Ok(self.settled(index, None, outcome));
        match &entry.flaw {
            Some(Flaw::Wrong(why)) => return settled(Outcome::failed(None, why)),
            Some(Flaw::Unknown(why)) => {
                let (action, outcome) = (None, Outcome::skipped(why));
                return Ok(Decision::Settled(Settled { entry: index, action, outcome, unknown: true }, None));
            }
            None => (),
        }
        let is_removal = match entry.op {
            None | Some(Op::Create | Op::Update) => false,
            Some(Op::Delete | Op::Passivate) => true,
            Some(Op::Blocked) => return settled(Outcome::blocked("the input says so")),
        };
        let serves = |phase: &Phase| phase.kind == entry.kind && (phase.work == Work::Remove) == is_removal;
        if !self.target.phases().iter().any(serves) {
            return settled(Outcome::failed(None, format!("the target has no '{}'", entry.kind)));
        }
        let record = self.known.spool.record(entry)?;
        match (is_removal, &record) {
            (true, _) => Ok(self.remove(index, record.as_ref())),
            (false, Some(record)) => self.upsert(index, record, plan),
            (false, None) => settled(Outcome::failed(None, "there is no record in it")),
        }
    }

    fn settled(&self, entry: usize, action: Option<Action>, outcome: Outcome) -> Decision {
        Decision::Settled(Settled { entry, action, outcome, unknown: false }, None)
    }

    fn upsert(&self, index: usize, record: &Record, plan: &mut Plan) -> Result<Decision, Error> {
        let (entry, found) = (&self.known.spool.entries[index], &self.known.matches[index]);
        let action = if found.is_there { Action::Update } else { Action::Create };
        let settle = |outcome| Ok(self.settled(index, Some(action), outcome));
        if let Err(why) = self.target.check(record) {
            return settle(Outcome::failed(None, why));
        }
        if let Some(why) = &found.doubt {
            return settle(Outcome::failed(None, why));
        }
        let task = self.known.task(self.target, index, action, Work::Upsert)?;
        match judged(&task.references) {
            Ok(0) => (),
            Ok(count) => *plan.left_out.entry(entry.kind.clone()).or_default() += count,
            Err(why) => return settle(Outcome::failed(None, why)),
        }
        let mentions =
            task.references.iter().filter(|one| one.reference.role == Role::Mentioned).count() as u64;
        if mentions > 0 {
            *plan.mentions.entry(entry.kind.clone()).or_default() += mentions;
        }
        let Some(wanted) = &task.record else {
            return settle(Outcome::failed(None, "there is no record in it"));
        };
        let row = self.known.owned.find(&entry.kind, &entry.key);
        let origin = self.known.origin(entry, &task.references);
        let accepted = row.filter(|row| row.state == State::Active);
        let is_resent = self.options.resend.iter().any(|resend| resend.means(&entry.kind, &entry.key));
        // An unknown member keeps the target's value: what is known decides whether there is anything to say.
        let before = accepted.and_then(|row| row.members.as_ref());
        let by_ledger = self.target.comparison() == Comparison::ByLedger;
        let is_as_accepted =
            by_ledger && !is_resent && before.is_some_and(|members| members.agree_with(wanted));
        let works = if is_as_accepted { Vec::new() } else { self.target.work(&task) };
        if works.is_empty() {
            let settled =
                Settled { entry: index, action: Some(action), outcome: Outcome::unchanged(), unknown: false };
            return Ok(Decision::Settled(settled, learned(row, found.is_adopted, origin)));
        }
        let said = Said::by(wanted, accepted);
        let taken_out = self.target.takes_out(&task);
        let object = Object {
            is_change: action == Action::Update && !is_resent && (before.is_some() || !by_ledger),
            clears: before.is_some_and(|before| before.lacks(&said.members)),
            said: Some(said),
            origin: Some(origin),
            action,
            taken_out: taken_out.clone(),
            steps: 0,
        };
        let mut steps = Vec::new();
        for work in works {
            let serves = |phase: &Phase| phase.kind == entry.kind && phase.work == work;
            let Some(phase) = self.target.phases().iter().position(serves) else {
                return settle(Outcome::failed(
                    None,
                    format!("there is no phase for its step '{}'", work.stage()),
                ));
            };
            let mut step = self.step(index, Task { work, ..task.clone() });
            step.needs = self.needs(task.references.iter().map(|resolved| {
                (resolved.reference.role, resolved.reference.kind, resolved.reference.key.as_str())
            }));
            steps.push((phase, step));
        }
        // What is taken out is taken out by its last step: it is counted once.
        if let Some((_, last)) = steps.last_mut() {
            last.taken_out = taken_out.len() as u64;
        }
        Ok(Decision::Steps(object, steps))
    }

    fn step(&self, entry: usize, task: Task) -> Step {
        Step {
            entry,
            action: task.action,
            work: task.work,
            needs: Vec::new(),
            leaves: Vec::new(),
            taken_out: 0,
            repeats: self.target.repeats(&task),
        }
    }

    fn remove(&self, index: usize, before: Option<&Record>) -> Decision {
        let (entry, found) = (&self.known.spool.entries[index], &self.known.matches[index]);
        let Entry { kind, key, op, cause, .. } = entry;
        let row = self.known.owned.find(kind, key);
        let by_policy = || self.options.on_missing.unwrap_or_else(|| self.target.on_missing(kind));
        let (action, goal) = match op {
            Some(Op::Passivate) => (Action::Passivate, State::Passive),
            // What `map` takes away is absent from its source; what becomes of that, the policy says.
            _ if *cause == Cause::Whole && by_policy() == OnMissing::Passivate => {
                (Action::Passivate, State::Passive)
            }
            _ => (Action::Delete, State::Deleted),
        };
        let settle = |outcome| self.settled(index, Some(action), outcome);
        let protected = || found.held.as_ref().and_then(|held| held.protected.clone());
        if let Some(why) = self.target.protects(kind, key).or_else(protected) {
            return settle(Outcome::blocked(why));
        }
        if let Some(why) = self.known.spool.shortfall() {
            return settle(Outcome::blocked(format!("the input is partial: {why}")));
        }
        let is_other = |row: &Row| row.origin.from.is_some() && row.origin.from != entry.from;
        let is_shadowed = self.known.spool.find(kind, key) != Some(index);
        if let Err(why) = self.target.key(kind, key).map_err(|why| Outcome::failed(None, why))
            && self.options.ledger.is_none()
        {
            return settle(why);
        }
        if entry.names_source() && (is_shadowed || self.options.ledger.is_some() && row.is_none_or(is_other))
        {
            // The key is that of the source; what came of it is taken away by the names in the ledger.
            return settle(Outcome::unchanged());
        }
        if row.is_some_and(|row| row.state == goal) {
            return settle(Outcome::unchanged());
        }
        let is_gone = match (self.target.comparison(), &found.held) {
            (Comparison::ByLedger, _) => false,
            (Comparison::ByState, None) => true,
            (Comparison::ByState, Some(held)) => action == Action::Passivate && !held.is_active,
        };
        if is_gone {
            let settled =
                Settled { entry: index, action: Some(action), outcome: Outcome::unchanged(), unknown: false };
            return Decision::Settled(settled, row.map(|_| Learned::Became(goal)));
        }
        if found.id.is_none() && self.target.looks_up(kind) {
            return settle(Outcome::skipped("nobody knows what the target calls it"));
        }
        let serves = |phase: &Phase| phase.kind == kind && phase.work == Work::Remove;
        let phase = self.target.phases().iter().position(serves).unwrap_or_default();
        let mut step = self.step(index, Task { work: Work::Remove, ..Task::new(action, kind, key) });
        let said = before.map(|record| self.target.references(record)).unwrap_or_default();
        let remembered = row.map(|row| row.origin.references()).unwrap_or_default();
        let names = said.iter().map(|one| (one.role, one.kind, one.key.as_str()));
        step.needs = self.needs(
            names.chain(remembered.iter().map(|(role, kind, key)| (*role, kind.as_str(), key.as_str()))),
        );
        // Where the target was read, that is where it lies.
        let container = found.held.as_ref().and_then(|held| held.container.as_deref());
        if let Some(entry) = container.and_then(|id| self.known.entry_with_id(kind, id)) {
            step.needs.retain(|need| need.role != Role::Container);
            step.needs.push(Need { entry, role: Role::Container, owned: self.known.is_there(entry) });
        }
        Decision::Steps(Object { action, ..Object::default() }, vec![(phase, step)])
    }

    /// The references that are objects of this run. What is not is taken for there already.
    fn needs<'n>(&self, names: impl Iterator<Item = (Role, &'n str, &'n str)>) -> Vec<Need> {
        let mut needs = Vec::<Need>::new();
        for (role, kind, key) in names.filter(|(role, _, _)| *role != Role::Mentioned) {
            let Some(entry) = self.known.entry_of(kind, key) else { continue };
            if needs.iter().all(|need| need.entry != entry || need.role != role) {
                needs.push(Need { entry, role, owned: self.known.is_there(entry) });
            }
        }
        needs
    }
}

/// What the ledger is to learn of an object that is as it should be.
fn learned(row: Option<&Row>, is_adopted: bool, origin: Origin) -> Option<Learned> {
    match row {
        _ if is_adopted => Some(Learned::Adopted(origin)),
        Some(row) if row.origin != origin || row.missing_since.is_some() => Some(Learned::Seen(origin)),
        _ => None,
    }
}

impl Plan {
    /// All steps.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.phases.iter().flatten().flatten()
    }

    /// The object of an entry needs no step after all.
    pub(crate) fn settle(&mut self, entry: usize, action: Action, outcome: Outcome) {
        self.objects.remove(&entry);
        self.settled.push(Settled { entry, action: Some(action), outcome, unknown: false });
    }

    /// Leave out the steps of these entries.
    fn without(&mut self, entries: &HashSet<usize>) {
        if entries.is_empty() {
            return;
        }
        for level in self.phases.iter_mut().flatten() {
            level.retain(|step| !entries.contains(&step.entry));
        }
    }
}
