//! What the value of a `mapping.*` line says: JSON, a bare path, or, as the old documentation has it, a Python dict.

use super::python;
use super::section::Section;
use muster_settings::Entry;
use serde_json::{Map, Value};

/// The members that a line gives its field; why not, when it is JSON that is no object.
pub(super) fn members(entry: &Entry, section: &Section<'_>) -> Result<Map<String, Value>, String> {
    let (text, place) = (entry.value.trim(), section.place(entry));
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(members)) => return Ok(members),
        Ok(other) => return Err(format!("{} is {}, not an object ({place})", entry.key, kind(&other))),
        Err(_) => (),
    }
    if text.starts_with('{')
        && let Some(Value::Object(members)) = python::json(text)
    {
        tracing::warn!(
            "{} is a dict of Python, not JSON: read as it was meant, where the connector took it for a path and \
                 gave null ({place})",
            entry.key
        );
        return Ok(members);
    }
    if text.contains(['{', '}', '(', ')', '[', ']', '"', '\'']) {
        tracing::warn!(
            "{} looks like Python or broken JSON: taken as a path, as before ({place})",
            entry.key
        );
    }
    Ok(Map::from_iter([("source".to_owned(), text.into())]))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        _ => "a list",
    }
}
