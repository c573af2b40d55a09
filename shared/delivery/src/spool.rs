//! The whole input on disk, before the first request: an unlinked file of the lines, and a small index in memory.

mod entry;
mod filling;

pub(crate) use entry::{BadLine, Cause, Entry, Flaw};

use filling::{Filling, full};
use muster_base::{Error, Exit, private};
use muster_stream::{Change, Form, Line, Map, Op, Reader, Record, Rejects, Segment, Whole};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The input as it was read.
pub(crate) struct Spool {
    pub(crate) entries: Vec<Entry>,
    pub(crate) bad_lines: Vec<BadLine>,
    /// Kind and key of objects that could not be read, as the stream names them.
    pub(crate) unknown: HashSet<(String, String)>,
    /// The keys of these, as no two objects have them that differ in writing only.
    unknown_keys: HashSet<String>,
    /// Kind and key, in the same way, and sources of lines whose key can be none: nobody knows which object they mean.
    unplaced: HashSet<(String, String)>,
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
        let file = tempfile::tempfile_in(directory).and_then(private::owned).map_err(|error| {
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
            unplaced: HashSet::new(),
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
        if self.unknown.is_empty() && self.unplaced.is_empty() {
            return false;
        }
        let own = (kind.to_owned(), key.to_owned());
        if self.unplaced.contains(&(own.0.clone(), loose(key)))
            || from.is_some_and(|from| self.unplaced.contains(from))
        {
            return true;
        }
        match from {
            Some(from) => self.unknown.contains(&own) || self.unknown.contains(from),
            // Nothing says what it came of: of an object of any kind with its key.
            None => self.unknown_keys.contains(&loose(key)),
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

    /// What the line of an entry says of the object as it was, where it is a change that does.
    pub(crate) fn before(&self, entry: &Entry) -> Result<Option<Record>, Error> {
        if entry.line == 0 || entry.op.is_none() {
            return Ok(None);
        }
        Ok(match self.line(entry)? {
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

/// A key without all by which two writings of one may differ: case, braces, dashes, blanks.
fn loose(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn before(change: &Change) -> Option<Record> {
    let before = change.map.get("before")?.as_object()?.clone();
    Some(Record::new(change.kind(), change.key(), before))
}
