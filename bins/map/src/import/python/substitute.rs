//! Expressions with the locals in their places.

use super::translate::Translator;
use super::{Expr, Locals, Unsupported};

/// How many parts a translation may have on its way.
const MAX_NODES: usize = 4000;

impl Translator {
    pub(super) fn substitute(
        &mut self,
        value: &Expr,
        locals: &Locals,
        line: usize,
    ) -> Result<Expr, Unsupported> {
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
