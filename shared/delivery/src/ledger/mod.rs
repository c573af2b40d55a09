//! The ledger: what this pipeline brought to one target. Kinds, keys, ids, hashes, states and times, never bodies.
//!
//! One SQLite file in WAL mode, private to its owner, locked by the run that writes it. What is about to be sent is
//! written down, and on the disk, before the first request; what became of it follows in groups of rows. So a run may be
//! killed at any moment: the next one finds what may have been done, and does it again or looks.

mod accepted;
mod journal;
mod judged;
mod keeping;
mod row;
mod run;
mod schema;
#[cfg(test)]
mod tests;
mod write;

pub use journal::{Destroyed, Intent};
pub(crate) use judged::Judged;
pub(crate) use keeping::{Known, Ran};
pub use row::{Accepted, Origin, Row, State};
pub(crate) use run::APPROVABLE;
pub use run::Approval;

use crate::Facts;
use crate::guarded::check_private;
use crate::lock::{self, Lock};
use muster_base::{Error, Exit};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// An open ledger.
pub struct Ledger {
    db: Connection,
    path: PathBuf,
    /// Rows that wait for their commit, and since when.
    pending: u32,
    since: Instant,
    /// The number of this run.
    run: i64,
    _lock: Option<Lock>,
    /// Where an older version was brought to ours, to be looked at only.
    _copy: Option<tempfile::NamedTempFile>,
}

impl Ledger {
    /// Open the ledger at `path` for a run against the target `identity`, or begin it. Only one run at a time can.
    ///
    /// The ledger of another target is refused, unless it is to be bound to this one (`rebind`).
    pub fn open(path: &Path, identity: &str, rebind: bool) -> Result<Self, Error> {
        let lock = lock::of_ledger(path)?;
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
        check_private(path, &file.map_err(|error| unusable(path, &error))?)?;
        let db = Connection::open(path).map_err(|error| unusable(path, &error))?;
        let ledger = Self { _lock: Some(lock), ..Self::of(db, path) };
        let version = schema::version(&ledger.db, path)?;
        let failed = |error| unusable(path, &error);
        ledger.db.busy_timeout(Duration::from_secs(10)).map_err(failed)?;
        if (1..schema::VERSION).contains(&version) {
            let backup = schema::back_up(&ledger.db, path, version)?;
            tracing::warn!(
                "the ledger is brought to version {}; as it was it is kept in {}",
                schema::VERSION,
                backup.display()
            );
        }
        ledger.prepare(version).map_err(failed)?;
        ledger.check_identity(identity, rebind)?;
        Ok(ledger)
    }

    /// Open the ledger at `path` to look only; nothing when there is none yet.
    pub fn look(path: &Path, identity: &str, rebind: bool) -> Result<Option<Self>, Error> {
        let Some(ledger) = Self::glance(path)? else { return Ok(None) };
        if !rebind {
            ledger.check_identity(identity, false)?;
        }
        Ok(Some(ledger))
    }

    /// Open the ledger at `path` to look only, whichever target it belongs to; nothing when there is none yet.
    pub fn glance(path: &Path) -> Result<Option<Self>, Error> {
        let Ok(file) = File::open(path) else { return Ok(None) };
        check_private(path, &file)?;
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(|error| unusable(path, &error))?;
        match schema::version(&db, path)? {
            0 => Ok(None),
            schema::VERSION => Ok(Some(Self::of(db, path))),
            version => Self::copied(&db, path, version).map(Some),
        }
    }

    /// The ledger of an older version, brought to ours in a copy that is gone with it.
    fn copied(db: &Connection, path: &Path, version: i32) -> Result<Self, Error> {
        let copy = tempfile::NamedTempFile::new().map_err(|error| unusable(path, &error))?;
        let bring = || {
            schema::copy(db, copy.path())?;
            let db = Connection::open(copy.path())?;
            schema::migrate(&db, version)?;
            Ok(db)
        };
        let db = bring().map_err(|error: rusqlite::Error| unusable(path, &error))?;
        Ok(Self { _copy: Some(copy), ..Self::of(db, path) })
    }

    fn of(db: Connection, path: &Path) -> Self {
        let since = Instant::now();
        Self { db, path: path.to_owned(), pending: 0, since, run: i64::MAX, _lock: None, _copy: None }
    }

    fn prepare(&self, version: i32) -> rusqlite::Result<()> {
        self.db.pragma_update(None, "journal_mode", "WAL")?;
        self.db.pragma_update(None, "synchronous", "NORMAL")?;
        schema::migrate(&self.db, version)?;
        // A ledger that cannot be written is noticed here, before the first request.
        self.db.execute_batch("BEGIN IMMEDIATE; DELETE FROM room; COMMIT;")
    }

    /// A ledger belongs to the target that its first run wrote to.
    fn check_identity(&self, identity: &str, rebind: bool) -> Result<(), Error> {
        let failed = |error| unusable(&self.path, &error);
        match self.identity()? {
            Some(owner) if owner == identity => Ok(()),
            Some(owner) if !rebind => {
                Err(Error::new(Exit::Config, format!("the ledger belongs to {owner}, not to {identity}"))
                    .at(self.path.display())
                    .hint("use another --ledger file, or --rebind when the target has moved there"))
            }
            None if self._lock.is_none() => Ok(()),
            _ => self
                .db
                .execute("INSERT INTO identity (target, bound_at) VALUES (?, ?)", params![identity, now()])
                .map(drop)
                .map_err(failed),
        }
    }

    /// The target that it belongs to.
    pub fn identity(&self) -> Result<Option<String>, Error> {
        self.db
            .query_row("SELECT target FROM identity ORDER BY number DESC LIMIT 1", [], |row| row.get(0))
            .optional()
            .map_err(|error| unusable(&self.path, &error))
    }

    /// What the target remembered.
    pub fn facts(&self) -> Result<Facts, Error> {
        let read = || -> rusqlite::Result<Facts> {
            let mut statement =
                self.db.prepare("SELECT substr(name, 6), value FROM meta WHERE name LIKE 'fact.%'")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        read().map_err(|error| unusable(&self.path, &error))
    }

    /// Remember what the target wants remembered.
    pub fn remember(&mut self, facts: &Facts) -> Result<(), Error> {
        let known = self.facts()?;
        for (name, value) in facts.iter().filter(|(name, value)| known.get(*name) != Some(*value)) {
            self.db
                .execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [&format!("fact.{name}"), value])
                .map_err(|error| unusable(&self.path, &error))?;
        }
        Ok(())
    }

    /// What is known of an object.
    pub fn known(&self, kind: &str, key: &str) -> Result<Option<Row>, Error> {
        let find = format!("SELECT {} FROM object WHERE kind = ? AND key = ?", row::COLUMNS);
        let read = || self.db.prepare_cached(&find)?.query_row([kind, key], Row::read).optional();
        read().map_err(|error| unusable(&self.path, &error))
    }

    /// Show all that is known, in the order of kind and key.
    pub fn each(&self, mut see: impl FnMut(Row)) -> Result<(), Error> {
        let all = format!("SELECT {} FROM object ORDER BY kind, key", row::COLUMNS);
        let mut read = || {
            let mut statement = self.db.prepare(&all)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                see(Row::read(row)?);
            }
            Ok(())
        };
        read().map_err(|error: rusqlite::Error| unusable(&self.path, &error))
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A time in seconds since 1970 as people and machines read it.
pub(crate) fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

fn unusable(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::new(Exit::Io, format!("cannot use the ledger: {error}")).at(path.display())
}
