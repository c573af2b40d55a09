//! One record: an object with a kind and a key, members of ours beginning with `_`, and members of its own.

use crate::{Map, Value};
use muster_base::{Error, Exit};
use serde::Serialize;

/// A record of the stream: `{"_kind":…,"_key":…,…}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Record(pub(crate) Map);

impl Record {
    /// A record of `kind` and `key`, with the members of a remote object; a remote member that begins with `_` gets one
    /// more `_`, so that it is never taken for one of ours.
    pub fn new(kind: &str, key: &str, members: Map) -> Self {
        let mut map = Map::with_capacity(members.len() + 2);
        map.insert("_kind".to_owned(), kind.into());
        map.insert("_key".to_owned(), key.into());
        for (name, value) in members {
            let name = if name.starts_with('_') { format!("_{name}") } else { name };
            map.insert(name, value);
        }
        Self(map)
    }

    /// The kind: a singular noun in snake case.
    pub fn kind(&self) -> &str {
        self.0.get("_kind").and_then(Value::as_str).unwrap_or_default()
    }

    /// The key: stable within the kind.
    pub fn key(&self) -> &str {
        self.0.get("_key").and_then(Value::as_str).unwrap_or_default()
    }

    /// Set one of our own members, `_from`, `_unknown`, `_sets` or `_alias`.
    pub fn set_own(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// JSON pointers of members that could not be read.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        strings(self.0.get("_unknown"))
    }

    /// JSON pointers of members that are sets: their order means nothing.
    pub fn sets(&self) -> impl Iterator<Item = &str> {
        strings(self.0.get("_sets"))
    }

    /// The kind and key of the source object, when `map` changed either.
    pub fn from(&self) -> Option<(&str, &str)> {
        let mut names = strings(self.0.get("_from"));
        Some((names.next()?, names.next()?))
    }

    /// The members of the record's own: all that do not begin with `_`.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().filter(|(name, _)| !name.starts_with('_')).map(|(name, value)| (name.as_str(), value))
    }

    /// The whole object, our members included.
    pub fn map(&self) -> &Map {
        &self.0
    }

    /// The whole object, our members included.
    pub fn into_map(self) -> Map {
        self.0
    }
}

fn strings(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// `value` as JSON; a value that JSON cannot hold is our bug.
pub fn to_value(value: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(value)
        .map_err(|error| Error::new(Exit::Bug, format!("not expressible in JSON: {error}")))
}
