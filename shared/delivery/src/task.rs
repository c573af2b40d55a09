//! What is asked of a target, and what it holds.

use crate::{Resolved, Work};
use muster_stream::{Map, Record, Value};
use std::sync::Arc;

/// What is done to one object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Action {
    /// It is made: nothing of it was accepted before.
    Create,
    /// It is changed.
    #[default]
    Update,
    /// It is taken away.
    Delete,
    /// It is made passive, deactivated.
    Passivate,
}

impl Action {
    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Passivate => "passivate",
        }
    }

    /// Whether it makes or changes an object.
    pub fn is_upsert(self) -> bool {
        matches!(self, Self::Create | Self::Update)
    }
}

/// One step of one object's part of a run.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// What is to be done.
    pub action: Action,
    /// Which of the object's steps this is.
    pub work: Work,
    /// The object's kind.
    pub kind: String,
    /// The object's key, as [`Target::key`](crate::Target::key) writes it.
    pub key: String,
    /// What the target calls the object: from the ledger, by adoption, or from the step before. Nothing where that is the
    /// key, or while it is not made.
    pub id: Option<String>,
    /// The record that is wanted; none when the object is taken away.
    pub record: Option<Record>,
    /// The object as the target held it at the start, by state.
    pub held: Option<Arc<Held>>,
    /// What the record names, and what that was found to be.
    pub references: Vec<Resolved>,
    /// Whether members may be taken out, or the object itself for a while: not while the input is partial.
    pub may_take_out: bool,
    /// Whether an earlier run may have done it already.
    pub is_in_doubt: bool,
}

impl Task {
    /// A task that says no more than this.
    pub fn new(action: Action, kind: impl Into<String>, key: impl Into<String>) -> Self {
        Self { action, kind: kind.into(), key: key.into(), may_take_out: true, ..Self::default() }
    }
}

/// An object that the target holds.
#[derive(Clone, Debug)]
pub struct Held {
    /// Its kind.
    pub kind: &'static str,
    /// The key by which we know it, as far as the target carries it (a `reference`, its own uuid); else empty.
    pub key: String,
    /// What the target calls it; empty where that is the key.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it says, in the members of a record, for the comparison.
    pub members: Map,
    /// Whether it is active.
    pub is_active: bool,
    /// The id of the object of its own kind in which it lies.
    pub container: Option<String>,
    /// Why it must never be taken away: an administrator, a root.
    pub protected: Option<String>,
}

impl Held {
    /// An active object of `kind`.
    pub fn new(kind: &'static str, key: impl Into<String>) -> Self {
        Self {
            kind,
            key: key.into(),
            id: String::new(),
            name: String::new(),
            members: Map::new(),
            is_active: true,
            container: None,
            protected: None,
        }
    }

    /// What the target calls it.
    pub fn id(&self) -> &str {
        if self.id.is_empty() { &self.key } else { &self.id }
    }
}

/// All that a target holds.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    /// Its objects.
    pub objects: Vec<Held>,
    /// Why that may be less than all: nothing foreign is taken away then.
    pub doubt: Option<String>,
}

/// A request as a dry run shows it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Name and value, secrets masked.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Option<Value>,
    /// Members of the body whose value is taken from the answer to the request before.
    pub keeps: Vec<String>,
}

impl Request {
    /// What is to be shown of a request: its credentials are masked.
    pub fn shown(request: &muster_http::Request) -> Self {
        let masked = request.credentials.iter().map(|(name, _)| (*name, "***".to_owned()));
        Self {
            method: request.method.to_string(),
            url: request.url.to_string(),
            headers: request.headers.iter().cloned().chain(masked).collect(),
            body: serde_json::from_slice(&request.body).ok(),
            keeps: Vec::new(),
        }
    }

    pub(crate) fn into_map(self) -> Map {
        let mut map = Map::new();
        map.insert("method".to_owned(), self.method.into());
        map.insert("url".to_owned(), self.url.into());
        let headers: Map =
            self.headers.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        map.insert("headers".to_owned(), headers.into());
        if let Some(body) = self.body {
            map.insert("body".to_owned(), body);
        }
        if !self.keeps.is_empty() {
            map.insert("keeps".to_owned(), self.keeps.into());
        }
        map
    }
}
