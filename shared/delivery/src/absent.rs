//! Objects that no line of the input names: ours that are missing or replaced, and those that are not ours.
//!
//! An owned object is missing only when a segment of its own scope came whole and nothing says that it could not be
//! read. While any segment is partial, nothing is missing: what is absent may stand in the part that never came.

use crate::matching::{Match, Seen};
use crate::owned::Owned;
use crate::spool::{Cause, Entry, Flaw, Spool};
use crate::{Foreign, OnMissing, Options, Row, State, Target, ledger};
use muster_stream::{Form, Op};
use std::collections::HashSet;

/// So long, in seconds, a target may need until it shows that an object was taken away.
const QUEUED: i64 = 24 * 60 * 60;

/// Of the objects that no line names.
#[derive(Default)]
pub(crate) struct Absent {
    /// Rows that are missing, by their index.
    pub(crate) missing: HashSet<usize>,
    /// Rows that a line would have to name as coming of its source, and does not.
    pub(crate) replaced: HashSet<usize>,
    /// Rows of other scopes.
    pub(crate) elsewhere: u64,
}

/// What is written about missing objects that stay.
pub(crate) struct Waiting {
    pub(crate) kind: String,
    pub(crate) key: String,
    pub(crate) since: i64,
    pub(crate) runs: u32,
    /// Whether they wait for their time; else they stay for good.
    pub(crate) is_held_back: bool,
}

impl Absent {
    /// Find them. `scopes` came whole.
    pub(crate) fn find(spool: &Spool, owned: &Owned, scopes: &[i64], accept_scope_change: bool) -> Self {
        let mut absent = Self::default();
        if spool.shortfall().is_some() {
            return absent;
        }
        let sources: HashSet<&(String, String)> = match spool.form {
            Form::State => HashSet::new(),
            Form::Changes => {
                let whole = spool.entries.iter().filter(|entry| entry.cause == Cause::Whole);
                whole.filter(|entry| entry.flaw.is_none()).filter_map(|entry| entry.from.as_ref()).collect()
            }
        };
        for (index, row) in owned.rows.iter().enumerate() {
            let is_named = || spool.find(&row.kind, &row.key).is_some();
            if row.state == State::Deleted || is_named() || is_unknown(spool, row) {
                continue;
            }
            let is_replaced = || row.origin.from.as_ref().is_some_and(|from| sources.contains(from));
            match spool.form {
                Form::Changes if is_replaced() => drop(absent.replaced.insert(index)),
                Form::Changes => (),
                Form::State if accept_scope_change => drop(absent.missing.insert(index)),
                Form::State => match row.origin.scope.is_some_and(|scope| scopes.contains(&scope)) {
                    true => drop(absent.missing.insert(index)),
                    false => absent.elsewhere += 1,
                },
            }
        }
        absent
    }
}

/// Whether nobody knows what an owned object shall be.
pub(crate) fn is_unknown(spool: &Spool, row: &Row) -> bool {
    spool.is_unknown(&row.kind, &row.key, row.origin.from.as_ref())
}

/// Take what is missing or replaced up as entries of the run, and say of what stays since when it is missing.
pub(crate) fn take_up<T: Target>(
    target: &T,
    spool: &mut Spool,
    owned: &Owned,
    absent: &Absent,
    options: &Options,
) -> Vec<Waiting> {
    let mut waiting = Vec::new();
    let mut rows: Vec<usize> = absent.missing.union(&absent.replaced).copied().collect();
    rows.sort_unstable();
    for index in rows {
        let row = &owned.rows[index];
        let said = options.on_missing.unwrap_or_else(|| target.on_missing(&row.kind));
        if absent.replaced.contains(&index) {
            // A stream of changes says in so many words that the object went away: there is nothing to wait for.
            let op = match said {
                OnMissing::Keep => continue,
                OnMissing::Passivate => Op::Passivate,
                OnMissing::Delete => Op::Delete,
            };
            spool.add(&row.kind, &row.key, op, Cause::Replaced);
            continue;
        }
        let (since, runs) =
            (row.missing_since.unwrap_or_else(ledger::now), row.missing_runs.saturating_add(1));
        let is_due = runs >= options.after_runs && ledger::now() - since >= options.after_days * 24 * 60 * 60;
        let op = match said {
            OnMissing::Delete => Some(Op::Delete),
            OnMissing::Passivate if row.state != State::Passive => Some(Op::Passivate),
            OnMissing::Passivate | OnMissing::Keep => None,
        };
        if let Some(op) = op.filter(|_| is_due) {
            spool.add(&row.kind, &row.key, op, Cause::Missing);
        } else if op.is_some() || row.missing_since.is_none() {
            let (kind, key) = (row.kind.clone(), row.key.clone());
            waiting.push(Waiting { kind, key, since, runs, is_held_back: op.is_some() });
        }
    }
    waiting
}

/// The objects of the target that are not ours, by their index.
pub(crate) fn foreign(spool: &Spool, owned: &Owned, seen: &Seen, matches: &[Match]) -> Vec<usize> {
    let adopted: HashSet<(&str, &str)> = matches
        .iter()
        .zip(&spool.entries)
        .filter_map(|(found, entry)| Some((entry.kind.as_str(), found.id.as_deref()?)))
        .collect();
    let is_ours = |held: &crate::Held| {
        let by_key = || !held.key.is_empty() && spool.find(held.kind, &held.key).is_some();
        let owner = || owned.with_id(held.kind, held.id()).or_else(|| owned.find(held.kind, &held.key));
        // A target that queues may still hold what we took away a while ago.
        let is_owned =
            |row: &Row| row.state != State::Deleted || row.accepted_at > Some(ledger::now() - QUEUED);
        adopted.contains(&(held.kind, held.id())) || by_key() || owner().is_some_and(is_owned)
    };
    seen.objects.iter().enumerate().filter(|(_, held)| !is_ours(held)).map(|(index, _)| index).collect()
}

/// Why foreign objects of `kind` must not be taken away in this run, if so.
pub(crate) fn foreign_stay<T: Target>(
    target: &T,
    spool: &Spool,
    owned: &Owned,
    seen: &Seen,
    matches: &[Match],
    kind: &str,
) -> Option<String> {
    if let Some(why) = &seen.doubt {
        return Some(format!("the target was not read whole: {why}"));
    }
    if let Some(why) = spool.shortfall() {
        return Some(format!("the input is partial: {why}"));
    }
    if spool.form == Form::Changes {
        return Some("the input is a stream of changes, which does not name what shall stay".to_owned());
    }
    let is_accounted = |(kind, key): &(String, String)| {
        let came_of =
            |row: &Row| row.origin.from.as_ref().is_some_and(|from| from.0 == *kind && from.1 == *key);
        spool.find(kind, key).is_some() || owned.find(kind, key).is_some() || owned.rows.iter().any(came_of)
    };
    if let Some((kind, key)) = spool.unknown.iter().find(|name| !is_accounted(name)) {
        return Some(format!("{kind} {key} could not be read and may be any of them"));
    }
    let is_unsure = |(entry, found): &(&Entry, &Match)| {
        let flawed = entry.flaw.is_some() || found.doubt.is_some() || refused(target, spool, entry);
        entry.kind == kind && !found.is_there && flawed
    };
    let unsure = || spool.entries.iter().zip(matches).find(is_unsure);
    let unsure = target.looks_up(kind).then(unsure).flatten();
    unsure.map(|(entry, _)| format!("line {} cannot be pushed and may mean any of them", entry.line))
}

fn refused<T: Target>(target: &T, spool: &Spool, entry: &Entry) -> bool {
    matches!(entry.flaw, Some(Flaw::Wrong(_)))
        || spool.record(entry).ok().flatten().is_some_and(|record| target.check(&record).is_err())
}

/// What becomes of a foreign object of `kind`.
pub(crate) fn foreign_op<T: Target>(target: &T, options: &Options, kind: &str) -> Option<Op> {
    match (options.foreign, options.on_missing.unwrap_or_else(|| target.on_missing(kind))) {
        (Foreign::Delete, OnMissing::Delete) => Some(Op::Delete),
        (Foreign::Delete, OnMissing::Passivate) => Some(Op::Passivate),
        _ => None,
    }
}
