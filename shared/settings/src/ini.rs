//! INI files as the seed systems write them.
//!
//! Sections may be repeated, keys are lower-cased, `=` or `:` ends a key, `%` is literal, a line that begins with white
//! space continues the value before it, `#`, `;` and the word `rem` in the first column begin a comment, the first `;` of
//! a line begins one only behind white space, `""` is the empty value. These rules are that format's own, and messages name lines: both
//! is why no general reader serves here.

use crate::Entry;
use muster_base::{Error, Exit};

/// The entries of `text`; all lines that are wrong are named in one error.
pub(crate) fn read(text: &str, path: &str) -> Result<Vec<Entry>, Error> {
    let mut entries: Vec<Entry> = Vec::new();
    let (mut section, mut wrong) = (String::new(), Vec::new());
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = index + 1;
        if line.trim().is_empty() || is_comment(line) {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            continue_value(entries.last_mut().filter(|entry| entry.section == section), line.trim());
        } else if let Some(name) = line.trim_end().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim().to_owned();
        } else if let Some((key, value)) = option(line) {
            entries.push(Entry { section: section.clone(), key, value, line: number });
        } else {
            wrong.push(number.to_string());
        }
    }
    if wrong.is_empty() {
        return Ok(entries);
    }
    let lines = wrong.join(", ");
    Err(Error::new(Exit::Config, "neither a section nor 'key = value'").at(format!("{path}:{lines}")))
}

fn is_comment(line: &str) -> bool {
    let word = line.split([' ', '\t']).next().unwrap_or_default();
    line.starts_with(['#', ';']) || word.eq_ignore_ascii_case("rem")
}

fn option(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once(['=', ':'])?;
    let key = key.trim().to_lowercase();
    let value = without_comment(value).trim();
    (!key.is_empty()).then(|| (key, if value == "\"\"" { String::new() } else { value.to_owned() }))
}

fn without_comment(value: &str) -> &str {
    match value.split_once(';') {
        Some((before, _)) if before.ends_with([' ', '\t']) => before,
        _ => value,
    }
}

fn continue_value(entry: Option<&mut Entry>, line: &str) {
    if let Some(entry) = entry {
        entry.value.push('\n');
        entry.value.push_str(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        let entries = read(text, "config.ini").unwrap();
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
    }

    #[test]
    fn a_value_goes_on_behind_white_space() {
        assert_eq!(values("[a]\nx =\n  one\n\n  # two\ny = \"\"\n"), ["a.x=\none\n# two", "a.y="]);
    }

    #[test]
    fn every_wrong_line_is_named() {
        let error = read("[a]\nx\ny = 1\nz\n", "config.ini").unwrap_err().to_string();
        assert_eq!(error, "neither a section nor 'key = value' (config.ini:2, 4)");
    }
}
