//! Steps that are about to be sent: the intents of so many are written down at once, before the first of them is sent.

use crate::plan::Step;
use crate::resolve::Known;
use crate::spool::Cause;
use crate::{Intent, Ledger};
use muster_base::Error;
use std::cell::RefCell;
use std::collections::HashSet;
use std::vec;

/// So many intents are written at once, ahead of their steps.
const AHEAD: usize = 256;

/// The steps of a level, each handed out after its intent stands in the ledger.
pub(crate) struct Ahead<'a> {
    steps: vec::IntoIter<Step>,
    /// Those whose intent is written down, with their numbers in the journal.
    intended: vec::IntoIter<(Step, Option<i64>)>,
    known: &'a Known<'a>,
    ledger: Option<&'a RefCell<Ledger>>,
    is_approved: bool,
    is_halted: bool,
    error: Option<Error>,
}

impl<'a> Ahead<'a> {
    pub(crate) fn new(
        steps: Vec<Step>,
        known: &'a Known<'a>,
        ledger: Option<&'a RefCell<Ledger>>,
        is_approved: bool,
    ) -> Self {
        let (steps, intended) = (steps.into_iter(), Vec::new().into_iter());
        Self { steps, intended, known, ledger, is_approved, is_halted: false, error: None }
    }

    /// The next step, with its number in the journal. None when there is none, when this was halted, and when the intents
    /// could not be written down.
    pub(crate) fn next(&mut self) -> Option<(Step, Option<i64>)> {
        if self.is_halted {
            return None;
        }
        if self.intended.len() == 0
            && let Err(error) = self.intend()
        {
            self.error = Some(error);
            self.is_halted = true;
        }
        self.intended.next()
    }

    /// Hand out no more.
    pub(crate) fn halt(&mut self) {
        self.is_halted = true;
    }

    pub(crate) fn is_halted(&self) -> bool {
        self.is_halted
    }

    /// Take back what was written down and never sent.
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        let untried: HashSet<i64> = self.intended.by_ref().filter_map(|(_, number)| number).collect();
        let withdrawn = self.ledger.map_or(Ok(()), |ledger| ledger.borrow_mut().withdraw(&untried));
        self.error.take().map_or(withdrawn, Err)
    }

    /// Write down what is about to be sent; on the disk before it is, where it may not be sent twice.
    fn intend(&mut self) -> Result<(), Error> {
        let steps: Vec<Step> = self.steps.by_ref().take(AHEAD).collect();
        let numbers = match self.ledger {
            Some(ledger) if !steps.is_empty() => {
                let intents: Vec<Intent<'_>> = steps.iter().map(|step| self.intent(step)).collect();
                let durable = steps.iter().any(|step| !step.repeats);
                ledger.borrow_mut().intend(&intents, durable)?.into_iter().map(Some).collect()
            }
            _ => vec![None; steps.len()],
        };
        self.intended = steps.into_iter().zip(numbers).collect::<Vec<_>>().into_iter();
        Ok(())
    }

    fn intent<'s>(&'s self, step: &'s Step) -> Intent<'s> {
        let entry = &self.known.spool.entries[step.entry];
        Intent {
            kind: &entry.kind,
            key: &entry.key,
            action: step.action,
            stage: step.work.stage(),
            taken_out: step.taken_out,
            // Foreign objects have a limit of their own.
            approved: self.is_approved || entry.cause == Cause::Foreign,
        }
    }
}
