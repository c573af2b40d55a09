//! What passes through the queue: entries, the log of accepted writes, failures, changes of the root.

use super::fields::{Fields, UNIT, USER};
use serde::Serialize;
use serde_json::Value;

/// Which of the two queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Kind {
    #[serde(rename = "orgUnit")]
    Unit,
    #[serde(rename = "user")]
    User,
}

impl Kind {
    /// The kind a path segment names, in any case.
    pub(super) fn of(segment: &str) -> Option<Self> {
        match segment.to_ascii_lowercase().as_str() {
            "orgunit" => Some(Self::Unit),
            "user" => Some(Self::User),
            _ => None,
        }
    }

    pub(super) fn fields(self) -> Fields {
        match self {
            Self::Unit => UNIT,
            Self::User => USER,
        }
    }
}

/// What an entry asks for; `Cleanup` stands only in the log of writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    Update,
    Delete,
    Passivate,
    Cleanup,
}

/// One line of the queue.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    pub id: u64,
    pub kind: Kind,
    pub operation: Operation,
    /// As it was sent.
    pub uuid: String,
    /// The object as it was parsed, for an update.
    pub object: Value,
    /// Lower goes first.
    pub priority: i64,
    pub bypass_cache: bool,
    pub cvr: String,
    /// Stamped by the queue.
    pub timestamp: String,
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Transferred to the registry.
    Done,
    /// Not transferred: the same user update was the last success.
    Skipped,
    /// Not transferred: the same batch held a newer entry of this uuid.
    Superseded,
    /// Refused by the registry for good, with this text.
    Failed(String),
}

/// An entry that left the queue.
#[derive(Clone, Debug, Serialize)]
pub struct Finished {
    pub entry: Entry,
    pub outcome: Outcome,
}

/// A line of the tables `failure_users` and `failure_orgunits`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    pub kind: Kind,
    pub operation: Operation,
    pub uuid: String,
    pub text: String,
}

/// A write that was answered with 200.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Write {
    pub method: String,
    pub operation: Operation,
    pub kind: Kind,
    /// As it was sent, empty for a cleanup.
    pub uuid: String,
    /// What stood behind the question mark.
    pub query: String,
    /// The body as it was sent, null without one.
    pub body: Value,
}

/// A unit pushed without a parent became the root of the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RootChange {
    pub from: Option<String>,
    pub to: String,
}

/// A function (a user in a unit) that the registry ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EndedPosition {
    pub user: String,
    pub position: Value,
}
