//! What a line is: a record, a change, an object that could not be read, or an end.

use crate::json;
use crate::{End, Map, Record, Value};
use serde::Deserialize;

/// A line of the stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// An object as it is, or as it shall be.
    Record(Record),
    /// One step from one state to another.
    Change(Change),
    /// An object that could not be read.
    Unreadable(Unreadable),
    /// The end of a segment.
    End(End),
}

/// The operation of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The object is to be made.
    Create,
    /// The object is to be changed.
    Update,
    /// The object is to be taken away.
    Delete,
    /// The object is to be made passive, where the target has that.
    Passivate,
    /// The object is not to be touched; the line says why.
    Blocked,
}

impl Op {
    /// Its name in the stream.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Passivate => "passivate",
            Self::Blocked => "blocked",
        }
    }

    fn read(name: &str) -> Option<Self> {
        let all = [Self::Create, Self::Update, Self::Delete, Self::Passivate, Self::Blocked];
        all.into_iter().find(|op| op.name() == name)
    }
}

/// A change: `{"_op":…,"_kind":…,"_key":…,"after":{…},"before":{…},…}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What is to be done.
    pub op: Op,
    /// The whole line.
    pub map: Map,
}

impl Change {
    /// The kind of its object.
    pub fn kind(&self) -> &str {
        text(&self.map, "_kind")
    }

    /// The key of its object.
    pub fn key(&self) -> &str {
        text(&self.map, "_key")
    }

    /// The record that a create or update wants, with the kind and key of the change.
    pub fn after(&self) -> Option<Record> {
        let after = self.map.get("after")?.as_object()?.clone();
        let ours = ["_kind", "_key", "_from", "_sets", "_unknown", "_alias"].into_iter();
        let mut map: Map =
            ours.filter_map(|name| Some((name.to_owned(), self.map.get(name)?.clone()))).collect();
        map.extend(after);
        Some(Record(map))
    }
}

/// An object that could not be read: `{"_kind":"_error","of":…,"_key":…,"message":…}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable(pub Map);

impl Unreadable {
    /// The object's kind, when known.
    pub fn of(&self) -> Option<&str> {
        self.0.get("of").and_then(Value::as_str)
    }

    /// The object's key, when known.
    pub fn key(&self) -> Option<&str> {
        self.0.get("_key").and_then(Value::as_str).filter(|key| !key.is_empty())
    }

    /// Why it could not be read.
    pub fn message(&self) -> &str {
        text(&self.0, "message")
    }
}

/// A line that is not what a line must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// Why.
    pub reason: String,
    /// The kind and key of the object it is about, when they could be read all the same: only that object is unknown
    /// then, else the whole segment is partial.
    pub about: Option<(String, String)>,
}

impl Line {
    /// The line in `bytes` (without its `\n`), or why it is not one.
    pub fn parse(bytes: &[u8]) -> Result<Self, Bad> {
        let map = json::object(bytes)
            .map_err(|error| Bad { reason: reason(bytes, &error), about: about(bytes) })?;
        Self::of(map).map_err(|(map, reason)| Bad { reason, about: about_map(&map) })
    }

    fn of(map: Map) -> Result<Self, (Map, String)> {
        let Some(Value::String(kind)) = map.get("_kind") else {
            return Err((map, "there is no '_kind' that is a string".to_owned()));
        };
        match kind.as_str() {
            "_end" => End::read(map.clone()).map(Self::End).map_err(|why| (map, format!("bad _end: {why}"))),
            "_error" => Ok(Self::Unreadable(Unreadable(map))),
            kind if kind.starts_with('_') => {
                let reason = format!("the kind '{kind}' is none that this version knows");
                Err((map, reason))
            }
            _ => Self::of_object(map),
        }
    }

    fn of_object(map: Map) -> Result<Self, (Map, String)> {
        if text(&map, "_key").is_empty() {
            return Err((map, "there is no '_key' that is a non-empty string".to_owned()));
        }
        let op = match map.get("_op") {
            None => return Ok(Self::Record(Record(map))),
            Some(op) => op.as_str().and_then(Op::read),
        };
        match op {
            None => Err((map, "'_op' is none of create, update, delete, passivate, blocked".to_owned())),
            Some(Op::Create | Op::Update) if !map.get("after").is_some_and(Value::is_object) => {
                Err((map, "'after' is missing".to_owned()))
            }
            Some(op) => Ok(Self::Change(Change { op, map })),
        }
    }
}

fn text<'a>(map: &'a Map, name: &str) -> &'a str {
    map.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn reason(bytes: &[u8], error: &serde_json::Error) -> String {
    if bytes.is_empty() {
        return "the line is empty".to_owned();
    }
    if bytes.starts_with("\u{feff}".as_bytes()) {
        return "the line begins with a byte-order mark".to_owned();
    }
    // The position within the line is the column; the parser's own line number is always 1.
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
    if message == "recursion limit exceeded" {
        return format!("arrays and objects are nested deeper than 128 (column {})", error.column());
    }
    format!("not a JSON object: {message} (column {})", error.column())
}

fn about_map(map: &Map) -> Option<(String, String)> {
    let (kind, key) = (text(map, "_kind"), text(map, "_key"));
    (!kind.is_empty() && !kind.starts_with('_') && !key.is_empty()).then(|| (kind.to_owned(), key.to_owned()))
}

/// Kind and key of a line that is whole JSON but otherwise bad.
fn about(bytes: &[u8]) -> Option<(String, String)> {
    #[derive(Deserialize)]
    struct Named {
        _kind: String,
        _key: String,
    }
    let named: Named = serde_json::from_slice(bytes).ok()?;
    (!named._kind.starts_with('_') && !named._key.is_empty()).then_some((named._kind, named._key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad(text: &str) -> Bad {
        Line::parse(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_bad_line_that_names_its_object_is_about_that_object() {
        let line = bad(r#"{"_kind":"user","_key":"1","a":1,"a":2}"#);
        assert_eq!(line.about, Some(("user".to_owned(), "1".to_owned())));
        assert_eq!(line.reason, "not a JSON object: the member 'a' stands twice in one object (column 39)");
    }

    #[test]
    fn a_line_without_readable_key_is_about_nothing() {
        for text in
            [r#"{"_kind":"user","_key":"1","a":"#, r#"{"_kind":"user","_key":7}"#, "", "x", r#"{"a":1}"#]
        {
            assert_eq!(bad(text).about, None, "{text}");
        }
    }

    #[test]
    fn a_kind_of_a_later_version_is_bad_data() {
        assert!(bad(r#"{"_kind":"_hello","_key":"1"}"#).reason.contains("'_hello'"));
    }

    #[test]
    fn the_record_of_a_change_has_its_kind_and_key() {
        let text =
            r#"{"_op":"update","_kind":"user","_key":"1","after":{"a":1},"before":{"a":2},"changed":["/a"]}"#;
        let Ok(Line::Change(change)) = Line::parse(text.as_bytes()) else { panic!("not a change") };
        assert_eq!(change.after().unwrap().kind(), "user");
        assert_eq!(change.after().unwrap().members().count(), 1);
    }
}
