//! Methods of Python's strings, lists and dictionaries that minijinja-contrib does not have, or has otherwise.

use super::take::wrong;
use minijinja::value::{Kwargs, Rest, Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State};
use minijinja_contrib::pycompat;

pub(super) fn method(state: &mut State, value: &Value, name: &str, args: &[Value]) -> Result<Value, Error> {
    let own = match (value.as_str(), value.kind()) {
        (Some(text), _) => of_text(text, name, args)?,
        (None, ValueKind::Seq) if name == "index" => Some(index_of(value, args)?),
        (None, ValueKind::Map) if name == "copy" => Some(value.clone()),
        _ => None,
    };
    own.map_or_else(|| pycompat::unknown_method_callback(state, value, name, args), Ok)
}

fn of_text(text: &str, name: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    let value: Value = match name {
        "title" => title(text).into(),
        "casefold" => text.to_lowercase().replace('ß', "ss").into(),
        "swapcase" => swapcase(text).into(),
        "split" | "rsplit" => split(text, name == "rsplit", args)?,
        "partition" | "rpartition" => partition(text, name == "rpartition", args)?,
        "removeprefix" => text.strip_prefix(one(args)?).unwrap_or(text).into(),
        "removesuffix" => text.strip_suffix(one(args)?).unwrap_or(text).into(),
        "index" | "find" | "rfind" | "rindex" => find(text, name, args)?,
        "zfill" => zfill(text, from_args::<(usize,)>(args)?.0).into(),
        "ljust" | "rjust" | "center" => justify(text, name, args)?.into(),
        "expandtabs" => expandtabs(text, from_args::<(Option<usize>,)>(args)?.0.unwrap_or(8)).into(),
        "isdecimal" => (!text.is_empty() && text.chars().all(|c| c.is_ascii_digit())).into(),
        "istitle" => (text == title(text) && text.contains(char::is_alphabetic)).into(),
        _ => return Ok(None),
    };
    Ok(Some(value))
}

fn one(args: &[Value]) -> Result<&str, Error> {
    Ok(from_args::<(&str,)>(args)?.0)
}

/// A capital behind everything that is no letter, as `str.title` has it: `It'S`.
fn title(text: &str) -> String {
    let (mut titled, mut inside) = (String::new(), false);
    for letter in text.chars() {
        match inside {
            true => titled.extend(letter.to_lowercase()),
            false => titled.extend(letter.to_uppercase()),
        }
        inside = letter.is_alphabetic();
    }
    titled
}

fn swapcase(text: &str) -> String {
    let mut swapped = String::new();
    for letter in text.chars() {
        match letter.is_uppercase() {
            true => swapped.extend(letter.to_lowercase()),
            false => swapped.extend(letter.to_uppercase()),
        }
    }
    swapped
}

fn split(text: &str, right: bool, args: &[Value]) -> Result<Value, Error> {
    let (separator, count, options): (Option<&str>, Option<i64>, Kwargs) = from_args(args)?;
    let separator =
        separator.map_or_else(|| options.get::<Option<&str>>("sep"), |separator| Ok(Some(separator)))?;
    let count = count.map_or_else(|| options.get::<Option<i64>>("maxsplit"), |count| Ok(Some(count)))?;
    options.assert_all_used()?;
    let most = count
        .and_then(|count| usize::try_from(count).ok())
        .map_or(usize::MAX, |count| count.saturating_add(1));
    let parts: Vec<&str> = match separator {
        Some("") => return Err(wrong("empty separator")),
        Some(separator) if right => {
            text.rsplitn(most, separator).collect::<Vec<_>>().into_iter().rev().collect()
        }
        Some(separator) => text.splitn(most, separator).collect(),
        None => at_blanks(text, right, most),
    };
    Ok(parts.into_iter().map(Value::from).collect())
}

fn at_blanks(text: &str, right: bool, most: usize) -> Vec<&str> {
    let (mut rest, mut parts) = (text.trim(), Vec::new());
    while !rest.is_empty() {
        let cut = if right { rest.rfind(char::is_whitespace) } else { rest.find(char::is_whitespace) };
        let Some(cut) = cut.filter(|_| parts.len() + 1 < most) else {
            parts.push(rest);
            break;
        };
        let (before, behind) = rest.split_at(cut);
        let (part, other) = if right { (behind, before) } else { (before, behind) };
        parts.push(part.trim());
        rest = other.trim();
    }
    if right {
        parts.reverse();
    }
    parts
}

fn partition(text: &str, right: bool, args: &[Value]) -> Result<Value, Error> {
    let separator = one(args)?;
    let parts = match (right, if right { text.rsplit_once(separator) } else { text.split_once(separator) }) {
        (_, Some((before, behind))) => [before, separator, behind],
        (true, None) => ["", "", text],
        (false, None) => [text, "", ""],
    };
    Ok(parts.into_iter().map(Value::from).collect())
}

/// The place of a text, counted in characters; `find` gives -1 and `index` an error when it is not there.
fn find(text: &str, name: &str, args: &[Value]) -> Result<Value, Error> {
    let (wanted, from, _to): (&str, Option<usize>, Rest<Value>) = from_args(args)?;
    let from = from.unwrap_or(0);
    let skipped: usize = text.chars().take(from).map(char::len_utf8).sum();
    let rest = text.get(skipped..).unwrap_or_default();
    let found = if name.starts_with('r') { rest.rfind(wanted) } else { rest.find(wanted) };
    match found.and_then(|place| rest.get(..place)) {
        Some(before) => Ok((from + before.chars().count()).into()),
        None if name.ends_with("find") => Ok((-1).into()),
        None => Err(wrong(format!("'{name}' does not find '{wanted}'"))),
    }
}

fn index_of(list: &Value, args: &[Value]) -> Result<Value, Error> {
    let (wanted,): (&Value,) = from_args(args)?;
    let place = list.try_iter()?.position(|item| item == *wanted);
    place
        .map(Value::from)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("'index' does not find {wanted}")))
}

fn zfill(text: &str, width: usize) -> String {
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => text.split_at(text.len() - digits.len()),
        None => ("", text),
    };
    let missing = width.saturating_sub(text.chars().count());
    format!("{sign}{}{digits}", "0".repeat(missing.min(10_000)))
}

fn justify(text: &str, name: &str, args: &[Value]) -> Result<String, Error> {
    let (width, fill): (usize, Option<char>) = from_args(args)?;
    let (fill, missing) = (fill.unwrap_or(' '), width.saturating_sub(text.chars().count()).min(10_000));
    let filled = |count: usize| fill.to_string().repeat(count);
    Ok(match name {
        "ljust" => format!("{text}{}", filled(missing)),
        "rjust" => format!("{}{text}", filled(missing)),
        _ => center(text, width, fill),
    })
}

/// In the middle of `width` characters; of an odd rest Python puts more on the left when the width is odd.
pub(super) fn center(text: &str, width: usize, fill: char) -> String {
    let missing = width.saturating_sub(text.chars().count()).min(10_000);
    let left = missing / 2 + (missing & width & 1);
    let filled = |count: usize| fill.to_string().repeat(count);
    format!("{}{text}{}", filled(left), filled(missing - left))
}

fn expandtabs(text: &str, size: usize) -> String {
    let (mut expanded, mut column) = (String::new(), 0);
    for letter in text.chars() {
        match letter {
            '\t' => {
                let size = size.min(10_000);
                let blanks = if size == 0 { 0 } else { size - column % size };
                expanded.push_str(&" ".repeat(blanks));
                column += blanks;
            }
            '\n' | '\r' => {
                expanded.push(letter);
                column = 0;
            }
            letter => {
                expanded.push(letter);
                column += 1;
            }
        }
    }
    expanded
}
