//! Runs, and plans that wait for somebody's approval.

use super::{Ledger, now, unusable};
use muster_base::{Error, Exit};
use muster_stream::Value;
use rusqlite::{OptionalExtension, params};

/// How long a refused plan can be approved, in seconds.
pub(crate) const APPROVABLE: i64 = 24 * 60 * 60;

/// A plan that the guard refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The hashes of its steps, 16 bytes each, sorted.
    pub steps: Vec<u8>,
    /// Whether its day is over.
    pub is_late: bool,
    /// When the run that came to its end by it began, in seconds since 1970.
    pub used: Option<i64>,
}

impl Ledger {
    /// Begin a run: its number from now on. `scopes` came whole; `complete` when all of the input did.
    pub fn begin_run(&mut self, scopes: &[String], complete: bool) -> Result<(), Error> {
        let scopes = Value::from(scopes.to_vec()).to_string();
        let begin = || {
            self.db.execute(
                "INSERT INTO run (started, complete, scopes) VALUES (?, ?, ?)",
                params![now(), complete, scopes],
            )?;
            Ok(self.db.last_insert_rowid())
        };
        self.run = begin().map_err(|error: rusqlite::Error| unusable(&self.path, &error))?;
        Ok(())
    }

    /// End the run.
    pub fn end_run(&mut self, exit: Exit, counts: &Value) -> Result<(), Error> {
        self.commit()?;
        let end = self.db.execute(
            "UPDATE run SET ended = ?, exit = ?, counts = ? WHERE number = ?",
            params![now(), exit as u8, counts.to_string(), self.run],
        );
        end.map(drop).map_err(|error| unusable(&self.path, &error))
    }

    /// The number of the scope of this name.
    pub fn scope(&mut self, name: &str) -> Result<i64, Error> {
        let find = || {
            self.db.execute("INSERT INTO scope (name) VALUES (?) ON CONFLICT DO NOTHING", [name])?;
            self.db.query_row("SELECT number FROM scope WHERE name = ?", [name], |row| row.get(0))
        };
        find().map_err(|error| unusable(&self.path, &error))
    }

    /// The number of the scope of this name, if the ledger knows it.
    pub fn find_scope(&self, name: &str) -> Result<Option<i64>, Error> {
        self.db
            .query_row("SELECT number FROM scope WHERE name = ?", [name], |row| row.get(0))
            .optional()
            .map_err(|error| unusable(&self.path, &error))
    }

    /// Keep a plan that the guard refused, so that it can be approved for a day.
    ///
    /// Its approval is that of this refusal alone. One that was used stays used.
    pub fn offer(&mut self, approval: &str, steps: &[u8]) -> Result<(), Error> {
        let offered = self.db.execute(
            "INSERT INTO approval (digest, made_at, expires_at, steps) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            params![approval, now(), now() + APPROVABLE, steps],
        );
        offered.map(drop).map_err(|error| unusable(&self.path, &error))
    }

    /// The refused plan that has this approval.
    pub fn approval(&self, approval: &str) -> Result<Option<Approval>, Error> {
        // A run that was killed did not use it up: the next one ends its work.
        let find = "SELECT steps, expires_at, iif(run.ended IS NULL, NULL, run.started) FROM approval LEFT JOIN run ON run.number = used_by
                    WHERE digest = ?";
        self.db
            .query_row(find, [approval], |row| {
                Ok(Approval { steps: row.get(0)?, is_late: row.get::<_, i64>(1)? < now(), used: row.get(2)? })
            })
            .optional()
            .map_err(|error| unusable(&self.path, &error))
    }

    /// This run has the approval.
    pub fn use_approval(&mut self, approval: &str, steps: &[u8]) -> Result<(), Error> {
        if self.approval(approval)?.is_none() {
            self.offer(approval, steps)?;
        }
        let used =
            self.db.execute("UPDATE approval SET used_by = ? WHERE digest = ?", params![self.run, approval]);
        used.map(drop).map_err(|error| unusable(&self.path, &error))
    }
}
