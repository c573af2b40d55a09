//! Statements as one expression: locals are put in where they are used, and what follows an `if` is what both its branches
//! go on with.

use super::{Expr, Locals, Statement, Unsupported, What, write};

/// How large a translation may become: beyond, nobody could read it.
const MAX_NODES: usize = 4000;
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

struct Translator {
    nodes: usize,
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

    fn substitute(&mut self, value: &Expr, locals: &Locals, line: usize) -> Result<Expr, Unsupported> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Unsupported::new(line, "too much for one expression"));
        }
        let mut one = |value: &Expr| self.substitute(value, locals, line);
        let mut boxed = |value: &Expr| one(value).map(Box::new);
        Ok(match value {
            Expr::None | Expr::Bool(_) | Expr::Number(_) | Expr::Text(_) => value.clone(),
            Expr::Name(name) => match locals.get(name) {
                Some(local) => {
                    self.nodes += size(local);
                    local.clone()
                }
                None => value.clone(),
            },
            Expr::Attr(of, name) => Expr::Attr(boxed(of)?, name.clone()),
            Expr::Index(of, index) => Expr::Index(boxed(of)?, boxed(index)?),
            Expr::Slice(of, from, to) => {
                let of = boxed(of)?;
                let from = from.as_deref().map(&mut boxed).transpose()?;
                Expr::Slice(of, from, to.as_deref().map(&mut boxed).transpose()?)
            }
            Expr::Not(of) => Expr::Not(boxed(of)?),
            Expr::Minus(of) => Expr::Minus(boxed(of)?),
            Expr::Binary(operator, left, right) => Expr::Binary(operator, boxed(left)?, boxed(right)?),
            Expr::If(then, condition, otherwise) => {
                Expr::If(boxed(then)?, boxed(condition)?, boxed(otherwise)?)
            }
            Expr::List(items) => Expr::List(items.iter().map(one).collect::<Result<_, _>>()?),
            Expr::And(items) => Expr::And(items.iter().map(one).collect::<Result<_, _>>()?),
            Expr::Or(items) => Expr::Or(items.iter().map(one).collect::<Result<_, _>>()?),
            Expr::Joined(items) => Expr::Joined(items.iter().map(one).collect::<Result<_, _>>()?),
            Expr::Dict(pairs) => {
                let pair = |(name, value): &(Expr, Expr)| Ok((one(name)?, one(value)?));
                Expr::Dict(pairs.iter().map(pair).collect::<Result<_, _>>()?)
            }
            Expr::Compare(first, others) => {
                let first = Box::new(one(first)?);
                let other = |(operator, value): &(&'static str, Expr)| Ok((*operator, one(value)?));
                Expr::Compare(first, others.iter().map(other).collect::<Result<_, _>>()?)
            }
            Expr::Call(function, arguments, named) => {
                let function = Box::new(one(function)?);
                let arguments = arguments.iter().map(&mut one).collect::<Result<_, _>>()?;
                let argument = |(name, value): &(String, Expr)| Ok((name.clone(), one(value)?));
                Expr::Call(function, arguments, named.iter().map(argument).collect::<Result<_, _>>()?)
            }
        })
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

fn size(value: &Expr) -> usize {
    let pairs = |pairs: &[(Expr, Expr)]| pairs.iter().map(|(name, value)| size(name) + size(value)).sum();
    1 + match value {
        Expr::None | Expr::Bool(_) | Expr::Number(_) | Expr::Text(_) | Expr::Name(_) => 0,
        Expr::Attr(of, _) | Expr::Not(of) | Expr::Minus(of) => size(of),
        Expr::Index(left, right) | Expr::Binary(_, left, right) => size(left) + size(right),
        Expr::Slice(of, from, to) => {
            size(of) + [from, to].into_iter().flatten().map(|end| size(end)).sum::<usize>()
        }
        Expr::If(then, condition, otherwise) => size(then) + size(condition) + size(otherwise),
        Expr::List(items) | Expr::And(items) | Expr::Or(items) | Expr::Joined(items) => {
            items.iter().map(size).sum()
        }
        Expr::Dict(members) => pairs(members),
        Expr::Compare(first, others) => {
            size(first) + others.iter().map(|(_, value)| size(value)).sum::<usize>()
        }
        Expr::Call(function, arguments, named) => {
            let named: usize = named.iter().map(|(_, value)| size(value)).sum();
            size(function) + arguments.iter().map(size).sum::<usize>() + named
        }
    }
}
