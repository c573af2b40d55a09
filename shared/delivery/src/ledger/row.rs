//! What the ledger knows of an object.

use crate::{Role, Said};
use muster_changes::{FORM, Members};
use rusqlite::types::Value as Cell;

/// What became of an object at the target, as far as we brought it about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It was to be made, and nobody knows yet whether it was.
    #[default]
    Pending,
    /// It was made or changed.
    Active,
    /// It was made passive.
    Passive,
    /// It was taken away: a tombstone.
    Deleted,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Passive => "passive",
            Self::Deleted => "deleted",
        }
    }

    fn read(name: &str) -> Self {
        match name {
            "pending" => Self::Pending,
            "passive" => Self::Passive,
            "deleted" => Self::Deleted,
            _ => Self::Active,
        }
    }

    /// Whether the target has the object, for all that is known.
    pub fn is_there(self) -> bool {
        matches!(self, Self::Active | Self::Passive)
    }
}

/// Where an object comes from and what it hangs on: it may change while its content does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Kind and key of its source.
    pub from: Option<(String, String)>,
    /// The number of the scope in which it was seen last.
    pub scope: Option<i64>,
    /// Hashes of its other names, with a blank between.
    pub aliases: String,
    /// JSON `[[role, kind, key], …]` of what it lies in or needs.
    pub refs: String,
}

impl Origin {
    /// What it lies in or needs.
    pub(crate) fn references(&self) -> Vec<(Role, String, String)> {
        let all: Vec<(String, String, String)> = serde_json::from_str(&self.refs).unwrap_or_default();
        all.into_iter().filter_map(|(role, kind, key)| Some((Role::read(&role)?, kind, key))).collect()
    }

    /// Its other names as the ledger keeps them: they may be DNs, so hashes stand for them.
    pub(crate) fn alias(name: &str) -> String {
        blake3_short(name)
    }
}

fn blake3_short(name: &str) -> String {
    blake3::hash(name.as_bytes()).to_hex().chars().take(32).collect()
}

/// What the ledger knows of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Its kind.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// What the target calls it, where that is not the key.
    pub id: Option<String>,
    /// Where it comes from and what it hangs on.
    pub origin: Origin,
    /// What the record that was last accepted said; none when it must be sent again.
    pub members: Option<Members>,
    /// What became of it.
    pub state: State,
    /// When the target took it last, in seconds since 1970.
    pub accepted_at: Option<i64>,
    /// Since when it is missing.
    pub missing_since: Option<i64>,
    /// In how many runs it was missing.
    pub missing_runs: u32,
}

/// The columns that [`Row::read`] takes.
pub(super) const COLUMNS: &str = "kind, key, id, from_kind, from_key, scope, aliases, refs, members, form, state, missing_since, missing_runs, accepted_at";

impl Row {
    pub(super) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let from: (Option<String>, Option<String>) = (row.get(3)?, row.get(4)?);
        let (members, form): (Option<Vec<u8>>, u32) = (row.get(8)?, row.get(9)?);
        Ok(Self {
            kind: row.get(0)?,
            key: row.get(1)?,
            id: row.get(2)?,
            origin: Origin {
                from: from.0.zip(from.1),
                scope: row.get(5)?,
                aliases: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
                refs: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
            },
            members: members.filter(|_| form == FORM).map(|bytes| Members::from_bytes(&bytes)),
            state: State::read(&row.get::<_, String>(10)?),
            missing_since: row.get(11)?,
            missing_runs: row.get(12)?,
            accepted_at: row.get(13)?,
        })
    }
}

/// What is written of an object once the target has it as it was wanted.
#[derive(Clone, Debug)]
pub struct Accepted<'a> {
    /// Its kind.
    pub kind: &'a str,
    /// Its key.
    pub key: &'a str,
    /// What the target calls it; nothing leaves what is known.
    pub id: Option<&'a str>,
    /// Where it comes from; nothing leaves what is known.
    pub origin: Option<&'a Origin>,
    /// What its record said; nothing when it must be sent again.
    pub said: Option<&'a Said>,
    /// What became of it.
    pub state: State,
}

/// An empty text is no text.
pub(super) fn filled(text: &str) -> Cell {
    if text.is_empty() { Cell::Null } else { Cell::Text(text.to_owned()) }
}
