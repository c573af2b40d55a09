//! The steps of a plan, carried out.
//!
//! Phases come one after the other, within a phase the levels, within a level the steps run side by side. An object is
//! written into the ledger as soon as the target accepted it, so a run may be killed at any moment and run again.

use crate::plan::{Need, Plan, Step};
use crate::results::Results;
use crate::spool::{Entry, Spool};
use crate::{
    Accepted, Action, Foreign, Held, Ledger, Options, Outcome, Role, State, Status, Summary, Target, Task,
};
use futures::StreamExt;
use futures::stream;
use muster_base::{Error, Exit};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

/// The breaker waits for so many failures before it looks at their share.
const BREAKER_MINIMUM: u64 = 10;

/// What is wrong with a line that others may need.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Failed,
    Unknown,
}

/// A step that was tried.
struct Tried {
    step: Step,
    answer: Result<Outcome, Error>,
    took: Duration,
}

/// A run in progress.
pub(crate) struct Run<'a, T> {
    target: &'a T,
    spool: &'a Spool,
    ledger: Option<&'a mut Ledger>,
    results: Results<'a>,
    options: &'a Options,
    /// Lines that went wrong.
    trouble: HashMap<usize, Trouble>,
    /// Containers that something which went wrong lies in: they are not taken away.
    held: HashSet<usize>,
    /// Lines that have their result.
    settled: Vec<bool>,
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
        spool: &'a Spool,
        ledger: Option<&'a mut Ledger>,
        results: Results<'a>,
        options: &'a Options,
        say: &'a dyn Fn(String),
    ) -> Self {
        Self {
            target,
            spool,
            ledger,
            results,
            options,
            say,
            trouble: HashMap::new(),
            held: HashSet::new(),
            settled: vec![false; spool.entries.len()],
            planned: 0,
            tried: 0,
            failed: 0,
            error: None,
        }
    }
}

impl<T: Target> Run<'_, T> {
    /// Carry `plan` out until it is done, an error ends it, or `stop` is over.
    pub(crate) async fn carry_out(
        &mut self,
        plan: Plan,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), Error> {
        self.planned = plan.phases.iter().flatten().map(Vec::len).sum();
        self.take_settled(&plan)?;
        let mut left = Vec::new();
        for level in plan.phases.into_iter().flatten() {
            left.extend(level.iter().map(|step| (step.entry, step.action)));
            if self.error.is_none() {
                self.level(level, stop.as_mut()).await?;
            }
        }
        for (index, action) in left {
            if !self.settled[index] {
                let outcome = Outcome::skipped("the run stopped before it");
                self.results.settle(self.spool, &self.spool.entries[index], Some(action), &outcome, None)?;
            }
        }
        Ok(())
    }

    /// The results of lines without a step.
    fn take_settled(&mut self, plan: &Plan) -> Result<(), Error> {
        for settled in &plan.settled {
            let trouble = match settled.outcome.status {
                _ if settled.unknown => Some(Trouble::Unknown),
                Status::Failed => Some(Trouble::Failed),
                _ => None,
            };
            self.trouble.extend(trouble.map(|trouble| (settled.entry, trouble)));
            self.settled[settled.entry] = true;
            let entry = &self.spool.entries[settled.entry];
            match settled.unknown {
                true => self.results.unknown(self.spool, entry, &settled.outcome)?,
                false => {
                    self.results.settle(self.spool, entry, settled.action, &settled.outcome, None)?;
                }
            }
        }
        Ok(())
    }

    /// Steps side by side. After the first error the steps in hand are finished and none is begun.
    async fn level(
        &mut self,
        steps: Vec<Step>,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), Error> {
        let mut ready = Vec::with_capacity(steps.len());
        for step in steps {
            match self.obstacle(&step) {
                None => ready.push(step),
                Some(why) => self.settle(&step, Outcome::skipped(why), None)?,
            }
        }
        let (target, spool, halted) = (self.target, self.spool, Cell::new(false));
        let mut answers = pin!(
            stream::iter(ready)
                .take_while(|_| std::future::ready(!halted.get()))
                .map(|step| attempt(target, spool, step))
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
                    let committed = self.ledger.as_mut().map_or(Ok(()), |ledger| ledger.tick());
                    self.note(committed);
                    let handed_on = self.results.output.flush();
                    self.note(handed_on);
                }
                () = &mut stop, if !halted.get() => {
                    let stopped = Error::new(Exit::Stopped, "the run was interrupted; what was done stands");
                    self.note(Err(stopped.hint("run it again")));
                }
            }
            halted.set(self.error.is_some());
        }
        Ok(())
    }

    /// Keep the first error.
    fn note(&mut self, result: Result<(), Error>) {
        if let Err(error) = result {
            self.error.get_or_insert(error);
        }
    }

    /// Why a step cannot be tried.
    fn obstacle(&self, step: &Step) -> Option<String> {
        if !step.action.is_upsert() {
            return self
                .held
                .contains(&step.entry)
                .then(|| "something in it failed or is unknown in this run".to_owned());
        }
        let need = step.needs.iter().find(|need| self.is_missing(need))?;
        let Entry { kind, key, .. } = &self.spool.entries[need.entry];
        Some(format!("{kind} {key}, which it needs, failed or is unknown in this run"))
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
        let Tried { step, answer, took } = tried;
        self.tried += 1;
        let (outcome, fatal) = match answer {
            Ok(outcome) => (outcome, Ok(())),
            Err(error) => (Outcome::failed(None, error.to_string()), Err(error)),
        };
        if outcome.is_done() {
            self.remember(&step)?;
        }
        self.failed += u64::from(outcome.status == Status::Failed);
        (self.say)(format!("{} of {} objects sent, {} failed", self.tried, self.planned, self.failed));
        self.settle(&step, outcome, Some(took))?;
        fatal?;
        self.check_breaker()
    }

    fn remember(&mut self, step: &Step) -> Result<(), Error> {
        let Entry { kind, key, .. } = &self.spool.entries[step.entry];
        let state = match step.action {
            Action::Create | Action::Update => State::Active,
            Action::Delete => State::Deleted,
            Action::Passivate => State::Passive,
        };
        let accepted = Accepted { kind, key, id: None, origin: None, said: step.said.as_ref(), state };
        self.ledger.as_mut().map_or(Ok(()), |ledger| ledger.accept(&accepted))
    }

    fn settle(&mut self, step: &Step, outcome: Outcome, took: Option<Duration>) -> Result<(), Error> {
        self.settled[step.entry] = true;
        if !outcome.is_done() {
            self.trouble.insert(step.entry, Trouble::Failed);
            self.held.extend(step.needs.iter().map(|need| need.entry));
        }
        let entry = &self.spool.entries[step.entry];
        self.results.settle(self.spool, entry, Some(step.action), &outcome, took)
    }

    fn check_breaker(&self) -> Result<(), Error> {
        let share = self.failed as f64 * 100.0 / self.tried as f64;
        if self.failed < BREAKER_MINIMUM || share <= self.options.max_failures {
            return Ok(());
        }
        let what = format!("{} of {} steps failed; what was done stands", self.failed, self.tried);
        Err(Error::new(Exit::Stopped, what).hint("see the results for the reasons, then run it again"))
    }

    /// Commit, list foreign objects if that is wanted, end the results.
    pub(crate) fn finish(mut self, listed: Vec<Held>) -> Result<Summary, Error> {
        let committed = self.ledger.as_mut().map_or(Ok(()), |ledger| ledger.commit());
        self.note(committed);
        if self.error.is_none() && self.options.foreign != Foreign::Keep {
            let listed = self.list_foreign(listed);
            self.note(listed);
        }
        self.results.summary.error = self.error.take();
        self.results.end()?;
        Ok(self.results.summary)
    }

    /// List what the target holds and neither this run nor the ledger names.
    fn list_foreign(&mut self, listed: Vec<Held>) -> Result<(), Error> {
        for listed in listed {
            let named = self.spool.find(listed.kind, &listed.key).is_some();
            let owned = match &self.ledger {
                Some(ledger) => {
                    ledger.known(listed.kind, &listed.key)?.is_some_and(|known| known.state.is_there())
                }
                None => false,
            };
            if !named && !owned {
                self.results.foreign(&listed)?;
            }
        }
        Ok(())
    }
}

async fn attempt<T: Target>(target: &T, spool: &Spool, step: Step) -> Tried {
    let begun = Instant::now();
    let answer = match task(spool, &spool.entries[step.entry], step.action) {
        Ok(task) => target.apply(&task).await,
        Err(error) => Err(error),
    };
    Tried { step, answer, took: begun.elapsed() }
}

/// The task that an entry and what is to be done with it make.
pub(crate) fn task(spool: &Spool, entry: &Entry, action: Action) -> Result<Task, Error> {
    let record = if action.is_upsert() { spool.record(entry)? } else { None };
    Ok(Task { record, ..Task::new(action, &entry.kind, &entry.key) })
}
