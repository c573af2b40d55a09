//! One step, sent to the target.

use crate::before::{self, Before};
use crate::plan::Step;
use crate::resolve::Known;
use crate::{Outcome, Resolved, Target, Task};
use muster_base::Error;
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// A step that was tried.
pub(crate) struct Tried {
    pub(crate) step: Step,
    /// Its number in the journal.
    pub(crate) number: Option<i64>,
    pub(crate) answer: Result<Outcome, Error>,
    pub(crate) took: Duration,
    /// Whether an object that its record names should have been made before it, and was not.
    pub(crate) is_lacking: bool,
}

/// Try a step: what the target answered, and how long that took.
pub(crate) async fn attempt<T: Target>(
    target: &T,
    known: &Known<'_>,
    step: Step,
    number: Option<i64>,
    before: Option<&RefCell<Before>>,
) -> Tried {
    let begun = Instant::now();
    let (answer, is_lacking) = match known.task(target, step.entry, step.action, step.work) {
        Ok(task) => {
            let is_lacking = task.references.iter().any(Resolved::is_awaited);
            (carry_out(target, known, &step, &task, before).await, is_lacking)
        }
        Err(error) => (Err(error), false),
    };
    Tried { step, number, answer, took: begun.elapsed(), is_lacking }
}

/// Carry a step out; whether an object that its record names should have been made before it, and was not.
async fn carry_out<T: Target>(
    target: &T,
    known: &Known<'_>,
    step: &Step,
    task: &Task,
    before: Option<&RefCell<Before>>,
) -> Result<Outcome, Error> {
    if let Some(before) = before {
        let said = known.spool.before(&known.spool.entries[step.entry])?;
        if let Some(outcome) = before::keep(before, target, task, step.entry, said).await? {
            return Ok(outcome);
        }
    }
    target.apply(task).await
}
