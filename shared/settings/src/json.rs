//! Settings files in JSON, with dotted keys (`"os2sync.xfer_cpr": true`) or nested objects.

use crate::Entry;
use muster_base::{Error, Exit};
use serde_json::Value;

/// The entries of `text`. The part of a name before its first dot is the section.
pub(crate) fn read(text: &str, path: &str) -> Result<Vec<Entry>, Error> {
    let wrong = |error: serde_json::Error| {
        Error::new(Exit::Config, format!("not JSON: {error}")).at(format!("{path}:{}", error.line()))
    };
    let document: serde_json::Map<String, Value> = serde_json::from_str(text).map_err(wrong)?;
    let mut entries = Vec::new();
    for (name, value) in &document {
        match value.as_object().filter(|_| !name.contains('.')) {
            Some(members) => entries.extend(members.iter().map(|(key, value)| entry(name, key, value))),
            None => {
                let (section, key) = name.split_once('.').unwrap_or(("", name));
                entries.push(entry(section, key, value));
            }
        }
    }
    Ok(entries)
}

fn entry(section: &str, key: &str, value: &Value) -> Entry {
    let value = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    Entry { section: section.to_owned(), key: key.to_lowercase(), value, line: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_and_nested_names_are_the_same() {
        let flat = read(r#"{"os2sync.templates":{"a":"b"},"mora.base":"x","municipality":7}"#, "s").unwrap();
        let nested =
            read(r#"{"os2sync":{"templates":{"a":"b"}},"mora":{"base":"x"},"municipality":7}"#, "s").unwrap();
        assert_eq!(flat, nested);
        assert_eq!(flat[0].value, r#"{"a":"b"}"#);
        assert_eq!((flat[2].section.as_str(), flat[2].key.as_str()), ("", "municipality"));
    }
}
