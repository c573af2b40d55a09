//! The steps of a plan, carried out.
//!
//! Phases come one after the other, within a phase the levels, within a level the steps run side by side. The intent of a
//! step stands in the ledger before it is sent, what became of it as soon as the target answered, so a run may be killed
//! at any moment and run again.

use crate::ahead::Ahead;
use crate::attempt::{Tried, attempt};
use crate::before::Before;
use crate::plan::{Need, Plan, Step};
use crate::progress::{Objects, Trouble};
use crate::resolve::Known;
use crate::results::Results;
use crate::{Ledger, Options, Outcome, Role, Status, Summary, Target};
use futures::StreamExt;
use futures::stream;
use muster_base::{Error, Exit};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

/// The breaker waits for so many failures before it looks at their share.
const BREAKER_MINIMUM: u64 = 10;

/// A run in progress.
pub(crate) struct Run<'a, T> {
    target: &'a T,
    known: &'a Known<'a>,
    ledger: Option<&'a RefCell<Ledger>>,
    results: Results<'a>,
    options: &'a Options,
    /// What becomes of the objects that have steps.
    objects: Objects,
    /// Objects that went wrong.
    trouble: HashMap<usize, Trouble>,
    /// Containers that something which went wrong lies in: they are not taken away.
    held: HashSet<usize>,
    /// Whether somebody approved what is destroyed.
    is_approved: bool,
    /// Keeps what objects said before.
    before: Option<Rc<RefCell<Before>>>,
    /// Is told how far the run is.
    say: &'a dyn Fn(String),
    planned: usize,
    tried: u64,
    failed: u64,
    /// What ends the run early.
    error: Option<Error>,
}

impl<'a, T: Target> Run<'a, T> {
    pub(crate) fn new(
        target: &'a T,
        known: &'a Known<'a>,
        ledger: Option<&'a RefCell<Ledger>>,
        results: Results<'a>,
        options: &'a Options,
        is_approved: bool,
        say: &'a dyn Fn(String),
    ) -> Self {
        Self {
            target,
            known,
            ledger,
            results,
            options,
            objects: Objects::default(),
            trouble: HashMap::new(),
            held: HashSet::new(),
            is_approved,
            before: None,
            say,
            planned: 0,
            tried: 0,
            failed: 0,
            error: None,
        }
    }
}

impl<T: Target> Run<'_, T> {
    /// Keep what objects say before they are changed or taken away.
    pub(crate) fn keep_before(&mut self, before: Option<Before>) {
        self.before = before.map(|before| Rc::new(RefCell::new(before)));
    }

    /// Carry `plan` out until it is done, an error ends it, or `stop` is over.
    pub(crate) async fn carry_out(
        &mut self,
        plan: Plan,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), Error> {
        self.planned = plan.steps().count();
        self.take_settled(&plan)?;
        self.objects = Objects::of(plan.objects);
        for level in plan.phases.into_iter().flatten() {
            if self.error.is_some() {
                break;
            }
            self.level(level, stop.as_mut()).await?;
        }
        for (entry, action) in self.objects.left() {
            let outcome = Outcome::skipped("the run stopped before it");
            self.objects.forget_unmade(self.known, self.ledger, entry)?;
            self.results.settle(self.known.spool, entry, Some(action), &outcome, None)?;
        }
        Ok(())
    }

    /// The results of objects without a step.
    fn take_settled(&mut self, plan: &Plan) -> Result<(), Error> {
        for settled in &plan.settled {
            let trouble = match settled.outcome.status {
                _ if settled.unknown => Some(Trouble::Unknown),
                Status::Failed => Some(Trouble::Failed),
                _ => None,
            };
            self.trouble.extend(trouble.map(|trouble| (settled.entry, trouble)));
            self.results.settled(self.known, settled)?;
        }
        Ok(())
    }

    /// The steps of a level that can be tried, side by side.
    async fn level(
        &mut self,
        steps: Vec<Step>,
        stop: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), Error> {
        let mut ready = Vec::with_capacity(steps.len());
        for step in steps {
            match self.obstacle(&step) {
                None => ready.push(step),
                Some(why) => self.finish_step(step, Outcome::skipped(why), None)?,
            }
        }
        self.side_by_side(ready, stop).await
    }

    /// Steps side by side. After the first error the steps in hand are finished and none is begun.
    async fn side_by_side(
        &mut self,
        steps: Vec<Step>,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), Error> {
        let ahead = RefCell::new(Ahead::new(steps, self.known, self.ledger, self.is_approved));
        let (target, known) = (self.target, self.known);
        let kept = self.before.clone();
        let before = kept.as_deref();
        let mut answers = pin!(
            stream::iter(std::iter::from_fn(|| ahead.borrow_mut().next()))
                .map(|(step, number)| attempt(target, known, step, number, before))
                .buffer_unordered(self.options.parallel.max(1))
        );
        let mut clock = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                tried = answers.next() => match tried {
                    None => break,
                    Some(tried) => {
                        let taken = self.take(tried);
                        self.note(taken);
                    }
                },
                _ = clock.tick() => {
                    let committed = self.ledger.map_or(Ok(()), |ledger| ledger.borrow_mut().tick());
                    self.note(committed);
                    let handed_on = self.results.output.flush();
                    self.note(handed_on);
                }
                () = &mut stop, if !ahead.borrow().is_halted() => {
                    let stopped = Error::new(Exit::Stopped, "the run was interrupted; what was done stands");
                    self.note(Err(stopped.hint("run it again")));
                }
            }
            if self.error.is_some() {
                ahead.borrow_mut().halt();
            }
        }
        ahead.borrow_mut().end()
    }

    /// Keep the first error.
    fn note(&mut self, result: Result<(), Error>) {
        if let Err(error) = result {
            self.error.get_or_insert(error);
        }
    }

    /// Why a step cannot be tried.
    fn obstacle(&self, step: &Step) -> Option<String> {
        if self.objects.is_lost(step.entry) {
            return Some("it could not be made".to_owned());
        }
        if !step.action.is_upsert() {
            return self
                .held
                .contains(&step.entry)
                .then(|| "something in it failed or is unknown in this run".to_owned());
        }
        let need = step.needs.iter().find(|need| self.is_missing(need))?;
        let entry = &self.known.spool.entries[need.entry];
        Some(format!("{} {}, which it needs, failed or is unknown in this run", entry.kind, entry.key))
    }

    fn is_missing(&self, need: &Need) -> bool {
        match (self.trouble.get(&need.entry), need.role) {
            (None, _) => false,
            (Some(Trouble::Failed), Role::Container) => true,
            _ => !need.owned,
        }
    }

    /// Take a step's answer up: ledger, result, breaker.
    fn take(&mut self, tried: Tried) -> Result<(), Error> {
        let Tried { step, number, answer, took, is_lacking } = tried;
        if is_lacking {
            self.objects.lacks(step.entry);
        }
        self.tried += 1;
        let (outcome, fatal) = match answer {
            Ok(outcome) => (outcome, Ok(())),
            Err(error) => (Outcome::unanswered(&error), Err(error)),
        };
        if let (Some(ledger), Some(number)) = (self.ledger, number) {
            ledger.borrow_mut().outcome(number, &outcome, took)?;
        }
        if let Some(id) = &outcome.id {
            self.known.ids.borrow_mut().insert(step.entry, id.clone());
        }
        self.failed += u64::from(outcome.status == Status::Failed);
        (self.say)(format!("{} of {} steps done, {} failed", self.tried, self.planned, self.failed));
        self.finish_step(step, outcome, Some(took))?;
        fatal?;
        self.check_breaker()
    }

    /// What a step came to: for its object, and for what hangs on it.
    fn finish_step(&mut self, step: Step, outcome: Outcome, took: Option<Duration>) -> Result<(), Error> {
        if !outcome.is_done() {
            self.held.extend(step.needs.iter().map(|need| need.entry).chain(step.leaves.iter().copied()));
            // What is there stays there when a later step of it fails.
            if step.work.stage().is_empty() || !self.objects.is_made(self.known, step.entry) {
                self.trouble.insert(step.entry, Trouble::Failed);
            }
        }
        let ended = self.objects.finish(self.known, self.ledger, &step, outcome, took)?;
        match ended {
            None => Ok(()),
            Some((outcome, took)) => {
                self.results.settle(self.known.spool, step.entry, Some(step.action), &outcome, took)
            }
        }
    }

    fn check_breaker(&self) -> Result<(), Error> {
        let share = self.failed as f64 * 100.0 / self.tried as f64;
        if self.failed < BREAKER_MINIMUM || share <= self.options.max_failures {
            return Ok(());
        }
        let what = format!("{} of {} steps failed; what was done stands", self.failed, self.tried);
        Err(Error::new(Exit::Stopped, what).hint("see the results for the reasons, then run it again"))
    }

    /// Commit and end the results.
    pub(crate) fn finish(mut self) -> Result<Summary, Error> {
        let committed = self.ledger.map_or(Ok(()), |ledger| ledger.borrow_mut().commit());
        self.note(committed);
        let kept = self.before.as_ref().map_or(Ok(()), |before| before.borrow_mut().end());
        self.note(kept);
        self.results.summary.error = self.error.take();
        self.results.end()?;
        Ok(self.results.summary)
    }
}
