//! What the ledger keeps of a record: hashes, never values.

use crate::Row;
use muster_changes::{Hash, Members};
use muster_stream::Record;

/// What a record says, as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The hash of the whole; none while a member is unknown.
    pub hash: Option<Hash>,
    /// The hashes of the members; for an unknown one that of earlier.
    pub members: Members,
}

impl Said {
    /// What `record` says of an object of which `before` was known.
    pub fn by(record: &Record, before: Option<&Row>) -> Self {
        let hash = record.unknown().next().is_none().then(|| muster_changes::hash(record));
        Self { hash, members: Members::of(record, before.and_then(|before| before.members.as_ref())) }
    }
}
