//! Texts read as literals of Python, as the Oomnitza connector's managed runs do with every value: `5E10` is a number, `1,2`
//! a list, `0012` a text.
//!
//! Sets, bytes, complex numbers, and what JSON cannot hold stay texts.

mod number;
mod text;

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
        self.unsigned(sign)
    }

    /// A number, or one in brackets of its own.
    fn unsigned(&mut self, sign: &str) -> Option<Value> {
        self.blanks();
        if !self.rest.starts_with('(') {
            return self.number(sign);
        }
        self.depth += 1;
        let is_too_deep = self.depth > MAX_DEPTH;
        let number = if is_too_deep { None } else { self.bracket(|reader| reader.unsigned(sign)) };
        self.depth -= 1;
        number.filter(|_| self.take(")"))
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
        number::read(token, sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn literals_are_those_of_python() {
        let right = [
            ("-(5)", json!(-5)),
            ("1,", json!([1])),
            ("()", json!([])),
            ("[1, 'a' \"b\", ]", json!([1, "ab"])),
            ("{1: {'x': None}, True: 2.5}", json!({"1": {"x": null}, "true": 2.5})),
            (r"r'\d' '\x41\u00e6\7\q'", json!("\\dAæ\u{7}\\q")),
            ("'''a\"'b'''", json!("a\"'b")),
            ("010.5", json!(10.5)),
            ("00", json!(0)),
            ("[1,\n 2] # two", json!([1, 2])),
        ];
        for (text, value) in right {
            assert_eq!(read(text), Some(value), "{text}");
        }
    }

    #[test]
    fn what_is_none_stays_text() {
        let wrong = [
            "--5", "+True", "-#", "1__0", "1_", "010", "1 2", "b'x'", "1+2j", "{1, 2}", "1e999", "'a", ",",
            "[1", "5\n6",
        ];
        for text in wrong {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&"[".repeat(100_000)), None);
    }
}
