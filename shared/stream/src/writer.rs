//! The writing side: records counted, and an end that tells the truth about them.

use crate::{End, Form, Map, Record, Value};
use muster_base::{Error, Exit};
use std::collections::BTreeMap;
use std::io::Write;

/// Writes a stream. Whoever drops it without [`Writer::end`] leaves a partial segment behind, as it should be.
pub struct Writer {
    output: Box<dyn Write + Send>,
    from: String,
    form: Form,
    scope: String,
    shortfall: Option<String>,
    other: Map,
    records: u64,
    errors: u64,
    by_kind: BTreeMap<String, u64>,
    started: String,
    in_segment: bool,
    all_errors: u64,
}

impl Writer {
    /// Write to `output`, in the name of `from` (command and version).
    pub fn new(output: Box<dyn Write + Send>, from: &str) -> Self {
        Self {
            output,
            from: from.to_owned(),
            form: Form::State,
            scope: String::new(),
            shortfall: None,
            other: Map::new(),
            records: 0,
            errors: 0,
            by_kind: BTreeMap::new(),
            started: now(),
            in_segment: true,
            all_errors: 0,
        }
    }

    /// Say which population the segment at hand holds: settings as written, without credentials and times.
    pub fn scope(&mut self, scope: impl Into<String>) {
        self.scope = scope.into();
        self.in_segment = true;
    }

    /// Say what absence means; `state` when nothing is said.
    pub fn form(&mut self, form: Form) {
        self.form = form;
    }

    /// Say who made the lines, when that is more than this command.
    pub fn from(&mut self, from: impl Into<String>) {
        self.from = from.into();
    }

    /// Say why the segment at hand is less than its scope: it will end with `complete:false`.
    pub fn narrowed(&mut self, why: impl Into<String>) {
        self.shortfall.get_or_insert(why.into());
    }

    /// Put one more member into the `_end` of the segment at hand.
    pub fn note(&mut self, name: &str, value: Value) {
        self.other.insert(name.to_owned(), value);
    }

    /// Write a record.
    pub fn write(&mut self, record: &Record) -> Result<(), Error> {
        self.count(record.kind());
        self.line(record.map())
    }

    /// Write a line that was serialised elsewhere: `bytes` end with `\n` and hold one record or change of `kind`.
    pub fn write_bytes(&mut self, kind: &str, bytes: &[u8]) -> Result<(), Error> {
        self.count(kind);
        self.bytes(bytes)
    }

    /// Write lines that were serialised elsewhere, each with its `\n`: so many records and changes of each kind.
    pub fn write_lines(&mut self, counts: &[(String, u64)], bytes: &[u8]) -> Result<(), Error> {
        for (kind, count) in counts {
            self.count_more(kind, *count);
        }
        self.in_segment |= !bytes.is_empty();
        self.bytes(bytes)
    }

    /// Write that the object `key` of kind `of` could not be read.
    pub fn unreadable(&mut self, of: &str, key: &str, message: &str) -> Result<(), Error> {
        let mut map = Map::new();
        map.insert("_kind".to_owned(), "_error".into());
        map.insert("of".to_owned(), of.into());
        map.insert("_key".to_owned(), key.into());
        map.insert("message".to_owned(), message.into());
        self.error_line(&map)
    }

    /// Write an `_error` line as it came.
    pub fn error_line(&mut self, map: &Map) -> Result<(), Error> {
        self.errors += 1;
        self.all_errors += 1;
        self.in_segment = true;
        self.line(map)
    }

    /// End the segment at hand. It is complete unless it was narrowed or `failure` says why it is not.
    pub fn end(&mut self, failure: Option<String>) -> Result<(), Error> {
        let error = failure.or_else(|| self.shortfall.take());
        let end = End {
            form: self.form,
            from: self.from.clone(),
            scope: self.scope.clone(),
            complete: error.is_none(),
            error,
            records: std::mem::take(&mut self.records),
            errors: std::mem::take(&mut self.errors),
            by_kind: std::mem::take(&mut self.by_kind),
            started: std::mem::replace(&mut self.started, now()),
            ended: now(),
            other: std::mem::take(&mut self.other),
        };
        self.in_segment = false;
        self.line(&end.write())?;
        self.flush()
    }

    /// Hand on what is buffered, for whoever reads along.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.output.flush().map_err(unwritable)
    }

    /// Whether there is a segment that still wants its end.
    pub fn in_segment(&self) -> bool {
        self.in_segment
    }

    /// Records written in the segment at hand.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// `_error` lines written in all segments.
    pub fn errors_so_far(&self) -> u64 {
        self.all_errors
    }

    fn count(&mut self, kind: &str) {
        self.in_segment = true;
        self.count_more(kind, 1);
    }

    fn count_more(&mut self, kind: &str, added: u64) {
        self.records += added;
        match self.by_kind.get_mut(kind) {
            Some(count) => *count += added,
            None => {
                self.by_kind.insert(kind.to_owned(), added);
            }
        }
    }

    fn line(&mut self, map: &Map) -> Result<(), Error> {
        let mut bytes = serde_json::to_vec(map).map_err(|error| Error::new(Exit::Bug, error.to_string()))?;
        bytes.push(b'\n');
        self.bytes(&bytes)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.output.write_all(bytes).map_err(unwritable)
    }
}

/// What it means that output could not be written: nothing when its reader went away.
pub fn unwritable(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe => Error::closed_pipe(),
        _ => Error::new(Exit::Io, format!("cannot write the output: {error}")),
    }
}

/// Now, RFC 3339 in UTC, in whole seconds.
fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}
