//! Expressions and templates that are simple enough to be evaluated over the line itself.
//!
//! Names and paths, text and whole numbers, `and`, `or`, `not`, `==`, `!=`, `~`, `… if … else …`; in templates also
//! `{% if %}`. Whatever is out of the ordinary (a list as a result, a fraction, something undefined where it may not be)
//! gives nothing here and is left to minijinja: so what comes out, and why something fails, is the same.

use crate::source::Source;
use muster_stream::{Span, Token, Value};
use std::borrow::Cow;

/// An expression over the members of the record.
#[derive(Clone, Debug)]
pub(crate) enum Native {
    /// What stands at the path of this slot, and the slot of what it is a member of, when that is not the record.
    Path(usize, Option<usize>),
    Text(String),
    Integer(i64),
    Bool(bool),
    None,
    Not(Box<Native>),
    And(Box<Native>, Box<Native>),
    Or(Box<Native>, Box<Native>),
    Equal(Box<Native>, Box<Native>, bool),
    Join(Box<Native>, Box<Native>),
    If(Box<Native>, Box<Native>, Box<Native>),
}

/// A part of a template.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Text(String),
    Print(Native),
    If(Native, Vec<Piece>, Vec<Piece>),
}

/// What an expression gives.
#[derive(Clone, Debug)]
enum Got<'a> {
    Undefined,
    None,
    Bool(bool),
    Integer(i64),
    Text(Cow<'a, str>),
    /// A list or object.
    Other(Span),
}

impl Native {
    /// How many parts it has.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Not(inner) => 1 + inner.size(),
            Self::And(a, b) | Self::Or(a, b) | Self::Equal(a, b, _) | Self::Join(a, b) => {
                1 + a.size() + b.size()
            }
            Self::If(a, b, c) => 1 + a.size() + b.size() + c.size(),
            _ => 1,
        }
    }

    /// Whether it holds; nothing when that is not for us to say.
    pub(crate) fn truth(&self, source: &Source) -> Option<bool> {
        Some(is_true(&self.eval(source)?, source))
    }

    /// What it gives, as JSON; nothing when that is not for us to say.
    pub(crate) fn json(&self, source: &Source) -> Option<Value> {
        match self.eval(source)? {
            Got::Undefined | Got::None => Some(Value::Null),
            Got::Bool(boolean) => Some(boolean.into()),
            Got::Integer(integer) => Some(integer.into()),
            Got::Text(text) => Some(text.into()),
            Got::Other(_) => None,
        }
    }

    fn eval<'a>(&'a self, source: &'a Source) -> Option<Got<'a>> {
        match self {
            Self::Path(slot, above) => at(source, *slot, *above),
            Self::Text(text) => Some(Got::Text(Cow::Borrowed(text))),
            Self::Integer(integer) => Some(Got::Integer(*integer)),
            Self::Bool(boolean) => Some(Got::Bool(*boolean)),
            Self::None => Some(Got::None),
            Self::Not(inner) => Some(Got::Bool(!inner.truth(source)?)),
            Self::And(left, right) => match left.eval(source)? {
                left if is_true(&left, source) => right.eval(source),
                left => Some(left),
            },
            Self::Or(left, right) => match left.eval(source)? {
                left if is_true(&left, source) => Some(left),
                _ => right.eval(source),
            },
            Self::Equal(left, right, wanted) => {
                Some(Got::Bool(equal(&left.eval(source)?, &right.eval(source)?)? == *wanted))
            }
            Self::Join(left, right) => {
                let mut text = String::new();
                print(&left.eval(source)?, &mut text)?;
                print(&right.eval(source)?, &mut text)?;
                Some(Got::Text(text.into()))
            }
            Self::If(test, yes, no) => if test.truth(source)? { yes } else { no }.eval(source),
        }
    }
}

/// The text of a template; nothing when that is not for us to say.
pub(crate) fn render(pieces: &[Piece], source: &Source) -> Option<String> {
    let mut text = String::with_capacity(64);
    render_into(pieces, source, &mut text)?;
    Some(text)
}

fn render_into(pieces: &[Piece], source: &Source, text: &mut String) -> Option<()> {
    for piece in pieces {
        match piece {
            Piece::Text(raw) => text.push_str(raw),
            Piece::Print(native) => print(&native.eval(source)?, text)?,
            Piece::If(test, yes, no) => {
                render_into(if test.truth(source)? { yes } else { no }, source, text)?;
            }
        }
    }
    Some(())
}

/// A missing member of an object is undefined; one of anything else is an error, perhaps, so not ours.
fn at(source: &Source, slot: usize, above: Option<usize>) -> Option<Got<'_>> {
    let Some(span) = source.slot(slot) else {
        let is_object = |slot| source.slot(slot).is_some_and(|span| span.token() == Token::Object);
        return above.is_none_or(is_object).then_some(Got::Undefined);
    };
    match span.token() {
        Token::Null => Some(Got::None),
        Token::True => Some(Got::Bool(true)),
        Token::False => Some(Got::Bool(false)),
        Token::String => Some(Got::Text(span.string(source.text()))),
        Token::Number => span.raw(source.text()).parse().ok().map(Got::Integer),
        Token::Array | Token::Object => Some(Got::Other(span)),
    }
}

fn is_true(got: &Got<'_>, source: &Source) -> bool {
    match got {
        Got::Undefined | Got::None => false,
        Got::Bool(boolean) => *boolean,
        Got::Integer(integer) => *integer != 0,
        Got::Text(text) => !text.is_empty(),
        Got::Other(span) => !span.is_empty(source.text()),
    }
}

fn equal(left: &Got<'_>, right: &Got<'_>) -> Option<bool> {
    match (left, right) {
        (Got::Text(left), Got::Text(right)) => Some(left == right),
        (Got::Integer(left), Got::Integer(right)) => Some(left == right),
        (Got::None, Got::None) => Some(true),
        (Got::Text(_), Got::None) | (Got::None, Got::Text(_)) => Some(false),
        _ => None,
    }
}

fn print(got: &Got<'_>, text: &mut String) -> Option<()> {
    match got {
        Got::Text(got) => text.push_str(got),
        Got::Integer(integer) => text.push_str(&integer.to_string()),
        _ => return None,
    }
    Some(())
}
