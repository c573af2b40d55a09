//! Regular expressions, in time linear to the text. Each is compiled once per thread.

use super::take::{none, on_text, text, wrong};
use super::text::or_none;
use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error};
use regex::{Captures, Regex};
use std::cell::RefCell;
use std::collections::HashMap;

/// Patterns that are kept; more come only out of data.
const KEPT: usize = 1000;

thread_local! {
    static COMPILED: RefCell<HashMap<String, Regex>> = RefCell::new(HashMap::new());
}

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_test("matching", |value: &Value, pattern: &str| {
        let regex = compiled("matching", pattern)?;
        Ok::<bool, Error>(text("matching", value)?.is_some_and(|text| regex.is_match(text)))
    });
    environment.add_filter("regex_search", regex_search);
    environment.add_filter("regex_groups", regex_groups);
    environment.add_filter("regex_findall", regex_findall);
    environment.add_filter("regex_replace", regex_replace);
    environment.add_filter("regex_split", regex_split);
    environment.add_filter("regex_escape", |value: &Value| {
        on_text("regex_escape", value, |text| Ok(regex::escape(text).into()))
    });
}

fn compiled(name: &str, pattern: &str) -> Result<Regex, Error> {
    COMPILED.with_borrow_mut(|compiled| {
        if let Some(regex) = compiled.get(pattern) {
            return Ok(regex.clone());
        }
        let regex = Regex::new(pattern).map_err(|error| {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            wrong(format!("'{name}' cannot take the pattern '{pattern}': {why}"))
        })?;
        if compiled.len() >= KEPT {
            compiled.clear();
        }
        compiled.insert(pattern.to_owned(), regex.clone());
        Ok(regex)
    })
}

/// What the first match has in `group`: a number, or a name.
fn regex_search(value: &Value, pattern: &str, group: Option<Value>) -> Result<Value, Error> {
    let regex = compiled("regex_search", pattern)?;
    on_text("regex_search", value, |text| {
        let Some(found) = regex.captures(text) else { return Ok(none()) };
        let group = group.unwrap_or_else(|| Value::from(0));
        let known = match group.as_usize() {
            Some(number) => number < regex.captures_len(),
            None => regex.capture_names().flatten().any(|name| Some(name) == group.as_str()),
        };
        if !known {
            return Err(wrong(format!("'regex_search' finds no group {group} in the pattern '{pattern}'")));
        }
        let part = match group.as_usize() {
            Some(number) => found.get(number),
            None => group.as_str().and_then(|name| found.name(name)),
        };
        Ok(or_none(part.map(|part| part.as_str())))
    })
}

/// The groups of the first match: an object when they have names, else a list.
fn regex_groups(value: &Value, pattern: &str) -> Result<Value, Error> {
    let regex = compiled("regex_groups", pattern)?;
    on_text("regex_groups", value, |text| {
        let Some(found) = regex.captures(text) else { return Ok(none()) };
        let part = |part: Option<regex::Match<'_>>| or_none(part.map(|part| part.as_str()));
        let names: Vec<&str> = regex.capture_names().flatten().collect();
        Ok(match names.is_empty() {
            true => found.iter().skip(1).map(part).collect(),
            false => {
                Value::from_pairs(names.into_iter().map(|name| (name.to_owned(), part(found.name(name)))))
            }
        })
    })
}

/// All matches; of a pattern with a group what stands in the first one.
fn regex_findall(value: &Value, pattern: &str) -> Result<Value, Error> {
    let regex = compiled("regex_findall", pattern)?;
    on_text("regex_findall", value, |text| {
        let part = |found: Captures<'_>| or_none(found.get(1.min(found.len() - 1)).map(|part| part.as_str()));
        Ok(regex.captures_iter(text).map(part).collect())
    })
}

/// Each match replaced; `$1` and `${name}` are groups.
fn regex_replace(value: &Value, pattern: &str, by: &str) -> Result<Value, Error> {
    let regex = compiled("regex_replace", pattern)?;
    on_text("regex_replace", value, |text| Ok(regex.replace_all(text, by).into_owned().into()))
}

/// The parts between the matches.
fn regex_split(value: &Value, pattern: &str) -> Result<Value, Error> {
    let regex = compiled("regex_split", pattern)?;
    if value.kind() == ValueKind::None {
        return Ok(Vec::<Value>::new().into());
    }
    on_text("regex_split", value, |text| Ok(regex.split(text).map(Value::from).collect()))
}
