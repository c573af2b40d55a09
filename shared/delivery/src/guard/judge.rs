//! The limits of the guard, each held against what was measured.

use super::limits::{allowed, is_or_are, lately};
use super::measure::{Measure, Measures};
use crate::owned::Owned;
use crate::{Destroyed, Options};
use muster_changes::thousands;
use std::collections::BTreeMap;

/// So many updates of a kind are always allowed.
const CHANGES_AT_LEAST: u64 = 100;
/// A desired side that holds less than one in so many of what is there is tiny.
const TINY: u64 = 10;
/// Kinds of which fewer are there are never called tiny.
const TINY_FROM: u64 = 5;
/// Kinds of which fewer are there may vanish as a whole.
const EMPTY_FROM: u64 = 2;

/// Holds measures against limits.
pub(super) struct Judge<'a> {
    pub(super) owned: &'a Owned,
    /// What went within the window, by kind.
    pub(super) past: BTreeMap<String, Destroyed>,
    pub(super) options: &'a Options,
}

impl Judge<'_> {
    fn past(&self, kind: &str) -> Destroyed {
        self.past.get(kind).copied().unwrap_or_default()
    }

    /// Objects that are taken away or made passive.
    pub(super) fn deletes(&self, kind: &str, deletes: u64) -> Option<String> {
        let (active, past) = (self.owned.active(kind), self.past(kind).objects);
        let (allowed, from) = allowed(self.options.max_deletes, active);
        (deletes > 0 && deletes + past > allowed).then(|| {
            let owned = thousands(active);
            format!(
                "{kind}: {} of {owned} would be deleted or made passive{}; {} allowed ({from}, --max-deletes)",
                thousands(deletes),
                lately(past),
                is_or_are(allowed)
            )
        })
    }

    /// Members that are taken out of objects.
    pub(super) fn members(&self, kind: &str, taken_out: u64, mentions: u64) -> Option<String> {
        let past = self.past(kind).members;
        let (allowed, from) = allowed(self.options.max_deletes, mentions + taken_out);
        (taken_out > 0 && taken_out + past > allowed).then(|| {
            let all = thousands(mentions + taken_out);
            format!(
                "members of {kind}: {} of {all} would be taken out{}; {} allowed ({from}, --max-deletes)",
                thousands(taken_out),
                lately(past),
                is_or_are(allowed)
            )
        })
    }

    /// Foreign objects that are taken away or made passive.
    pub(super) fn foreign(&self, kind: &str, deletes: u64, all: u64) -> Option<String> {
        let allowed = self.options.max_foreign.of(all);
        (deletes > allowed).then(|| {
            format!(
                "foreign {kind}: {} of {} that this pipeline did not bring would be deleted or made passive; {} allowed \
                 (--max-foreign)",
                thousands(deletes),
                thousands(all),
                is_or_are(allowed)
            )
        })
    }

    /// Objects that are changed.
    pub(super) fn changes(&self, kind: &str, changes: u64, clears: u64) -> Option<String> {
        let active = self.owned.active(kind);
        let is_empty = self.owned.rows.is_empty();
        let allowed = self.options.max_changes.of(active).max(CHANGES_AT_LEAST);
        (!is_empty && changes > allowed).then(|| {
            let cleared = match clears {
                0 => String::new(),
                _ => format!(", {} of them clear a member", thousands(clears)),
            };
            format!(
                "{kind}: {} of {} would be changed{cleared}; {} allowed (--max-changes)",
                thousands(changes),
                thousands(active),
                is_or_are(allowed)
            )
        })
    }

    /// An empty or tiny desired side stops a run by itself, whatever the limits say and whatever would go.
    pub(super) fn tiny(&self, measures: &Measures) -> Vec<String> {
        let mut reasons: Vec<String> =
            measures.kinds.iter().filter_map(|(kind, measure)| tiny(kind, measure)).collect();
        if measures.desired() == 0 && reasons.is_empty() && measures.kinds.values().any(is_less) {
            reasons.push("the input holds nothing at all".to_owned());
        }
        reasons
    }
}

/// Whether the input names less of a kind than is there, and the rest is not to stay.
fn is_less(measure: &Measure) -> bool {
    measure.missing + measure.foreign_deletes > 0
}

fn tiny(kind: &str, measure: &Measure) -> Option<String> {
    let (desired, there) = (measure.desired, measure.expected + measure.foreign_deletes);
    let is_tiny = there >= TINY_FROM && desired * TINY < there || desired == 0 && there >= EMPTY_FROM;
    (is_less(measure) && is_tiny).then(|| {
        let desired = if desired == 0 { "none".to_owned() } else { format!("only {}", thousands(desired)) };
        let are = if measure.foreign_deletes == 0 { "are ours" } else { "are there" };
        format!("{kind}: the input holds {desired}, where {} {are}", thousands(there))
    })
}
