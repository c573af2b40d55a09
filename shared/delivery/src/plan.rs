//! From the input and the ledger to ordered steps.
//!
//! Nothing is sent here. Every line of the input ends up either settled (wrong, unknown, unchanged, blocked) or as one
//! step of one phase; within a phase, steps of one level may run side by side, level after level.

use crate::spool::{Entry, Flaw, Spool};
use crate::{Action, Ledger, Order, Outcome, Phase, Reference, Role, State, Target, Work};
use muster_base::Error;
use muster_changes::Hash;
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
    /// Of the record; none for a removal.
    pub(crate) hash: Option<Hash>,
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
            (Work::Remove, _) => self.remove(index, record.as_ref())?,
        };
        Ok(match step {
            Ok(step) => Decision::Step(phase, step),
            Err(settled) => Decision::Settled(settled),
        })
    }

    fn upsert(&self, index: usize, record: &Record) -> Result<Result<Step, Settled>, Error> {
        let entry = &self.spool.entries[index];
        let known = self.ledger.map(|ledger| ledger.known(&entry.kind, &entry.key)).transpose()?.flatten();
        let action = match known {
            Some(known) if known.state != State::Deleted => Action::Update,
            _ => Action::Create,
        };
        let settle =
            |outcome| Ok(Err(Settled { entry: index, action: Some(action), outcome, unknown: false }));
        if let Err(why) = self.target.check(record) {
            return settle(Outcome::failed(None, why));
        }
        // An unknown member keeps the target's value; as long as it stays the same one, there is nothing to say.
        let hash = Some(muster_changes::hash(record));
        let accepted = known.filter(|known| known.state == State::Active).and_then(|known| known.hash);
        if hash == accepted {
            return settle(Outcome::unchanged());
        }
        let needs = self.needs(self.target.references(record))?;
        Ok(Ok(Step { entry: index, action, hash, needs }))
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
        Ok(Ok(Step { entry: index, action, hash: None, needs }))
    }

    /// The references that are lines of this run. What is not is taken for there already.
    fn needs(&self, references: Vec<Reference>) -> Result<Vec<Need>, Error> {
        let mut needs = Vec::new();
        for Reference { kind, key, role } in references {
            let Some(entry) = self.spool.find(kind, &key) else { continue };
            let owned = self.ledger.map(|ledger| ledger.owns(kind, &key)).transpose()?.unwrap_or(false);
            needs.push(Need { entry, role, owned });
        }
        Ok(needs)
    }
}

/// Steps by level: containers before what they contain, or the other way round. Steps whose containers form a circle
/// have no level and come apart.
fn levels(order: Order, steps: Vec<Step>, entries: usize) -> (Vec<Vec<Step>>, Vec<Step>) {
    if order == Order::Any {
        return (vec![steps], Vec::new());
    }
    let depths = depths(&steps, entries);
    let (mut levels, mut circular) = (Vec::<Vec<Step>>::new(), Vec::new());
    for step in steps {
        match depths[step.entry] {
            None => circular.push(step),
            Some(depth) => {
                levels.resize_with(levels.len().max(depth + 1), Vec::new);
                levels[depth].push(step);
            }
        }
    }
    if order == Order::ChildrenFirst {
        levels.reverse();
    }
    (levels, circular)
}

/// How many containers that are steps too each entry lies in; nothing for those in or below a circle.
fn depths(steps: &[Step], entries: usize) -> Vec<Option<usize>> {
    let mut container: Vec<Option<usize>> = vec![None; entries];
    let mut depth: Vec<Option<usize>> = vec![None; entries];
    let mut is_step = vec![false; entries];
    for step in steps {
        is_step[step.entry] = true;
    }
    for step in steps {
        let need = step.needs.iter().find(|need| need.role == Role::Container && is_step[need.entry]);
        container[step.entry] = need.map(|need| need.entry);
    }
    for step in steps {
        // Up to the first entry whose depth is known, then down again. A way longer than all steps goes round.
        let (mut way, mut at) = (Vec::new(), Some(step.entry));
        while let Some(entry) = at.filter(|entry| depth[*entry].is_none() && way.len() <= steps.len()) {
            way.push(entry);
            at = container[entry];
        }
        if way.len() > steps.len() {
            continue;
        }
        let first = at.and_then(|entry| depth[entry]).map_or(0, |depth| depth + 1);
        for (entry, level) in way.into_iter().rev().zip(first..) {
            depth[entry] = Some(level);
        }
    }
    depth
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(entry: usize, container: Option<usize>) -> Step {
        let needs = container.map(|entry| Need { entry, role: Role::Container, owned: false });
        Step { entry, action: Action::Create, hash: None, needs: needs.into_iter().collect() }
    }

    fn entries(levels: &[Vec<Step>]) -> Vec<Vec<usize>> {
        levels.iter().map(|level| level.iter().map(|step| step.entry).collect()).collect()
    }

    #[test]
    fn containers_come_first_and_circles_apart() {
        // 3 lies in 1, 1 in 0, 0 in 9 which is no step; 4 and 5 lie in each other, 6 in 4.
        let steps = || {
            vec![
                step(3, Some(1)),
                step(1, Some(0)),
                step(0, Some(9)),
                step(2, Some(0)),
                step(4, Some(5)),
                step(5, Some(4)),
                step(6, Some(4)),
            ]
        };
        let (up, circular) = levels(Order::ParentsFirst, steps(), 10);
        assert_eq!(entries(&up), [vec![0], vec![1, 2], vec![3]]);
        assert_eq!(circular.iter().map(|step| step.entry).collect::<Vec<_>>(), [4, 5, 6]);
        let (down, _) = levels(Order::ChildrenFirst, steps(), 10);
        assert_eq!(entries(&down), [vec![3], vec![1, 2], vec![0]]);
    }

    #[test]
    fn a_long_chain_takes_one_walk() {
        let steps: Vec<Step> = (0..50_000).map(|n| step(n, (n + 1 < 50_000).then_some(n + 1))).collect();
        let (levels, circular) = levels(Order::ParentsFirst, steps, 50_000);
        assert_eq!((levels.len(), circular.len()), (50_000, 0));
    }
}
