//! The whole input on disk, before the first request: an unlinked file of the lines, and a small index in memory.

use muster_base::{Error, Exit};
use muster_stream::{
    Bad, Change, Form, Item, Line, Map, Op, Reader, Record, Rejects, Segment, Unreadable, Value, Whole,
};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// An object of this run: a record or change line, or one that no line names and that is taken away.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) kind: String,
    /// The key as the target writes it, or as it came when it can be none.
    pub(crate) key: String,
    /// The number of its line; 0 where there is none.
    pub(crate) line: u64,
    /// Its change; none for a record.
    pub(crate) op: Option<Op>,
    /// Why it is not to be pushed, if that is known from reading alone.
    pub(crate) flaw: Option<Flaw>,
    /// Why it is here.
    pub(crate) cause: Cause,
    /// Kind and key of its source, if the line tells.
    pub(crate) from: Option<(String, String)>,
    /// Its other names.
    pub(crate) aliases: Vec<String>,
    /// The segment that it stands in, by its index.
    pub(crate) segment: usize,
    offset: u64,
    length: usize,
}

#[cfg(test)]
impl Entry {
    /// A line about an object of `kind`.
    pub(crate) fn named(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            key: "1".to_owned(),
            line: 1,
            op: None,
            flaw: None,
            cause: Cause::Line,
            from: None,
            aliases: Vec::new(),
            segment: 0,
            offset: 0,
            length: 0,
        }
    }
}

impl Entry {
    /// Whether it takes away all that came of its source, and has the source's key.
    pub(crate) fn names_source(&self) -> bool {
        self.cause == Cause::Whole && self.op == Some(Op::Delete)
    }
}

/// Why an object is part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A line names it.
    Line,
    /// A line names it as all that came of its source: what else came of that is taken away.
    Whole,
    /// It is ours and missing.
    Missing,
    /// It is ours, and lines that came of its source do not name it any more.
    Replaced,
    /// It is not ours.
    Foreign,
}

impl Cause {
    /// Its name in results; none for a line.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Line | Self::Whole => None,
            Self::Missing => Some("missing"),
            Self::Replaced => Some("replaced"),
            Self::Foreign => Some("foreign"),
        }
    }
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
    unknown_keys: HashSet<String>,
    /// `_error` lines of objects without a name.
    pub(crate) nameless: u64,
    /// Judged segments.
    pub(crate) segments: Vec<Segment>,
    /// What absence means.
    pub(crate) form: Form,
    by_alias: HashMap<(String, String), usize>,
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
        spool.mark_unknown();
        Ok(spool)
    }

    fn new(file: File) -> Self {
        Self {
            entries: Vec::new(),
            bad_lines: Vec::new(),
            unknown: HashSet::new(),
            unknown_keys: HashSet::new(),
            nameless: 0,
            segments: Vec::new(),
            form: Form::State,
            by_alias: HashMap::new(),
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

    /// Take up an object that no line names.
    pub(crate) fn add(&mut self, kind: &str, key: &str, op: Op, cause: Cause) -> usize {
        let index = self.entries.len();
        self.entries.push(Entry {
            kind: kind.to_owned(),
            key: key.to_owned(),
            line: 0,
            op: Some(op),
            flaw: None,
            cause,
            from: None,
            aliases: Vec::new(),
            segment: 0,
            offset: 0,
            length: 0,
        });
        self.by_name.insert((kind.to_owned(), key.to_owned()), index);
        index
    }

    /// Whether an object of this name, or what it came of, could not be read.
    pub(crate) fn is_unknown(&self, kind: &str, key: &str, from: Option<&(String, String)>) -> bool {
        if self.unknown.is_empty() {
            return false;
        }
        let own = (kind.to_owned(), key.to_owned());
        match from {
            Some(from) => self.unknown.contains(&own) || self.unknown.contains(from),
            // Nothing says what it came of: of an object of any kind with its key.
            None => self.unknown_keys.contains(key),
        }
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
        if entry.line == 0 {
            return Ok(Map::new());
        }
        Ok(match self.line(entry)? {
            Line::Record(record) => record.into_map(),
            Line::Change(change) => change.map,
            Line::Unreadable(error) => error.0,
            Line::End(_) => Map::new(),
        })
    }

    /// The record that an entry wants; for a removal the one that was before, if the line tells it.
    pub(crate) fn record(&self, entry: &Entry) -> Result<Option<Record>, Error> {
        if entry.line == 0 {
            return Ok(None);
        }
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

    /// The entry that has this other name.
    pub(crate) fn find_alias(&self, kind: &str, alias: &str) -> Option<usize> {
        match self.by_alias.is_empty() {
            true => None,
            false => self.by_alias.get(&(kind.to_owned(), alias.to_owned())).copied(),
        }
    }

    /// Mark what an `_error` or a bad line makes unknown, by the object's own name or by the name of its source.
    fn mark_unknown(&mut self) {
        if self.unknown.is_empty() {
            return;
        }
        for index in 0..self.entries.len() {
            let entry = &self.entries[index];
            let own = (entry.kind.clone(), entry.key.clone());
            let is_unknown = |name| self.unknown.contains(name);
            if is_unknown(&own) || entry.from.as_ref().is_some_and(is_unknown) {
                let why = "the input says that this object could not be read".to_owned();
                self.entries[index].flaw.get_or_insert(Flaw::Unknown(why));
            }
        }
    }
}

/// What a line says about itself beside its name.
struct Told {
    op: Option<Op>,
    from: Option<(String, String)>,
    aliases: Vec<String>,
    is_whole: bool,
}

impl Told {
    /// A record of a `changes` stream is all that came of its source, unless it was picked out: as a reject was. So is a
    /// delete that `map` makes, which does not know the object as it was.
    fn by(map: &Map, op: Option<Op>) -> Self {
        let texts = |name: &str| -> Vec<String> {
            let all = map.get(name).and_then(Value::as_array).into_iter().flatten();
            all.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let from = <[String; 2]>::try_from(texts("_from")).ok().map(|[kind, key]| (kind, key));
        let is_picked = match op {
            None => map.contains_key("_reject"),
            Some(Op::Delete) => map.contains_key("before") || map.contains_key("_reject"),
            Some(_) => true,
        };
        Self { op, is_whole: from.is_some() && !is_picked, from, aliases: texts("_alias") }
    }
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
                    let told = Told::by(record.map(), None);
                    self.keep(record.kind(), record.key(), told, number, reader.raw())?;
                }
                Item::Line(Line::Change(change)) => {
                    let told = Told::by(&change.map, Some(change.op));
                    self.keep(change.kind(), change.key(), told, number, reader.raw())?;
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
        let has_end = self.spool.segments.iter().any(|segment| segment.end.is_some());
        let has_changes = || self.spool.entries.iter().any(|entry| entry.op.is_some());
        self.spool.form = match has_end {
            true => reader.form(),
            // A file made by hand: with changes in it, absence says nothing.
            false if has_changes() => Form::Changes,
            false => Form::State,
        };
        Ok(())
    }

    fn keep(&mut self, kind: &str, key: &str, told: Told, line: u64, raw: &[u8]) -> Result<(), Error> {
        self.output.write_all(raw).map_err(full)?;
        let names_source = told.is_whole && told.op == Some(Op::Delete);
        let (key, flaw) = match (self.keys)(kind, key) {
            Ok(key) => (key, None),
            // Its key is that of the source.
            Err(_) if names_source => (key.to_owned(), None),
            Err(why) => (key.to_owned(), Some(Flaw::Wrong(why))),
        };
        let (offset, index) = (self.offset, self.spool.entries.len());
        self.offset += raw.len() as u64;
        let Told { op, from, aliases, is_whole } = told;
        let from = from.map(|(kind, key)| {
            let key = (self.keys)(&kind, &key).unwrap_or(key);
            (kind, key)
        });
        let mut entry = Entry {
            kind: kind.to_owned(),
            key,
            line,
            op,
            flaw,
            cause: if is_whole { Cause::Whole } else { Cause::Line },
            from,
            aliases,
            segment: self.spool.segments.len(),
            offset,
            length: raw.len(),
        };
        for alias in &entry.aliases {
            self.spool.by_alias.insert((entry.kind.clone(), alias.clone()), index);
        }
        match self.spool.by_name.get(&(entry.kind.clone(), entry.key.clone())) {
            None => {
                self.spool.by_name.insert((entry.kind.clone(), entry.key.clone()), index);
            }
            // What says that all that came of a source goes, and what came of it all the same.
            Some(_) if names_source => (),
            Some(first) if self.spool.entries[*first].names_source() => {
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
        self.spool.unknown_keys.insert(key.clone());
        self.spool.unknown.insert((kind.to_owned(), key));
    }
}

fn full(error: std::io::Error) -> Error {
    Error::new(Exit::Io, format!("cannot spool the input: {error}"))
        .hint("give a directory with room with --spool-dir")
}
