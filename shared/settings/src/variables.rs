//! Settings as variables: a `.env` file, as the Swit example and many containers keep theirs.
//!
//! A line is `NAME=value`, `export` before it or not. Quotes around a value are no part of it; in double ones `\n`, `\"`
//! and `\\` stand for what they stand for; without quotes a `#` behind white space begins a comment.

use crate::Entry;
use muster_base::{Error, Exit};

/// A line of such a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The name, in the letters of the file.
    pub name: String,
    /// The value, without quotes.
    pub value: String,
    /// The number of its line.
    pub line: usize,
}

/// The assignments of `text`; a line that is none is an error, which names the file at `path`.
pub fn assignments(text: &str, path: &str) -> Result<Vec<Assignment>, Error> {
    let mut found = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = assignment(line).ok_or_else(|| {
            Error::new(Exit::Config, "this is not 'NAME=value'").at(format!("{path}:{}", index + 1))
        })?;
        found.push(Assignment { name: name.to_owned(), value, line: index + 1 });
    }
    Ok(found)
}

/// The entries of `text`; a line that is none is an error.
pub(crate) fn read(text: &str, path: &str) -> Result<Vec<Entry>, Error> {
    let entry = |Assignment { name, value, line }| Entry {
        section: String::new(),
        key: name.to_lowercase(),
        value,
        line,
    };
    Ok(assignments(text, path)?.into_iter().map(entry).collect())
}

fn assignment(line: &str) -> Option<(&str, String)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (key, value) = line.split_once('=')?;
    let key = key.trim();
    let is_name = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then(|| (key, unquoted(value.trim())))
}

fn unquoted(value: &str) -> String {
    if let Some(rest) = value.strip_prefix('\'')
        && let Some((inner, _)) = rest.split_once('\'')
    {
        return inner.to_owned();
    }
    match value.strip_prefix('"').and_then(in_double_quotes) {
        Some(inner) => inner,
        None => value.split_once(" #").map_or(value, |(before, _)| before).trim_end().to_owned(),
    }
}

/// The text up to the closing quote; nothing when there is none.
fn in_double_quotes(text: &str) -> Option<String> {
    let (mut inner, mut characters) = (String::new(), text.chars());
    loop {
        match characters.next()? {
            '"' => return Some(inner),
            '\\' => match characters.next()? {
                'n' => inner.push('\n'),
                other @ ('"' | '\\') => inner.push(other),
                other => inner.extend(['\\', other]),
            },
            other => inner.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        read(text, ".env").unwrap().iter().map(|entry| format!("{}={}", entry.key, entry.value)).collect()
    }

    #[test]
    fn lines_are_as_in_the_example() {
        let text = "# app\nSWIT_CLIENT_ID=abc #1\nexport A='x # y'\nB=\"a\\nb\\\"c\" # z\nC=\nD=a#b\n";
        assert_eq!(values(text), ["swit_client_id=abc", "a=x # y", "b=a\nb\"c", "c=", "d=a#b"]);
    }

    #[test]
    fn what_is_no_variable_is_named() {
        let error = read("A=1\nno variable\n", ".env").unwrap_err().to_string();
        assert_eq!(error, "this is not 'NAME=value' (.env:2)");
    }
}
