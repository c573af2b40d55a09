//! A run: read, plan, write, remember, sum up.
//!
//! Phases come one after the other, within a phase the levels, within a level the steps run side by side. An object is
//! written into the ledger as soon as the target accepted it, so a run may be killed at any moment and run again.

use crate::plan::{Need, Plan, Planner, Step};
use crate::results::Results;
use crate::spool::{Entry, Spool};
use crate::{Action, Ledger, Outcome, Role, State, Status, Summary, Target, Task};
use futures::StreamExt;
use futures::stream;
use muster_base::{Error, Exit};
use muster_stream::{Op, Reader, Rejects, Writer};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

/// The breaker waits for so many failures before it looks at their share.
const BREAKER_MINIMUM: u64 = 10;

/// What is done about objects of the target that this pipeline did not bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Foreign {
    /// Nobody looks for them.
    #[default]
    Ignore,
    /// They are listed after the run.
    List,
}

/// How a run is to be done.
#[derive(Clone, Debug)]
pub struct Options {
    /// The command and its version, for the rejects file.
    pub from: String,
    /// What this pipeline brought to the target before. Without it everything is sent.
    pub ledger: Option<PathBuf>,
    /// Where the input is spooled; beside the ledger when nothing is said.
    pub spool_dir: Option<PathBuf>,
    /// Where refused lines are kept.
    pub rejects: Option<PathBuf>,
    /// Say what would be sent, and send nothing.
    pub dry_run: bool,
    /// Do nothing when the input is partial.
    pub require_complete: bool,
    /// Take an input without `_end` for complete.
    pub assume_complete: bool,
    /// Steps side by side.
    pub parallel: usize,
    /// The share of failed steps, in percent, above which the run stops.
    pub max_failures: f64,
    /// What is done about foreign objects.
    pub foreign: Foreign,
}

/// Bring `input` to `target`, with a result line for each input line on `output`.
///
/// When `stop` is over, the steps in hand are finished and no other is begun. `say` is told how far the run is. What ended the run early stands in the
/// summary; an error is returned when there is no summary to give.
pub async fn push<T: Target>(
    target: &mut T,
    input: impl BufRead,
    output: &mut Writer,
    options: &Options,
    stop: impl Future<Output = ()>,
    say: &dyn Fn(String),
) -> Result<Summary, Error> {
    say("reading the input".to_owned());
    let mut ledger = open_ledger(target, options)?;
    let mut rejects =
        options.rejects.as_ref().map(|path| Rejects::create(path, &options.from)).transpose()?;
    let reader = Reader::new(input).assume_complete(options.assume_complete);
    let spool = Spool::read(reader, &spool_dir(options), &|kind, key| target.key(kind, key), &mut rejects)?;
    let mut results = Results { output, rejects, summary: Summary::new(options.dry_run) };
    note_input(&spool, &mut results)?;
    if options.require_complete && results.summary.partial.is_some() {
        results.end()?;
        return Ok(results.summary);
    }
    if let Some(ledger) = &ledger {
        target.recall(&ledger.facts()?);
    }
    let upserts = |entry: &&Entry| matches!(entry.op, None | Some(Op::Create | Op::Update));
    for entry in spool.entries.iter().filter(|entry| entry.flaw.is_none()).filter(upserts) {
        if let Some(record) = spool.record(entry)? {
            target.survey(&record);
        }
    }
    let plan = Planner { target, spool: &spool, ledger: ledger.as_ref() }.plan()?;
    if options.dry_run {
        return show(target, &spool, plan, results);
    }
    if let Some(ledger) = &mut ledger {
        let steps = || plan.phases.iter().flatten().flatten();
        let names = |step: &Step| {
            let Entry { kind, key, .. } = &spool.entries[step.entry];
            (kind.as_str(), key.as_str())
        };
        ledger.remember(&target.facts())?;
        ledger.doubt(steps().map(names))?;
        ledger.make_room(steps().count())?;
    }
    let mut run = Run {
        target,
        spool: &spool,
        ledger: ledger.as_mut(),
        results,
        options,
        trouble: HashMap::new(),
        held: HashSet::new(),
        settled: vec![false; spool.entries.len()],
        say,
        planned: plan.phases.iter().flatten().map(Vec::len).sum(),
        tried: 0,
        failed: 0,
        error: None,
    };
    run.carry_out(plan, pin!(stop)).await?;
    run.finish().await
}

fn open_ledger<T: Target>(target: &T, options: &Options) -> Result<Option<Ledger>, Error> {
    let identity = target.identity();
    match &options.ledger {
        None => Ok(None),
        Some(path) if options.dry_run => Ledger::look(path, &identity),
        Some(path) => Ledger::open(path, &identity).map(Some),
    }
}

fn spool_dir(options: &Options) -> PathBuf {
    let beside = || options.ledger.as_deref().and_then(Path::parent).map(Path::to_owned);
    match options.spool_dir.clone().or_else(beside) {
        Some(directory) if directory.as_os_str().is_empty() => PathBuf::from("."),
        Some(directory) => directory,
        None => std::env::temp_dir(),
    }
}

/// What reading alone tells: bad lines, unknown objects, a partial input.
fn note_input(spool: &Spool, results: &mut Results<'_>) -> Result<(), Error> {
    for line in &spool.bad_lines {
        results.bad(line)?;
    }
    for (kind, _) in &spool.unknown {
        results.summary.kind(kind).unknown += 1;
    }
    if let Some(why) = spool.shortfall() {
        results.summary.partial = Some(why.to_owned());
        results.summary.weigh(Exit::Partial);
    }
    Ok(())
}

/// Print the requests of a plan in the order in which they would go out.
fn show<T: Target>(
    target: &T,
    spool: &Spool,
    plan: Plan,
    mut results: Results<'_>,
) -> Result<Summary, Error> {
    for settled in &plan.settled {
        let entry = &spool.entries[settled.entry];
        match settled.unknown {
            true => results.unknown(spool, entry, &settled.outcome)?,
            false => results.settle(spool, entry, settled.action, &settled.outcome, None)?,
        }
    }
    for step in plan.phases.into_iter().flatten().flatten() {
        let entry = &spool.entries[step.entry];
        let planned = Outcome { http: None, ..Outcome::accepted(0) };
        results.summary.count(&entry.kind, Some(step.action), &planned);
        for request in target.describe(&task(spool, entry, step.action)?)? {
            results.request(entry, step.action, request)?;
        }
    }
    results.end()?;
    Ok(results.summary)
}

fn task(spool: &Spool, entry: &Entry, action: Action) -> Result<Task, Error> {
    let record = if action.is_upsert() { spool.record(entry)? } else { None };
    Ok(Task { action, kind: entry.kind.clone(), key: entry.key.clone(), record })
}

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

struct Run<'a, T> {
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

impl<T: Target> Run<'_, T> {
    async fn carry_out(
        &mut self,
        plan: Plan,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), Error> {
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
        self.ledger.as_mut().map_or(Ok(()), |ledger| ledger.accept(kind, key, step.hash, state))
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

    async fn finish(mut self) -> Result<Summary, Error> {
        let committed = self.ledger.as_mut().map_or(Ok(()), |ledger| ledger.commit());
        self.note(committed);
        if self.error.is_none() && self.options.foreign == Foreign::List {
            let listed = self.list_foreign().await;
            self.note(listed);
        }
        self.results.summary.error = self.error.take();
        self.results.end()?;
        Ok(self.results.summary)
    }

    /// List what the target holds and neither this run nor the ledger names.
    async fn list_foreign(&mut self) -> Result<(), Error> {
        for listed in self.target.list().await? {
            let named = self.spool.find(listed.kind, &listed.key).is_some();
            let owned = match &self.ledger {
                Some(ledger) => ledger.owns(listed.kind, &listed.key)?,
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
