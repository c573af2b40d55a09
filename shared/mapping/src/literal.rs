//! Texts read as literals of Python, as the Oomnitza connector's managed runs do with every value: `5E10` is a number, `1,2`
//! a list, `0012` a text.
//!
//! Sets, bytes, complex numbers, and what JSON cannot hold stay texts.

use muster_stream::{Map, Value};

/// How deep lists may stand in each other.
const MAX_DEPTH: usize = 100;

/// The literal that `text` is; nothing when it is none.
pub(crate) fn read(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text.trim_start_matches([' ', '\t']), depth: 0, brackets: 0 };
    let value = reader.tuple(None)?;
    reader.brackets = 1;
    reader.blanks();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
    /// Open brackets: between them a line end is a blank.
    brackets: usize,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        loop {
            let blanks: &[char] =
                if self.brackets > 0 { &[' ', '\t', '\x0c', '\n', '\r'] } else { &[' ', '\t', '\x0c'] };
            self.rest = self.rest.trim_start_matches(blanks);
            if !self.rest.starts_with('#') {
                return;
            }
            self.rest = self.rest.find('\n').map_or("", |end| &self.rest[end..]);
        }
    }

    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Values between commas up to `end`, or to the end of all; a lone one without a comma is itself.
    fn tuple(&mut self, end: Option<&str>) -> Option<Value> {
        let mut items = Vec::new();
        let mut is_list = false;
        while !self.is_at(end) {
            items.push(self.value()?);
            if !self.take(",") {
                break;
            }
            is_list = true;
        }
        let closes = end.is_none_or(|end| self.take(end));
        match (closes, items.len(), is_list) {
            (true, 1, false) => items.pop(),
            (true, 0, _) if end.is_none() => None,
            (true, ..) => Some(items.into()),
            (false, ..) => None,
        }
    }

    fn is_at(&mut self, end: Option<&str>) -> bool {
        self.blanks();
        end.map_or(self.rest.is_empty() || self.rest.starts_with(['\n', '\r']), |end| {
            self.rest.starts_with(end)
        })
    }

    fn value(&mut self) -> Option<Value> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.blanks();
        let value = match self.rest.chars().next()? {
            '(' => self.bracket(|reader| reader.tuple(Some(")"))),
            '[' => self.bracket(Self::list),
            '{' => self.bracket(Self::dict),
            '+' | '-' => self.signed(),
            '0'..='9' | '.' => self.number(""),
            '\'' | '"' | 'r' | 'R' | 'u' | 'U' => self.strings(),
            _ => self.constant(),
        };
        self.depth -= 1;
        value
    }

    fn bracket(&mut self, read: impl FnOnce(&mut Self) -> Option<Value>) -> Option<Value> {
        self.rest = &self.rest[1..];
        self.brackets += 1;
        let value = read(self);
        self.brackets -= 1;
        value
    }

    fn list(&mut self) -> Option<Value> {
        let mut items = Vec::new();
        while !self.take("]") {
            items.push(self.value()?);
            if !self.take(",") && !self.is_at(Some("]")) {
                return None;
            }
        }
        Some(items.into())
    }

    fn dict(&mut self) -> Option<Value> {
        let mut map = Map::new();
        while !self.take("}") {
            let key = match self.value()? {
                Value::String(key) => key,
                Value::Array(_) | Value::Object(_) => return None,
                other => other.to_string(),
            };
            if !self.take(":") {
                return None;
            }
            map.insert(key, self.value()?);
            if !self.take(",") && !self.is_at(Some("}")) {
                return None;
            }
        }
        Some(map.into())
    }

    fn constant(&mut self) -> Option<Value> {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "None" => Some(Value::Null),
            "True" => Some(true.into()),
            "False" => Some(false.into()),
            _ => None,
        }
    }

    /// One sign, as Python's reader of literals takes it: a second one is an expression.
    fn signed(&mut self) -> Option<Value> {
        let sign = if self.rest.starts_with('-') { "-" } else { "" };
        self.rest = &self.rest[1..];
        self.blanks();
        self.number(sign)
    }

    fn number(&mut self, sign: &str) -> Option<Value> {
        let mut end = 0;
        for (place, character) in self.rest.char_indices() {
            let signs_exponent = ['+', '-'].contains(&character)
                && self.rest[..place].ends_with(['e', 'E'])
                && !self.rest.starts_with("0x")
                && !self.rest.starts_with("0X");
            if !(character.is_ascii_alphanumeric() || ['.', '_'].contains(&character) || signs_exponent) {
                break;
            }
            end = place + 1;
        }
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        number(token, sign)
    }

    /// Texts in a row are one.
    fn strings(&mut self) -> Option<Value> {
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

/// A number as Python writes it: underscores between digits, no zero before other digits of a whole number.
fn number(token: &str, sign: &str) -> Option<Value> {
    let lower = token.to_ascii_lowercase();
    let radix = [("0x", 16), ("0o", 8), ("0b", 2)].into_iter().find(|(prefix, _)| lower.starts_with(prefix));
    if let Some((prefix, radix)) = radix {
        let digits = &lower[prefix.len()..];
        let digits = without_underscores(digits.strip_prefix('_').unwrap_or(digits), char::is_alphanumeric)?;
        let value = i128::from_str_radix(&digits, radix).ok()?;
        return whole(sign, &value.to_string());
    }
    let digits = without_underscores(&lower, |character| character.is_ascii_digit())?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let value = digits.trim_start_matches('0');
        let is_right = value.len() == digits.len() || value.is_empty();
        return if is_right { whole(sign, if value.is_empty() { "0" } else { value }) } else { None };
    }
    let is_float =
        digits.contains(['.', 'e']) && digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let value: f64 = format!("{sign}{digits}").parse().ok().filter(|_| is_float)?;
    serde_json::Number::from_f64(value).map(Value::Number)
}

fn whole(sign: &str, digits: &str) -> Option<Value> {
    let sign = if digits == "0" { "" } else { sign };
    format!("{sign}{digits}").parse().ok().map(Value::Number)
}

/// The token without its underscores, each of which must stand between two digits.
fn without_underscores(token: &str, is_digit: impl Fn(char) -> bool) -> Option<String> {
    let is_at_digits = |place: usize| {
        token[..place].ends_with(|c| is_digit(c)) && token[place + 1..].starts_with(|c| is_digit(c))
    };
    token.match_indices('_').all(|(place, _)| is_at_digits(place)).then(|| token.replace('_', ""))
}
