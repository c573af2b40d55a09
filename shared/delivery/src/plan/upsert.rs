//! Objects that are made or changed: what of them differs, and which steps that takes.

use super::{Decision, Learned, Object, Plan, Planner, Settled};
use crate::resolve::{hashed, judged};
use crate::{Action, Comparison, Origin, Outcome, Phase, Role, Row, Said, State, Target, Task, Work};
use muster_base::Error;
use muster_stream::Record;

impl<T: Target> Planner<'_, T> {
    pub(super) fn upsert(&self, index: usize, record: Record, plan: &mut Plan) -> Result<Decision, Error> {
        let (entry, found) = (&self.known.spool.entries[index], &self.known.matches[index]);
        let action = if found.is_there { Action::Update } else { Action::Create };
        let settle = |outcome| Ok(self.settled(index, Some(action), outcome));
        if let Err(why) = self.target.check(&record) {
            return settle(Outcome::failed(None, why));
        }
        if let Some(why) = &found.doubt {
            return settle(Outcome::failed(None, why));
        }
        let task = self.known.task_of(self.target, index, action, Work::Upsert, Some(record));
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
        let Some(wanted) = task.record.as_ref().map(|record| hashed(record, &task.references)) else {
            return settle(Outcome::failed(None, "there is no record in it"));
        };
        let row = self.known.owned.find(&entry.kind, &entry.key);
        let origin = self.known.origin(entry, &task.references);
        let accepted = row.filter(|row| row.state == State::Active);
        let is_resent = self.options.resend.iter().any(|resend| resend.means(&entry.kind, &entry.key))
            || self.target.again(&task).is_some();
        // An unknown member keeps the target's value: what is known decides whether there is anything to say.
        let before = accepted.and_then(|row| row.members.as_ref());
        let by_ledger = self.target.comparison() == Comparison::ByLedger;
        let is_as_accepted =
            by_ledger && !is_resent && before.is_some_and(|members| members.agree_with(&wanted));
        let works = if is_as_accepted { Vec::new() } else { self.target.work(&task) };
        if works.is_empty() {
            let settled =
                Settled { entry: index, action: Some(action), outcome: Outcome::unchanged(), unknown: false };
            return Ok(Decision::Settled(settled, learned(row, found.is_adopted, origin)));
        }
        let said = Said::by(&wanted, accepted);
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
}

/// What the ledger is to learn of an object that is as it should be.
fn learned(row: Option<&Row>, is_adopted: bool, origin: Origin) -> Option<Learned> {
    match row {
        _ if is_adopted => Some(Learned::Adopted(origin)),
        Some(row) if row.origin != origin || row.missing_since.is_some() => Some(Learned::Seen(origin)),
        _ => None,
    }
}
