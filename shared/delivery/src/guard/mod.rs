//! The guard: how much a run may destroy without asking, kind by kind.
//!
//! What goes past a limit stops the whole run before its first request, and leaves a digest by which somebody who looked
//! at the plan lets it, or any part of it, pass once.

mod measure;
mod tell;

pub(crate) use measure::{Measures, Needed};
pub(crate) use tell::refusal;

use crate::owned::Owned;
use crate::{Destroyed, Ledger, Options, ledger};
use muster_base::Error;
use muster_changes::{Limit, thousands};
use std::collections::BTreeMap;

/// How far back destructive steps are summed, in seconds.
const WINDOW: i64 = 7 * 24 * 60 * 60;
/// Deletes of a kind that are allowed when nobody says otherwise, in percent of its active owned objects.
const DELETES: Limit = Limit::Percent(5.0);
/// So many updates of a kind are always allowed.
const CHANGES_AT_LEAST: u64 = 100;
/// A desired side that holds less than one in so many of what is ours is tiny.
const TINY: u64 = 10;
/// Kinds with fewer owned objects are never called tiny.
const TINY_FROM: u64 = 5;

/// What the guard says of a plan.
pub(crate) struct Verdict {
    /// Why it stops the run, a line each; none when it lets it pass.
    pub(crate) reasons: Vec<String>,
    /// What must be approved.
    pub(crate) needed: Needed,
    /// Whether somebody approved the plan.
    pub(crate) is_approved: bool,
    /// Why the approval that was given does not hold.
    pub(crate) no_approval: Option<String>,
}

/// Judge what was measured of a plan.
pub(crate) fn judge(
    measures: &Measures,
    owned: &Owned,
    ledger: Option<&Ledger>,
    options: &Options,
) -> Result<Verdict, Error> {
    let past = ledger.map(|ledger| ledger.destructive_since(ledger::now() - WINDOW)).transpose()?;
    let judged = Judge { owned, past: past.unwrap_or_default(), options };
    let mut reasons: Vec<String> = Vec::new();
    let mut with_updates = false;
    for (kind, measure) in &measures.kinds {
        reasons.extend(judged.deletes(kind, measure.deletes));
        reasons.extend(judged.members(kind, measure.taken_out, measure.mentions));
        reasons.extend(judged.foreign(kind, measure.foreign_deletes, measure.foreign));
        let changes = judged.changes(kind, measure.changes, measure.clears);
        with_updates |= changes.is_some();
        reasons.extend(changes);
    }
    reasons.extend(judged.tiny(measures));
    let needed = measures.needed(with_updates);
    let mut verdict = Verdict { reasons, needed, is_approved: false, no_approval: None };
    if let Some(digest) = options.approve.as_ref().filter(|_| !verdict.reasons.is_empty()) {
        verdict.no_approval = denied(digest, &verdict.needed, ledger)?;
        verdict.is_approved = verdict.no_approval.is_none();
    }
    Ok(verdict)
}

/// Why the plan is not one that `digest` approves.
fn denied(digest: &str, needed: &Needed, ledger: Option<&Ledger>) -> Result<Option<String>, Error> {
    let approval = ledger.map(|ledger| ledger.approval(digest)).transpose()?.flatten();
    Ok(match approval {
        Some(approval) if approval.is_used => Some("that approval was used by an earlier run".to_owned()),
        Some(approval) if approval.is_late => Some("that plan was refused more than 24 hours ago".to_owned()),
        Some(approval) => match needed.beyond(&approval.steps) {
            0 => None,
            more => Some(format!("{} steps of this plan were not in the approved one", thousands(more))),
        },
        None if needed.digest() == digest => None,
        None => Some("no plan with that digest was refused here".to_owned()),
    })
}

impl Verdict {
    /// Whether the run must not begin.
    pub(crate) fn refuses(&self) -> bool {
        !self.reasons.is_empty() && !self.is_approved
    }
}

struct Judge<'a> {
    owned: &'a Owned,
    past: BTreeMap<String, Destroyed>,
    options: &'a Options,
}

impl Judge<'_> {
    fn past(&self, kind: &str) -> Destroyed {
        self.past.get(kind).copied().unwrap_or_default()
    }

    fn deletes(&self, kind: &str, deletes: u64) -> Option<String> {
        let (active, past) = (self.owned.active(kind), self.past(kind).objects);
        let (allowed, from) = allowed(self.options.max_deletes.unwrap_or(DELETES), active);
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

    fn members(&self, kind: &str, taken_out: u64, mentions: u64) -> Option<String> {
        let past = self.past(kind).members;
        let (allowed, from) = allowed(self.options.max_deletes.unwrap_or(DELETES), mentions + taken_out);
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

    fn foreign(&self, kind: &str, deletes: u64, all: u64) -> Option<String> {
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

    fn changes(&self, kind: &str, changes: u64, clears: u64) -> Option<String> {
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

    /// An empty or tiny desired side stops a run by itself, whatever the limits say.
    fn tiny(&self, measures: &Measures) -> Vec<String> {
        let mut reasons = Vec::new();
        for (kind, measure) in measures.kinds.iter().filter(|(_, measure)| measure.missing > 0) {
            let owned = self.owned.active(kind);
            if owned >= TINY_FROM && measure.desired * TINY < owned {
                let (desired, owned) = (thousands(measure.desired), thousands(owned));
                reasons.push(format!("{kind}: the input holds only {desired}, where {owned} are ours"));
            }
        }
        if measures.desired() == 0 && reasons.is_empty() && measures.kinds.values().any(|one| one.missing > 0)
        {
            reasons.push("the input holds nothing at all".to_owned());
        }
        reasons
    }
}

/// The most that is allowed of `all`, and why.
fn allowed(limit: Limit, all: u64) -> (u64, String) {
    match limit {
        Limit::Count(count) => (count, "the limit that was given".to_owned()),
        Limit::Percent(0.0) => (0, "the limit that was given".to_owned()),
        Limit::Percent(percent) => {
            (limit.of(all).max(1), format!("{percent} % of {}, at least 1", thousands(all)))
        }
    }
}

fn lately(past: u64) -> String {
    match past {
        0 => String::new(),
        _ => format!(", after {} in the last 7 days", thousands(past)),
    }
}

fn is_or_are(allowed: u64) -> String {
    match allowed {
        0 => "none is".to_owned(),
        1 => "1 is".to_owned(),
        _ => format!("{} are", thousands(allowed)),
    }
}
