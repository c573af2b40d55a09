//! A push from its input to its summary: read, plan, then show or write.

use crate::plan::{Plan, Planner, Step};
use crate::results::Results;
use crate::run::{Run, task};
use crate::spool::{Entry, Spool};
use crate::{Ledger, Outcome, Summary, Target};
use muster_base::{Error, Exit};
use muster_stream::{Op, Reader, Rejects, Writer};
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::pin::pin;

/// What is done about objects of the target that this pipeline did not bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Foreign {
    /// They stay, and nobody looks for them.
    #[default]
    Keep,
    /// They stay, and each has a line in the results.
    List,
    /// They are taken away or made passive, as the target's missing objects are.
    Delete,
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
/// When `stop` is over, the steps in hand are finished and no other is begun. `say` is told how far the run is. What ended
/// the run early stands in the summary; an error is returned when there is no summary to give.
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
    let held = match options.foreign {
        Foreign::List | Foreign::Delete if !options.dry_run => target.read().await?.objects,
        _ => Vec::new(),
    };
    survey(target, &spool)?;
    let plan = Planner { target, spool: &spool, ledger: ledger.as_ref() }.plan()?;
    if options.dry_run {
        return show(target, &spool, plan, results);
    }
    if let Some(ledger) = &mut ledger {
        ready(ledger, target, &spool, &plan)?;
    }
    let mut run = Run::new(target, &spool, ledger.as_mut(), results, options, say);
    run.carry_out(plan, pin!(stop)).await?;
    run.finish(held)
}

fn open_ledger<T: Target>(target: &T, options: &Options) -> Result<Option<Ledger>, Error> {
    let identity = target.identity();
    match &options.ledger {
        None => Ok(None),
        Some(path) if options.dry_run => Ledger::look(path, &identity, false),
        Some(path) => Ledger::open(path, &identity, false).map(Some),
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

/// Show the target every record that is to be pushed.
fn survey<T: Target>(target: &mut T, spool: &Spool) -> Result<(), Error> {
    let upserts = |entry: &&Entry| matches!(entry.op, None | Some(Op::Create | Op::Update));
    for entry in spool.entries.iter().filter(|entry| entry.flaw.is_none()).filter(upserts) {
        if let Some(record) = spool.record(entry)? {
            target.survey(&record);
        }
    }
    Ok(())
}

/// Have the ledger ready for what is about to be sent: whatever hinders it shows before the first request.
fn ready<T: Target>(ledger: &mut Ledger, target: &T, spool: &Spool, plan: &Plan) -> Result<(), Error> {
    let steps = || plan.phases.iter().flatten().flatten();
    let names = |step: &Step| {
        let Entry { kind, key, .. } = &spool.entries[step.entry];
        (kind.as_str(), key.as_str(), None)
    };
    ledger.remember(&target.facts())?;
    ledger.expect(steps().map(names))?;
    ledger.make_room(steps().count())
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
