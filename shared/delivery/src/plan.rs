//! From the input, the ledger and what the target holds to ordered steps.
//!
//! Nothing is sent here. Every object of the run ends up either settled (wrong, unknown, unchanged, blocked) or with one
//! step or more, each of another phase; within a phase, steps of one level may run side by side, level after level.

mod remove;
mod upsert;

use crate::hold::hold;
use crate::levels::levels;
use crate::resolve::Known;
use crate::spool::Flaw;
use crate::{Action, Options, Origin, Outcome, Phase, Role, Said, State, Status, Target, Task, Work};
use muster_base::Error;
use muster_stream::Op;
use std::collections::{BTreeMap, HashMap, HashSet};

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

impl Plan {
    /// Leave all objects out but these. Those of them that cannot do without what is left out are skipped.
    pub(crate) fn keep_only(&mut self, entries: &HashSet<usize>) {
        let mut out: HashSet<usize> = self.steps().map(|step| step.entry).collect();
        out.extend(self.settled.iter().filter(|one| one.is_trouble()).map(|one| one.entry));
        out.retain(|entry| !entries.contains(entry));
        let hindered = self.hindered(&mut out);
        for level in self.phases.iter_mut().flatten() {
            level.retain(|step| entries.contains(&step.entry) && !out.contains(&step.entry));
        }
        for (entry, action) in hindered {
            let why = match action.is_upsert() {
                true => "it needs an object that --only does not name",
                false => "an object lies in it that --only does not name",
            };
            self.settle(entry, action, Outcome::skipped(why));
        }
        self.objects.retain(|entry, _| entries.contains(entry));
        self.settled.retain(|settled| entries.contains(&settled.entry));
        self.learned.retain(|(entry, _)| entries.contains(entry));
    }
}

impl Plan {
    /// The objects that need what is left `out`, or are taken away while it lies in them; they are left out as well.
    fn hindered(&self, out: &mut HashSet<usize>) -> BTreeMap<usize, Action> {
        let mut hindered = BTreeMap::new();
        loop {
            let left = self.steps().filter(|step| out.contains(&step.entry));
            let stays_in: HashSet<usize> = left
                .flat_map(|step| step.needs.iter().map(|need| need.entry).chain(step.leaves.iter().copied()))
                .collect();
            let is_hindered = |step: &&Step| match step.action.is_upsert() {
                true => step.needs.iter().any(|need| !need.owned && out.contains(&need.entry)),
                false => stays_in.contains(&step.entry),
            };
            let more: Vec<(usize, Action)> = self
                .steps()
                .filter(|step| !out.contains(&step.entry))
                .filter(is_hindered)
                .map(|step| (step.entry, step.action))
                .collect();
            if more.is_empty() {
                return hindered;
            }
            out.extend(more.iter().map(|(entry, _)| *entry));
            hindered.extend(more);
        }
    }
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

impl Settled {
    /// Whether the object is not as its record wants it.
    fn is_trouble(&self) -> bool {
        self.unknown || self.outcome.status == Status::Failed
    }
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
        match (is_removal, record) {
            (true, record) => Ok(self.remove(index, record.as_ref())),
            (false, Some(record)) => self.upsert(index, record, plan),
            (false, None) => settled(Outcome::failed(None, "there is no record in it")),
        }
    }

    fn settled(&self, entry: usize, action: Option<Action>, outcome: Outcome) -> Decision {
        Decision::Settled(Settled { entry, action, outcome, unknown: false }, None)
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
