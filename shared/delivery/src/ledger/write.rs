//! What a run writes about objects: in groups, so that ten thousand objects are not ten thousand commits.

use super::row::{Accepted, filled};
use super::{Ledger, Origin, State, unusable};
use muster_base::Error;
use muster_changes::FORM;
use rusqlite::{Connection, params};
use std::time::{Duration, Instant};

/// Rows are committed when there are so many, or when the oldest has waited so long.
const GROUP: u32 = 100;
const GROUP_AGE: Duration = Duration::from_secs(1);
/// What a step's rows and their share of the index pages come to at most, in bytes.
const ROWS_OF_STEP: usize = 512;
/// What the log takes for a step, where each of its rows lies in a page of its own; and for all steps, since the log is
/// written over again and again.
const LOG_OF_STEP: usize = 8192;
const LOG: usize = 8 << 20;

impl Ledger {
    /// Write down which objects are about to be sent: should the run break off between a request and its row, nobody
    /// knows what the target has. What was known of them no longer counts, and those that are to be made are pending.
    pub fn expect<'a>(
        &mut self,
        objects: impl Iterator<Item = (&'a str, &'a str, Option<&'a Origin>)>,
    ) -> Result<(), Error> {
        self.commit()?;
        let now = super::now();
        let write = || {
            let transaction = self.db.transaction()?;
            for (kind, key, made) in objects {
                match made {
                    Some(origin) => put_pending(&transaction, kind, key, origin, now)?,
                    None => forget_said(&transaction, kind, key)?,
                }
            }
            transaction.commit()
        };
        write().map_err(|error| unusable(&self.path, &error))
    }

    /// Make sure of disk space for so many steps, so that a full disk stops the run before its first request.
    /// What was written before is on the disk then, come what may.
    pub fn make_room(&mut self, steps: usize) -> Result<(), Error> {
        self.commit()?;
        let log = steps.saturating_mul(LOG_OF_STEP).min(LOG);
        let bytes = i64::try_from(log.max(steps.saturating_mul(ROWS_OF_STEP))).unwrap_or(i64::MAX);
        let write = || {
            self.db.execute("INSERT INTO room VALUES (zeroblob(?))", [bytes])?;
            // RESTART keeps the log at its size, to be written over from its beginning: room in both files.
            self.db.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))?;
            self.db.execute("DELETE FROM room", []).map(drop)
        };
        write().map_err(|error| unusable(&self.path, &error))
    }

    /// Write down what became of an object. It is missing no more.
    pub fn accept(&mut self, accepted: &Accepted<'_>) -> Result<(), Error> {
        let Accepted { kind, key, id, origin, said, state } = accepted;
        let (hash, members) = (said.and_then(|said| said.hash), said.map(|said| said.members.to_bytes()));
        let now = super::now();
        self.grouped(|db| {
            db.prepare_cached(
                "INSERT INTO object (kind, key, id, hash, members, form, state, first_seen, accepted_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
                 ON CONFLICT (kind, key) DO UPDATE SET id = coalesce(excluded.id, id), hash = excluded.hash,
                     members = excluded.members, form = excluded.form, state = excluded.state,
                     accepted_at = excluded.accepted_at, missing_since = NULL, missing_runs = 0",
            )?
            .execute(params![kind, key, id, hash, members, FORM, state.name(), now])?;
            origin.map_or(Ok(()), |origin| put_origin(db, kind, key, origin))
        })
    }

    /// An object is as it was, but comes from elsewhere or is no longer missing.
    pub fn seen(&mut self, kind: &str, key: &str, origin: &Origin) -> Result<(), Error> {
        self.grouped(|db| {
            put_origin(db, kind, key, origin)?;
            let cleared =
                "UPDATE object SET missing_since = NULL, missing_runs = 0 WHERE kind = ? AND key = ?";
            db.prepare_cached(cleared)?.execute([kind, key]).map(drop)
        })
    }

    /// An object is missing since then, in so many runs.
    pub fn missing(&mut self, kind: &str, key: &str, since: i64, runs: u32) -> Result<(), Error> {
        self.grouped(|db| {
            let noted = "UPDATE object SET missing_since = ?, missing_runs = ? WHERE kind = ? AND key = ?";
            db.prepare_cached(noted)?.execute(params![since, runs, kind, key]).map(drop)
        })
    }

    /// An object became this, without our doing.
    pub fn became(&mut self, kind: &str, key: &str, state: State) -> Result<(), Error> {
        self.grouped(|db| {
            let became =
                "UPDATE object SET state = ?, hash = NULL, members = NULL WHERE kind = ? AND key = ?";
            db.prepare_cached(became)?.execute(params![state.name(), kind, key]).map(drop)
        })
    }

    /// The row of the object `old` is from now on that of `new`, which has none.
    pub fn rekey(&mut self, kind: &str, old: &str, new: &str) -> Result<(), Error> {
        self.grouped(|db| {
            db.execute("DELETE FROM object WHERE kind = ? AND key = ?", [kind, new])?;
            db.execute("UPDATE object SET key = ? WHERE kind = ? AND key = ?", [new, kind, old]).map(drop)
        })
    }

    /// Enter an object that the target has and of which nothing was known.
    pub fn adopt(&mut self, kind: &str, key: &str, id: Option<&str>, origin: &Origin) -> Result<(), Error> {
        self.grouped(|db| {
            db.prepare_cached(
                "INSERT INTO object (kind, key, id, form, state, first_seen) VALUES (?, ?, ?, ?, 'active', ?)
                 ON CONFLICT (kind, key) DO UPDATE SET id = coalesce(excluded.id, id), state = 'active'",
            )?
            .execute(params![kind, key, id, FORM, super::now()])?;
            put_origin(db, kind, key, origin)
        })
    }

    /// Nothing was sent about an object that was to be made, or the target refused it: there is none.
    pub fn not_made(&mut self, kind: &str, key: &str) -> Result<(), Error> {
        self.grouped(|db| {
            let gone = "DELETE FROM object WHERE kind = ? AND key = ? AND state = 'pending'";
            db.prepare_cached(gone)?.execute([kind, key]).map(drop)
        })
    }

    /// Commit what has waited long enough.
    pub fn tick(&mut self) -> Result<(), Error> {
        self.commit_if(self.since.elapsed() >= GROUP_AGE)
    }

    /// Commit everything.
    pub fn commit(&mut self) -> Result<(), Error> {
        self.commit_if(true)
    }

    /// Write as one of a group.
    pub(super) fn grouped(
        &mut self,
        write: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), Error> {
        let written = || {
            if self.pending == 0 {
                self.db.execute_batch("BEGIN IMMEDIATE")?;
                self.since = Instant::now();
            }
            self.pending += 1;
            write(&self.db)
        };
        written().map_err(|error| unusable(&self.path, &error))?;
        self.commit_if(self.pending >= GROUP)
    }

    /// Write so that it is on the disk, with all before it, when this returns.
    pub(super) fn durable(
        &mut self,
        write: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), Error> {
        self.commit()?;
        let written = || {
            self.db.pragma_update(None, "synchronous", "FULL")?;
            let transaction = self.db.transaction()?;
            write(&transaction)?;
            transaction.commit()?;
            self.db.pragma_update(None, "synchronous", "NORMAL")
        };
        written().map_err(|error| unusable(&self.path, &error))
    }

    fn commit_if(&mut self, due: bool) -> Result<(), Error> {
        if due && self.pending > 0 {
            self.db.execute_batch("COMMIT").map_err(|error| unusable(&self.path, &error))?;
            self.pending = 0;
        }
        Ok(())
    }
}

/// What was known of an object no longer counts.
fn forget_said(db: &Connection, kind: &str, key: &str) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE object SET hash = NULL, members = NULL WHERE kind = ? AND key = ?")?
        .execute([kind, key])
        .map(drop)
}

/// An object is to be made.
fn put_pending(db: &Connection, kind: &str, key: &str, origin: &Origin, now: i64) -> rusqlite::Result<()> {
    let (from_kind, from_key) = origin.from.clone().unzip();
    db.prepare_cached(
        "INSERT INTO object (kind, key, from_kind, from_key, scope, aliases, refs, form, state, first_seen)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?)
         ON CONFLICT (kind, key) DO UPDATE SET from_kind = excluded.from_kind, from_key = excluded.from_key,
             scope = excluded.scope, aliases = excluded.aliases, refs = excluded.refs, id = NULL, state = 'pending',
             hash = NULL, members = NULL",
    )?
    .execute(params![
        kind, key, from_kind, from_key, origin.scope, filled(&origin.aliases), filled(&origin.refs), FORM, now
    ])
    .map(drop)
}

fn put_origin(db: &Connection, kind: &str, key: &str, origin: &Origin) -> rusqlite::Result<()> {
    let (from_kind, from_key) = origin.from.clone().unzip();
    db.prepare_cached(
        "UPDATE object SET from_kind = ?, from_key = ?, scope = ?, aliases = ?, refs = ? WHERE kind = ? AND key = ?",
    )?
    .execute(params![
        from_kind, from_key, origin.scope, filled(&origin.aliases), filled(&origin.refs), kind, key
    ])
    .map(drop)
}
