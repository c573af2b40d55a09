//! What a plan is made from: scopes, what other programs owned, what the target holds, and who is not ours.

use crate::absent;
use crate::matching::{Match, Matcher, Seen};
use crate::options::{Foreign, Options};
use crate::owned::Owned;
use crate::spool::{Cause, Entry, Spool};
use crate::{Comparison, Ledger, Row, Target, adopt};
use muster_base::{Error, Exit};
use muster_stream::{Op, Whole};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

/// The scopes by segment; a file made by hand has none, which is a scope of its own.
pub(crate) fn scope_names(spool: &Spool) -> impl Iterator<Item = &str> {
    spool.segments.iter().map(|segment| segment.end.as_ref().map_or("", |end| end.scope.as_str()))
}

pub(crate) fn whole_scopes(spool: &Spool) -> Vec<String> {
    let whole = spool.segments.iter().zip(scope_names(spool));
    whole.filter(|(segment, _)| segment.whole == Whole::Yes).map(|(_, name)| name.to_owned()).collect()
}

/// The numbers of the scopes, by segment. One that the ledger does not know, and is not to learn, has a number of its own.
pub(crate) fn scope_numbers(
    spool: &Spool,
    ledger: Option<&RefCell<Ledger>>,
    options: &Options,
) -> Result<Vec<i64>, Error> {
    let number = |(index, name): (i64, &str)| match ledger {
        Some(ledger) if !options.dry_run => ledger.borrow_mut().scope(name),
        Some(ledger) => Ok(ledger.borrow().find_scope(name)?.unwrap_or(-1 - index)),
        None => Ok(-1 - index),
    };
    (0..).zip(scope_names(spool)).map(number).collect()
}

pub(crate) fn whole_numbers(spool: &Spool, scopes: &[i64]) -> Vec<i64> {
    let all = spool.segments.iter().zip(scopes);
    all.filter(|(segment, _)| segment.whole == Whole::Yes).map(|(_, number)| *number).collect()
}

/// Take up what another program owned; what of it the ledger did not know. It is of the scope that its kind
/// comes from, and of none when that is none, or several: nothing is concluded then of what is not there.
pub(crate) fn enter<T: Target>(
    target: &T,
    spool: &Spool,
    owned: &mut Owned,
    scopes: &[i64],
    options: &Options,
) -> Result<Vec<Row>, Error> {
    let Some(file) = &options.adopt_from else { return Ok(Vec::new()) };
    let by_kind = scopes_by_kind(spool, scopes);
    let mut entered = Vec::new();
    for mut row in adopt::read(file, target.phases(), &|kind, key| target.key(kind, key))? {
        if owned.find(&row.kind, &row.key).is_none() {
            row.origin.scope = by_kind.get(row.kind.as_str()).copied().flatten();
            owned.add(row.clone());
            entered.push(row);
        }
    }
    Ok(entered)
}

/// The scope that the objects of each kind come from; none where they come from several.
fn scopes_by_kind<'a>(spool: &'a Spool, scopes: &[i64]) -> BTreeMap<&'a str, Option<i64>> {
    let mut by_kind = BTreeMap::new();
    for entry in &spool.entries {
        let scope = scopes.get(entry.segment).copied();
        let known = by_kind.entry(entry.kind.as_str()).or_insert(scope);
        *known = known.filter(|known| Some(*known) == scope);
    }
    by_kind
}

/// What the target holds, where that matters.
pub(crate) async fn read<T: Target>(
    target: &mut T,
    options: &Options,
    say: &dyn Fn(String),
) -> Result<Seen, Error> {
    let by_state = target.comparison() == Comparison::ByState;
    if !by_state && options.foreign == Foreign::Keep {
        return Ok(Seen::default());
    }
    say("reading the target".to_owned());
    let seen = Seen::of(target.read().await?);
    match &seen.doubt {
        Some(why) if by_state => {
            let what =
                format!("the target could not be read whole, and nothing can be compared with it: {why}");
            Err(Error::new(Exit::Unavailable, what))
        }
        _ => Ok(seen),
    }
}

/// Show the target every record that is to be pushed.
pub(crate) fn survey<T: Target>(target: &mut T, spool: &Spool) -> Result<(), Error> {
    let upserts = |entry: &&Entry| matches!(entry.op, None | Some(Op::Create | Op::Update));
    for entry in spool.entries.iter().filter(|entry| entry.flaw.is_none()).filter(upserts) {
        if let Some(record) = spool.record(entry)? {
            target.survey(&record, spool.form);
        }
    }
    Ok(())
}

/// What the entries mean that no line names.
pub(crate) fn extend<T: Target>(
    target: &T,
    spool: &Spool,
    seen: &Seen,
    owned: &Owned,
    matches: &mut Vec<Match>,
) {
    let missing = HashSet::new();
    let matcher = Matcher { target, spool, seen, missing: &missing, parallel: 1 };
    for entry in &spool.entries[matches.len()..] {
        matches.push(matcher.by_name(entry, owned));
    }
}

/// Take up the foreign objects that are to go; how many there are, by kind.
pub(crate) fn take_up_foreign<T: Target>(
    target: &T,
    spool: &mut Spool,
    owned: &Owned,
    seen: &Seen,
    matches: &mut Vec<Match>,
    strangers: &[usize],
    options: &Options,
) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::<String, u64>::new();
    for index in strangers {
        *counts.entry(seen.objects[*index].kind.to_owned()).or_default() += 1;
    }
    let gone: BTreeMap<&str, Op> = counts
        .keys()
        .filter_map(|kind| {
            let op = absent::foreign_op(target, options, kind)?;
            match absent::foreign_stay(target, spool, owned, seen, matches, kind) {
                None => Some((kind.as_str(), op)),
                Some(why) => {
                    tracing::warn!("no foreign {kind} is taken away: {why}");
                    None
                }
            }
        })
        .collect();
    for held in strangers.iter().map(|index| &seen.objects[*index]) {
        let Some(op) = gone.get(held.kind) else { continue };
        let key = if held.key.is_empty() { held.id() } else { &held.key };
        let is_done = *op == Op::Passivate && !held.is_active;
        if is_done || held.protected.is_some() || target.protects(held.kind, key).is_some() {
            continue;
        }
        spool.add(held.kind, key, *op, Cause::Foreign);
        let (id, held) = (Some(held.id().to_owned()), Some(std::sync::Arc::clone(held)));
        matches.push(Match { id, held, is_there: true, ..Match::default() });
    }
    counts
}
