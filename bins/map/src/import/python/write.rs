//! Expressions as map writes them. Text methods and `get` are the same there; what Python answers with an exception fails.

use super::{Expr, calls, format, regex};

/// How tightly an operator of Jinja binds; an operand that binds less tightly stands in parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Binds {
    If,
    Or,
    And,
    Not,
    Compare,
    Sum,
    Join,
    Product,
    Sign,
    Most,
}

pub(super) type Written = Result<(String, Binds), String>;

/// The names that converters and filters see there as here.
const NAMES: [&str; 3] = ["record", "value", "params"];

/// `value` as an expression.
pub(super) fn expression(value: &Expr) -> Result<String, String> {
    write(value).map(|(text, _)| text)
}

/// `value` as an operand of something that binds so tightly.
pub(super) fn operand(value: &Expr, binds: Binds) -> Result<String, String> {
    let (text, own) = write(value)?;
    Ok(if own < binds { format!("({text})") } else { text })
}

/// `text` between quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("'");
    for character in text.chars() {
        match character {
            '\'' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            control if control.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}

pub(super) fn write(value: &Expr) -> Written {
    let most = |text: String| Ok((text, Binds::Most));
    match value {
        Expr::None => most("none".to_owned()),
        Expr::Bool(boolean) => most(boolean.to_string()),
        Expr::Number(text) => most(text.clone()),
        Expr::Text(text) => most(quoted(text)),
        Expr::List(items) => most(format!("[{}]", listed(items)?)),
        Expr::Dict(pairs) => most(dict(pairs)?),
        Expr::Name(name) if NAMES.contains(&name.as_str()) => most(name.clone()),
        Expr::Name(name) => Err(format!("the name '{name}'")),
        Expr::Attr(_, name) => Err(format!("the attribute '{name}', which no dict has")),
        Expr::Call(function, arguments, named) => calls::write(function, arguments, named),
        Expr::Index(of, index) => at(of, index),
        Expr::Slice(of, from, to) => slice(of, from.as_deref(), to.as_deref()),
        Expr::Not(of) => Ok((format!("not {}", operand(of, Binds::Not)?), Binds::Not)),
        Expr::Minus(of) => Ok((format!("-{}", operand(of, Binds::Most)?), Binds::Sign)),
        Expr::And(items) => joined(items, " and ", Binds::And),
        Expr::Or(items) => joined(items, " or ", Binds::Or),
        Expr::Joined(items) => match items.as_slice() {
            [] => most("''".to_owned()),
            [one] => write(one),
            _ => joined(items, " ~ ", Binds::Join),
        },
        Expr::If(then, condition, otherwise) => {
            let (then, condition) = (operand(then, Binds::Or)?, operand(condition, Binds::Or)?);
            Ok((format!("{then} if {condition} else {}", expression(otherwise)?), Binds::If))
        }
        Expr::Compare(first, others) => compare(first, others),
        Expr::Binary(operator, left, right) => binary(operator, left, right),
    }
}

fn joined(items: &[Expr], between: &str, binds: Binds) -> Written {
    // Operators of one kind need no parentheses on their left, and these mean the same in any order.
    let items: Vec<String> = items.iter().map(|item| operand(item, binds)).collect::<Result<_, _>>()?;
    Ok((items.join(between), binds))
}

pub(super) fn listed(items: &[Expr]) -> Result<String, String> {
    let items: Vec<String> = items.iter().map(expression).collect::<Result<_, _>>()?;
    Ok(items.join(", "))
}

fn dict(pairs: &[(Expr, Expr)]) -> Result<String, String> {
    let pair = |(name, value): &(Expr, Expr)| Ok(format!("{}: {}", expression(name)?, expression(value)?));
    let pairs: Vec<String> = pairs.iter().map(pair).collect::<Result<_, String>>()?;
    Ok(format!("{{{}}}", pairs.join(", ")))
}

fn binary(operator: &str, left: &Expr, right: &Expr) -> Written {
    if let ("%", Expr::Text(text)) = (operator, left) {
        return write(&format::percent(text, right, 1).map_err(|why| why.what)?);
    }
    let (own, right_binds) = match operator {
        "+" | "-" => (Binds::Sum, Binds::Join),
        _ => (Binds::Product, Binds::Sign),
    };
    Ok((format!("{} {operator} {}", operand(left, own)?, operand(right, right_binds)?), own))
}

fn compare(first: &Expr, others: &[(&'static str, Expr)]) -> Written {
    let mut left = first;
    let mut parts = Vec::new();
    for (operator, right) in others {
        parts.push(comparison(left, operator, right)?);
        left = right;
    }
    match parts.pop() {
        Some(only) if parts.is_empty() => Ok(only),
        last => {
            let parts = parts.into_iter().chain(last);
            let parts: Vec<String> = parts
                .map(|(text, binds)| if binds < Binds::And { format!("({text})") } else { text })
                .collect();
            Ok((parts.join(" and "), Binds::And))
        }
    }
}

fn comparison(left: &Expr, operator: &str, right: &Expr) -> Written {
    if regex::is_question(left) && *right == Expr::None {
        let found = matches!(operator, "is not" | "!=");
        return if found { write(left) } else { write(&Expr::Not(Box::new(left.clone()))) };
    }
    if let "is" | "is not" = operator {
        let wanted = match right {
            Expr::None => "none",
            Expr::Bool(true) => "true",
            Expr::Bool(false) => "false",
            _ => return Err("'is' with something other than None, True or False".to_owned()),
        };
        return Ok((format!("{} {operator} {wanted}", operand(left, Binds::Most)?), Binds::Compare));
    }
    let text = format!("{} {operator} {}", operand(left, Binds::Sum)?, operand(right, Binds::Sum)?);
    if !matches!(operator, "<" | ">" | "<=" | ">=") {
        return Ok((text, Binds::Compare));
    }
    match (left, right) {
        (other, Expr::Number(_)) | (Expr::Number(_), other) => only(&text, other, "is number"),
        (other, Expr::Text(_)) | (Expr::Text(_), other) => only(&text, other, "is string"),
        _ => Ok((text, Binds::Compare)),
    }
}

/// `text` where `value` is such; else what Python's exception comes to.
pub(super) fn only(text: &str, value: &Expr, test: &str) -> Written {
    let value = operand(value, Binds::Most)?;
    Ok((
        format!("{text} if {value} {test} else fail({})", quoted(&format!("it is not so: {value} {test}"))),
        Binds::If,
    ))
}

/// Where Python raises for a key or place that is not there, so must this.
fn at(of: &Expr, index: &Expr) -> Written {
    let place = operand(of, Binds::Most)?;
    if calls::is_split(of) && is_first_or_last(index) {
        return Ok((format!("{place}[{}]", expression(index)?), Binds::Most));
    }
    let index = &own_name(of, index);
    let key = expression(index)?;
    let there = match index {
        Expr::Number(_) => format!("{place} | length > {key}"),
        Expr::Minus(number) => format!("{place} | length >= {}", expression(number)?),
        _ => format!("{} in {place}", operand(index, Binds::Sum)?),
    };
    let why = match index {
        Expr::Text(name) => quoted(&format!("{name} is missing")),
        _ => quoted(&format!("place {key} is missing")),
    };
    Ok((format!("{place}[{key}] if {there} else fail({why})"), Binds::If))
}

fn is_first_or_last(index: &Expr) -> bool {
    match index {
        Expr::Number(number) => number == "0",
        Expr::Minus(number) => **number == Expr::Number("1".to_owned()),
        _ => false,
    }
}

/// A member of the record as our extractors write it: one that begins with `_` has one more.
pub(super) fn own_name(of: &Expr, index: &Expr) -> Expr {
    match (of, index) {
        (Expr::Name(record), Expr::Text(name)) if record == "record" && name.starts_with('_') => {
            Expr::Text(format!("_{name}"))
        }
        _ => index.clone(),
    }
}

fn slice(of: &Expr, from: Option<&Expr>, to: Option<&Expr>) -> Written {
    let end = |end: Option<&Expr>| end.map(expression).transpose().map(Option::unwrap_or_default);
    let (from, to) = (end(from)?, end(to)?);
    let of = operand(of, Binds::Most)?;
    Ok((format!("{of}[{from}:{to}] if {of} is not none else fail('there is nothing to cut')"), Binds::If))
}
