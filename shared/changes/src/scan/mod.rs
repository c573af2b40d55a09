//! A line of the stream read without building a value: kind, key, and a hash of the text of its members.
//!
//! Nearly all lines of a large comparison are records that are equal to the byte on both sides; for them this is all
//! that is ever read. The scanner is strict where it accepts: what it takes, [`muster_stream::Line::parse`] takes as the
//! same record. What is not plain (escapes in names, changes, ends, any mistake) it leaves to that one.

mod syntax;
#[cfg(test)]
mod tests;

use crate::Hash;
use syntax::{Scan, Span};

/// A plain record line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plain<'a> {
    pub(crate) kind: &'a str,
    pub(crate) key: &'a str,
    /// Of the text of all members that are not ours: equal hashes are equal members; unequal ones may be equal still.
    pub(crate) content: Hash,
}

/// Reads lines, one after another.
#[derive(Default)]
pub(crate) struct Scanner {
    names: Vec<Span>,
}

impl Scanner {
    /// The record on `line`, when it is a plain one.
    pub(crate) fn plain<'a>(&mut self, line: &'a [u8]) -> Option<Plain<'a>> {
        let text = std::str::from_utf8(line).ok()?;
        self.names.clear();
        let found = Scan::new(line, &mut self.names).record()?;
        let (kind, key) = (text.get(found.kind.0..found.kind.1)?, text.get(found.key.0..found.key.1)?);
        let content = || found.members.hash(line);
        (!kind.starts_with('_') && !key.is_empty()).then(|| Plain { kind, key, content: content() })
    }
}

/// The first 128 bits.
pub(crate) fn first_half(hash: &blake3::Hash) -> Hash {
    let mut first = Hash::default();
    first.copy_from_slice(&hash.as_bytes()[..16]);
    first
}

struct Found {
    kind: Span,
    key: Span,
    members: Stretches,
}

/// Where the record's own members stand, as stretches between those that are ours. Mostly there is one.
#[derive(Default)]
struct Stretches {
    before: Vec<Span>,
    last: Option<Span>,
}

impl Stretches {
    fn add(&mut self, member: Span) {
        self.last = Some((self.last.map_or(member.0, |last| last.0), member.1));
    }

    fn interrupt(&mut self) {
        self.before.extend(self.last.take());
    }

    /// The hash of the members' text, as if nothing stood between them.
    fn hash(&self, line: &[u8]) -> Hash {
        let part = |stretch: &Span| &line[stretch.0..stretch.1];
        if let ([], Some(all)) | ([all], None) = (self.before.as_slice(), &self.last) {
            return first_half(&blake3::hash(part(all)));
        }
        let mut hasher = blake3::Hasher::new();
        for (number, stretch) in self.before.iter().chain(&self.last).enumerate() {
            hasher.update(if number == 0 { b"" } else { b"," }).update(part(stretch));
        }
        first_half(&hasher.finalize())
    }
}

impl Scan<'_> {
    fn record(mut self) -> Option<Found> {
        let (mut kind, mut key) = (None, None);
        let mut members = Stretches::default();
        self.byte(b'{')?;
        loop {
            self.blank();
            let start = self.at;
            let name = self.name(0)?;
            self.colon()?;
            let value = self.at;
            self.value(1)?;
            match &self.bytes[name.0..name.1] {
                b"_op" => return None,
                b"_kind" => kind = Some(self.text_between(value)?),
                b"_key" => key = Some(self.text_between(value)?),
                _ => (),
            }
            match self.bytes[name.0] {
                b'_' => members.interrupt(),
                _ => members.add((start, self.at)),
            }
            self.blank();
            if !self.more(b'}')? {
                break;
            }
        }
        self.blank();
        let whole = self.at == self.bytes.len();
        whole.then_some(Found { kind: kind?, key: key?, members })
    }
}
