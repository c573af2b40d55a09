//! The ledger: what this pipeline brought to one target. Kinds, keys, hashes and times, never bodies.
//!
//! One SQLite file in WAL mode, private to its owner, locked by the run that writes it. Rows are committed in groups;
//! what a power cut takes away is sent once more, which a target that queues by key does not mind.

use crate::guarded::{check_private, lock};
use crate::{Facts, Said};
use muster_base::{Error, Exit};
use muster_changes::{FORM, Members};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// "must", so that `file` and we know the file for a ledger.
const APPLICATION: i32 = 0x6d75_7374;
/// The version of the tables. A newer one is refused.
const VERSION: i32 = 1;
/// Rows are committed when there are so many, or when the oldest has waited so long.
const GROUP: u32 = 100;
const GROUP_AGE: Duration = Duration::from_secs(1);
/// Room that is made sure of for each step, in bytes: a row, its share of the index page, and the log of both.
const ROOM_PER_STEP: usize = 1024;

const TABLES: &str = "
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE object (
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        hash BLOB,                    -- of the record that was accepted; null while a member of it is unknown
        members BLOB,                 -- hashes of its members; null when it must be sent again
        form INTEGER NOT NULL,        -- of the canonical form that was hashed
        accepted_at INTEGER NOT NULL, -- seconds since 1970
        state TEXT NOT NULL CHECK (state IN ('active', 'passive', 'deleted')),
        PRIMARY KEY (kind, key)
    ) WITHOUT ROWID;
    CREATE TABLE room (bytes BLOB);   -- empty but for the moment in which disk space is made sure of
";

/// What became of an object at the target, as far as we brought it about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was made or changed.
    Active,
    /// It was made passive.
    Passive,
    /// It was taken away.
    Deleted,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Passive => "passive",
            Self::Deleted => "deleted",
        }
    }

    fn read(name: &str) -> Self {
        match name {
            "passive" => Self::Passive,
            "deleted" => Self::Deleted,
            _ => Self::Active,
        }
    }
}

/// What the ledger knows of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What the record that was last accepted said; none when it must be sent again.
    pub members: Option<Members>,
    /// What became of it.
    pub state: State,
}

/// An open ledger.
pub struct Ledger {
    db: Connection,
    path: PathBuf,
    pending: u32,
    since: Instant,
    _lock: Option<File>,
}

impl Ledger {
    /// Open the ledger at `path` for a run against the target `identity`, or begin it. Only one run at a time can.
    pub fn open(path: &Path, identity: &str) -> Result<Self, Error> {
        let lock = lock(path)?;
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
        check_private(path, &file.map_err(|error| unusable(path, &error))?)?;
        let db = Connection::open(path).map_err(|error| unusable(path, &error))?;
        let ledger = Self { db, path: path.to_owned(), pending: 0, since: Instant::now(), _lock: Some(lock) };
        ledger.check_version()?;
        ledger.prepare().map_err(|error| unusable(path, &error))?;
        ledger.check_identity(identity)?;
        Ok(ledger)
    }

    /// Open the ledger at `path` to look only; nothing when there is none yet.
    pub fn look(path: &Path, identity: &str) -> Result<Option<Self>, Error> {
        let Ok(file) = File::open(path) else { return Ok(None) };
        check_private(path, &file)?;
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(|error| unusable(path, &error))?;
        let ledger = Self { db, path: path.to_owned(), pending: 0, since: Instant::now(), _lock: None };
        if ledger.check_version()? == 0 {
            return Ok(None);
        }
        ledger.check_identity(identity)?;
        Ok(Some(ledger))
    }

    fn check_version(&self) -> Result<i32, Error> {
        let number = |name: &str| self.db.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        let (application, version) = number("application_id")
            .and_then(|application| Ok((application, number("user_version")?)))
            .map_err(|error| unusable(&self.path, &error))?;
        if application != APPLICATION && (application != 0 || version != 0 || self.has_tables()) {
            return Err(Error::new(Exit::Config, "the file is no ledger of muster")
                .at(self.path.display())
                .hint("use another --ledger file"));
        }
        if version > VERSION {
            return Err(Error::new(
                Exit::Config,
                format!(
                    "the ledger was written by a newer muster (its version is {version}, ours {VERSION})"
                ),
            )
            .at(self.path.display())
            .hint("install that muster, or use another --ledger file"));
        }
        Ok(version)
    }

    fn has_tables(&self) -> bool {
        self.db.query_row("SELECT 1 FROM sqlite_master", [], |_| Ok(())).is_ok()
    }

    fn prepare(&self) -> rusqlite::Result<()> {
        self.db.busy_timeout(Duration::from_secs(10))?;
        self.db.pragma_update(None, "journal_mode", "WAL")?;
        self.db.pragma_update(None, "synchronous", "NORMAL")?;
        if self.db.pragma_query_value(None, "user_version", |row| row.get::<_, i32>(0))? == 0 {
            self.db.execute_batch(&format!(
                "BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; {TABLES} COMMIT;"
            ))?;
        }
        // A ledger that cannot be written is noticed here, before the first request.
        self.db.execute_batch("BEGIN IMMEDIATE; DELETE FROM room; COMMIT;")
    }

    /// A ledger belongs to the target that its first run wrote to.
    fn check_identity(&self, identity: &str) -> Result<(), Error> {
        let failed = |error| unusable(&self.path, &error);
        match self.meta("target").map_err(failed)? {
            Some(owner) if owner == identity => Ok(()),
            Some(owner) => {
                Err(Error::new(Exit::Config, format!("the ledger belongs to {owner}, not to {identity}"))
                    .at(self.path.display())
                    .hint("use another --ledger file"))
            }
            None if self._lock.is_none() => Ok(()),
            None => self.set_meta("target", identity).map_err(failed),
        }
    }

    fn meta(&self, name: &str) -> rusqlite::Result<Option<String>> {
        self.db.query_row("SELECT value FROM meta WHERE name = ?", [name], |row| row.get(0)).optional()
    }

    fn set_meta(&self, name: &str, value: &str) -> rusqlite::Result<()> {
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [name, value]).map(drop)
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
        for (name, value) in facts {
            self.set_meta(&format!("fact.{name}"), value).map_err(|error| unusable(&self.path, &error))?;
        }
        Ok(())
    }

    /// What is known of an object.
    pub fn known(&self, kind: &str, key: &str) -> Result<Option<Known>, Error> {
        let read = || {
            self.db
                .prepare_cached("SELECT members, form, state FROM object WHERE kind = ? AND key = ?")?
                .query_row([kind, key], |row| {
                    let form: u32 = row.get(1)?;
                    let members: Option<Vec<u8>> = row.get(0)?;
                    let members = members.filter(|_| form == FORM).map(|bytes| Members::from_bytes(&bytes));
                    let state: String = row.get(2)?;
                    Ok(Known { members, state: State::read(&state) })
                })
                .optional()
        };
        read().map_err(|error| unusable(&self.path, &error))
    }

    /// Forget the hashes of objects that are about to be sent: should the run break off between a request and its row,
    /// nobody knows what the target has, and the next run sends it again.
    pub fn doubt<'a>(&mut self, objects: impl Iterator<Item = (&'a str, &'a str)>) -> Result<(), Error> {
        let write = || {
            let transaction = self.db.transaction()?;
            for (kind, key) in objects {
                transaction
                    .prepare_cached(
                        "UPDATE object SET hash = NULL, members = NULL WHERE kind = ? AND key = ?",
                    )?
                    .execute([kind, key])?;
            }
            transaction.commit()
        };
        write().map_err(|error| unusable(&self.path, &error))
    }

    /// Make sure of disk space for so many steps, so that a full disk stops the run before its first request.
    /// What was written before is on the disk then, come what may.
    pub fn make_room(&mut self, steps: usize) -> Result<(), Error> {
        let bytes = i64::try_from(steps.saturating_mul(ROOM_PER_STEP)).unwrap_or(i64::MAX);
        let write = || {
            self.db.execute("INSERT INTO room VALUES (zeroblob(?))", [bytes])?;
            // RESTART keeps the log at its size, to be written over from its beginning: room in both files.
            self.db.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))?;
            self.db.execute("DELETE FROM room", []).map(drop)
        };
        write().map_err(|error| unusable(&self.path, &error))
    }

    /// Write down that the target accepted a step: the object's state, and what its record said.
    pub fn accept(&mut self, kind: &str, key: &str, said: Option<&Said>, state: State) -> Result<(), Error> {
        if self.pending == 0 {
            self.since = Instant::now();
        }
        let (hash, members) = (said.and_then(|said| said.hash), said.map(|said| said.members.to_bytes()));
        let write = || {
            if self.pending == 0 {
                self.db.execute_batch("BEGIN IMMEDIATE")?;
            }
            self.db.prepare_cached("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?, ?)")?.execute(
                params![kind, key, hash, members, FORM, jiff::Timestamp::now().as_second(), state.name()],
            )
        };
        write().map_err(|error| unusable(&self.path, &error))?;
        self.pending += 1;
        self.commit_if(self.pending >= GROUP)
    }

    /// Commit what has waited long enough.
    pub fn tick(&mut self) -> Result<(), Error> {
        self.commit_if(self.since.elapsed() >= GROUP_AGE)
    }

    /// Commit everything.
    pub fn commit(&mut self) -> Result<(), Error> {
        self.commit_if(true)
    }

    fn commit_if(&mut self, due: bool) -> Result<(), Error> {
        if due && self.pending > 0 {
            self.db.execute_batch("COMMIT").map_err(|error| unusable(&self.path, &error))?;
            self.pending = 0;
        }
        Ok(())
    }

    /// Whether an object was brought to the target by us and is still there.
    pub fn owns(&self, kind: &str, key: &str) -> Result<bool, Error> {
        Ok(self.known(kind, key)?.is_some_and(|known| known.state != State::Deleted))
    }
}

fn unusable(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::new(Exit::Io, format!("cannot use the ledger: {error}")).at(path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_stream::{Map, Record};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    const US: &str = "http://localhost/api 12345678";

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn said() -> Said {
        let mut members = Map::new();
        members.insert("Name".to_owned(), "Ane Larsen".into());
        Said::by(&Record::new("user", "1", members), None)
    }

    fn refusal(path: &Path, identity: &str) -> (Exit, String) {
        let error = Ledger::open(path, identity).err().unwrap();
        (error.exit(), error.to_string())
    }

    #[test]
    fn what_was_accepted_is_known_to_the_next_run() {
        let folder = folder();
        let path = folder.path().join("ledger");
        let mut ledger = Ledger::open(&path, US).unwrap();
        ledger.make_room(1000).unwrap();
        ledger.accept("user", "1", Some(&said()), State::Active).unwrap();
        ledger.accept("user", "2", None, State::Deleted).unwrap();
        ledger.remember(&Facts::from([("top_unit".to_owned(), "t".to_owned())])).unwrap();
        ledger.commit().unwrap();
        drop(ledger);
        let ledger = Ledger::look(&path, US).unwrap().unwrap();
        assert_eq!(
            ledger.known("user", "1").unwrap(),
            Some(Known { members: Some(said().members), state: State::Active })
        );
        assert!(ledger.owns("user", "1").unwrap() && !ledger.owns("user", "2").unwrap());
        assert_eq!(ledger.known("org_unit", "1").unwrap(), None);
        assert_eq!(ledger.facts().unwrap()["top_unit"], "t");
    }

    #[test]
    fn hashes_of_another_form_are_none() {
        let folder = folder();
        let path = folder.path().join("ledger");
        let mut ledger = Ledger::open(&path, US).unwrap();
        ledger.accept("user", "1", Some(&said()), State::Active).unwrap();
        ledger.commit().unwrap();
        ledger.db.execute("UPDATE object SET form = 0", []).unwrap();
        assert_eq!(ledger.known("user", "1").unwrap().unwrap().members, None);
    }

    #[test]
    fn a_second_run_is_told_who_holds_the_ledger() {
        let folder = folder();
        let path = folder.path().join("ledger");
        let _first = Ledger::open(&path, US).unwrap();
        let (exit, line) = refusal(&path, US);
        assert_eq!(exit, Exit::Busy);
        assert!(line.contains(&format!("process {}", std::process::id())), "{line}");
    }

    #[test]
    fn another_target_a_newer_version_and_a_foreign_file_are_refused() {
        let folder = folder();
        let path = folder.path().join("ledger");
        drop(Ledger::open(&path, US).unwrap());
        let (exit, line) = refusal(&path, "http://localhost/api 87654321");
        assert_eq!(exit, Exit::Config);
        assert!(line.contains("belongs to http://localhost/api 12345678"), "{line}");

        Connection::open(&path).unwrap().pragma_update(None, "user_version", 2).unwrap();
        assert!(refusal(&path, US).1.contains("newer muster"));

        let other = folder.path().join("other");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        std::fs::set_permissions(&other, PermissionsExt::from_mode(0o600)).unwrap();
        assert!(refusal(&other, US).1.contains("no ledger"));

        std::fs::write(&other, "this is not a database, it is a letter to a friend of mine").unwrap();
        assert_eq!(refusal(&other, US).0, Exit::Io);
    }

    #[test]
    fn a_ledger_that_others_can_read_is_refused() {
        let folder = folder();
        let path = folder.path().join("ledger");
        drop(Ledger::open(&path, US).unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        assert_eq!(refusal(&path, US).0, Exit::Config);
    }
}
