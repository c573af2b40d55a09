//! Statements as one expression: locals are put in where they are used, and what follows an `if` is what both its branches
//! go on with.

use super::{Expr, Locals, Statement, Unsupported, What, write};

/// How long a translation may become: beyond, nobody could read it.
const MAX_LENGTH: usize = 4000;

/// The expression of a function body.
pub(super) fn body(statements: &[Statement]) -> Result<String, Unsupported> {
    let mut translator = Translator { nodes: 0 };
    let value = translator.run(vec![statements], Locals::new())?;
    let line = statements.first().map_or(1, |statement| statement.line);
    let text = write::expression(&value).map_err(|what| Unsupported::new(line, what))?;
    if text.len() > MAX_LENGTH {
        Err(Unsupported::new(line, "too much for one expression"))
    } else {
        Ok(text)
    }
}

/// Counts what it makes, for a few lines of Python may come to more than memory holds.
pub(super) struct Translator {
    pub(super) nodes: usize,
}

impl Translator {
    /// What the statements return, the last list first. A function without `return` gives None.
    fn run(&mut self, mut open: Vec<&[Statement]>, mut locals: Locals) -> Result<Expr, Unsupported> {
        while let Some(statements) = open.pop() {
            let Some((statement, rest)) = statements.split_first() else { continue };
            open.push(rest);
            let line = statement.line;
            match &statement.what {
                What::Nothing => (),
                What::Return(value) => return self.put_in(value, &locals, line),
                What::Raise(why) => return Ok(failing(why)),
                What::Assign(name, value) => {
                    let value = self.put_in(value, &locals, line)?;
                    locals.insert(name.clone(), value);
                }
                What::If(condition, then, otherwise) => {
                    let condition = self.put_in(condition, &locals, line)?;
                    let then = self.run(with(&open, then), locals.clone())?;
                    let otherwise = self.run(with(&open, otherwise), locals)?;
                    return Ok(simplified(then, condition, otherwise));
                }
            }
        }
        Ok(Expr::None)
    }

    /// `value` with the locals in their places, checked.
    fn put_in(&mut self, value: &Expr, locals: &Locals, line: usize) -> Result<Expr, Unsupported> {
        let value = self.substitute(value, locals, line)?;
        write::expression(&value).map_err(|what| Unsupported::new(line, what))?;
        Ok(value)
    }
}

fn with<'a>(open: &[&'a [Statement]], branch: &'a [Statement]) -> Vec<&'a [Statement]> {
    open.iter().copied().chain([branch]).collect()
}

fn failing(why: &str) -> Expr {
    Expr::Call(Box::new(Expr::Name("fail".to_owned())), vec![Expr::Text(why.to_owned())], Vec::new())
}

/// `if c: return True, return False` is `c`; `if c: return False, return x` is `not c and x`.
fn simplified(then: Expr, condition: Expr, otherwise: Expr) -> Expr {
    match (&then, &otherwise) {
        (Expr::Bool(true), Expr::Bool(false)) if is_boolean(&condition) => condition,
        (Expr::Bool(false), Expr::Bool(true)) => Expr::Not(Box::new(condition)),
        _ if then == otherwise => then,
        (Expr::Bool(false), _) => Expr::And(joined(Expr::Not(Box::new(condition)), otherwise)),
        (Expr::Bool(true), _) if is_boolean(&condition) => Expr::Or(vec![condition, otherwise]),
        _ => Expr::If(Box::new(then), Box::new(condition), Box::new(otherwise)),
    }
}

/// `first` before the parts of an `and`, or before a whole.
fn joined(first: Expr, rest: Expr) -> Vec<Expr> {
    match rest {
        Expr::And(items) => [first].into_iter().chain(items).collect(),
        other => vec![first, other],
    }
}

fn is_boolean(value: &Expr) -> bool {
    match value {
        Expr::Compare(..) | Expr::Not(_) | Expr::Bool(_) => true,
        Expr::And(items) | Expr::Or(items) => items.iter().all(is_boolean),
        Expr::Call(function, ..) => {
            matches!(&**function, Expr::Attr(_, name) if matches!(name.as_str(), "startswith" | "endswith"))
        }
        _ => false,
    }
}
