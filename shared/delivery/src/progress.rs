//! Objects between their first step and their last, and what the ledger learns of them.

use crate::plan::{Object, Step};
use crate::resolve::Known;
use crate::spool::Cause;
use crate::{Accepted, Action, Ledger, Outcome, State, Status};
use muster_base::{Error, Exit};
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

/// What is wrong with an object that others may need.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    Failed,
    Unknown,
}

/// An object on its way.
struct Progress {
    object: Object,
    /// Steps that are still to come.
    left: usize,
    /// Whether its create was done in this run.
    is_made: bool,
    /// Whether it could not be made.
    is_lost: bool,
    /// The outcome that counts: the first that is no success, else the last.
    outcome: Option<Outcome>,
    took: Option<Duration>,
}

/// The objects that have steps.
#[derive(Default)]
pub(crate) struct Objects(HashMap<usize, Progress>);

impl Objects {
    pub(crate) fn of(objects: HashMap<usize, Object>) -> Self {
        let begun = |object: Object| Progress {
            left: object.steps,
            object,
            is_made: false,
            is_lost: false,
            outcome: None,
            took: None,
        };
        Self(objects.into_iter().map(|(entry, object)| (entry, begun(object))).collect())
    }

    /// The last step of an object that was carried out went without something that its record names.
    pub(crate) fn lacks(&mut self, entry: usize) {
        if let Some(progress) = self.0.get_mut(&entry).filter(|progress| progress.left == 1) {
            progress.object.said = None;
        }
    }

    /// Whether an object could not be made, so that its other steps are in vain.
    pub(crate) fn is_lost(&self, entry: usize) -> bool {
        self.0.get(&entry).is_some_and(|progress| progress.is_lost)
    }

    /// Whether the target has an object.
    pub(crate) fn is_made(&self, known: &Known<'_>, entry: usize) -> bool {
        known.is_there(entry) || self.0.get(&entry).is_some_and(|progress| progress.is_made)
    }

    /// Objects whose last step never came, with what was to become of them, in the order of the input.
    pub(crate) fn left(&self) -> Vec<(usize, Action)> {
        let open = self.0.iter().filter(|(_, progress)| progress.left > 0);
        let mut left: Vec<(usize, Action)> =
            open.map(|(entry, progress)| (*entry, progress.object.action)).collect();
        left.sort_unstable_by_key(|(entry, _)| *entry);
        left
    }

    /// Take up what a step came to. After an object's last step: its outcome, and how long all took.
    pub(crate) fn finish(
        &mut self,
        known: &Known<'_>,
        ledger: Option<&RefCell<Ledger>>,
        step: &Step,
        outcome: Outcome,
        took: Option<Duration>,
    ) -> Result<Option<(Outcome, Option<Duration>)>, Error> {
        let Some(progress) = self.0.get_mut(&step.entry) else { return Ok(Some((outcome, took))) };
        progress.left = progress.left.saturating_sub(1);
        progress.took = match (progress.took, took) {
            (Some(sum), Some(took)) => Some(sum + took),
            (sum, took) => sum.or(took),
        };
        let is_first = !progress.is_made && !known.is_there(step.entry);
        if step.action == Action::Create && is_first {
            progress.is_made = outcome.is_done();
            progress.is_lost = !outcome.is_done();
            if !outcome.is_done() && !may_be_made(&outcome) {
                forget(known, ledger, step.entry)?;
            }
        }
        let is_spoilt = progress.outcome.as_ref().is_some_and(|outcome| !outcome.is_done());
        // A step that found nothing left to do does not hide what those before it did.
        let is_idle = outcome.status == Status::Unchanged && progress.outcome.is_some();
        if !is_spoilt && !is_idle {
            progress.outcome = Some(outcome.clone());
        }
        let is_whole = progress.left == 0 && !is_spoilt && outcome.is_done();
        if outcome.is_done() {
            accept(known, ledger, step, &progress.object, is_whole)?;
        }
        if progress.left > 0 {
            return Ok(None);
        }
        Ok(progress.outcome.take().map(|outcome| (outcome, progress.took)))
    }

    /// An object that was to be made, and whose step never came, is not pending.
    pub(crate) fn forget_unmade(
        &self,
        known: &Known<'_>,
        ledger: Option<&RefCell<Ledger>>,
        entry: usize,
    ) -> Result<(), Error> {
        match self.is_made(known, entry) {
            true => Ok(()),
            false => forget(known, ledger, entry),
        }
    }
}

/// Write down that the target took a step. What the record said is written with the last one only.
fn accept(
    known: &Known<'_>,
    ledger: Option<&RefCell<Ledger>>,
    step: &Step,
    object: &Object,
    is_whole: bool,
) -> Result<(), Error> {
    let entry = &known.spool.entries[step.entry];
    let state = match step.action {
        Action::Create | Action::Update => State::Active,
        Action::Delete => State::Deleted,
        Action::Passivate => State::Passive,
    };
    // A foreign object that was made passive does not become ours by that.
    let is_ours = entry.cause != Cause::Foreign || state == State::Deleted;
    let Some(ledger) = ledger.filter(|_| is_ours) else { return Ok(()) };
    let id = known.id(step.entry).filter(|id| *id != entry.key);
    ledger.borrow_mut().accept(&Accepted {
        kind: &entry.kind,
        key: &entry.key,
        id: id.as_deref(),
        origin: object.origin.as_ref(),
        said: object.said.as_ref().filter(|_| is_whole),
        state,
    })
}

/// Whether the target may have made an object all the same.
fn may_be_made(outcome: &Outcome) -> bool {
    let is_unanswered = outcome.http.is_none() && outcome.exit != Exit::Look;
    outcome.status == Status::Failed && (is_unanswered || outcome.http.is_some_and(|http| http >= 500))
}

fn forget(known: &Known<'_>, ledger: Option<&RefCell<Ledger>>, entry: usize) -> Result<(), Error> {
    let entry = &known.spool.entries[entry];
    ledger.map_or(Ok(()), |ledger| ledger.borrow_mut().not_made(&entry.kind, &entry.key))
}
