//! A push from its input to its summary: read, plan, ask the guard, then show or write.

use crate::absent::{self, Absent};
use crate::before::Before;
use crate::guard::{self, Measures, Refusal, Surroundings};
use crate::learn::{learn, ready};
use crate::matching::Matcher;
use crate::options::{Options, Resend};
use crate::owned::Owned;
use crate::plan::{Plan, Planner};
use crate::prepare::{
    enter, extend, read, scope_numbers, survey, take_up_foreign, whole_numbers, whole_scopes,
};
use crate::report::{Report, unkept};
use crate::resolve::Known;
use crate::results::{REJECTS, Results};
use crate::run::Run;
use crate::spool::Spool;
use crate::{Action, Comparison, Ledger, Outcome, Summary, Target, fate, lock};
use muster_base::{Error, Exit};
use muster_stream::{Reader, Rejects, Writer};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::pin::pin;

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
    options.keep_before.as_deref().map_or(Ok(()), Before::check)?;
    check_resend(target, options)?;
    say("reading the input".to_owned());
    let mut ledger = open_ledger(target, options)?;
    let _lock = if options.dry_run { None } else { Some(lock::of_target(&target.identity())?) };
    let mut rejects =
        options.rejects.as_ref().map(|path| Rejects::create(path, &options.from)).transpose()?;
    let reader = Reader::new(input).assume_complete(options.assume_complete);
    let spool = Spool::read(reader, &spool_dir(options), &|kind, key| target.key(kind, key), &mut rejects)
        .map_err(unkept(REJECTS))?;
    let mut results = Results { output: Report::to(output), rejects, summary: Summary::new(options.dry_run) };
    note_input(&spool, &mut results)?;
    if options.require_complete && results.summary.partial.is_some() {
        results.end()?;
        return Ok(results.summary);
    }
    if let Some(ledger) = &mut ledger {
        target.recall(&ledger.facts()?);
        if !options.dry_run {
            let is_whole = spool.shortfall().is_none() && options.only.is_empty();
            ledger.begin_run(&whole_scopes(&spool), is_whole)?;
            ledger.retain(options.retain)?;
        }
    }
    let ledger = ledger.map(RefCell::new);
    let done = deliver_spool(target, spool, ledger.as_ref(), results, options, stop, say).await;
    if let Some(ledger) = ledger.filter(|_| !options.dry_run) {
        let mut ledger = ledger.into_inner();
        match &done {
            Ok(summary) => ledger.end_run(summary.exit(), &summary.by_kind())?,
            Err(error) => ledger.end_run(error.exit(), &muster_stream::Value::Null)?,
        }
    }
    done
}

/// From the spooled input to the summary.
async fn deliver_spool<T: Target>(
    target: &mut T,
    mut spool: Spool,
    ledger: Option<&RefCell<Ledger>>,
    mut results: Results<'_>,
    options: &Options,
    stop: impl Future<Output = ()>,
    say: &dyn Fn(String),
) -> Result<Summary, Error> {
    let scopes = scope_numbers(&spool, ledger, options)?;
    let mut owned = Owned::read(ledger.map(|ledger| ledger.borrow()).as_deref())?;
    let entered = enter(target, &spool, &mut owned, &scopes, options)?;
    let seen = read(target, options, say).await?;
    survey(target, &spool)?;
    say("planning".to_owned());
    let whole = whole_numbers(&spool, &scopes);
    let mut gone = Absent::find(&spool, &owned, &whole, options.accept_scope_change);
    let matcher =
        Matcher { target, spool: &spool, seen: &seen, missing: &gone.missing, parallel: options.parallel };
    let mut matches = matcher.all(&mut owned).await?;
    gone.missing.retain(|row| spool.find(&owned.rows[*row].kind, &owned.rows[*row].key).is_none());
    results.summary.elsewhere = gone.elsewhere;
    let mut waiting = absent::take_up(target, &mut spool, &owned, &gone, options);
    let strangers = absent::foreign(&spool, &owned, &seen, &matches);
    extend(target, &spool, &seen, &owned, &mut matches);
    let foreign = take_up_foreign(target, &mut spool, &owned, &seen, &mut matches, &strangers, options);
    target.possess(fate::possessions(&spool, &owned, &gone.missing));
    let in_doubt: HashSet<(String, String)> = ledger
        .map(|ledger| ledger.borrow().in_doubt())
        .transpose()?
        .unwrap_or_default()
        .into_iter()
        .collect();
    let known = Known::new(&spool, &owned, &matches, &seen, &scopes, &in_doubt);
    let mut plan = Planner { target, known: &known, options }.plan()?;
    if !options.only.is_empty() {
        plan.keep_only(&named(target, &spool, &options.only)?);
        // What else is missing is not made to wait by a run of some objects.
        waiting.clear();
    }
    let around = Surroundings {
        spool: &spool,
        owned: &owned,
        missing: &gone.missing,
        waiting: &waiting,
        foreign: &foreign,
        is_part: !options.only.is_empty(),
    };
    let measures = Measures::of(&plan, &around);
    let verdict = guard::judge(&measures, &owned, ledger.map(|ledger| ledger.borrow()).as_deref(), options)?;
    if verdict.refuses() {
        let refusal = Refusal {
            verdict: &verdict,
            plan: &plan,
            known: &known,
            command: &options.command,
            is_dry: options.dry_run,
            name: &|kind, key| target.name(kind, key),
            lister: target.lister(),
        };
        results.refused(refusal.text()?, &verdict);
    }
    if options.dry_run {
        results.note_plan(&plan, &waiting, &matches, &spool);
        results.foreign(&seen, &strangers, options.foreign)?;
        return show(target, &known, plan, results);
    }
    if let Some(ledger) = ledger {
        ledger.borrow_mut().judge(&verdict.judged(&measures, options))?;
    }
    if verdict.refuses() {
        results.summary.count_found(&spool.entries);
        if let Some(ledger) = ledger {
            ledger.borrow_mut().offer(&verdict.approval, &verdict.needed.hashes())?;
        }
        results.end()?;
        return Ok(results.summary);
    }
    results.note_plan(&plan, &waiting, &matches, &spool);
    results.foreign(&seen, &strangers, options.foreign)?;
    if let Some(ledger) = ledger {
        let mut ledger = ledger.borrow_mut();
        if verdict.is_approved {
            let approval = options.approve.clone().unwrap_or_default();
            ledger.use_approval(&approval, &verdict.needed.hashes())?;
        }
        ledger.remember(&target.facts())?;
        if target.comparison() == Comparison::ByState {
            // What was in doubt was seen.
            ledger.settle_all()?;
        }
        learn(&mut ledger, &known, &plan, &entered, &waiting)?;
        ready(&mut ledger, &known, &plan)?;
    }
    let mut before =
        options.keep_before.as_ref().map(|path| Before::at(path, &options.from, target.identity()));
    if let Some(before) = before.as_mut().filter(|_| plan.steps().any(|step| step.action != Action::Create)) {
        before.begin()?;
    }
    let mut run = Run::new(target, &known, ledger, results, options, verdict.is_approved, say);
    run.keep_before(before);
    run.carry_out(plan, pin!(stop)).await?;
    run.finish()
}

/// A slip in a kind must not look as if its objects had been sent.
fn check_resend<T: Target>(target: &T, options: &Options) -> Result<(), Error> {
    let kind = |resend: &Resend| match resend {
        Resend::All => None,
        Resend::Kind(kind) | Resend::Object(kind, _) => Some(kind.clone()),
    };
    let lacks = |kind: &String| target.phases().iter().all(|phase| phase.kind != kind);
    match options.resend.iter().filter_map(kind).find(lacks) {
        None => Ok(()),
        Some(kind) => {
            let kinds: BTreeSet<&str> = target.phases().iter().map(|phase| phase.kind).collect();
            let kinds: Vec<&str> = kinds.into_iter().collect();
            Err(Error::new(Exit::Usage, format!("--resend names '{kind}', which the target does not have"))
                .hint(format!("its kinds are {}", kinds.join(", "))))
        }
    }
}

fn open_ledger<T: Target>(target: &T, options: &Options) -> Result<Option<Ledger>, Error> {
    let identity = target.identity();
    match &options.ledger {
        None => Ok(None),
        Some(path) if options.dry_run => Ledger::look(path, &identity, options.rebind),
        Some(path) => {
            let ledger = Ledger::open(path, &identity, options.rebind)?;
            ledger.check_pause()?;
            Ok(Some(ledger))
        }
    }
}

/// The entries of the objects that alone are to be written.
fn named<T: Target>(target: &T, spool: &Spool, only: &[(String, String)]) -> Result<HashSet<usize>, Error> {
    let find = |(kind, key): &(String, String)| {
        let name = target.key(kind, key).unwrap_or_else(|_| key.clone());
        spool.find(kind, &name).ok_or_else(|| {
            Error::new(Exit::Usage, format!("--only names {kind} {key}, of which this run knows nothing"))
                .hint("it is neither in the input nor missing from it")
        })
    };
    only.iter().map(find).collect()
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
    known: &Known<'_>,
    plan: Plan,
    mut results: Results<'_>,
) -> Result<Summary, Error> {
    for settled in &plan.settled {
        results.settled(known, settled)?;
    }
    let mut counted = HashSet::new();
    for step in plan.phases.into_iter().flatten().flatten() {
        let entry = &known.spool.entries[step.entry];
        let planned = Outcome { http: None, ..Outcome::accepted(0) };
        if counted.insert(step.entry) {
            results.summary.count(entry, Some(step.action), &planned);
        }
        for request in target.describe(&known.task(target, step.entry, step.action, step.work)?)? {
            results.request(entry, step.action, request)?;
        }
    }
    results.end()?;
    Ok(results.summary)
}
