//! What was accepted long ago, for targets that look whether it arrived.

use super::{Ledger, now, unusable};
use crate::Arguments;
use muster_base::Error;

impl Ledger {
    /// Kind and key of the active objects that were accepted at `then` (seconds since 1970) or before.
    pub fn accepted_before(&self, then: i64) -> Result<Vec<(String, String)>, Error> {
        let read = || -> rusqlite::Result<Vec<(String, String)>> {
            self.db
                .prepare("SELECT kind, key FROM object WHERE state = 'active' AND accepted_at <= ?")?
                .query_map([then], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        };
        read().map_err(|error| unusable(&self.path, &error))
    }
}

impl Arguments {
    /// Kind and key of the active objects of the ledger that `identity` accepted so many seconds ago or longer; none
    /// without a ledger.
    pub fn accepted_before(&self, identity: &str, seconds: u64) -> Result<Vec<(String, String)>, Error> {
        let Some(path) = &self.ledger else { return Ok(Vec::new()) };
        let Some(ledger) = Ledger::look(path, identity, false)? else { return Ok(Vec::new()) };
        ledger.accepted_before(now().saturating_sub_unsigned(seconds))
    }
}
