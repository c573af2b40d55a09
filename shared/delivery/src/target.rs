//! What a target states about itself, and how one step becomes requests.

use crate::Outcome;
use muster_base::Error;
use muster_stream::{Map, Record, Value};
use std::collections::BTreeMap;
use std::future::Future;

/// A remote system that is written to.
///
/// Calls come in this order: [`recall`](Target::recall) once, [`survey`](Target::survey) for every record,
/// [`check`](Target::check) for every record, then [`apply`](Target::apply) side by side (or
/// [`describe`](Target::describe) when nothing is to be sent).
pub trait Target {
    /// Which system this is: address and tenant. A ledger belongs to one identity.
    fn identity(&self) -> String;

    /// In which order the kinds are written and taken away. A kind that no phase names is refused.
    fn phases(&self) -> &'static [Phase];

    /// `key` as the target writes it, or why it can be none.
    fn key(&self, kind: &str, key: &str) -> Result<String, String> {
        let _ = kind;
        Ok(key.to_owned())
    }

    /// Take up what was remembered in the ledger.
    fn recall(&mut self, facts: &Facts) {
        let _ = facts;
    }

    /// Look at a record before the first is checked, for rules about all of them.
    fn survey(&mut self, record: &Record) {
        let _ = record;
    }

    /// What is to be remembered in the ledger.
    fn facts(&self) -> Facts {
        Facts::new()
    }

    /// Why the target would not take a record. Asked before the first request.
    fn check(&self, record: &Record) -> Result<(), String>;

    /// Why an object must never be taken away, if so.
    fn protects(&self, kind: &str, key: &str) -> Option<String> {
        let _ = (kind, key);
        None
    }

    /// The objects that a record needs, keys as [`Target::key`] writes them.
    fn references(&self, record: &Record) -> Vec<Reference>;

    /// Carry a task out. An error ends the run; what concerns only this object is an [`Outcome`].
    fn apply(&self, task: &Task) -> impl Future<Output = Result<Outcome, Error>>;

    /// The requests that [`Target::apply`] would send.
    fn describe(&self, task: &Task) -> Result<Vec<Request>, Error>;

    /// All objects that the target holds.
    fn list(&self) -> impl Future<Output = Result<Vec<Listed>, Error>>;
}

/// What a target remembers from run to run, by name.
pub type Facts = BTreeMap<String, String>;

/// A part of a run: it begins when the one before it has ended.
#[derive(Clone, Copy, Debug)]
pub struct Phase {
    /// The kind it is about.
    pub kind: &'static str,
    /// What is done to it.
    pub work: Work,
    /// In which order.
    pub order: Order,
}

/// What a phase does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Objects are made and changed.
    Upsert,
    /// Objects are taken away or made passive.
    Remove,
}

/// The order within a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Side by side.
    Any,
    /// Containers before what they contain.
    ParentsFirst,
    /// What is contained before its container.
    ChildrenFirst,
}

/// An object that a record needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its kind.
    pub kind: &'static str,
    /// Its key.
    pub key: String,
    /// What it is to the record.
    pub role: Role,
}

/// What a referent is to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The record lies in it: it is skipped when its container failed in this run.
    Container,
    /// It must exist: the record is skipped when it failed in this run and was never accepted before.
    Needed,
}

/// What is done to one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is made: nothing of it was accepted before.
    Create,
    /// It is changed.
    Update,
    /// It is taken away.
    Delete,
    /// It is made passive.
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

/// One object's part of a run.
#[derive(Clone, Debug)]
pub struct Task {
    /// What is to be done.
    pub action: Action,
    /// The object's kind.
    pub kind: String,
    /// The object's key, as [`Target::key`] writes it.
    pub key: String,
    /// The record that is wanted; none when the object is taken away.
    pub record: Option<Record>,
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

/// An object that the target holds.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its kind.
    pub kind: &'static str,
    /// Its key.
    pub key: String,
    /// What people call it.
    pub name: String,
}
