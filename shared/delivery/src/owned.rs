//! What the ledger knows, at hand for a run.

use crate::{Ledger, Origin, Row, State};
use muster_base::Error;
use std::collections::HashMap;

/// The rows of a ledger by their names.
#[derive(Default)]
pub(crate) struct Owned {
    pub(crate) rows: Vec<Row>,
    by_name: HashMap<(String, String), usize>,
    by_id: HashMap<(String, String), usize>,
    by_alias: HashMap<(String, String), usize>,
}

impl Owned {
    /// All rows of a ledger; none without one.
    pub(crate) fn read(ledger: Option<&Ledger>) -> Result<Self, Error> {
        let mut owned = Self::default();
        if let Some(ledger) = ledger {
            ledger.each(|row| owned.add(row))?;
        }
        Ok(owned)
    }

    /// Take up a row.
    pub(crate) fn add(&mut self, row: Row) {
        let (index, kind) = (self.rows.len(), || row.kind.clone());
        self.by_name.insert((kind(), row.key.clone()), index);
        if let Some(id) = row.id.as_ref().filter(|_| row.state != State::Deleted) {
            self.by_id.insert((kind(), id.clone()), index);
        }
        for alias in row.origin.aliases.split_ascii_whitespace() {
            self.by_alias.insert((kind(), alias.to_owned()), index);
        }
        self.rows.push(row);
    }

    /// The row of this name.
    pub(crate) fn find(&self, kind: &str, key: &str) -> Option<&Row> {
        self.position(kind, key).map(|index| &self.rows[index])
    }

    /// Where the row of this name is.
    pub(crate) fn position(&self, kind: &str, key: &str) -> Option<usize> {
        match self.rows.is_empty() {
            true => None,
            false => self.by_name.get(&(kind.to_owned(), key.to_owned())).copied(),
        }
    }

    /// The row of the object that the target calls so.
    pub(crate) fn with_id(&self, kind: &str, id: &str) -> Option<&Row> {
        let index = self.by_id.get(&(kind.to_owned(), id.to_owned()));
        index.map(|index| &self.rows[*index]).or_else(|| self.find(kind, id).filter(|row| row.id.is_none()))
    }

    /// The row that has this other name.
    pub(crate) fn with_alias(&self, kind: &str, alias: &str) -> Option<&Row> {
        if self.by_alias.is_empty() {
            return None;
        }
        self.by_alias.get(&(kind.to_owned(), Origin::alias(alias))).map(|index| &self.rows[*index])
    }

    /// A row is from now on that of another key.
    pub(crate) fn rekey(&mut self, index: usize, key: &str) {
        let row = &mut self.rows[index];
        self.by_name.remove(&(row.kind.clone(), row.key.clone()));
        row.key = key.to_owned();
        self.by_name.insert((row.kind.clone(), row.key.clone()), index);
    }

    /// How many objects of the kind are active, or may be.
    pub(crate) fn active(&self, kind: &str) -> u64 {
        let is_active = |row: &&Row| matches!(row.state, State::Active | State::Pending);
        self.rows.iter().filter(|row| row.kind == kind).filter(is_active).count() as u64
    }
}
