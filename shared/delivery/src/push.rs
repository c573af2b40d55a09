//! A push from its input to its summary: read, plan, ask the guard, then show or write.

use crate::absent::{self, Absent, Waiting};
use crate::guard::{self, Measures};
use crate::matching::{Match, Matcher, Seen};
use crate::options::{Foreign, Options};
use crate::owned::Owned;
use crate::plan::{Learned, Plan, Planner};
use crate::resolve::Known;
use crate::results::Results;
use crate::run::Run;
use crate::spool::{Cause, Entry, Spool};
use crate::{Action, Comparison, Ledger, Outcome, Row, Summary, Target, adopt, fate};
use muster_base::{Error, Exit};
use muster_stream::{Op, Reader, Rejects, Whole, Writer};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
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
    if let Some(ledger) = &mut ledger {
        target.recall(&ledger.facts()?);
        if !options.dry_run {
            ledger.begin_run(&whole_scopes(&spool), spool.shortfall().is_none())?;
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
    let entered = enter(target, &mut owned, &scopes, options)?;
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
    let waiting = absent::take_up(target, &mut spool, &owned, &gone, options);
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
    let plan = Planner { target, known: &known, options }.plan()?;
    results.note_plan(&plan, &waiting, &matches, &spool);
    let measures = Measures::of(&plan, &spool, &foreign);
    let verdict = guard::judge(&measures, &owned, ledger.map(|ledger| ledger.borrow()).as_deref(), options)?;
    if verdict.refuses() {
        results.refused(guard::refusal(&verdict, &plan, &known, &options.command)?, &verdict);
    }
    if options.dry_run {
        results.foreign(&seen, &strangers, options.foreign)?;
        return show(target, &known, plan, results);
    }
    if verdict.refuses() {
        results.summary.count_found(&spool.entries);
        if let Some(ledger) = ledger {
            ledger.borrow_mut().offer(&verdict.needed.digest(), &verdict.needed.hashes())?;
        }
        results.end()?;
        return Ok(results.summary);
    }
    results.foreign(&seen, &strangers, options.foreign)?;
    if let Some(ledger) = ledger {
        let mut ledger = ledger.borrow_mut();
        if verdict.is_approved {
            let digest = options.approve.clone().unwrap_or_default();
            ledger.use_approval(&digest, &verdict.needed.hashes())?;
        }
        ledger.remember(&target.facts())?;
        if target.comparison() == Comparison::ByState {
            // What was in doubt was seen.
            ledger.settle_all()?;
        }
        learn(&mut ledger, &known, &plan, &entered, &waiting)?;
        ready(&mut ledger, &known, &plan)?;
    }
    let mut run = Run::new(target, &known, ledger, results, options, verdict.is_approved, say);
    run.carry_out(plan, pin!(stop)).await?;
    run.finish()
}

fn open_ledger<T: Target>(target: &T, options: &Options) -> Result<Option<Ledger>, Error> {
    let identity = target.identity();
    match &options.ledger {
        None => Ok(None),
        Some(path) if options.dry_run => Ledger::look(path, &identity, options.rebind),
        Some(path) => Ledger::open(path, &identity, options.rebind).map(Some),
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

/// The scopes by segment; a file made by hand has none, which is a scope of its own.
fn scope_names(spool: &Spool) -> impl Iterator<Item = &str> {
    spool.segments.iter().map(|segment| segment.end.as_ref().map_or("", |end| end.scope.as_str()))
}

fn whole_scopes(spool: &Spool) -> Vec<String> {
    let whole = spool.segments.iter().zip(scope_names(spool));
    whole.filter(|(segment, _)| segment.whole == Whole::Yes).map(|(_, name)| name.to_owned()).collect()
}

/// The numbers of the scopes, by segment. One that the ledger does not know, and is not to learn, has a number of its own.
fn scope_numbers(
    spool: &Spool,
    ledger: Option<&RefCell<Ledger>>,
    options: &Options,
) -> Result<Vec<i64>, Error> {
    let number = |(index, name): (i64, &str)| match ledger {
        Some(ledger) if !options.dry_run => ledger.borrow_mut().scope(name),
        Some(ledger) => Ok(ledger.borrow().find_scope(name)?.unwrap_or(-1 - index)),
        None => Ok(-1 - index),
    };
    (0..).zip(scope_names(spool)).map(number).collect()
}

fn whole_numbers(spool: &Spool, scopes: &[i64]) -> Vec<i64> {
    let all = spool.segments.iter().zip(scopes);
    all.filter(|(segment, _)| segment.whole == Whole::Yes).map(|(_, number)| *number).collect()
}

/// Take up what another program owned; what of it the ledger did not know.
fn enter<T: Target>(
    target: &T,
    owned: &mut Owned,
    scopes: &[i64],
    options: &Options,
) -> Result<Vec<Row>, Error> {
    let Some(file) = &options.adopt_from else { return Ok(Vec::new()) };
    let scope = scopes.first().filter(|first| scopes.iter().all(|other| other == *first)).copied();
    let mut entered = Vec::new();
    for mut row in adopt::read(file, target.phases(), &|kind, key| target.key(kind, key))? {
        if owned.find(&row.kind, &row.key).is_none() {
            row.origin.scope = scope;
            owned.add(row.clone());
            entered.push(row);
        }
    }
    Ok(entered)
}

/// What the target holds, where that matters.
async fn read<T: Target>(target: &mut T, options: &Options, say: &dyn Fn(String)) -> Result<Seen, Error> {
    let by_state = target.comparison() == Comparison::ByState;
    if !by_state && options.foreign == Foreign::Keep {
        return Ok(Seen::default());
    }
    say("reading the target".to_owned());
    let seen = Seen::of(target.read().await?);
    match &seen.doubt {
        Some(why) if by_state => {
            let what =
                format!("the target could not be read whole, and nothing can be compared with it: {why}");
            Err(Error::new(Exit::Unavailable, what))
        }
        _ => Ok(seen),
    }
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

/// What the entries mean that no line names.
fn extend<T: Target>(target: &T, spool: &Spool, seen: &Seen, owned: &Owned, matches: &mut Vec<Match>) {
    let missing = HashSet::new();
    let matcher = Matcher { target, spool, seen, missing: &missing, parallel: 1 };
    for entry in &spool.entries[matches.len()..] {
        matches.push(matcher.by_name(entry, owned));
    }
}

/// Take up the foreign objects that are to go; how many there are, by kind.
fn take_up_foreign<T: Target>(
    target: &T,
    spool: &mut Spool,
    owned: &Owned,
    seen: &Seen,
    matches: &mut Vec<Match>,
    strangers: &[usize],
    options: &Options,
) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::<String, u64>::new();
    for index in strangers {
        *counts.entry(seen.objects[*index].kind.to_owned()).or_default() += 1;
    }
    let gone: BTreeMap<&str, Op> = counts
        .keys()
        .filter_map(|kind| {
            let op = absent::foreign_op(target, options, kind)?;
            match absent::foreign_stay(target, spool, owned, seen, matches, kind) {
                None => Some((kind.as_str(), op)),
                Some(why) => {
                    tracing::warn!("no foreign {kind} is taken away: {why}");
                    None
                }
            }
        })
        .collect();
    for held in strangers.iter().map(|index| &seen.objects[*index]) {
        let Some(op) = gone.get(held.kind) else { continue };
        let key = if held.key.is_empty() { held.id() } else { &held.key };
        let is_done = *op == Op::Passivate && !held.is_active;
        if is_done || held.protected.is_some() || target.protects(held.kind, key).is_some() {
            continue;
        }
        spool.add(held.kind, key, *op, Cause::Foreign);
        let (id, held) = (Some(held.id().to_owned()), Some(std::sync::Arc::clone(held)));
        matches.push(Match { id, held, is_there: true, ..Match::default() });
    }
    counts
}

/// Write down what is known of objects without sending anything.
fn learn(
    ledger: &mut Ledger,
    known: &Known<'_>,
    plan: &Plan,
    entered: &[Row],
    waiting: &[Waiting],
) -> Result<(), Error> {
    for row in entered {
        ledger.adopt(&row.kind, &row.key, row.id.as_deref(), &row.origin)?;
    }
    for (index, found) in known.matches.iter().enumerate() {
        let entry = &known.spool.entries[index];
        if let Some(old) = &found.rekeyed {
            ledger.rekey(&entry.kind, old, &entry.key)?;
        }
        let origin = plan.objects.get(&index).and_then(|object| object.origin.as_ref());
        if let Some(origin) = origin.filter(|_| found.is_adopted) {
            ledger.adopt(&entry.kind, &entry.key, found.id.as_deref(), origin)?;
        }
    }
    for (index, learned) in &plan.learned {
        let Entry { kind, key, .. } = &known.spool.entries[*index];
        match learned {
            Learned::Seen(origin) => ledger.seen(kind, key, origin)?,
            Learned::Adopted(origin) => ledger.adopt(kind, key, known.id(*index).as_deref(), origin)?,
            Learned::Became(state) => ledger.became(kind, key, *state)?,
        }
    }
    for one in waiting {
        ledger.missing(&one.kind, &one.key, one.since, one.runs)?;
    }
    ledger.commit()
}

/// Have the ledger ready for what is about to be sent: whatever hinders it shows before the first request.
fn ready(ledger: &mut Ledger, known: &Known<'_>, plan: &Plan) -> Result<(), Error> {
    if plan.objects.is_empty() {
        return Ok(());
    }
    let objects =
        plan.objects.iter().filter(|(entry, _)| known.spool.entries[**entry].cause != Cause::Foreign);
    ledger.expect(objects.map(|(index, object)| {
        let entry = &known.spool.entries[*index];
        let made = object.origin.as_ref().filter(|_| object.action == Action::Create);
        (entry.kind.as_str(), entry.key.as_str(), made)
    }))?;
    ledger.make_room(plan.steps().count())
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
