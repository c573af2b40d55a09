//! A line checked without a document being built of it: only where the wanted values stand is noted.
//!
//! It takes exactly what [`crate::Line::parse`] takes as JSON: one object, every member name once, depth below 128. What
//! it does not take is read again there, for the reason; a property test holds the two together.

mod token;

use crate::span::{Span, Token};
use crate::wanted::{Branch, Wanted, hash};
use std::borrow::Cow;

/// Depth at which reading stops, as in serde_json.
const DEPTH: u32 = 128;
/// Names in one object from which on sorting beats comparing each with all others.
const MANY: usize = 32;

/// What was found in a line. It is filled again and again, so that lines cost no allocation.
#[derive(Debug, Default)]
pub struct Scan {
    members: Vec<(Span, Span)>,
    slots: Vec<Option<Span>>,
    hashes: Vec<u32>,
    names: Vec<Span>,
}

impl Scan {
    /// Check the line that stands in `text` from `start` to `end`, and note what is wanted. False when it is no JSON
    /// object, whatever the reason; nothing that was found then means anything.
    pub fn read(&mut self, text: &str, start: usize, end: usize, wanted: &Wanted) -> bool {
        self.members.clear();
        self.slots.clear();
        self.slots.resize(wanted.len(), None);
        self.hashes.clear();
        self.names.clear();
        if u32::try_from(end).is_err() {
            return false;
        }
        let Some(bytes) = text.as_bytes().get(..end) else { return false };
        let mut reading = Reading { scan: self, text, bytes, at: start, untidy: 0, wanted };
        reading.line().is_some()
    }

    /// The members of the object: name and value.
    pub fn members(&self) -> &[(Span, Span)] {
        &self.members
    }

    /// What stands at the path of this slot.
    pub fn slot(&self, slot: usize) -> Option<Span> {
        self.slots.get(slot).copied().flatten()
    }
}

struct Reading<'a> {
    scan: &'a mut Scan,
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// Blanks, escapes and exponents so far: a value in which there is none is written as it stands.
    untidy: u32,
    wanted: &'a Wanted,
}

impl Reading<'_> {
    fn line(&mut self) -> Option<()> {
        self.blanks();
        self.eat(b'{')?;
        self.object(Some(self.wanted.root()), 1)?;
        self.blanks();
        (self.at == self.bytes.len()).then_some(())
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.untidy += 1;
            self.at += 1;
        }
    }

    fn value(&mut self, branch: Option<&Branch>, depth: u32) -> Option<Span> {
        let (start, untidy) = (self.at, self.untidy);
        let token = match self.peek()? {
            b'"' => self.string()?,
            b'{' => self.nested(branch, depth, Self::object, Token::Object)?,
            b'[' => self.nested(branch, depth, Self::array, Token::Array)?,
            b't' => self.word(b"true", Token::True)?,
            b'f' => self.word(b"false", Token::False)?,
            b'n' => self.word(b"null", Token::Null)?,
            _ => self.number()?,
        };
        let span = self.span(start, token, untidy);
        if let Some(slot) = branch.and_then(|branch| branch.slot)
            && let Some(place) = self.scan.slots.get_mut(slot)
        {
            *place = Some(span);
        }
        Some(span)
    }

    #[allow(clippy::cast_possible_truncation, reason = "the end of the line was found to fit")]
    fn span(&self, start: usize, token: Token, untidy: u32) -> Span {
        Span { start: start as u32, end: self.at as u32, token, tidy: untidy == self.untidy }
    }

    fn nested(
        &mut self,
        branch: Option<&Branch>,
        depth: u32,
        read: fn(&mut Self, Option<&Branch>, u32) -> Option<()>,
        token: Token,
    ) -> Option<Token> {
        self.at += 1;
        if depth + 1 >= DEPTH {
            return None;
        }
        read(self, branch, depth + 1)?;
        Some(token)
    }

    fn object(&mut self, branch: Option<&Branch>, depth: u32) -> Option<()> {
        let first = self.scan.hashes.len();
        self.blanks();
        if self.eat(b'}').is_some() {
            return Some(());
        }
        loop {
            let (start, untidy) = (self.at, self.untidy);
            (self.peek()? == b'"').then_some(())?;
            self.string()?;
            let name = self.span(start, Token::String, untidy);
            let hash = hash(&self.name(name));
            self.note(first, hash, name)?;
            self.blanks();
            self.eat(b':')?;
            self.blanks();
            let below = branch.and_then(|branch| branch.member(self.wanted, hash, || self.name(name)));
            let value = self.value(below, depth)?;
            if depth == 1 {
                self.scan.members.push((name, value));
            }
            self.blanks();
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => break,
                _ => return None,
            }
            self.blanks();
        }
        self.at += 1;
        self.close(first)
    }

    fn array(&mut self, branch: Option<&Branch>, depth: u32) -> Option<()> {
        self.blanks();
        if self.eat(b']').is_some() {
            return Some(());
        }
        for place in 0.. {
            let below = branch.and_then(|branch| branch.place(self.wanted, place));
            self.value(below, depth)?;
            self.blanks();
            match self.peek()? {
                b',' => self.at += 1,
                b']' => break,
                _ => return None,
            }
            self.blanks();
        }
        self.at += 1;
        Some(())
    }

    fn name(&self, name: Span) -> Cow<'_, [u8]> {
        match self.bytes.get(name.start as usize + 1..name.end as usize - 1) {
            Some(bytes) if name.tidy => Cow::Borrowed(bytes),
            _ => Cow::Owned(name.string(self.text).into_owned().into_bytes()),
        }
    }

    /// Note a name of the object whose names begin at `first`; nothing when it is there already.
    fn note(&mut self, first: usize, hash: u32, name: Span) -> Option<()> {
        let others = self.scan.hashes.get(first..)?;
        if others.len() < MANY && others.iter().fold(false, |any, other| any | (*other == hash)) {
            let same =
                |at: usize| self.scan.hashes[at] == hash && self.name(self.scan.names[at]) == self.name(name);
            if (first..self.scan.hashes.len()).any(same) {
                return None;
            }
        }
        self.scan.hashes.push(hash);
        self.scan.names.push(name);
        Some(())
    }

    /// The object ends: of many names none stands twice either.
    fn close(&mut self, first: usize) -> Option<()> {
        if self.scan.hashes.len() - first > MANY {
            let mut names: Vec<(u32, Cow<'_, [u8]>)> = (first..self.scan.hashes.len())
                .map(|at| (self.scan.hashes[at], self.name(self.scan.names[at])))
                .collect();
            names.sort_unstable();
            if names.windows(2).any(|pair| pair[0] == pair[1]) {
                return None;
            }
        }
        self.scan.hashes.truncate(first);
        self.scan.names.truncate(first);
        Some(())
    }
}
