//! Formatted text: f-strings, `'%s' % x` and `'{}'.format(x)`, all of them as texts and values in turn.

use super::parse::Parser;
use super::token::Token;
use super::{Expr, Unsupported};

/// An f-string whose inside is `text`.
pub(super) fn f_string(text: &str, line: usize) -> Result<Expr, Unsupported> {
    pieces(text, line, |inside| {
        if inside.contains(['!', ':', '=']) {
            return Err(Unsupported::new(line, "an f-string with a format"));
        }
        let mut parser = Parser::new(inside)?;
        let value = parser.expression().map_err(|why| Unsupported::new(line, why.what))?;
        match parser.peek() {
            Token::NewLine => Ok(value),
            _ => Err(Unsupported::new(line, "an f-string of another form")),
        }
    })
}

/// `text.format(arguments)`.
pub(super) fn method(
    text: &str,
    arguments: &[Expr],
    named: &[(String, Expr)],
    line: usize,
) -> Result<Expr, Unsupported> {
    let mut next = 0;
    pieces(text, line, |inside| {
        let place = if inside.is_empty() {
            next += 1;
            Some(next - 1)
        } else {
            inside.parse().ok()
        };
        let found = match place {
            Some(place) => arguments.get(place),
            None => named.iter().find(|(name, _)| name == inside).map(|(_, value)| value),
        };
        found.cloned().ok_or_else(|| Unsupported::new(line, format!("'{{{inside}}}' in a format")))
    })
}

/// `text % values`: `%s`, and `%d`, which differs from it only for numbers that are no integers.
pub(super) fn percent(text: &str, values: &Expr, line: usize) -> Result<Expr, Unsupported> {
    let mut values = match values {
        Expr::List(items) => items.clone(),
        one => vec![one.clone()],
    }
    .into_iter();
    let (mut joined, mut plain) = (Vec::new(), String::new());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            plain.push(character);
            continue;
        }
        match (characters.next(), values.len()) {
            (Some('%'), _) => plain.push('%'),
            (Some('s'), 1..) => {
                joined.push(Expr::Text(std::mem::take(&mut plain)));
                joined.extend(values.next());
            }
            _ => return Err(Unsupported::new(line, "a format with more than '%s'")),
        }
    }
    if values.len() > 0 {
        return Err(Unsupported::new(line, "more values than places in a format"));
    }
    joined.push(Expr::Text(plain));
    Ok(Expr::Joined(without_empty(joined)))
}

/// The texts of `text`, and between them what `value` makes of the insides of its braces.
fn pieces(
    text: &str,
    line: usize,
    mut value: impl FnMut(&str) -> Result<Expr, Unsupported>,
) -> Result<Expr, Unsupported> {
    let (mut joined, mut plain) = (Vec::new(), String::new());
    let mut rest = text;
    while let Some(place) = rest.find(['{', '}']) {
        plain.push_str(&rest[..place]);
        let doubled = ["{{", "}}"].into_iter().find(|doubled| rest[place..].starts_with(doubled));
        if let Some(doubled) = doubled {
            plain.push_str(&doubled[1..]);
            rest = &rest[place + 2..];
            continue;
        }
        let Some(end) = rest[place..].find('}').filter(|_| rest[place..].starts_with('{')) else {
            return Err(Unsupported::new(line, "a brace without its other half"));
        };
        joined.push(Expr::Text(std::mem::take(&mut plain)));
        joined.push(value(rest[place + 1..place + end].trim())?);
        rest = &rest[place + end + 1..];
    }
    plain.push_str(rest);
    joined.push(Expr::Text(plain));
    Ok(Expr::Joined(without_empty(joined)))
}

/// One empty text stays, so that what is joined is a text.
fn without_empty(joined: Vec<Expr>) -> Vec<Expr> {
    let needed = joined.iter().filter(|piece| **piece != Expr::Text(String::new())).count() > 1;
    let first_is_text = matches!(joined.first(), Some(Expr::Text(text)) if !text.is_empty());
    let mut pieces: Vec<Expr> =
        joined.into_iter().filter(|piece| *piece != Expr::Text(String::new())).collect();
    if !needed && !first_is_text {
        pieces.insert(0, Expr::Text(String::new()));
    }
    pieces
}
