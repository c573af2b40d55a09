//! What becomes of the objects that the ledger owns, told to a target before it plans.

use crate::owned::Owned;
use crate::spool::{Flaw, Spool};
use crate::{Row, State, absent};
use muster_stream::Op;
use std::collections::HashSet;

/// What becomes of an object in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A record wants it.
    Wanted,
    /// It goes, or went before and is not wanted back.
    Goes,
    /// It stays as it is: of another scope, kept, or unchanged in a stream of changes.
    Stays,
    /// It stays because it could not be read.
    Unknown,
}

/// An object that this pipeline brought.
#[derive(Clone, Debug)]
pub struct Possession {
    /// Its kind.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// What the target calls it.
    pub id: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// All that the ledger owns. `missing` are the rows that are missing, whatever becomes of them.
pub(crate) fn possessions(spool: &Spool, owned: &Owned, missing: &HashSet<usize>) -> Vec<Possession> {
    let present = owned.rows.iter().enumerate().filter(|(_, row)| row.state != State::Deleted);
    let possession = |(index, row): (usize, &Row)| Possession {
        kind: row.kind.clone(),
        key: row.key.clone(),
        id: row.id.clone().unwrap_or_else(|| row.key.clone()),
        fate: fate(spool, row, missing.contains(&index)),
    };
    present.map(possession).collect()
}

fn fate(spool: &Spool, row: &Row, is_missing: bool) -> Fate {
    let Some(entry) = spool.find(&row.kind, &row.key).map(|index| &spool.entries[index]) else {
        return match is_missing && row.state == State::Passive {
            _ if absent::is_unknown(spool, row) => Fate::Unknown,
            true => Fate::Goes,
            false => Fate::Stays,
        };
    };
    match (&entry.flaw, entry.op) {
        (Some(Flaw::Unknown(_) | Flaw::Wrong(_)), _) | (_, Some(Op::Blocked)) => Fate::Unknown,
        (_, Some(Op::Delete | Op::Passivate)) => Fate::Goes,
        _ => Fate::Wanted,
    }
}
