//! A value where it stands in its line.

use crate::Value;
use crate::tidy::tidy;
use std::borrow::Cow;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// `null`
    Null,
    /// `false`
    False,
    /// `true`
    True,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A value in a text that was checked; all methods take that text.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) token: Token,
    /// Whether it is written as we would write it: without blanks, escapes and exponents.
    pub(crate) tidy: bool,
}

impl Span {
    /// What it is.
    pub fn token(self) -> Token {
        self.token
    }

    /// The bytes it stands in.
    pub fn raw(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// The string that it is; an empty one when it is none.
    pub fn string(self, text: &str) -> Cow<'_, str> {
        let raw = self.raw(text);
        match self.token {
            Token::String if self.tidy => Cow::Borrowed(raw.get(1..raw.len() - 1).unwrap_or_default()),
            Token::String => serde_json::from_str(raw).map(Cow::Owned).unwrap_or_default(),
            _ => Cow::Borrowed(""),
        }
    }

    /// It as a value.
    pub fn value(self, text: &str) -> Value {
        match self.token {
            Token::Null => Value::Null,
            Token::True => Value::Bool(true),
            Token::False => Value::Bool(false),
            Token::String => Value::String(self.string(text).into_owned()),
            _ => serde_json::from_str(self.raw(text)).unwrap_or_default(),
        }
    }

    /// Write it as JSON, in the form in which everything is written.
    pub fn write(self, text: &str, output: &mut Vec<u8>) {
        match self.tidy {
            true => output.extend_from_slice(self.raw(text).as_bytes()),
            false => tidy(self.raw(text), output),
        }
    }

    /// Whether it is an array or object without anything in it, or an empty string.
    pub fn is_empty(self, text: &str) -> bool {
        match self.token {
            Token::String | Token::Array | Token::Object => {
                let raw = self.raw(text);
                raw.get(1..raw.len() - 1).is_some_and(|inner| inner.trim_ascii().is_empty())
                    && (self.token != Token::String || raw.len() == 2)
            }
            _ => false,
        }
    }
}
