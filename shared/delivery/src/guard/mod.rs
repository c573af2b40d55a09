//! The guard: how much a run may destroy without asking, kind by kind.
//!
//! What goes past a limit stops the whole run before its first request, and leaves an approval by which somebody who
//! looked at the plan lets it, or any part of it, pass once.

mod approval;
mod judge;
mod limits;
mod measure;
mod tell;

pub(crate) use approval::shown;
pub(crate) use limits::{WINDOW, allowed};
pub(crate) use measure::{Measures, Needed, Surroundings};
pub(crate) use tell::Refusal;

use crate::ledger::Judged;
use crate::owned::Owned;
use crate::{Ledger, Options, ledger};
use judge::Judge;
use muster_base::Error;

/// What the guard says of a plan.
pub(crate) struct Verdict {
    /// Why it stops the run, a line each; none when it lets it pass.
    pub(crate) reasons: Vec<String>,
    /// What must be approved.
    pub(crate) needed: Needed,
    /// What approves it.
    pub(crate) approval: String,
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
    let approval = approval::new(&needed, jiff::Timestamp::now().as_millisecond());
    let mut verdict = Verdict { reasons, needed, approval, is_approved: false, no_approval: None };
    if let Some(given) = options.approve.as_ref().filter(|_| !verdict.reasons.is_empty()) {
        verdict.no_approval = approval::denied(given, &verdict.needed, ledger)?;
        verdict.is_approved = verdict.no_approval.is_none();
    }
    Ok(verdict)
}

impl Verdict {
    /// Whether the run must not begin.
    pub(crate) fn refuses(&self) -> bool {
        !self.reasons.is_empty() && !self.is_approved
    }

    /// What the ledger is to remember of it, for whoever asks how the guard stands.
    pub(crate) fn judged(&self, measures: &Measures, options: &Options) -> Judged {
        let members = measures.kinds.iter().map(|(kind, one)| (kind.clone(), one.mentions + one.taken_out));
        Judged {
            max_deletes: options.max_deletes,
            members: members.filter(|(_, count)| *count > 0).collect(),
            reasons: if self.refuses() { self.reasons.clone() } else { Vec::new() },
        }
    }
}
