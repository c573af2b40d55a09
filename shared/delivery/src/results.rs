//! What a run says about each line: results on standard output, refused lines in the rejects file.

use crate::absent::Waiting;
use crate::guard::{self, Verdict};
use crate::matching::{Match, Seen};
use crate::options::Foreign;
use crate::plan::{Learned, Plan, Settled};
use crate::report::{Report, unkept};
use crate::resolve::Known;
use crate::spool::{BadLine, Entry, Spool};
use crate::{Action, Held, Outcome, Request, Status, Summary};
use muster_base::{Error, Exit, text};
use muster_stream::{Map, Rejects, Value};
use std::collections::HashSet;
use std::time::Duration;

/// The rejects file, in errors.
pub(crate) const REJECTS: &str = "the rejects";

/// Writes results and rejects, and counts.
pub(crate) struct Results<'a> {
    pub(crate) output: Report<'a>,
    pub(crate) rejects: Option<Rejects>,
    pub(crate) summary: Summary,
}

impl Results<'_> {
    /// What a plan tells before it is carried out.
    pub(crate) fn note_plan(&mut self, plan: &Plan, waiting: &[Waiting], matches: &[Match], spool: &Spool) {
        for one in waiting.iter().filter(|one| one.is_held_back) {
            self.summary.kind(&one.kind).held_back += 1;
        }
        let entered = plan.learned.iter().filter(|(_, learned)| matches!(learned, Learned::Adopted(_)));
        let entered: HashSet<usize> =
            entered.map(|(entry, _)| *entry).chain(plan.objects.keys().copied()).collect();
        for entry in entered.into_iter().filter(|entry| matches.get(*entry).is_some_and(|one| one.is_adopted))
        {
            self.summary.kind(&spool.entries[entry].kind).adopted += 1;
        }
        self.summary.left_out = plan.left_out.iter().map(|(kind, count)| (kind.clone(), *count)).collect();
    }

    /// The guard refuses the plan.
    pub(crate) fn refused(&mut self, refusal: String, verdict: &Verdict) {
        self.summary.weigh(Exit::Guard);
        self.summary.refusal = Some(refusal);
        let approval = guard::shown(&verdict.approval);
        self.output.note("digest", verdict.needed.digest().into());
        self.output.note("approval", approval.as_str().into());
        if !self.summary.dry_run {
            let reasons = verdict.reasons.join("; ");
            let what = format!("refused by the guard, nothing was sent: {reasons}");
            self.summary.error = Some(
                Error::new(Exit::Guard, what)
                    .hint(format!("look at the plan; --approve {approval} lets it pass once")),
            );
        }
    }

    /// An object without a step.
    pub(crate) fn settled(&mut self, known: &Known<'_>, settled: &Settled) -> Result<(), Error> {
        self.settle(known.spool, settled.entry, settled.action, &settled.outcome, None)?;
        if settled.unknown {
            let counts = self.summary.kind(&known.spool.entries[settled.entry].kind);
            counts.skipped -= 1;
            counts.unknown += 1;
        }
        Ok(())
    }

    /// The end of an object.
    pub(crate) fn settle(
        &mut self,
        spool: &Spool,
        index: usize,
        action: Option<Action>,
        outcome: &Outcome,
        took: Option<Duration>,
    ) -> Result<(), Error> {
        let entry = &spool.entries[index];
        self.summary.count(entry, action, outcome);
        if outcome.status == Status::Failed {
            let why = outcome.error.as_deref().unwrap_or("the target did not say why");
            self.failed(&format!("{} {}{}: {why}", entry.kind, entry.key, place(entry)));
        }
        let refused = matches!(outcome.status, Status::Failed | Status::Skipped);
        let reason = outcome.error.as_deref().unwrap_or_default();
        if let Some(rejects) = self.rejects.as_mut().filter(|_| refused && entry.line > 0) {
            rejects.object(entry.line, &spool.object(entry)?, reason).map_err(unkept(REJECTS))?;
        }
        if self.summary.dry_run && outcome.status == Status::Unchanged {
            return Ok(());
        }
        let mut map = named("_result", &entry.kind, &entry.key, action);
        map.insert("status".to_owned(), outcome.status.name().into());
        if let Some(http) = outcome.http {
            map.insert("http".to_owned(), http.into());
        }
        if let Some(took) = took {
            map.insert("ms".to_owned(), Value::from(u64::try_from(took.as_millis()).unwrap_or(u64::MAX)));
        }
        if let Some(error) = &outcome.error {
            map.insert("error".to_owned(), text::mask(error).into());
        }
        if let Some(note) = &outcome.note {
            map.insert("note".to_owned(), text::mask(note).into());
        }
        if let Some(cause) = entry.cause.name() {
            map.insert("cause".to_owned(), cause.into());
        }
        if refused && entry.line > 0 {
            map.insert("line".to_owned(), entry.line.into());
        }
        self.output.line(&map)
    }

    /// A line that is no line of the stream.
    pub(crate) fn bad(&mut self, BadLine { number, bad }: &BadLine) -> Result<(), Error> {
        self.summary.bad_lines += 1;
        self.failed(&format!("line {number}: {}", bad.reason));
        self.summary.weigh(Exit::Look);
        let (kind, key) = bad.about.clone().unwrap_or_default();
        let mut map = named("_result", &kind, &key, None);
        map.insert("status".to_owned(), Status::Failed.name().into());
        map.insert("error".to_owned(), text::mask(&bad.reason).into());
        map.insert("line".to_owned(), (*number).into());
        self.output.line(&map)
    }

    /// A request that a dry run would send.
    pub(crate) fn request(&mut self, entry: &Entry, action: Action, request: Request) -> Result<(), Error> {
        let mut map = named("_request", &entry.kind, &entry.key, Some(action));
        if let Some(cause) = entry.cause.name() {
            map.insert("cause".to_owned(), cause.into());
        }
        map.extend(request.into_map());
        self.output.line(&map)
    }

    /// Count the objects of the target that are not ours, and list them where that is wished.
    pub(crate) fn foreign(&mut self, seen: &Seen, strangers: &[usize], wanted: Foreign) -> Result<(), Error> {
        for held in strangers.iter().map(|index| &seen.objects[*index]) {
            self.summary.kind(held.kind).foreign += 1;
            if wanted != Foreign::Keep {
                self.stranger(held)?;
            }
        }
        Ok(())
    }

    fn stranger(&mut self, held: &Held) -> Result<(), Error> {
        let key = if held.key.is_empty() { held.id() } else { &held.key };
        let mut map = named("_result", held.kind, key, None);
        map.insert("status".to_owned(), "foreign".into());
        map.insert("name".to_owned(), held.name.as_str().into());
        if let Some(why) = &held.protected {
            map.insert("protected".to_owned(), why.as_str().into());
        }
        self.output.line(&map)
    }

    /// Keep the first failure for the summary.
    fn failed(&mut self, what: &str) {
        self.summary.first_failure.get_or_insert_with(|| text::one_line(&text::mask(what)));
    }

    /// End both streams.
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        let unreadable = std::iter::once(("unreadable", self.summary.bad_lines));
        let counts = self.summary.totals().into_iter().chain(unreadable);
        let counts = counts.map(|(name, count)| (name.to_owned(), count.into()));
        self.output.note("counts", Value::Object(counts.collect()));
        self.output.end(self.summary.error.as_ref().map(ToString::to_string))?;
        self.rejects.as_mut().map_or(Ok(()), Rejects::end).map_err(unkept(REJECTS))
    }
}

/// Where an object's line stands.
fn place(entry: &Entry) -> String {
    match entry.line {
        0 => String::new(),
        line => format!(" (line {line})"),
    }
}

fn named(what: &str, kind: &str, key: &str, action: Option<Action>) -> Map {
    let text = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    let mut map = Map::new();
    map.insert("_kind".to_owned(), what.into());
    map.insert("of".to_owned(), text(kind));
    map.insert("_key".to_owned(), text(key));
    map.insert("op".to_owned(), action.map_or(Value::Null, |action| action.name().into()));
    map
}
