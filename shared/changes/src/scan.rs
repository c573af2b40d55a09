//! A line of the stream read without building a value: kind, key, and a hash of the text of its members.
//!
//! Nearly all lines of a large comparison are records that are equal to the byte on both sides; for them this is all
//! that is ever read. The scanner is strict where it accepts: what it takes, [`muster_stream::Line::parse`] takes as the
//! same record. What is not plain (escapes in names, changes, ends, any mistake) it leaves to that one.

use crate::Hash;

/// A record with more members in one object than this is left to the parser, which has a table for them.
const MAX_NAMES: usize = 64;
/// Deeper documents are left to the parser, which knows the bound.
const MAX_DEPTH: usize = 64;

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
        let found = Scan { bytes: line, at: 0, names: &mut self.names }.record()?;
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

type Span = (usize, usize);

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

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Names of the objects that are open, those of the innermost last.
    names: &'a mut Vec<Span>,
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

    /// The inside of the string that began at `start` and ended just now, when it has no escapes.
    fn text_between(&self, start: usize) -> Option<Span> {
        let inside = (start + 1, self.at.checked_sub(1)?);
        let is_plain =
            self.bytes.get(start) == Some(&b'"') && !self.bytes[inside.0..inside.1].contains(&b'\\');
        is_plain.then_some(inside)
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        match self.bytes.get(self.at)? {
            b'"' => self.string(),
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        let outer = self.names.len();
        self.open(depth)?;
        if self.bytes.get(self.at) == Some(&b'}') {
            self.at += 1;
            return Some(());
        }
        loop {
            self.blank();
            self.name(outer)?;
            self.colon()?;
            self.value(depth + 1)?;
            self.blank();
            if !self.more(b'}')? {
                self.names.truncate(outer);
                return Some(());
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.open(depth)?;
        if self.bytes.get(self.at) == Some(&b']') {
            self.at += 1;
            return Some(());
        }
        loop {
            self.blank();
            self.value(depth + 1)?;
            self.blank();
            if !self.more(b']')? {
                return Some(());
            }
        }
    }

    fn open(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        self.blank();
        (depth < MAX_DEPTH).then_some(())
    }

    /// A member's name, which must be plain and none of those since `outer`. A name with `$` may be the parser's own
    /// sign for a number.
    fn name(&mut self, outer: usize) -> Option<Span> {
        let start = self.at;
        self.byte_ahead(b'"')?;
        self.string()?;
        let name = self.text_between(start)?;
        let text = &self.bytes[name.0..name.1];
        let others = &self.names[outer..];
        let is_new = others.len() < MAX_NAMES
            && text.first() != Some(&b'$')
            && others
                .iter()
                .all(|other| other.1 - other.0 != text.len() || &self.bytes[other.0..other.1] != text);
        self.names.push(name);
        is_new.then_some(name)
    }

    fn colon(&mut self) -> Option<()> {
        self.blank();
        self.byte(b':')?;
        self.blank();
        Some(())
    }

    /// Whether a comma says that there is more, or `close` that there is not.
    fn more(&mut self, close: u8) -> Option<bool> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        (byte == b',' || byte == close).then_some(byte == b',')
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.at += plain_text(self.bytes.get(self.at..)?);
            match *self.bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        match self.bytes.get(self.at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
            b'u' => {
                let digits = self.bytes.get(self.at + 2..self.at + 6)?;
                // Halves of a pair belong together; the parser knows how.
                let is_half = matches!(digits[0], b'd' | b'D') && !digits[1].is_ascii_digit()
                    || matches!(digits[..2], [b'd' | b'D', b'8' | b'9']);
                if is_half || !digits.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
                self.at += 6;
            }
            _ => return None,
        }
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        self.skip(b'-');
        if !self.skip(b'0') {
            self.digits()?;
        }
        if self.skip(b'.') {
            self.digits()?;
        }
        if self.skip(b'e') || self.skip(b'E') {
            // Either sign, or none.
            let _ = self.skip(b'+') || self.skip(b'-');
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let count = self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(())
    }

    fn skip(&mut self, byte: u8) -> bool {
        let is_there = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let is_there = self.bytes.get(self.at..)?.starts_with(word);
        self.at += word.len();
        is_there.then_some(())
    }

    fn byte(&mut self, byte: u8) -> Option<()> {
        self.blank();
        self.skip(byte).then_some(())
    }

    fn byte_ahead(&self, byte: u8) -> Option<()> {
        (self.bytes.get(self.at) == Some(&byte)).then_some(())
    }

    fn blank(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }
}

/// How many bytes stand before the first quote, backslash or control character; eight are looked at at once.
fn plain_text(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = ONES << 7;
    let (words, rest) = bytes.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The top bit of each byte that is below `bound`; a byte behind a true one may be a false one.
        let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word & TOPS;
        let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
        let found = is(b'"') | is(b'\\') | below(word, 0x20);
        if found != 0 {
            return number * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let is_end = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    words.len() * 8 + rest.iter().position(is_end).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_stream::Line;
    use proptest::prelude::*;

    fn plain(line: &[u8]) -> Option<Plain<'_>> {
        Scanner::default().plain(line)
    }

    fn content(text: &str) -> Hash {
        plain(text.as_bytes()).unwrap_or_else(|| panic!("not plain: {text}")).content
    }

    #[test]
    fn members_of_ours_and_their_place_do_not_count() {
        let bare = content(r#"{"_kind":"user","_key":"1","a":1,"b":[{"c":null}]}"#);
        assert_eq!(content(r#"{"a":1,"_key":"2","_kind":"user","_from":["x","y"],"b":[{"c":null}]}"#), bare);
        assert_ne!(content(r#"{"_kind":"user","_key":"1","a":2,"b":[{"c":null}]}"#), bare);
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_parser() {
        for text in [
            "",
            "{}",
            r#"{"_kind":"user","_key":""}"#,
            r#"{"_kind":"_end","_key":"1"}"#,
            r#"{"_kind":"user","_key":"1","_op":"delete"}"#,
            r#"{"_kind":"user","_key":"1","a":1,"a":1}"#,
            r#"{"_kind":"user","_key":"1","a":{"b":1,"b":2}}"#,
            r#"{"_kind":"user","_key":"1","a\u0062":1}"#,
            r#"{"_kind":"user","_key":"1","a":"\ud83d\ude00"}"#,
            r#"{"_kind":"user","_key":"1","a":01}"#,
            r#"{"_kind":"user","_key":"1","a":1.}"#,
            r#"{"_kind":"user","_key":"1",}"#,
            r#"{"_kind":"user","_key":"1"} x"#,
            "{\"_kind\":\"user\",\"_key\":\"1\",\"a\":\"\u{1}\"}",
        ] {
            assert_eq!(plain(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn plain_text_ends_where_it_ends(text in "[a\\\\\"\u{1}\u{1f} \u{7f}é]{0,40}|[a-zæ]{0,40}[\\\\\"\n]?") {
            let end = text.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
            prop_assert_eq!(plain_text(text.as_bytes()), end.unwrap_or(text.len()));
        }

        /// Lines that are nearly records: whatever is taken must be taken by the parser, as the same record.
        #[test]
        fn what_is_taken_is_a_record(
            text in r#"\{("_kind":"u"|"_key":"1"|"[a-c$]":(-?[0-9]{1,2}(\.[0-9])?(e[0-9])?|null|tru?e|"[a\\nud"]{0,7}"|\[[1,]{0,3}\]|\{("[ab]":1,?){0,2}\})|,){2,7}\}"#,
        ) {
            if let Some(found) = plain(text.as_bytes()) {
                let Ok(Line::Record(record)) = Line::parse(text.as_bytes()) else { panic!("taken: {text}") };
                prop_assert_eq!((record.kind(), record.key()), (found.kind, found.key));
            }
        }

        #[test]
        fn any_written_record_is_taken(members in prop::collection::btree_map("[a-zæ]{1,3}", "\\PC{0,9}", 0..6)) {
            let mut map = muster_stream::Map::new();
            map.insert("_kind".to_owned(), "u".into());
            map.insert("_key".to_owned(), "1".into());
            map.extend(members.into_iter().map(|(name, value)| (name, value.into())));
            prop_assert!(plain(&serde_json::to_vec(&map).unwrap()).is_some());
        }
    }
}
