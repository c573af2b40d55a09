//! Objects that are taken away or made passive, and why they may not be.

use super::{Decision, Learned, Need, Object, Planner, Settled};
use crate::spool::{Cause, Entry};
use crate::{Action, Comparison, Foreign, OnMissing, Outcome, Phase, Role, Row, State, Target, Task, Work};
use muster_stream::{Op, Record};

impl<T: Target> Planner<'_, T> {
    pub(super) fn remove(&self, index: usize, before: Option<&Record>) -> Decision {
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
        if *cause == Cause::Whole && by_policy() == OnMissing::Keep {
            return settle(Outcome::unchanged().note("it is kept, as missing objects are"));
        }
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
        let is_line = matches!(cause, Cause::Line | Cause::Whole);
        if is_line
            && row.is_none()
            && self.options.ledger.is_some()
            && self.options.foreign != Foreign::Delete
        {
            let why =
                "the ledger does not know it, so it is not ours and stays; without --ledger it would go";
            return settle(Outcome::unchanged().note(why));
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
}
