//! The tokens of a line: words, numbers, strings.

use super::Reading;
use crate::span::Token;

impl Reading<'_> {
    pub(super) fn word(&mut self, word: &[u8], token: Token) -> Option<Token> {
        let is_there = self.bytes.get(self.at..)?.starts_with(word);
        is_there.then(|| {
            self.at += word.len();
            token
        })
    }

    pub(super) fn number(&mut self) -> Option<Token> {
        let _ = self.eat(b'-');
        match self.peek()? {
            b'0' => self.at += 1,
            _ => self.digits()?,
        }
        if self.eat(b'.').is_some() {
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.untidy += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(Token::Number)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    pub(super) fn string(&mut self) -> Option<Token> {
        self.at += 1;
        loop {
            while let Some(chunk) = self.bytes.get(self.at..self.at + 8) {
                let special = special(u64::from_le_bytes(chunk.try_into().ok()?));
                self.at += (special.trailing_zeros() / 8) as usize;
                if special != 0 {
                    break;
                }
            }
            match self.peek()? {
                b'"' => break,
                b'\\' => self.escape()?,
                0..0x20 => return None,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(Token::String)
    }

    fn escape(&mut self) -> Option<()> {
        self.untidy += 1;
        self.at += 2;
        match self.bytes.get(self.at - 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => match self.hex()? {
                0xd800..0xdc00 => {
                    self.eat(b'\\')?;
                    self.eat(b'u')?;
                    (0xdc00..0xe000).contains(&self.hex()?).then_some(())
                }
                0xdc00..0xe000 => None,
                _ => Some(()),
            },
            _ => None,
        }
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |sum, digit| Some(sum << 4 | char::from(*digit).to_digit(16)?))
    }
}

/// The high bit of each byte that is a quote, a backslash or a control character. Above the first one there may be false
/// ones, which nobody asks for.
fn special(word: u64) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = LOW << 7;
    let below = |word: u64, bound: u64| word.wrapping_sub(LOW * bound) & !word & HIGH;
    below(word ^ (LOW * 0x22), 1) | below(word ^ (LOW * 0x5c), 1) | below(word, 0x20)
}
