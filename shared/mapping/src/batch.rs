//! A handful of lines, mapped by one thread while others map the next ones.

use crate::deletes;
use crate::engine::{Engine, Mapped, Verdict};
use muster_base::{Error, Exit};
use muster_stream::{Bad, Change, End, Line, Lines, Map, Op, RawLine, Unreadable};
use std::io::BufRead;

/// Lines and bytes that make a batch.
const LINES: usize = 256;
const BYTES: usize = 256 << 10;

/// One input line, done with.
pub(crate) struct Done {
    pub(crate) number: u64,
    pub(crate) what: What,
}

/// What an input line was and what became of it.
pub(crate) enum What {
    /// A record or change of this kind and key.
    Object { kind: String, key: String, mapped: Mapped },
    /// An object that could not be read further up.
    Unreadable(Unreadable),
    /// An end, and whether it had its `\n`.
    End(Box<End>, bool),
    /// A line that is not what a line must be, and its bytes.
    Bad(Bad, Vec<u8>),
}

/// The next lines; none at the end of the input.
pub(crate) fn read(lines: &mut Lines<impl BufRead>) -> Result<Vec<RawLine>, Error> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < LINES && bytes < BYTES {
        let line =
            lines.next_line().map_err(|error| Error::new(Exit::Io, format!("cannot read: {error}")))?;
        let Some(line) = line else { break };
        bytes += line.bytes.len();
        batch.push(line);
    }
    Ok(batch)
}

/// All lines of a batch mapped.
pub(crate) fn map(engine: &Engine, batch: Vec<RawLine>) -> Result<Vec<Done>, Error> {
    batch.into_iter().map(|raw| Ok(Done { number: raw.number, what: one(engine, raw)? })).collect()
}

fn one(engine: &Engine, raw: RawLine) -> Result<What, Error> {
    if raw.too_long {
        let reason = format!("the line is longer than {} MiB", muster_stream::MAX_LINE >> 20);
        return Ok(What::Bad(Bad { reason, about: None }, raw.bytes));
    }
    Ok(match Line::parse(&raw.bytes) {
        Ok(Line::Record(record)) => {
            let (kind, key) = (record.kind().to_owned(), record.key().to_owned());
            What::Object { kind, key, mapped: engine.map(record)? }
        }
        Ok(Line::Change(change)) => changed(engine, change)?,
        Ok(Line::Unreadable(error)) => What::Unreadable(error),
        Ok(Line::End(end)) => What::End(Box::new(end), raw.ended),
        Err(bad) => What::Bad(bad, raw.bytes),
    })
}

/// A create or update goes on as the records that its `after` gives: an upsert says all that is to be, and the target
/// knows itself whether it has the object. Any other operation goes on for every kind that the object may have become.
fn changed(engine: &Engine, change: Change) -> Result<What, Error> {
    let (kind, key) = (change.kind().to_owned(), change.key().to_owned());
    let mapped = match (change.op, change.after()) {
        (Op::Create | Op::Update, Some(after)) => {
            let mapped = engine.map(after)?;
            Mapped { rejected: mapped.rejected.map(|_| change.map), ..mapped }
        }
        (op, _) => operation(engine, op, &kind, &key, &change.map),
    };
    Ok(What::Object { kind, key, mapped })
}

fn operation(engine: &Engine, op: Op, kind: &str, key: &str, change: &Map) -> Mapped {
    let targets = engine.targets(kind);
    let verdict = if targets.is_empty() { Verdict::Unmapped } else { Verdict::Done };
    // The objects of a source that is mapped by key are named; a line that names its own source keeps doing so.
    let named = |keeps_key: bool| keeps_key && !change.contains_key("_from");
    let lines =
        targets.iter().map(|(to, keeps)| (*to, deletes::line(op, to, named(*keeps), kind, key))).collect();
    Mapped { verdict, lines, absent: Vec::new(), rejected: None }
}
