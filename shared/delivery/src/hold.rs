//! Containers that stay: nothing is taken away while something of it is unknown, failed, skipped or blocked.

use crate::plan::{Plan, Settled, Step};
use crate::resolve::Known;
use crate::{Outcome, Role, Row, State, Status, Work, absent};
use muster_stream::Form;
use std::collections::HashMap;

/// Settle the removals of containers in which something stays, and tell the other steps which containers they leave.
pub(crate) fn hold(known: &Known<'_>, steps: &mut [Vec<Step>], plan: &mut Plan) {
    let all = || steps.iter().flatten();
    let removed: HashMap<usize, Vec<usize>> = all()
        .filter(|step| step.work == Work::Remove)
        .map(|step| (step.entry, step.needs.iter().map(|need| need.entry).collect()))
        .collect();
    if removed.is_empty() {
        return;
    }
    let settled: HashMap<usize, &Settled> =
        plan.settled.iter().map(|settled| (settled.entry, settled)).collect();
    let (mut held, mut leaves) = (HashMap::<usize, String>::new(), HashMap::<usize, Vec<usize>>::new());
    for row in known.owned.rows.iter().filter(|row| matches!(row.state, State::Active | State::Pending)) {
        for (role, kind, key) in row.origin.references() {
            let Some(container) = known.spool.find(&kind, &key).filter(|entry| removed.contains_key(entry))
            else {
                continue;
            };
            let own = known.spool.find(&row.kind, &row.key);
            let stays = match own {
                Some(own) if removed.contains_key(&own) => false,
                Some(own) if plan.objects.contains_key(&own) => {
                    leaves.entry(own).or_default().push(container);
                    lies_in(plan, own, &kind, &key)
                }
                Some(own) => stays(settled.get(&own).copied(), role),
                None => is_kept(known, row),
            };
            if stays {
                held.entry(container)
                    .or_insert_with(|| format!("{} {}, which lies in it, stays", row.kind, row.key));
            }
        }
    }
    for held_object in strangers(known, &removed) {
        held.entry(held_object).or_insert_with(|| "an object that is not ours lies in it".to_owned());
    }
    spread(&mut held, &removed);
    for phase in steps.iter_mut() {
        phase.retain(|step| !held.contains_key(&step.entry));
        for step in phase.iter_mut() {
            step.leaves = leaves.get(&step.entry).cloned().unwrap_or_default();
        }
    }
    let mut all: Vec<(usize, String)> = held.into_iter().collect();
    all.sort_unstable();
    for (entry, why) in all {
        let action = match known.spool.entries[entry].op {
            Some(muster_stream::Op::Passivate) => crate::Action::Passivate,
            _ => crate::Action::Delete,
        };
        plan.settle(entry, action, Outcome::skipped(why));
    }
}

/// Whether an object that is written still says that it lies in the container.
fn lies_in(plan: &Plan, entry: usize, kind: &str, key: &str) -> bool {
    let origin = plan.objects.get(&entry).and_then(|object| object.origin.as_ref());
    let is_it =
        |(role, k, name): &(Role, String, String)| *role == Role::Container && k == kind && name == key;
    origin.is_some_and(|origin| origin.references().iter().any(is_it))
}

/// Whether an object without a step keeps what it lies in.
fn stays(settled: Option<&Settled>, role: Role) -> bool {
    match settled.map(|settled| settled.outcome.status) {
        Some(Status::Unchanged | Status::Ok | Status::Accepted) | None => role == Role::Container,
        Some(Status::Skipped | Status::Failed | Status::Blocked) => true,
    }
}

/// Whether an object that no line names keeps what it lies in: it is unknown, or missing and held back.
fn is_kept(known: &Known<'_>, row: &Row) -> bool {
    let is_missing = || {
        known.spool.form == Form::State && known.scopes.iter().any(|scope| row.origin.scope == Some(*scope))
    };
    absent::is_unknown(known.spool, row) || is_missing()
}

/// Containers that are taken away and in which the target holds something that is not.
fn strangers(known: &Known<'_>, removed: &HashMap<usize, Vec<usize>>) -> Vec<usize> {
    let named = |index: usize| {
        let entry = &known.spool.entries[index];
        ((entry.kind.as_str(), known.id(index).unwrap_or_else(|| entry.key.clone())), index)
    };
    let by_id: HashMap<(&str, String), usize> = removed.keys().map(|index| named(*index)).collect();
    let is_named = |held: &crate::Held| {
        let by_key = |key: &str| known.spool.find(held.kind, key).is_some();
        by_key(&held.key) || by_key(held.id()) || known.owned.with_id(held.kind, held.id()).is_some()
    };
    let inner = known.seen.objects.iter().filter(|held| !is_named(held));
    inner.filter_map(|held| by_id.get(&(held.kind, held.container.clone()?)).copied()).collect()
}

/// What lies in what is held keeps all above it.
fn spread(held: &mut HashMap<usize, String>, removed: &HashMap<usize, Vec<usize>>) {
    let mut open: Vec<usize> = held.keys().copied().collect();
    while let Some(entry) = open.pop() {
        for container in removed.get(&entry).into_iter().flatten() {
            if removed.contains_key(container) && !held.contains_key(container) {
                held.insert(*container, "something in it stays".to_owned());
                open.push(*container);
            }
        }
    }
}
