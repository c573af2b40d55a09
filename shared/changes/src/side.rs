//! One side read once from its beginning to its end: records indexed, segments judged, unknown objects named.

use crate::Hash;
use crate::index::{Entry, Place, id};
use crate::input::{Input, Raw};
use crate::scan::{Scanner, first_half};
use crate::spool;
use muster_base::{Error, Exit, text};
use muster_stream::{Bad, Form, Line, Map, Record, Segment, Tally, Value, Whole};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;

/// Which side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Desired,
    Current,
}

impl Role {
    /// As the arguments of the command name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Desired => "DESIRED",
            Self::Current => "CURRENT",
        }
    }
}

/// Objects that could not be read.
#[derive(Default)]
pub(crate) struct Unknown {
    pub(crate) ids: HashSet<Hash>,
    /// Of `_error` lines.
    pub(crate) kinds: BTreeSet<String>,
    pub(crate) keys: HashSet<String>,
}

/// A side that was read.
pub(crate) struct Side {
    pub(crate) role: Role,
    pub(crate) segments: Vec<Segment>,
    pub(crate) form: Form,
    pub(crate) unknown: Unknown,
    /// Records of each kind.
    pub(crate) counts: BTreeMap<String, u64>,
    /// Lines that are no lines of a stream.
    bad_lines: u64,
    first_bad: Option<String>,
    file: File,
}

/// What takes the records: kind, key, entry.
pub(crate) type Keep<'a> = dyn FnMut(&str, &str, Entry) -> Result<(), Error> + 'a;

impl Side {
    /// Read `input`, and give every record to `keep`.
    pub(crate) fn read(
        role: Role,
        input: Input,
        options: &Reading,
        keep: &mut Keep<'_>,
    ) -> Result<Self, Error> {
        let mut reader = Reader {
            role,
            takes_unkeyed: options.takes_unkeyed && role == Role::Current,
            scanner: Scanner::default(),
            keep,
            tally: Tally::default(),
            segments: Vec::new(),
            unknown: Unknown::default(),
            counts: BTreeMap::new(),
            bad_lines: 0,
            first_bad: None,
        };
        let place = |raw: &Raw<'_>| format!("{} line {}", role.name(), raw.number);
        let file = input.read(|raw| reader.line(&raw).map_err(|error| error.at(place(&raw))))?;
        let Reader { mut segments, mut tally, unknown, counts, bad_lines, first_bad, .. } = reader;
        segments.extend(tally.finish(options.assume_complete));
        Ok(Self { role, segments, form: tally.form(), unknown, counts, bad_lines, first_bad, file })
    }

    /// Why the side is less than its scopes, if it is.
    pub(crate) fn shortfall(&self) -> Option<&str> {
        self.segments.iter().find_map(|segment| match &segment.whole {
            Whole::Yes => None,
            Whole::No(why) => Some(why.as_str()),
        })
    }

    /// The lines that are no lines of a stream, if there are some.
    pub(crate) fn bad(&self) -> Option<(&'static str, u64, String)> {
        Some((self.role.name(), self.bad_lines, self.first_bad.clone()?))
    }

    /// The commands that made its first segment.
    pub(crate) fn from(&self) -> String {
        self.segments.iter().find_map(|segment| Some(segment.end.as_ref()?.from.clone())).unwrap_or_default()
    }

    /// The populations that it holds.
    pub(crate) fn scope(&self) -> String {
        let mut scopes: Vec<&str> = Vec::new();
        for end in self.segments.iter().filter_map(|segment| segment.end.as_ref()) {
            if !scopes.contains(&end.scope.as_str()) {
                scopes.push(&end.scope);
            }
        }
        scopes.join(" + ")
    }

    /// The members of the side's ends called `name`, one after another.
    pub(crate) fn ends<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        self.segments.iter().filter_map(|segment| segment.end.as_ref()?.other.get(name))
    }

    /// What its ends say that the side can know at all: pointers by kind.
    pub(crate) fn known_members(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let kinds = self.ends("members").filter_map(Value::as_object).flatten();
        for (kind, members) in kinds {
            let pointers = members.as_array().into_iter().flatten().filter_map(Value::as_str);
            known.entry(kind.clone()).or_default().extend(pointers.map(crate::pointer::read));
        }
        known
    }

    /// The commands that made it, without their versions, and the scopes that they read.
    pub(crate) fn origins(&self) -> (BTreeSet<String>, BTreeSet<&str>) {
        let ends = || self.segments.iter().filter_map(|segment| segment.end.as_ref());
        let name = |command: &str| command.split(' ').next().unwrap_or_default().to_owned();
        let from = ends().map(|end| end.from.split(" | ").map(name).collect::<Vec<_>>().join(" | "));
        (from.collect(), ends().map(|end| end.scope.as_str()).collect())
    }

    /// The line at `place`, read again.
    pub(crate) fn line(&self, place: Place) -> Result<Line, Error> {
        let changed = || {
            Error::new(Exit::Io, format!("{} changed while it was read", self.role.name()))
                .at(format!("line {}", place.line))
        };
        let bytes = spool::read(&self.file, place.offset, place.length as usize)?;
        Line::parse(&bytes).or_else(|_| unkeyed(&bytes).map(Line::Record).ok_or_else(changed))
    }
}

/// How a side is read.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    /// Take an input without `_end` for complete.
    pub(crate) assume_complete: bool,
    /// Take current records without a key, which desired ones may take over.
    pub(crate) takes_unkeyed: bool,
}

/// A record without a key.
fn unkeyed(bytes: &[u8]) -> Option<Record> {
    let mut map: Map = serde_json::from_slice(bytes).ok()?;
    let is_unkeyed =
        matches!(map.get("_key"), None | Some(Value::Null)) || map.get("_key") == Some(&"".into());
    let kind = map.get("_kind")?.as_str()?.to_owned();
    map.retain(|name, _| !name.starts_with('_'));
    (is_unkeyed && !kind.starts_with('_')).then(|| Record::new(&kind, "", map))
}

/// The hash of a line that was not scanned member by member; it is another than that of any that was.
fn text_hash(line: &[u8]) -> Hash {
    first_half(&blake3::Hasher::new().update(b"\n").update(line).finalize())
}

/// A side while it is read.
struct Reader<'a, 'b> {
    role: Role,
    takes_unkeyed: bool,
    scanner: Scanner,
    keep: &'a mut Keep<'b>,
    tally: Tally,
    segments: Vec<Segment>,
    unknown: Unknown,
    counts: BTreeMap<String, u64>,
    bad_lines: u64,
    first_bad: Option<String>,
}

impl Reader<'_, '_> {
    fn line(&mut self, raw: &Raw<'_>) -> Result<(), Error> {
        if let Some(found) = self.scanner.plain(raw.bytes) {
            self.tally.count_object(raw.number, found.kind);
            return self.object(found.kind, found.key, found.content, raw);
        }
        let parsed = match raw.too_long {
            true => Err(Bad { reason: "the line is longer than 64 MiB".to_owned(), about: None }),
            false => Line::parse(raw.bytes),
        };
        match parsed {
            Ok(Line::End(end)) => self.segments.push(self.tally.close(raw.number, end, raw.ended)?),
            Ok(line) => {
                self.tally.count(raw.number, &line);
                self.parsed(&line, raw)?;
            }
            Err(_) if self.takes_unkeyed && unkeyed(raw.bytes).is_some() => self.unkeyed(raw)?,
            Err(bad) => {
                self.tally.count_bad(raw.number, &bad);
                self.bad(bad, raw.number);
            }
        }
        Ok(())
    }

    fn parsed(&mut self, line: &Line, raw: &Raw<'_>) -> Result<(), Error> {
        let (kind, key) = match line {
            Line::Record(record) => (record.kind(), record.key()),
            Line::Change(change) if self.role == Role::Desired => (change.kind(), change.key()),
            Line::Change(_) => {
                return Err(Error::new(Exit::Data, "what is current must be records, this is a change"));
            }
            Line::Unreadable(error) => {
                if let (Some(of), Some(key)) = (error.of(), error.key()) {
                    self.unknown.ids.insert(id(of, key));
                    self.unknown.kinds.insert(of.to_owned());
                    self.unknown.keys.insert(key.to_owned());
                }
                return Ok(());
            }
            Line::End(_) => return Ok(()),
        };
        self.object(kind, key, text_hash(raw.bytes), raw)
    }

    fn unkeyed(&mut self, raw: &Raw<'_>) -> Result<(), Error> {
        let Some(record) = unkeyed(raw.bytes) else { return Ok(()) };
        self.tally.count_object(raw.number, record.kind());
        // No object has this key, for it would begin with a control character; and no two lines have one number.
        self.object(record.kind(), &format!("\0{:020}", raw.number), text_hash(raw.bytes), raw)
    }

    fn object(&mut self, kind: &str, key: &str, content: Hash, raw: &Raw<'_>) -> Result<(), Error> {
        match self.counts.get_mut(kind) {
            Some(count) => *count += 1,
            None => drop(self.counts.insert(kind.to_owned(), 1)),
        }
        let place = Place { offset: raw.offset, line: raw.number, length: raw.bytes.len() as u32 };
        (self.keep)(kind, key, Entry::new(id(kind, key), content, place))
    }

    fn bad(&mut self, bad: Bad, number: u64) {
        self.bad_lines += 1;
        if self.first_bad.is_none() {
            self.first_bad = Some(text::cut(&format!("line {number}: {}", bad.reason)));
        }
        if let Some((kind, key)) = &bad.about {
            self.unknown.ids.insert(id(kind, key));
        }
    }
}
