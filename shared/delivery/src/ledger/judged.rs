//! What the guard said of the last run that it judged, for whoever asks how it stands.

use super::{Ledger, unusable};
use muster_base::Error;
use muster_changes::Limit;
use muster_stream::Value;
use rusqlite::OptionalExtension;
use serde_json::json;
use std::collections::BTreeMap;

/// What the guard said of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Judged {
    /// The limit of deletes that the run was given.
    pub(crate) max_deletes: Option<Limit>,
    /// Members that its objects had, by kind.
    pub(crate) members: BTreeMap<String, u64>,
    /// Why it refused the run; none when it let it pass.
    pub(crate) reasons: Vec<String>,
}

impl Ledger {
    /// Remember what the guard said.
    pub(crate) fn judge(&mut self, judged: &Judged) -> Result<(), Error> {
        let Judged { max_deletes, members, reasons } = judged;
        let said = json!({
            "max_deletes": max_deletes.map(|limit| limit.to_string()), "members": members, "reasons": reasons,
        });
        self.grouped(|db| {
            db.execute("INSERT OR REPLACE INTO meta VALUES ('guard', ?)", [said.to_string()]).map(drop)
        })
    }

    /// What the guard said last.
    pub(crate) fn judged(&self) -> Result<Judged, Error> {
        let said: Option<String> = self
            .db
            .query_row("SELECT value FROM meta WHERE name = 'guard'", [], |row| row.get(0))
            .optional()
            .map_err(|error| unusable(&self.path, &error))?;
        let said: Value = said.and_then(|said| serde_json::from_str(&said).ok()).unwrap_or_default();
        let members = said["members"].as_object().into_iter().flatten();
        let reasons = said["reasons"].as_array().into_iter().flatten();
        Ok(Judged {
            max_deletes: said["max_deletes"].as_str().and_then(|limit| limit.parse().ok()),
            members: members.filter_map(|(kind, count)| Some((kind.clone(), count.as_u64()?))).collect(),
            reasons: reasons.filter_map(|reason| reason.as_str().map(str::to_owned)).collect(),
        })
    }
}
