//! INI files as the seed systems write them.
//!
//! Sections may be repeated, keys are lower-cased, `=` or `:` ends a key, `%` is literal, a line that begins with white
//! space continues the value before it and keeps that space (it may be the body of a function), blank lines are dropped,
//! `#`, `;` and the word `rem` in the first column begin a comment, the first `;` of a value begins one only behind white
//! space and never at the value's begin, `""` is the empty value. An indented line behind a section's name continues
//! nothing and is not read. These rules are that format's own, and messages name lines: both is why no general reader
//! serves here.

use crate::Entry;
use muster_base::{Error, Exit};
use std::ops::Range;

/// What stands in a file.
#[derive(Debug, Default)]
pub(crate) struct Ini {
    pub(crate) entries: Vec<Entry>,
    /// The names of all sections, in order, once each.
    pub(crate) sections: Vec<String>,
    /// Indented lines that continue nothing: section and number.
    pub(crate) stray: Vec<(String, usize)>,
}

/// The entries and sections of `text`; all lines that are wrong are named in one error.
pub(crate) fn read(text: &str, path: &str) -> Result<Ini, Error> {
    let (mut found, mut wrong) = (Ini::default(), Vec::new());
    let (mut section, mut is_behind_option) = (String::new(), false);
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        if line.trim().is_empty() || is_comment(line) {
            continue;
        }
        if line.starts_with(char::is_whitespace) {
            match found.entries.last_mut().filter(|_| is_behind_option) {
                Some(entry) => entry.value.extend(["\n", line.trim_end()]),
                None => found.stray.push((section.clone(), number)),
            }
        } else if let Some(name) = section_name(line) {
            section = name.to_owned();
            is_behind_option = false;
            if !found.sections.contains(&section) {
                found.sections.push(section.clone());
            }
        } else if let Some((key, value)) = option(line) {
            found.entries.push(Entry { section: section.clone(), key, value, line: number });
            is_behind_option = true;
        } else {
            wrong.push(number.to_string());
        }
    }
    if wrong.is_empty() {
        return Ok(found);
    }
    let lines = wrong.join(", ");
    Err(Error::new(Exit::Config, "neither a section nor 'key = value'").at(format!("{path}:{lines}")))
}

/// The name of the section that begins here. What stands behind the bracket is no part of it.
fn section_name(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.split_once(']').map(|(name, _)| name.trim()).filter(|name| !name.is_empty())
}

fn is_comment(line: &str) -> bool {
    let word = line.split([' ', '\t']).next().unwrap_or_default();
    line.starts_with(['#', ';']) || word.eq_ignore_ascii_case("rem")
}

fn option(line: &str) -> Option<(String, String)> {
    let key = line.split(['=', ':']).next().unwrap_or_default().trim().to_lowercase();
    let value = line.get(value_in(line)?)?;
    (!key.is_empty()).then(|| (key, if value == "\"\"" { String::new() } else { value.to_owned() }))
}

/// Where in a line `key = value ; comment` the value stands, without the blanks around it; nothing where there is no sign
/// behind a key.
pub fn value_in(line: &str) -> Option<Range<usize>> {
    let from = line.find(['=', ':'])? + 1;
    let value = line[from..].trim_start();
    let start = line.len() - value.len();
    let value = match value.split_once(';') {
        Some((before, _)) if before.ends_with(char::is_whitespace) => before,
        _ => value,
    };
    match value.trim_end() {
        "" => Some(from..from),
        value => Some(start..start + value.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        let entries = read(text, "config.ini").unwrap().entries;
        entries.iter().map(|e| format!("{}.{}={}", e.section, e.key, e.value)).collect()
    }

    #[test]
    fn sections_repeat_and_keys_are_lower_case() {
        assert_eq!(values("[a]\nX = 1\n[b]\nx:2\n[a]\ny=3\n"), ["a.x=1", "b.x=2", "a.y=3"]);
    }

    #[test]
    fn only_a_semicolon_behind_white_space_begins_a_comment() {
        assert_eq!(
            values("[a]\np = p;w ;c\nq = a ; b ; c\n# x\n;y\nrem z\nr = 50%\n"),
            ["a.p=p;w ;c", "a.q=a", "a.r=50%"]
        );
        assert_eq!(values("[a]\np = ;w;\nq=; w\nr:\n"), ["a.p=;w;", "a.q=; w", "a.r="]);
    }

    #[test]
    fn a_value_goes_on_behind_white_space() {
        assert_eq!(values("[a]\nx =\n  one\n\n  # two\ny = \"\"\n"), ["a.x=\n  one\n  # two", "a.y="]);
        assert_eq!(values("[a]\nx:\n  if y:\n    z\n"), ["a.x=\n  if y:\n    z"]);
    }

    #[test]
    fn an_indented_line_behind_a_section_continues_nothing() {
        let text = "[a]\nx = 1\n[a]\n  two\n";
        assert_eq!(values(text), ["a.x=1"]);
        assert_eq!(read(text, "config.ini").unwrap().stray, [("a".to_owned(), 4)]);
        assert_eq!(read("[a]\n[b]\n[a]\n", "config.ini").unwrap().sections, ["a", "b"]);
    }

    #[test]
    fn every_wrong_line_is_named() {
        let error = read("[a]\nx\ny = 1\nz\n", "config.ini").unwrap_err().to_string();
        assert_eq!(error, "neither a section nor 'key = value' (config.ini:2, 4)");
    }
}
