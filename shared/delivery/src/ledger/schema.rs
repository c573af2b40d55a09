//! The tables of a ledger, and the way from an older version to them.

use super::unusable;
use muster_base::{Error, Exit};
use rusqlite::Connection;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// "must", so that `file` and we know the file for a ledger.
pub(super) const APPLICATION: i32 = 0x6d75_7374;
/// The version of the tables. A newer one is refused.
pub(super) const VERSION: i32 = 2;

/// What both versions have.
const ALWAYS: &str = "
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE room (bytes BLOB);   -- empty but for the moment in which disk space is made sure of
";

const TABLES: &str = "
    CREATE TABLE identity (           -- the targets that the ledger was bound to; the last one counts
        number INTEGER PRIMARY KEY,
        target TEXT NOT NULL,
        bound_at INTEGER NOT NULL     -- all times: seconds since 1970
    );
    CREATE TABLE scope (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE object (
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        id TEXT,                      -- at the target; null while it is not known or is the key
        from_kind TEXT,               -- of the source object, where map changed either
        from_key TEXT,
        scope INTEGER REFERENCES scope,
        aliases TEXT,                 -- hashes of its other names
        refs TEXT,                    -- JSON [[role, kind, key], …] of what it lies in or needs
        hash BLOB,                    -- of the record that was accepted; null while a member of it is unknown
        members BLOB,                 -- hashes of its members; null when it must be sent again
        form INTEGER NOT NULL,        -- of the canonical form that was hashed
        state TEXT NOT NULL CHECK (state = 'pending' OR state = 'active' OR state = 'passive' OR state = 'deleted'),
        first_seen INTEGER NOT NULL,
        accepted_at INTEGER,
        missing_since INTEGER,
        missing_runs INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (kind, key)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX object_id ON object (kind, id) WHERE id IS NOT NULL AND state <> 'deleted';
    CREATE TABLE run (
        number INTEGER PRIMARY KEY,
        started INTEGER NOT NULL,
        ended INTEGER,                -- null: it is running, or it was killed
        exit INTEGER,
        complete INTEGER NOT NULL,    -- whether its input was whole
        scopes TEXT NOT NULL,         -- JSON list of the scopes that came whole
        counts TEXT                   -- JSON: by kind, by column of the summary
    );
    CREATE TABLE journal (            -- every step
        number INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES run,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        op TEXT NOT NULL,             -- create, update, delete, passivate, remove (a member taken out)
        stage TEXT,                   -- which of the steps of its object, where there are several
        phase TEXT NOT NULL CHECK (phase = 'intent' OR phase = 'done' OR phase = 'failed' OR phase = 'settled'),
        approved INTEGER NOT NULL DEFAULT 0,
        amount INTEGER NOT NULL DEFAULT 1, -- of members taken out
        id TEXT,
        http INTEGER,
        ms INTEGER,
        error TEXT
    );
    CREATE INDEX journal_doubt ON journal (kind, key) WHERE phase = 'intent';
    CREATE INDEX journal_destructive ON journal (at) WHERE op = 'delete' OR op = 'passivate' OR op = 'remove';
    CREATE TABLE approval (           -- plans that the guard refused; used ones were approved
        digest TEXT PRIMARY KEY,
        made_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        used_by INTEGER REFERENCES run,
        steps BLOB NOT NULL           -- the hashes of its steps, 16 bytes each, sorted
    ) WITHOUT ROWID;
    CREATE TABLE pause (since INTEGER NOT NULL, reason TEXT NOT NULL);
";

/// What the first version knew, told in the tables of this one.
const FROM_1: &str = "
    ALTER TABLE object RENAME TO object_1;
    {TABLES}
    INSERT INTO identity (target, bound_at)
        SELECT value, CAST(strftime('%s', 'now') AS INTEGER) FROM meta WHERE name = 'target';
    DELETE FROM meta WHERE name = 'target';
    INSERT INTO object (kind, key, hash, members, form, state, first_seen, accepted_at)
        SELECT kind, key, hash, members, form, state, accepted_at, accepted_at FROM object_1;
    DROP TABLE object_1;
";

/// The version of the tables in the file; nothing in an empty one.
pub(super) fn version(db: &Connection, path: &Path) -> Result<i32, Error> {
    let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, version) = number("application_id")
        .and_then(|application| Ok((application, number("user_version")?)))
        .map_err(|error| unusable(path, &error))?;
    let has_tables = || db.query_row("SELECT 1 FROM sqlite_master", [], |_| Ok(())).is_ok();
    if application != APPLICATION && (application != 0 || version != 0 || has_tables()) {
        return Err(Error::new(Exit::Config, "the file is no ledger of muster")
            .at(path.display())
            .hint("use another --ledger file"));
    }
    if version > VERSION {
        let what =
            format!("the ledger was written by a newer muster (its version is {version}, ours {VERSION})");
        return Err(Error::new(Exit::Config, what)
            .at(path.display())
            .hint("install that muster, or use another --ledger file"));
    }
    Ok(version)
}

/// Bring tables of `version` to ours, in one transaction.
pub(super) fn migrate(db: &Connection, version: i32) -> rusqlite::Result<()> {
    let tables = match version {
        VERSION => return Ok(()),
        1 => FROM_1.replace("{TABLES}", TABLES),
        _ => format!("{ALWAYS} {TABLES}"),
    };
    db.execute_batch(&format!(
        "BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; {tables} COMMIT;"
    ))
}

/// Keep a copy of the ledger, as it was in an older version, beside it; where it is.
pub(super) fn back_up(db: &Connection, path: &Path, version: i32) -> Result<PathBuf, Error> {
    let backup = path.with_added_extension(format!("version-{version}"));
    let failed =
        |error: &dyn std::fmt::Display| unusable(&backup, &format!("it cannot be backed up first: {error}"));
    // The copy is made into an empty file, since SQLite would create it for everybody.
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&backup);
    file.map_err(|error| failed(&error))?;
    copy(db, &backup).map_err(|error| failed(&error))?;
    Ok(backup)
}

/// A copy of an open ledger in the empty file at `to`.
pub(super) fn copy(db: &Connection, to: &Path) -> rusqlite::Result<()> {
    db.execute("VACUUM INTO ?", [to.to_string_lossy()]).map(drop)
}
