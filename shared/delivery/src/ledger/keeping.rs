//! The ledger between runs: how it stands, pauses, copies, what is forgotten and what is purged.

use super::{Ledger, now, schema, unusable};
use crate::guarded::check_private;
use crate::lock;
use muster_base::{Error, Exit};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// The guard needs the journal of a week, whatever is to be kept.
const LEAST_KEPT: i64 = 8 * 24 * 60 * 60;

/// A run that goes on lets go of the ledger for moments only, a group of rows after the other: so often, a millisecond
/// apart, is looked for one.
const LOOKS: i32 = 60_000;

/// Wait for a moment in which nobody writes.
fn patiently(looked: i32) -> bool {
    std::thread::sleep(Duration::from_millis(1));
    looked < LOOKS
}

/// A run as the ledger remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) started: i64,
    /// Nothing while it goes on, or when it was killed.
    pub(crate) ended: Option<i64>,
    pub(crate) exit: Option<u8>,
    /// Whether its input was whole.
    pub(crate) complete: bool,
}

/// How many objects of a kind there are, by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) active: u32,
    pub(crate) passive: u32,
    pub(crate) deleted: u32,
    pub(crate) pending: u32,
    /// Of the others: missing in the source.
    pub(crate) missing: u32,
}

impl Ledger {
    /// That there is no ledger.
    pub(crate) fn absent(path: &Path) -> Error {
        Error::new(Exit::Io, "there is no ledger yet").at(path.display()).hint("its first run makes it")
    }

    /// Open the ledger at `path` for a small change that a run may go on beside.
    pub(crate) fn change(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|_| Self::absent(path))?;
        check_private(path, &file)?;
        let mut db = Connection::open(path).map_err(|error| unusable(path, &error))?;
        db.busy_handler(Some(patiently)).map_err(|error| unusable(path, &error))?;
        match schema::version(&db, path)? {
            schema::VERSION => Ok(Self::of(db, path)),
            0 => Err(Self::absent(path)),
            _ => Err(Error::new(Exit::Config, "the ledger is of an older version")
                .at(path.display())
                .hint("its next run brings it to ours")),
        }
    }

    /// The same while no run goes on.
    pub(crate) fn hold(path: &Path) -> Result<Self, Error> {
        let ledger = Self::change(path)?;
        Ok(Self { _lock: Some(lock::of_ledger(path)?), ..ledger })
    }

    fn ran(&self, which: &str) -> Result<Option<Ran>, Error> {
        let find =
            format!("SELECT started, ended, exit, complete FROM run {which} ORDER BY number DESC LIMIT 1");
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Ran { started: row.get(0)?, ended: row.get(1)?, exit: row.get(2)?, complete: row.get(3)? })
        };
        self.db.query_row(&find, [], read).optional().map_err(|error| unusable(&self.path, &error))
    }

    /// The last run that came to its end with a whole input; records may have been rejected.
    pub(crate) fn last_success(&self) -> Result<Option<Ran>, Error> {
        self.ran("WHERE ended IS NOT NULL AND complete AND exit IN (0, 1)")
    }

    /// The last run that was begun.
    pub(crate) fn last_run(&self) -> Result<Option<Ran>, Error> {
        self.ran("")
    }

    /// Objects by kind and state.
    pub(crate) fn kinds(&self) -> Result<BTreeMap<String, Known>, Error> {
        let read = || {
            let mut kinds = BTreeMap::<String, Known>::new();
            let mut statement = self.db.prepare(
                "SELECT kind, state, count(*), count(missing_since) FROM object GROUP BY kind, state",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let known = kinds.entry(row.get(0)?).or_default();
                let (state, count, missing): (String, u32, u32) = (row.get(1)?, row.get(2)?, row.get(3)?);
                match state.as_str() {
                    "passive" => known.passive = count,
                    "deleted" => known.deleted = count,
                    "pending" => known.pending = count,
                    _ => known.active = count,
                }
                known.missing += if state == "deleted" { 0 } else { missing };
            }
            Ok(kinds)
        };
        read().map_err(|error: rusqlite::Error| unusable(&self.path, &error))
    }

    /// The names of the scopes by their numbers.
    pub(crate) fn scopes(&self) -> Result<HashMap<i64, String>, Error> {
        let read = || {
            self.db
                .prepare("SELECT number, name FROM scope")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| unusable(&self.path, &error))
    }

    /// The approval of the plan that the guard refused last, and until when it is good; nothing once it was used.
    pub(crate) fn refused(&self, now: i64) -> Result<Option<(String, i64)>, Error> {
        let last = "SELECT digest, expires_at FROM approval WHERE used_by IS NULL AND expires_at >= ?
                    ORDER BY made_at DESC, digest DESC LIMIT 1";
        self.db
            .query_row(last, [now], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(|error| unusable(&self.path, &error))
    }

    /// Since when and why the ledger is paused, if it is.
    pub(crate) fn paused(&self) -> Result<Option<(i64, String)>, Error> {
        self.db
            .query_row("SELECT since, reason FROM pause", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(|error| unusable(&self.path, &error))
    }

    /// Refuse a run when the ledger is paused.
    pub(crate) fn check_pause(&self) -> Result<(), Error> {
        let Some((since, reason)) = self.paused()? else { return Ok(()) };
        let since = jiff::Timestamp::from_second(since)
            .map_or_else(|_| String::new(), |since| format!(" since {since}"));
        Err(Error::new(Exit::Busy, format!("the ledger is paused{since}: {reason}"))
            .at(self.path.display())
            .hint("--unpause lets it go on"))
    }

    /// Have every run refused, for this reason.
    pub(crate) fn pause(&mut self, reason: &str) -> Result<(), Error> {
        self.durable(|db| {
            db.execute("DELETE FROM pause", [])?;
            db.execute("INSERT INTO pause VALUES (?, ?)", params![now(), reason]).map(drop)
        })
    }

    /// Let runs go on.
    pub(crate) fn unpause(&mut self) -> Result<(), Error> {
        self.durable(|db| db.execute("DELETE FROM pause", []).map(drop))
    }

    /// Write a copy to `to`, which others cannot read. Whatever is there is replaced at once, or stays.
    pub(crate) fn back_up(&self, to: &Path) -> Result<(), Error> {
        let failed = |error: &dyn std::fmt::Display| {
            Error::new(Exit::Io, format!("cannot back the ledger up: {error}")).at(to.display())
        };
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let copy = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
        schema::copy(&self.db, copy.path()).map_err(|error| failed(&error))?;
        copy.as_file().sync_all().map_err(|error| failed(&error))?;
        copy.persist(to).map(drop).map_err(|error| failed(&error))
    }

    /// Take objects out, all of them or none. Keys may be written in other letters than the target's.
    pub(crate) fn forget(&mut self, objects: &[(String, String)]) -> Result<(), Error> {
        let mut found = Vec::new();
        for (kind, key) in objects {
            let row = self
                .known(kind, key)?
                .map_or_else(|| self.known(kind, &key.to_lowercase()), |row| Ok(Some(row)));
            let row = row?.ok_or_else(|| {
                Error::new(Exit::Usage, format!("the ledger knows no {kind} {key}"))
                    .at(self.path.display())
                    .hint("--export lists what it knows")
            })?;
            found.push(row.key);
        }
        self.durable(|db| {
            for ((kind, _), key) in objects.iter().zip(&found) {
                db.execute("DELETE FROM object WHERE kind = ? AND key = ?", [kind, key])?;
                let settle =
                    "UPDATE journal SET phase = 'settled' WHERE phase = 'intent' AND kind = ? AND key = ?";
                db.execute(settle, [kind, key])?;
            }
            Ok(())
        })
    }

    /// Purge tombstones and journal that are older than this.
    pub(crate) fn retain(&mut self, kept: Duration) -> Result<(), Error> {
        let kept = i64::try_from(kept.as_secs()).unwrap_or(i64::MAX);
        let (then, journal) = (now().saturating_sub(kept), now().saturating_sub(kept.max(LEAST_KEPT)));
        self.grouped(|db| {
            db.execute(
                "DELETE FROM object WHERE state = 'deleted' AND coalesce(accepted_at, first_seen) < ?",
                [then],
            )?;
            db.execute("DELETE FROM journal WHERE at < ? AND phase <> 'intent'", [journal])?;
            db.execute("DELETE FROM approval WHERE expires_at < ?", [now() - LEAST_KEPT])?;
            // The last success stays, however long ago it was.
            db.execute(
                "DELETE FROM run WHERE started < ? AND number NOT IN (SELECT run FROM journal)
                     AND number NOT IN (SELECT used_by FROM approval WHERE used_by IS NOT NULL)
                     AND number NOT IN (SELECT max(number) FROM run WHERE ended IS NOT NULL AND complete AND exit IN (0, 1))
                     AND number < (SELECT max(number) FROM run)",
                [journal],
            )
            .map(drop)
        })
    }
}
