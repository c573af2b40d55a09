//! Calls of Python's `re` with a literal pattern.

use super::Expr;
use super::write::{Binds, Written, operand, quoted};

/// `re.method(pattern, text)` as a question whether it matches. What it finds is not kept.
pub(super) fn call(method: &str, arguments: &[Expr], named: &[(String, Expr)]) -> Written {
    let (pattern, text, flags) = match (arguments, named) {
        ([Expr::Text(pattern), text], []) => (pattern, text, None),
        ([Expr::Text(pattern), text, flags], []) => (pattern, text, Some(flags)),
        ([Expr::Text(pattern), text], [(name, flags)]) if name == "flags" => (pattern, text, Some(flags)),
        _ => return Err(format!("'re.{method}' with something other than a literal pattern")),
    };
    let pattern = understood(pattern)?;
    let pattern = match method {
        "search" => pattern,
        "match" => format!("^(?:{pattern})"),
        "fullmatch" => format!("^(?:{pattern})$"),
        _ => return Err(format!("'re.{method}'")),
    };
    let letters = match flags {
        None => "",
        Some(Expr::Attr(_, name)) if matches!(name.as_str(), "I" | "IGNORECASE") => "(?i)",
        Some(_) => return Err("flags of a regular expression".to_owned()),
    };
    let pattern = quoted(&format!("{letters}{pattern}"));
    Ok((format!("{} is matching({pattern})", operand(text, Binds::Most)?), Binds::Compare))
}

/// The pattern, when both kinds of regular expressions read it alike.
fn understood(pattern: &str) -> Result<String, String> {
    let ours_lacks = ["(?=", "(?!", "(?<=", "(?<!", "(?P=", "(?(", "\\1", "\\2", "\\3"];
    match ours_lacks.into_iter().find(|other| pattern.contains(other)) {
        Some(other) => Err(format!("'{other}' in a regular expression")),
        None => Ok(pattern.replace("\\Z", "\\z")),
    }
}
