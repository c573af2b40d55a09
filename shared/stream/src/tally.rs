//! Segments judged: what was counted against what the `_end` claims.
//!
//! A segment is the lines up to an `_end`. It is whole only when its `_end` is there with its line end, says that the
//! read was complete and names exactly what was counted, and no line of it was unreadable without naming its object.

use crate::{Bad, End, Form, Line};
use muster_base::{Error, Exit};
use std::collections::BTreeMap;

/// Whether a segment is all of its scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whole {
    /// It is.
    Yes,
    /// It is not, and why.
    No(String),
}

/// A judged segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Its end line; none when the stream stopped before it.
    pub end: Option<End>,
    /// Whether it is all of its scope.
    pub whole: Whole,
    /// The number of its last line.
    pub last_line: u64,
}

impl Segment {
    /// The scope that was read whole, if it was.
    pub fn whole_scope(&self) -> Option<&str> {
        let end = self.end.as_ref()?;
        (self.whole == Whole::Yes).then_some(end.scope.as_str())
    }
}

/// Counts the lines of the segment at hand and judges it at its end.
#[derive(Default)]
pub struct Tally {
    lines: u64,
    records: u64,
    errors: u64,
    by_kind: BTreeMap<String, u64>,
    flaw: Option<String>,
    last_line: u64,
    form: Option<Form>,
    segments: u64,
}

impl Tally {
    /// Count a line that is no end.
    pub fn count(&mut self, number: u64, line: &Line) {
        self.step(number);
        match line {
            Line::Record(record) => self.count_kind(record.kind()),
            Line::Change(change) => self.count_kind(change.kind()),
            Line::Unreadable(error) => {
                self.errors += 1;
                if error.of().is_none() || error.key().is_none() {
                    self.flaw(format!(
                        "line {number} tells of an object without a name that could not be read"
                    ));
                }
            }
            Line::End(_) => (),
        }
    }

    /// Count a line that is bad data.
    pub fn count_bad(&mut self, number: u64, bad: &Bad) {
        self.step(number);
        match &bad.about {
            Some((kind, _)) => self.count_kind(kind),
            None => self.flaw(format!("line {number} cannot be read: {}", bad.reason)),
        }
    }

    /// Count the record or change of `kind` on line `number`, where the line itself is no longer at hand.
    pub fn count_object(&mut self, number: u64, kind: &str) {
        self.count_objects(number, kind, 1);
    }

    /// Count so many records and changes of `kind`, on lines up to `number`.
    pub fn count_objects(&mut self, number: u64, kind: &str, count: u64) {
        self.lines += count;
        self.last_line = number;
        self.add_kind(kind, count);
    }

    /// Count a record of `kind`.
    pub fn count_kind(&mut self, kind: &str) {
        self.add_kind(kind, 1);
    }

    fn add_kind(&mut self, kind: &str, added: u64) {
        self.records += added;
        match self.by_kind.get_mut(kind) {
            Some(count) => *count += added,
            None => {
                self.by_kind.insert(kind.to_owned(), added);
            }
        }
    }

    fn step(&mut self, number: u64) {
        self.lines += 1;
        self.last_line = number;
    }

    fn flaw(&mut self, flaw: String) {
        self.flaw.get_or_insert(flaw);
    }

    /// Judge the segment that `end` closes, and begin the next. `ended` says whether the line had its `\n`.
    ///
    /// Segments of both forms in one stream are bad data.
    pub fn close(&mut self, number: u64, end: End, ended: bool) -> Result<Segment, Error> {
        if self.form.is_some_and(|form| form != end.form) {
            return Err(Error::new(
                Exit::Data,
                "the stream holds segments of both forms, 'state' and 'changes'",
            )
            .at(format!("line {number}")));
        }
        self.form = Some(end.form);
        let whole = match self.doubt(&end, ended) {
            Some(why) => Whole::No(why),
            None => Whole::Yes,
        };
        self.begin();
        Ok(Segment { end: Some(end), whole, last_line: number })
    }

    fn doubt(&self, end: &End, ended: bool) -> Option<String> {
        if !ended {
            return Some("the last line is cut".to_owned());
        }
        if let Some(flaw) = &self.flaw {
            return Some(flaw.clone());
        }
        if !end.complete {
            let why = end.error.as_deref().unwrap_or("it does not say why");
            return Some(format!("{} did not read everything: {why}", source(&end.from)));
        }
        if end.records != self.records || end.errors != self.errors || end.by_kind != self.by_kind {
            return Some(format!(
                "the _end tells of {} records and {} errors, here are {} and {}",
                end.records, end.errors, self.records, self.errors
            ));
        }
        None
    }

    fn begin(&mut self) {
        let (form, segments) = (self.form, self.segments + 1);
        *self = Self { form, segments, ..Self::default() };
    }

    /// Judge what the stream ended with: nothing when it ended behind an `_end`, else a partial segment.
    ///
    /// `assume_complete` stands in for a missing `_end`, never for an unreadable line or an `_error`.
    pub fn finish(&mut self, assume_complete: bool) -> Option<Segment> {
        if self.lines == 0 && self.segments > 0 {
            return None;
        }
        let whole = match &self.flaw {
            _ if self.lines == 0 => Whole::No("the input is empty".to_owned()),
            Some(flaw) => Whole::No(flaw.clone()),
            None if self.errors > 0 => {
                Whole::No("objects could not be read and the _end is missing".to_owned())
            }
            None if assume_complete => Whole::Yes,
            None => Whole::No("the _end is missing: the read was cut off".to_owned()),
        };
        Some(Segment { end: None, whole, last_line: self.last_line })
    }

    /// What absence means in this stream, as far as it was said.
    pub fn form(&self) -> Form {
        self.form.unwrap_or(Form::State)
    }
}

fn source(from: &str) -> &str {
    if from.is_empty() { "the source" } else { from }
}
