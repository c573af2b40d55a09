//! Python literals, such as a dict with single quotes, as JSON.

use super::Expr;
use super::parse::Parser;
use super::token::Token;
use serde_json::{Map, Value};

/// The value of the literal `text`; a comma behind it, as it stands in the old documentation, is ignored.
pub fn json(text: &str) -> Option<Value> {
    let mut parser = Parser::new(text.trim().trim_end_matches(',')).ok()?;
    let value = parser.expression().ok()?;
    matches!(parser.peek(), Token::NewLine).then(|| of(&value))?
}

fn of(value: &Expr) -> Option<Value> {
    Some(match value {
        Expr::None => Value::Null,
        Expr::Bool(boolean) => (*boolean).into(),
        Expr::Number(text) => Value::Number(text.parse().ok()?),
        Expr::Minus(number) => match &**number {
            Expr::Number(text) => Value::Number(format!("-{text}").parse().ok()?),
            _ => return None,
        },
        Expr::Text(text) => text.as_str().into(),
        Expr::List(items) => items.iter().map(of).collect::<Option<Vec<Value>>>()?.into(),
        Expr::Dict(pairs) => {
            let pair = |(name, value): &(Expr, Expr)| match name {
                Expr::Text(name) => Some((name.clone(), of(value)?)),
                _ => None,
            };
            pairs.iter().map(pair).collect::<Option<Map<String, Value>>>()?.into()
        }
        _ => return None,
    })
}
