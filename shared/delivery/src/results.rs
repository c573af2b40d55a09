//! What a run says about each line: results on standard output, refused lines in the rejects file.

use crate::spool::{BadLine, Entry, Spool};
use crate::{Action, Held, Outcome, Request, Status, Summary};
use muster_base::{Error, Exit, text};
use muster_stream::{Map, Rejects, Value, Writer};
use std::time::Duration;

/// Writes results and rejects, and counts.
pub(crate) struct Results<'a> {
    pub(crate) output: &'a mut Writer,
    pub(crate) rejects: Option<Rejects>,
    pub(crate) summary: Summary,
}

impl Results<'_> {
    /// The end of an entry's line.
    pub(crate) fn settle(
        &mut self,
        spool: &Spool,
        entry: &Entry,
        action: Option<Action>,
        outcome: &Outcome,
        took: Option<Duration>,
    ) -> Result<(), Error> {
        self.summary.count(&entry.kind, action, outcome);
        if outcome.status == Status::Failed {
            let why = outcome.error.as_deref().unwrap_or("the target did not say why");
            self.failed(&format!("{} {} (line {}): {why}", entry.kind, entry.key, entry.line));
        }
        let refused = matches!(outcome.status, Status::Failed | Status::Skipped);
        let reason = outcome.error.as_deref().unwrap_or_default();
        if let Some(rejects) = self.rejects.as_mut().filter(|_| refused) {
            rejects.object(entry.line, &spool.object(entry)?, reason)?;
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
        if refused {
            map.insert("line".to_owned(), entry.line.into());
        }
        self.line(&map)
    }

    /// An entry's line that says nothing sure about its object.
    pub(crate) fn unknown(&mut self, spool: &Spool, entry: &Entry, outcome: &Outcome) -> Result<(), Error> {
        self.settle(spool, entry, None, outcome, None)?;
        let counts = self.summary.kind(&entry.kind);
        counts.skipped -= 1;
        counts.unknown += 1;
        Ok(())
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
        self.line(&map)
    }

    /// A request that a dry run would send.
    pub(crate) fn request(&mut self, entry: &Entry, action: Action, request: Request) -> Result<(), Error> {
        let mut map = named("_request", &entry.kind, &entry.key, Some(action));
        map.extend(request.into_map());
        self.line(&map)
    }

    /// An object of the target that is not ours.
    pub(crate) fn foreign(&mut self, listed: &Held) -> Result<(), Error> {
        self.summary.kind(listed.kind).foreign += 1;
        let mut map = named("_result", listed.kind, &listed.key, None);
        map.insert("status".to_owned(), "foreign".into());
        map.insert("name".to_owned(), listed.name.as_str().into());
        self.line(&map)
    }

    /// Keep the first failure for the summary.
    fn failed(&mut self, what: &str) {
        self.summary.first_failure.get_or_insert_with(|| text::one_line(&text::mask(what)));
    }

    /// End both streams.
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        let counts = self.summary.totals().into_iter().map(|(name, count)| (name.to_owned(), count.into()));
        self.output.note("counts", Value::Object(counts.collect()));
        self.output.end(self.summary.error.as_ref().map(ToString::to_string))?;
        self.rejects.as_mut().map_or(Ok(()), Rejects::end)
    }

    fn line(&mut self, map: &Map) -> Result<(), Error> {
        let kind = map.get("_kind").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut bytes = serde_json::to_vec(map).map_err(|error| Error::new(Exit::Bug, error.to_string()))?;
        bytes.push(b'\n');
        self.output.write_bytes(&kind, &bytes)
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
