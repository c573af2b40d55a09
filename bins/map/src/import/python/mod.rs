//! The Python of a settings file: read, never run, and written as expressions where it is of the simple forms.
//!
//! Read are assignments of locals, `if`, `elif`, `else`, `return`, `raise` and single expressions. Everything else,
//! such as a loop or `try`, is named in the error, and a person translates it.

mod calls;
mod format;
mod literal;
mod parse;
mod parse_atom;
mod parse_expr;
mod regex;
mod substitute;
mod token;
mod translate;
mod write;

pub use literal::json;

use std::collections::HashMap;

/// What cannot be translated, and where: lines count from 1 within the text.
#[derive(Debug, PartialEq, Eq)]
pub struct Unsupported {
    pub line: usize,
    pub what: String,
}

impl Unsupported {
    fn new(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }
}

/// The expression that gives what the function body `text` returns.
pub fn expression(text: &str) -> Result<String, Unsupported> {
    let body = parse::body(text)?;
    translate::body(&body)
}

/// An expression of Python.
#[derive(Clone, Debug, PartialEq)]
enum Expr {
    None,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Expr>),
    Dict(Vec<(Expr, Expr)>),
    Name(String),
    Attr(Box<Expr>, String),
    Call(Box<Expr>, Vec<Expr>, Vec<(String, Expr)>),
    Index(Box<Expr>, Box<Expr>),
    Slice(Box<Expr>, Option<Box<Expr>>, Option<Box<Expr>>),
    Not(Box<Expr>),
    Minus(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Compare(Box<Expr>, Vec<(&'static str, Expr)>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// The value, the condition, the other value.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// An f-string: texts and values in turn.
    Joined(Vec<Expr>),
}

/// A statement of Python, with its line.
#[derive(Debug)]
struct Statement {
    line: usize,
    what: What,
}

#[derive(Debug)]
enum What {
    Return(Expr),
    Assign(String, Expr),
    If(Expr, Vec<Statement>, Vec<Statement>),
    Raise(String),
    /// A log line, `pass`, an import: nothing that shows in the result.
    Nothing,
}

/// Locals by name.
type Locals = HashMap<String, Expr>;

#[cfg(test)]
mod tests;
