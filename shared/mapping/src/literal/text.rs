//! Texts as Python writes them: in one or three quotes of either kind, raw or with escapes.

use super::Reader;
use muster_stream::Value;

impl Reader<'_> {
    /// Texts in a row are one.
    pub(super) fn strings(&mut self) -> Option<Value> {
        let mut text = self.string()?;
        loop {
            self.blanks();
            if !self.rest.starts_with(['\'', '"', 'r', 'R', 'u', 'U']) {
                return Some(text.into());
            }
            text += &self.string()?;
        }
    }

    fn string(&mut self) -> Option<String> {
        let prefix = self.rest.chars().next().filter(char::is_ascii_alphabetic);
        let is_raw = prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(&'r'));
        let body = &self.rest[prefix.map_or(0, char::len_utf8)..];
        let quote = ["'''", "\"\"\"", "'", "\""].into_iter().find(|quote| body.starts_with(quote))?;
        let body = &body[quote.len()..];
        let (mut text, mut place) = (String::new(), 0);
        loop {
            let rest = &body[place..];
            if let Some(rest) = rest.strip_prefix(quote) {
                self.rest = rest;
                return Some(text);
            }
            let character = rest.chars().next()?;
            if character == '\n' && quote.len() == 1 {
                return None;
            }
            place += character.len_utf8();
            if character != '\\' {
                text.push(character);
            } else if is_raw {
                let escaped = body[place..].chars().next()?;
                text.extend(['\\', escaped]);
                place += escaped.len_utf8();
            } else {
                place += escape(&body[place..], &mut text)?;
            }
        }
    }
}

/// What stands behind a backslash, put to `text`; its length.
fn escape(rest: &str, text: &mut String) -> Option<usize> {
    let character = rest.chars().next()?;
    let plain = match character {
        '\n' => return Some(1),
        '\\' | '\'' | '"' => character,
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '0'..='7' => {
            let digits = rest.bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            text.push(char::from_u32(u32::from_str_radix(&rest[..digits], 8).ok()?)?);
            return Some(digits);
        }
        'x' | 'u' | 'U' => {
            let digits = match character {
                'x' => 2,
                'u' => 4,
                _ => 8,
            };
            let code =
                rest.get(1..=digits).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
            text.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
            return Some(1 + digits);
        }
        // A name of a character: nobody has one in a serial number.
        'N' => return None,
        other => {
            text.push('\\');
            other
        }
    };
    text.push(plain);
    Some(character.len_utf8())
}
