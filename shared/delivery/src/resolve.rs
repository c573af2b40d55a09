//! References resolved: by key or other name, from the input, the ledger, and what was made earlier in this very run.

use crate::matching::{Match, Seen};
use crate::owned::Owned;
use crate::spool::{Entry, Flaw, Spool};
use crate::{Absent, Found, Origin, Reference, Resolved, Role, Target, Task};
use crate::{Action, Work};
use muster_base::Error;
use muster_stream::{Form, Op, Record, Value};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

/// The member that stands for what is left out of a record.
const LEFT_OUT: &str = "\0left out";

/// All that is known of the objects of a run.
pub(crate) struct Known<'a> {
    pub(crate) spool: &'a Spool,
    pub(crate) owned: &'a Owned,
    /// By entry.
    pub(crate) matches: &'a [Match],
    /// What the target holds, where it was read.
    pub(crate) seen: &'a Seen,
    /// The numbers of the scopes, by segment.
    pub(crate) scopes: &'a [i64],
    /// Objects of earlier runs whose last step nobody knows the end of.
    pub(crate) in_doubt: &'a std::collections::HashSet<(String, String)>,
    /// What the target called the objects that were made in this run, by entry.
    pub(crate) ids: RefCell<HashMap<usize, String>>,
    /// Whether an object could not be read of which nobody knows the names.
    has_nameless: bool,
    /// Entries by what the target calls their objects, once somebody asks.
    by_id: OnceCell<HashMap<(&'a str, &'a str), usize>>,
}

impl<'a> Known<'a> {
    pub(crate) fn new(
        spool: &'a Spool,
        owned: &'a Owned,
        matches: &'a [Match],
        seen: &'a Seen,
        scopes: &'a [i64],
        in_doubt: &'a std::collections::HashSet<(String, String)>,
    ) -> Self {
        let is_owned = |(kind, key): &(String, String)| owned.find(kind, key).is_some();
        let has_nameless = spool.unknown.iter().any(|name| !is_owned(name));
        Self {
            spool,
            owned,
            matches,
            seen,
            scopes,
            in_doubt,
            ids: RefCell::default(),
            has_nameless,
            by_id: OnceCell::new(),
        }
    }

    /// What the target calls the object of an entry, where that is known.
    pub(crate) fn id(&self, entry: usize) -> Option<String> {
        self.ids.borrow().get(&entry).cloned().or_else(|| self.matches.get(entry)?.id.clone())
    }

    /// The entry of the object that the target calls so.
    pub(crate) fn entry_with_id(&self, kind: &str, id: &str) -> Option<usize> {
        let named = |(index, entry): (usize, &'a crate::spool::Entry)| {
            Some(((entry.kind.as_str(), self.matches.get(index)?.id.as_deref()?), index))
        };
        let by_id =
            self.by_id.get_or_init(|| self.spool.entries.iter().enumerate().filter_map(named).collect());
        // Where the target has no ids of its own, the key is one.
        by_id.get(&(kind, id)).copied().or_else(|| self.spool.find(kind, id))
    }

    /// Whether the target has the object of an entry, for all that is known.
    pub(crate) fn is_there(&self, entry: usize) -> bool {
        self.matches.get(entry).is_some_and(|found| found.is_there)
    }

    /// The entry that a reference means.
    pub(crate) fn entry_of(&self, kind: &str, name: &str) -> Option<usize> {
        self.spool.find(kind, name).or_else(|| self.spool.find_alias(kind, name))
    }

    /// The task of an entry, whose record is read from the spool.
    pub(crate) fn task<T: Target>(
        &self,
        target: &T,
        index: usize,
        action: Action,
        work: Work,
    ) -> Result<Task, Error> {
        let entry = &self.spool.entries[index];
        let record = if action.is_upsert() { self.spool.record(entry)? } else { None };
        Ok(self.task_of(target, index, action, work, record))
    }

    /// The task of an entry: its record with the members that must stay as they are, and its references.
    pub(crate) fn task_of<T: Target>(
        &self,
        target: &T,
        index: usize,
        action: Action,
        work: Work,
        mut record: Option<Record>,
    ) -> Task {
        let entry = &self.spool.entries[index];
        let found = self.matches.get(index);
        let references = record.as_ref().map(|record| self.resolve(target, record)).unwrap_or_default();
        if let Some(record) = &mut record {
            leave(record, &references);
        }
        Task {
            work,
            id: self.id(index),
            record,
            held: found.and_then(|found| found.held.as_ref().map(Arc::clone)),
            references,
            may_take_out: self.spool.shortfall().is_none(),
            is_in_doubt: self.in_doubt.contains(&(entry.kind.clone(), entry.key.clone())),
            ..Task::new(action, &entry.kind, &entry.key)
        }
    }

    fn resolve<T: Target>(&self, target: &T, record: &Record) -> Vec<Resolved> {
        let references = target.references(record).into_iter();
        references.map(|reference| Resolved { found: self.found(target, &reference), reference }).collect()
    }

    fn found<T: Target>(&self, target: &T, Reference { kind, key, .. }: &Reference) -> Found {
        let row = || {
            let row = self.owned.find(kind, key).or_else(|| self.owned.with_alias(kind, key))?;
            row.state.is_there().then_some(row)
        };
        let by_row = |row: &crate::Row| Found::Here {
            key: row.key.clone(),
            id: Some(row.id.clone().unwrap_or_else(|| row.key.clone())),
        };
        let Some(index) = self.entry_of(kind, key) else {
            return match row() {
                Some(row) => by_row(row),
                None if self.is_hidden(kind, key) => Found::Unknown,
                None => Found::Absent,
            };
        };
        let entry = &self.spool.entries[index];
        match (&entry.flaw, entry.op) {
            (Some(Flaw::Unknown(_)), _) => row().map_or(Found::Unknown, by_row),
            (_, Some(Op::Delete | Op::Passivate)) => Found::Absent,
            (_, Some(Op::Blocked)) => row().map_or(Found::Unknown, by_row),
            _ => Found::Here {
                key: entry.key.clone(),
                // Where a create is an upsert by our key, the key is what the target calls it.
                id: self
                    .id(index)
                    .or_else(|| (self.is_there(index) || !target.looks_up(kind)).then(|| entry.key.clone())),
            },
        }
    }

    /// Whether an object that nothing names may be there all the same.
    fn is_hidden(&self, kind: &str, key: &str) -> bool {
        self.spool.shortfall().is_some()
            || self.has_nameless
            || self.spool.is_unknown(kind, key, Some(&(kind.to_owned(), key.to_owned())))
    }

    /// Where an entry comes from and what it hangs on, as the ledger keeps it.
    pub(crate) fn origin(&self, entry: &Entry, references: &[Resolved]) -> Origin {
        let mut refs: Vec<(&str, &str, &str)> = references
            .iter()
            .filter(|resolved| resolved.reference.role != Role::Mentioned)
            .map(|Resolved { reference, found }| {
                let key = match found {
                    Found::Here { key, .. } => key,
                    Found::Unknown | Found::Absent => &reference.key,
                };
                (reference.role.name(), reference.kind, key.as_str())
            })
            .collect();
        refs.sort_unstable();
        refs.dedup();
        let mut aliases: Vec<String> = entry.aliases.iter().map(|alias| Origin::alias(alias)).collect();
        aliases.sort_unstable();
        // A change tells of its object, not of the population that it is from.
        let before = self.owned.find(&entry.kind, &entry.key).filter(|_| self.spool.form == Form::Changes);
        let before = before.map(|row| &row.origin);
        Origin {
            from: entry.from.clone().or_else(|| before?.from.clone()),
            scope: before.and_then(|origin| origin.scope).or_else(|| self.scopes.get(entry.segment).copied()),
            aliases: aliases.join(" "),
            refs: if refs.is_empty() { String::new() } else { serde_json::json!(refs).to_string() },
        }
    }
}

/// Name the members that must stay as the target has them, because a referent is unknown.
fn leave(record: &mut Record, references: &[Resolved]) {
    let unsure = references.iter().filter(|resolved| resolved.found == Found::Unknown);
    let members: Vec<&str> =
        unsure.map(|resolved| resolved.reference.member).filter(|member| !member.is_empty()).collect();
    if members.is_empty() {
        return;
    }
    let mut all: Vec<String> = record.unknown().map(str::to_owned).collect();
    for member in members {
        let pointer = format!("/{}", member.replace('~', "~0").replace('/', "~1"));
        if !all.contains(&pointer) {
            all.push(pointer);
        }
    }
    record.set_own("_unknown", all.into_iter().map(Value::from).collect());
}

/// The record as it is hashed: with what is left out of it, so that it is sent again when that is there.
pub(crate) fn hashed(record: &Record, references: &[Resolved]) -> Record {
    let is_left_out =
        |one: &&Resolved| one.found == Found::Absent && one.reference.absent == Absent::LeaveOut;
    let mut left_out: Vec<&str> =
        references.iter().filter(is_left_out).map(|one| one.reference.key.as_str()).collect();
    let mut record = record.clone();
    if !left_out.is_empty() {
        left_out.sort_unstable();
        // No member of a record is called so.
        record.set_own(LEFT_OUT, left_out.into_iter().map(Value::from).collect());
    }
    record
}

/// Why a record cannot be pushed, because an object that it names is not there; and how many it does without.
pub(crate) fn judged(references: &[Resolved]) -> Result<u64, String> {
    let absent = || references.iter().filter(|resolved| resolved.found == Found::Absent);
    let fatal = absent().find(|resolved| resolved.reference.absent == Absent::Fail);
    match fatal {
        Some(Resolved { reference, .. }) => Err(format!("there is no {} {}", reference.kind, reference.key)),
        None => Ok(absent().filter(|resolved| resolved.reference.absent == Absent::LeaveOut).count() as u64),
    }
}
