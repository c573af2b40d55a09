//! The whole input on disk, before the first request: an unlinked file of the lines, and a small index in memory.

use muster_base::{Error, Exit};
use muster_stream::{Bad, Change, Item, Line, Map, Op, Reader, Record, Rejects, Segment, Unreadable, Whole};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// A record or change line.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) kind: String,
    /// The key as the target writes it, or as it came when it can be none.
    pub(crate) key: String,
    /// The number of its line.
    pub(crate) line: u64,
    /// Its change; none for a record.
    pub(crate) op: Option<Op>,
    /// Why it is not to be pushed, if that is known from reading alone.
    pub(crate) flaw: Option<Flaw>,
    offset: u64,
    length: usize,
}

/// Why a line is not to be pushed.
#[derive(Clone, Debug)]
pub(crate) enum Flaw {
    /// It is wrong.
    Wrong(String),
    /// Nobody knows what its object shall be.
    Unknown(String),
}

/// A line that is no line of the stream.
pub(crate) struct BadLine {
    pub(crate) number: u64,
    pub(crate) bad: Bad,
}

/// The input as it was read.
pub(crate) struct Spool {
    pub(crate) entries: Vec<Entry>,
    pub(crate) bad_lines: Vec<BadLine>,
    /// Kind and key of objects that could not be read, as the stream names them.
    pub(crate) unknown: HashSet<(String, String)>,
    /// `_error` lines of objects without a name.
    pub(crate) nameless: u64,
    segments: Vec<Segment>,
    by_name: HashMap<(String, String), usize>,
    file: File,
}

/// How a key of a kind is written by the target, or why it can be none.
pub(crate) type Keys<'a> = &'a dyn Fn(&str, &str) -> Result<String, String>;

impl Spool {
    /// Read all of `reader` into a file without a name in `directory`. Lines that are no lines go to `rejects`.
    pub(crate) fn read(
        reader: Reader<impl BufRead>,
        directory: &Path,
        keys: Keys<'_>,
        rejects: &mut Option<Rejects>,
    ) -> Result<Self, Error> {
        let file = tempfile::tempfile_in(directory).map_err(|error| {
            Error::new(Exit::Io, format!("cannot write in '{}': {error}", directory.display()))
                .hint("give another directory with --spool-dir")
        })?;
        let mut filling =
            Filling { spool: Self::new(file.try_clone()?), offset: 0, output: BufWriter::new(file), keys };
        filling.fill(reader, rejects)?;
        let Filling { mut spool, mut output, .. } = filling;
        output.flush().map_err(full)?;
        spool.mark_unknown()?;
        Ok(spool)
    }

    fn new(file: File) -> Self {
        Self {
            entries: Vec::new(),
            bad_lines: Vec::new(),
            unknown: HashSet::new(),
            nameless: 0,
            segments: Vec::new(),
            by_name: HashMap::new(),
            file,
        }
    }

    /// Why the input is less than its scopes; nothing when every segment is whole.
    pub(crate) fn shortfall(&self) -> Option<&str> {
        self.segments.iter().find_map(|segment| match &segment.whole {
            Whole::Yes => None,
            Whole::No(why) => Some(why.as_str()),
        })
    }

    /// The bytes of an entry's line.
    pub(crate) fn bytes(&self, entry: &Entry) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; entry.length];
        self.file
            .read_exact_at(&mut bytes, entry.offset)
            .map_err(|error| Error::new(Exit::Io, format!("cannot read the spooled input: {error}")))?;
        Ok(bytes)
    }

    /// The line of an entry.
    pub(crate) fn line(&self, entry: &Entry) -> Result<Line, Error> {
        Line::parse(&self.bytes(entry)?)
            .map_err(|bad| Error::new(Exit::Bug, format!("the spooled line changed: {}", bad.reason)))
    }

    /// The whole object of an entry's line.
    pub(crate) fn object(&self, entry: &Entry) -> Result<Map, Error> {
        Ok(match self.line(entry)? {
            Line::Record(record) => record.into_map(),
            Line::Change(change) => change.map,
            Line::Unreadable(error) => error.0,
            Line::End(_) => Map::new(),
        })
    }

    /// The record that an entry wants; for a removal the one that was before, if the line tells it.
    pub(crate) fn record(&self, entry: &Entry) -> Result<Option<Record>, Error> {
        Ok(match self.line(entry)? {
            Line::Record(record) => Some(record),
            Line::Change(change) if matches!(change.op, Op::Create | Op::Update) => change.after(),
            Line::Change(change) => before(&change),
            _ => None,
        })
    }

    /// The entry of this name.
    pub(crate) fn find(&self, kind: &str, key: &str) -> Option<usize> {
        self.by_name.get(&(kind.to_owned(), key.to_owned())).copied()
    }

    /// Mark what an `_error` or a bad line makes unknown, by the object's own name or by the name of its source.
    fn mark_unknown(&mut self) -> Result<(), Error> {
        if self.unknown.is_empty() {
            return Ok(());
        }
        for index in 0..self.entries.len() {
            let entry = &self.entries[index];
            let from = match self.line(entry)? {
                Line::Record(record) => owned(record.from()),
                Line::Change(change) => change.after().and_then(|after| owned(after.from())),
                _ => None,
            };
            let own = (entry.kind.clone(), entry.key.clone());
            if self.unknown.contains(&own) || from.is_some_and(|from| self.unknown.contains(&from)) {
                let why = "the input says that this object could not be read".to_owned();
                self.entries[index].flaw.get_or_insert(Flaw::Unknown(why));
            }
        }
        Ok(())
    }
}

fn owned(name: Option<(&str, &str)>) -> Option<(String, String)> {
    name.map(|(kind, key)| (kind.to_owned(), key.to_owned()))
}

fn before(change: &Change) -> Option<Record> {
    let before = change.map.get("before")?.as_object()?.clone();
    Some(Record::new(change.kind(), change.key(), before))
}

/// The spool while it is written.
struct Filling<'a> {
    spool: Spool,
    offset: u64,
    output: BufWriter<File>,
    keys: Keys<'a>,
}

impl Filling<'_> {
    fn fill(&mut self, mut reader: Reader<impl BufRead>, rejects: &mut Option<Rejects>) -> Result<(), Error> {
        while let Some(item) = reader.next_item()? {
            let number = reader.number();
            match item {
                Item::Line(Line::Record(record)) => {
                    self.keep(record.kind(), record.key(), None, number, reader.raw())?;
                }
                Item::Line(Line::Change(change)) => {
                    self.keep(change.kind(), change.key(), Some(change.op), number, reader.raw())?;
                }
                Item::Line(Line::Unreadable(error)) => self.unreadable(&error),
                Item::Line(Line::End(_)) => (),
                Item::Bad(bad) => {
                    if let Some(rejects) = rejects {
                        rejects.text(number, reader.raw(), &bad.reason)?;
                    }
                    self.bad(number, bad);
                }
                Item::Segment(segment) => self.spool.segments.push(segment),
            }
        }
        Ok(())
    }

    fn keep(&mut self, kind: &str, key: &str, op: Option<Op>, line: u64, raw: &[u8]) -> Result<(), Error> {
        self.output.write_all(raw).map_err(full)?;
        let (key, flaw) = match (self.keys)(kind, key) {
            Ok(key) => (key, None),
            Err(why) => (key.to_owned(), Some(Flaw::Wrong(why))),
        };
        let (offset, index) = (self.offset, self.spool.entries.len());
        self.offset += raw.len() as u64;
        let mut entry = Entry { kind: kind.to_owned(), key, line, op, flaw, offset, length: raw.len() };
        match self.spool.by_name.get(&(entry.kind.clone(), entry.key.clone())) {
            None => {
                self.spool.by_name.insert((entry.kind.clone(), entry.key.clone()), index);
            }
            Some(first) => {
                let first = &mut self.spool.entries[*first];
                entry.flaw = Some(Flaw::Unknown(format!("the key stands also in line {}", first.line)));
                if !matches!(first.flaw, Some(Flaw::Unknown(_))) {
                    first.flaw = Some(Flaw::Unknown(format!("the key stands also in line {line}")));
                }
            }
        }
        self.spool.entries.push(entry);
        Ok(())
    }

    fn unreadable(&mut self, error: &Unreadable) {
        match (error.of(), error.key()) {
            (Some(of), Some(key)) => self.unknown(of, key),
            _ => self.spool.nameless += 1,
        }
    }

    fn bad(&mut self, number: u64, bad: Bad) {
        if let Some((kind, key)) = &bad.about {
            self.unknown(kind, key);
        }
        self.spool.bad_lines.push(BadLine { number, bad });
    }

    fn unknown(&mut self, kind: &str, key: &str) {
        let key = (self.keys)(kind, key).unwrap_or_else(|_| key.to_owned());
        self.spool.unknown.insert((kind.to_owned(), key));
    }
}

fn full(error: std::io::Error) -> Error {
    Error::new(Exit::Io, format!("cannot spool the input: {error}"))
        .hint("give a directory with room with --spool-dir")
}
