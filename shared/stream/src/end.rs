//! The `_end` line: what a segment claims to hold.

use crate::{Map, Value};
use std::collections::BTreeMap;

/// What absence from a segment means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The lines are the whole population of the scope: what is absent is missing.
    State,
    /// The lines are upserts and explicit changes: what is absent is unchanged.
    Changes,
}

impl Form {
    /// Its name in the stream.
    pub fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Changes => "changes",
        }
    }
}

/// An `_end` line.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// What absence means.
    pub form: Form,
    /// The commands that made the segment, with their versions.
    pub from: String,
    /// The population that was read.
    pub scope: String,
    /// Whether all of it was read.
    pub complete: bool,
    /// Why it is not complete.
    pub error: Option<String>,
    /// Record and change lines of the segment.
    pub records: u64,
    /// `_error` lines of the segment.
    pub errors: u64,
    /// Record and change lines by kind.
    pub by_kind: BTreeMap<String, u64>,
    /// When reading began, RFC 3339 in UTC.
    pub started: String,
    /// When reading ended.
    pub ended: String,
    /// Members that we do not know, and those of single commands (`spec`, `digest`).
    pub other: Map,
}

impl End {
    /// An end from the members of its line, or what is wrong with it.
    pub(crate) fn read(mut map: Map) -> Result<Self, String> {
        map.shift_remove("_kind");
        let form = match take_text(&mut map, "form")?.as_deref() {
            Some("state") => Form::State,
            Some("changes") => Form::Changes,
            Some(other) => return Err(format!("form '{other}' is neither 'state' nor 'changes'")),
            None => return Err("form is missing".to_owned()),
        };
        Ok(Self {
            form,
            from: take_text(&mut map, "from")?.unwrap_or_default(),
            scope: take_text(&mut map, "scope")?.unwrap_or_default(),
            complete: take_bool(&mut map, "complete")?,
            error: take_text(&mut map, "error")?,
            records: take_count(&mut map, "records")?,
            errors: take_count(&mut map, "errors")?,
            by_kind: take_counts(&mut map, "by_kind")?,
            started: take_text(&mut map, "started")?.unwrap_or_default(),
            ended: take_text(&mut map, "ended")?.unwrap_or_default(),
            other: map,
        })
    }

    /// The members of its line.
    pub(crate) fn write(&self) -> Map {
        let mut map = Map::new();
        let mut put = |name: &str, value: Value| {
            map.insert(name.to_owned(), value);
        };
        put("_kind", "_end".into());
        put("form", self.form.name().into());
        put("from", self.from.as_str().into());
        put("scope", self.scope.as_str().into());
        put("complete", self.complete.into());
        if let Some(error) = &self.error {
            put("error", error.as_str().into());
        }
        put("records", self.records.into());
        put("errors", self.errors.into());
        put(
            "by_kind",
            self.by_kind.iter().map(|(kind, count)| (kind.clone(), Value::from(*count))).collect(),
        );
        for (name, value) in &self.other {
            put(name, value.clone());
        }
        put("started", self.started.as_str().into());
        put("ended", self.ended.as_str().into());
        map
    }
}

fn take_text(map: &mut Map, name: &str) -> Result<Option<String>, String> {
    match map.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("{name} is not a string")),
    }
}

fn take_bool(map: &mut Map, name: &str) -> Result<bool, String> {
    map.shift_remove(name)
        .and_then(|value| value.as_bool())
        .ok_or_else(|| format!("{name} is not true or false"))
}

fn take_count(map: &mut Map, name: &str) -> Result<u64, String> {
    map.shift_remove(name).and_then(|value| value.as_u64()).ok_or_else(|| format!("{name} is not a count"))
}

fn take_counts(map: &mut Map, name: &str) -> Result<BTreeMap<String, u64>, String> {
    let wrong = || format!("{name} is not an object of counts");
    let Some(Value::Object(counts)) = map.shift_remove(name) else { return Err(wrong()) };
    counts
        .into_iter()
        .map(|(kind, count)| count.as_u64().map(|count| (kind, count)).ok_or_else(wrong))
        .collect()
}
