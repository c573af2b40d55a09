//! Calls of Python's `re` with a literal pattern.

use super::Expr;
use super::calls::is_text;
use super::write::{Binds, Written, only, operand, quoted};

/// `re.method(pattern, text)` as a question whether it matches, or `re.sub`.
pub(super) fn call(method: &str, arguments: &[Expr], named: &[(String, Expr)]) -> Written {
    if let ("sub", [Expr::Text(pattern), Expr::Text(by), text], []) = (method, arguments, named) {
        let (pattern, by) = (quoted(&understood(pattern)?), quoted(&replacement(by)?));
        return Ok((
            format!("{} | regex_replace({pattern}, {by})", operand(text, Binds::Most)?),
            Binds::Sign,
        ));
    }
    let (pattern, value) = search(method, arguments, named)?;
    let text = format!("{} is matching({})", operand(value, Binds::Most)?, quoted(&pattern));
    // Python raises where there is no text to look at.
    if is_text(value) { Ok((text, Binds::Compare)) } else { only(&text, value, "is string") }
}

/// Whether `value` looks for a match: it is written as a question, where Python has a match or None.
pub(super) fn is_question(value: &Expr) -> bool {
    match value {
        Expr::Call(function, ..) => match &**function {
            Expr::Attr(module, method) => {
                **module == Expr::Name("re".to_owned())
                    && matches!(method.as_str(), "search" | "match" | "fullmatch")
            }
            _ => false,
        },
        _ => false,
    }
}

/// `re.method(pattern, text).group(number)`.
pub(super) fn group(
    function: &Expr,
    arguments: &[Expr],
    named: &[(String, Expr)],
    group: &[Expr],
) -> Written {
    let method = match function {
        Expr::Attr(module, method) if **module == Expr::Name("re".to_owned()) => method,
        _ => return Err("the method 'group'".to_owned()),
    };
    let (pattern, value) = search(method, arguments, named)?;
    let pattern = quoted(&pattern);
    let part = match group {
        [] => String::new(),
        [Expr::Number(number)] => format!(", {number}"),
        [Expr::Text(name)] => format!(", {}", quoted(name)),
        _ => return Err("several groups of a match".to_owned()),
    };
    Ok((format!("{} | regex_search({pattern}{part})", operand(value, Binds::Most)?), Binds::Sign))
}

/// The pattern, in our form, and the text that it is sought in.
fn search<'a>(
    method: &str,
    arguments: &'a [Expr],
    named: &[(String, Expr)],
) -> Result<(String, &'a Expr), String> {
    let (pattern, text, flags) = match (arguments, named) {
        ([Expr::Text(pattern), text], []) => (pattern, text, None),
        ([Expr::Text(pattern), text, flags], []) => (pattern, text, Some(flags)),
        ([Expr::Text(pattern), text], [(name, flags)]) if name == "flags" => (pattern, text, Some(flags)),
        _ => return Err(format!("'re.{method}' with something other than a literal pattern")),
    };
    let pattern = understood(pattern)?;
    let pattern = match method {
        "search" => pattern,
        "match" if pattern.starts_with('^') && !pattern.contains('|') => pattern,
        "match" => format!("^(?:{pattern})"),
        "fullmatch" => format!("^(?:{pattern})$"),
        _ => return Err(format!("'re.{method}'")),
    };
    let letters = match flags {
        None => "",
        Some(Expr::Attr(_, name)) if matches!(name.as_str(), "I" | "IGNORECASE") => "(?i)",
        Some(_) => return Err("flags of a regular expression".to_owned()),
    };
    Ok((format!("{letters}{pattern}"), text))
}

/// The pattern, when both kinds of regular expressions read it alike.
fn understood(pattern: &str) -> Result<String, String> {
    let ours_lacks = ["(?=", "(?!", "(?<=", "(?<!", "(?P=", "(?(", "\\1", "\\2", "\\3"];
    match ours_lacks.into_iter().find(|other| pattern.contains(other)) {
        Some(other) => Err(format!("'{other}' in a regular expression")),
        None => Ok(pattern.replace("\\Z", "\\z")),
    }
}

/// The replacement, whose groups are `\1` there and `${1}` here.
fn replacement(by: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut characters = by.chars();
    while let Some(character) = characters.next() {
        match character {
            '$' => text.push_str("$$"),
            '\\' => match characters.next() {
                Some(digit @ '1'..='9') => text.push_str(&format!("${{{digit}}}")),
                _ => return Err("an escape in what 're.sub' puts in".to_owned()),
            },
            other => text.push(other),
        }
    }
    Ok(text)
}
