//! From the input and the ledger to ordered steps.
//!
//! Nothing is sent here. Every line of the input ends up either settled (wrong, unknown, unchanged, blocked) or as one
//! step of one phase; within a phase, steps of one level may run side by side, level after level.

use crate::levels::levels;
use crate::spool::{Entry, Flaw, Spool};
use crate::{Action, Ledger, Outcome, Phase, Reference, Role, Said, State, Target, Work};
use muster_base::Error;
use muster_stream::{Op, Record};

/// What is to be done, and what needs nothing done.
pub(crate) struct Plan {
    /// Phases of levels of steps.
    pub(crate) phases: Vec<Vec<Vec<Step>>>,
    /// Lines without a step, in the order of the input.
    pub(crate) settled: Vec<Settled>,
}

/// One step.
#[derive(Debug)]
pub(crate) struct Step {
    /// The line it is about, as an index into the spool's entries.
    pub(crate) entry: usize,
    pub(crate) action: Action,
    /// What its record says; none for a removal.
    pub(crate) said: Option<Said>,
    /// Other lines that it needs.
    pub(crate) needs: Vec<Need>,
}

/// A line of this run that a step needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    pub(crate) entry: usize,
    pub(crate) role: Role,
    /// Whether the ledger says that the target has the object already.
    pub(crate) owned: bool,
}

/// A line that needs no step.
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
    pub(crate) spool: &'a Spool,
    pub(crate) ledger: Option<&'a Ledger>,
}

/// What one line comes to.
enum Decision {
    Step(usize, Step),
    Settled(Settled),
}

impl<T: Target> Planner<'_, T> {
    /// Plan all lines.
    pub(crate) fn plan(&self) -> Result<Plan, Error> {
        let phases = self.target.phases();
        let mut steps: Vec<Vec<Step>> = phases.iter().map(|_| Vec::new()).collect();
        let mut settled = Vec::new();
        for index in 0..self.spool.entries.len() {
            match self.decide(index)? {
                Decision::Step(phase, step) => steps[phase].push(step),
                Decision::Settled(one) => settled.push(one),
            }
        }
        let mut plan = Plan { phases: Vec::new(), settled };
        for (phase, steps) in phases.iter().zip(steps) {
            let (levels, circular) = levels(phase.order, steps, self.spool.entries.len());
            plan.phases.push(levels);
            plan.settled.extend(circular.into_iter().map(|step| Settled {
                entry: step.entry,
                action: Some(step.action),
                outcome: Outcome::failed(None, "its containers form a circle"),
                unknown: false,
            }));
        }
        plan.settled.sort_by_key(|settled| settled.entry);
        Ok(plan)
    }

    fn decide(&self, index: usize) -> Result<Decision, Error> {
        let entry = &self.spool.entries[index];
        let settle = |action, outcome, unknown| Settled { entry: index, action, outcome, unknown };
        let settled = |action, outcome| Ok(Decision::Settled(settle(action, outcome, false)));
        match &entry.flaw {
            Some(Flaw::Wrong(why)) => return settled(None, Outcome::failed(None, why)),
            Some(Flaw::Unknown(why)) => {
                return Ok(Decision::Settled(settle(None, Outcome::skipped(why), true)));
            }
            None => (),
        }
        let work = match entry.op {
            None | Some(Op::Create | Op::Update) => Work::Upsert,
            Some(Op::Delete | Op::Passivate) => Work::Remove,
            Some(Op::Blocked) => return settled(None, Outcome::blocked("the input says so")),
        };
        let serves = |phase: &Phase| phase.kind == entry.kind && phase.work == work;
        let Some(phase) = self.target.phases().iter().position(serves) else {
            return settled(None, Outcome::failed(None, format!("the target has no '{}'", entry.kind)));
        };
        let record = self.spool.record(entry)?;
        let step = match (work, &record) {
            (Work::Upsert, Some(record)) => self.upsert(index, record)?,
            (Work::Upsert, None) => return settled(None, Outcome::failed(None, "there is no record in it")),
            _ => self.remove(index, record.as_ref())?,
        };
        Ok(match step {
            Ok(step) => Decision::Step(phase, step),
            Err(settled) => Decision::Settled(settled),
        })
    }

    fn upsert(&self, index: usize, record: &Record) -> Result<Result<Step, Settled>, Error> {
        let entry = &self.spool.entries[index];
        let known = self.ledger.map(|ledger| ledger.known(&entry.kind, &entry.key)).transpose()?.flatten();
        let action = match &known {
            Some(known) if known.state != State::Deleted => Action::Update,
            _ => Action::Create,
        };
        let settle =
            |outcome| Ok(Err(Settled { entry: index, action: Some(action), outcome, unknown: false }));
        if let Err(why) = self.target.check(record) {
            return settle(Outcome::failed(None, why));
        }
        // An unknown member keeps the target's value: what is known decides whether there is anything to say.
        let accepted = known.as_ref().filter(|known| known.state == State::Active);
        if accepted.and_then(|known| known.members.as_ref()).is_some_and(|members| members.agree_with(record))
        {
            return settle(Outcome::unchanged());
        }
        let said = Some(Said::by(record, accepted));
        let needs = self.needs(self.target.references(record))?;
        Ok(Ok(Step { entry: index, action, said, needs }))
    }

    fn remove(&self, index: usize, before: Option<&Record>) -> Result<Result<Step, Settled>, Error> {
        let Entry { kind, key, op, .. } = &self.spool.entries[index];
        let (action, goal) = match op {
            Some(Op::Passivate) => (Action::Passivate, State::Passive),
            _ => (Action::Delete, State::Deleted),
        };
        let settle =
            |outcome| Ok(Err(Settled { entry: index, action: Some(action), outcome, unknown: false }));
        if let Some(why) = self.target.protects(kind, key) {
            return settle(Outcome::blocked(why));
        }
        if let Some(why) = self.spool.shortfall() {
            return settle(Outcome::blocked(format!("the input is partial: {why}")));
        }
        let known = self.ledger.map(|ledger| ledger.known(kind, key)).transpose()?.flatten();
        if known.is_some_and(|known| known.state == goal) {
            return settle(Outcome::unchanged());
        }
        let needs = self.needs(before.map(|record| self.target.references(record)).unwrap_or_default())?;
        Ok(Ok(Step { entry: index, action, said: None, needs }))
    }

    /// The references that are lines of this run. What is not is taken for there already.
    fn needs(&self, references: Vec<Reference>) -> Result<Vec<Need>, Error> {
        let mut needs = Vec::new();
        for Reference { kind, key, role, .. } in references {
            let Some(entry) = self.spool.find(kind, &key) else { continue };
            let known = self.ledger.map(|ledger| ledger.known(kind, &key)).transpose()?.flatten();
            let owned = known.is_some_and(|known| known.state.is_there());
            needs.push(Need { entry, role, owned });
        }
        Ok(needs)
    }
}
