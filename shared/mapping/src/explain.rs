//! `map --explain`: instead of records, how each of them comes about; the lines of a stream one after the other.

use crate::engine::Engine;
use crate::spec::Spec;
use crate::tracer::Tracer;
use crate::{explain_json, explain_text};
use muster_base::{Error, Exit};
use muster_stream::{Change, End, Line, Lines, Op, RawLine, Record, Unreadable};
use std::io::{BufRead, Write};

/// For whom it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text for people: long values are cut.
    Text,
    /// One JSON object for each line of the input: values are whole.
    Json,
}

/// One line of the input, and what came of it.
pub(crate) struct Told<'a> {
    pub(crate) number: u64,
    pub(crate) kind: &'a str,
    pub(crate) key: &'a str,
    pub(crate) what: What<'a>,
}

/// What a line is.
pub(crate) enum What<'a> {
    /// A record, or what a change says that it is to be.
    Record(crate::trace::Trace<'a>),
    /// No map takes its kind.
    Unmapped,
    /// A change that goes on for each of these kinds.
    Operation(Op, Vec<&'static str>),
    /// It goes on as it is.
    Unreadable(&'a Unreadable),
    End(&'a End),
    Bad(&'a str),
}

/// Tell of each line of `input`, or of the records of these kinds and keys alone, how it is mapped. Gives the kinds and keys
/// that did not come. Fails when input or output cannot be read or written.
pub fn explain(
    spec: &Spec,
    engine: &Engine,
    input: impl BufRead,
    output: &mut impl Write,
    form: Form,
    only: &[(String, String)],
) -> Result<Vec<(String, String)>, Error> {
    let tracer = Tracer { spec: spec.text(), maps: engine.maps(), wanted: engine.wanted(), apart: false };
    let mut missing = only.to_vec();
    let mut lines = Lines::new(input);
    let read = |error| Error::new(Exit::Io, format!("cannot read: {error}"));
    while let Some(raw) = lines.next_line().map_err(read)? {
        line(&raw, engine, &tracer, |told| {
            let wanted = |(kind, key): &(String, String)| kind == told.kind && key == told.key;
            if !only.is_empty() && !only.iter().any(wanted) {
                return Ok(());
            }
            missing.retain(|name| !wanted(name));
            match form {
                Form::Text => explain_text::write(&told, output),
                Form::Json => explain_json::write(&told, output),
            }
        })?;
    }
    output.flush()?;
    Ok(missing)
}

fn line(
    raw: &RawLine,
    engine: &Engine,
    tracer: &Tracer<'_>,
    tell: impl FnOnce(Told<'_>) -> std::io::Result<()>,
) -> Result<(), Error> {
    let number = raw.number;
    let plain = |what| Told { number, kind: "", key: "", what };
    if raw.too_long {
        return Ok(tell(plain(What::Bad("the line is too long")))?);
    }
    match Line::parse(&raw.bytes) {
        Ok(Line::Record(record)) => {
            let what = of_record(&record, engine, tracer);
            tell(Told { number, kind: record.kind(), key: record.key(), what })?;
        }
        Ok(Line::Change(change)) => {
            let what = of_change(&change, engine, tracer);
            tell(Told { number, kind: change.kind(), key: change.key(), what })?;
        }
        Ok(Line::Unreadable(error)) => {
            let (kind, key) = (error.of().unwrap_or_default(), error.key().unwrap_or_default());
            tell(Told { number, kind, key, what: What::Unreadable(&error) })?;
        }
        Ok(Line::End(end)) => tell(plain(What::End(&end)))?,
        Err(bad) => {
            let (kind, key) = bad.about.as_ref().map_or(("", ""), |(kind, key)| (kind, key));
            tell(Told { number, kind, key, what: What::Bad(&bad.reason) })?;
        }
    }
    Ok(())
}

fn of_record<'s>(record: &Record, engine: &Engine, tracer: &Tracer<'s>) -> What<'s> {
    if engine.targets(record.kind()).is_empty() {
        return What::Unmapped;
    }
    What::Record(tracer.map(record))
}

fn of_change<'s>(change: &Change, engine: &Engine, tracer: &Tracer<'s>) -> What<'s> {
    let targets = engine.targets(change.kind());
    match (change.op, change.after()) {
        (Op::Create | Op::Update, Some(after)) => of_record(&after, engine, tracer),
        _ if targets.is_empty() => What::Unmapped,
        (op, _) => What::Operation(op, targets.iter().map(|(kind, _)| *kind).collect()),
    }
}
