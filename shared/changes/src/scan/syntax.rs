//! The grammar of JSON as the scanner reads it: what is not plain is not taken.

/// A record with more members in one object than this is left to the parser, which has a table for them.
const MAX_NAMES: usize = 64;
/// Deeper documents are left to the parser, which knows the bound.
const MAX_DEPTH: usize = 64;

/// A stretch of the line: its begin, and the place behind it.
pub(super) type Span = (usize, usize);

/// A line that is being read.
pub(super) struct Scan<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// Names of the objects that are open, those of the innermost last.
    names: &'a mut Vec<Span>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(bytes: &'a [u8], names: &'a mut Vec<Span>) -> Self {
        Self { bytes, at: 0, names }
    }
}

impl Scan<'_> {
    /// The inside of the string that began at `start` and ended just now, when it has no escapes.
    pub(super) fn text_between(&self, start: usize) -> Option<Span> {
        let inside = (start + 1, self.at.checked_sub(1)?);
        let is_plain =
            self.bytes.get(start) == Some(&b'"') && !self.bytes[inside.0..inside.1].contains(&b'\\');
        is_plain.then_some(inside)
    }

    pub(super) fn value(&mut self, depth: usize) -> Option<()> {
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
    pub(super) fn name(&mut self, outer: usize) -> Option<Span> {
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

    #[inline]
    pub(super) fn colon(&mut self) -> Option<()> {
        self.blank();
        self.byte(b':')?;
        self.blank();
        Some(())
    }

    /// Whether a comma says that there is more, or `close` that there is not.
    #[inline]
    pub(super) fn more(&mut self, close: u8) -> Option<bool> {
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

    #[inline]
    pub(super) fn byte(&mut self, byte: u8) -> Option<()> {
        self.blank();
        self.skip(byte).then_some(())
    }

    fn byte_ahead(&self, byte: u8) -> Option<()> {
        (self.bytes.get(self.at) == Some(&byte)).then_some(())
    }

    #[inline]
    pub(super) fn blank(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }
}

/// How many bytes stand before the first quote, backslash or control character; eight are looked at at once.
pub(super) fn plain_text(bytes: &[u8]) -> usize {
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
