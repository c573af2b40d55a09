//! Working the queue off: units first, then users, by priority and age.
//!
//! The server takes batches of `threads` entries. In the first batch of a run only the newest entry of a uuid is
//! executed; later ones execute all, in parallel there, one after the other here.

use super::entry::{Entry, Finished, Kind, Operation, Outcome};
use super::registry::Registry;
use serde_json::Value;

/// Where a user's entry goes after a temporary failure. A unit's keeps its place, and blocks.
const POSTPONED: i64 = 20;

/// What makes two updates of a user the same, besides person, positions, uuid and CVR. Not `ShortKey`.
const COMPARED: [&str; 8] =
    ["UserId", "PhoneNumber", "Landline", "Email", "RacfID", "Location", "FMKID", "IsRobot"];

impl Registry {
    /// One run of the job; nothing is left in the queue unless the registry is down.
    pub fn settle(&mut self) {
        self.queue.sort_by_key(|entry| (entry.kind, entry.priority, entry.id));
        if self.options.registry_down {
            return self.postpone();
        }
        let (units, users) = std::mem::take(&mut self.queue).into_iter().partition(|e| e.kind == Kind::Unit);
        self.run(units);
        self.run(users);
    }

    /// Before a read.
    pub(super) fn settle_if_immediate(&mut self) {
        if self.options.immediate {
            self.settle();
        }
    }

    fn run(&mut self, entries: Vec<Entry>) {
        let first = entries.len().min(self.options.threads);
        let newer: Vec<bool> = (0..entries.len())
            .map(|place| {
                let entry = &entries[place];
                place < first && entries[..first].iter().any(|e| e.uuid == entry.uuid && e.id > entry.id)
            })
            .collect();
        for (entry, superseded) in entries.into_iter().zip(newer) {
            let outcome = if superseded { Outcome::Superseded } else { self.execute(&entry) };
            self.finished.push(Finished { entry, outcome });
        }
    }

    fn execute(&mut self, entry: &Entry) -> Outcome {
        if self.options.cvr.as_ref().is_some_and(|cvr| *cvr != entry.cvr) {
            return Outcome::Failed(format!("41: no agreement for CVR {}", entry.cvr));
        }
        if self.is_cached(entry) {
            return Outcome::Skipped;
        }
        let result = match entry.operation {
            Operation::Update => self.update(entry),
            Operation::Delete => {
                self.delete(entry);
                Ok(())
            }
            Operation::Passivate | Operation::Cleanup => {
                self.passivate(entry);
                Ok(())
            }
        };
        if let Err(text) = result {
            return Outcome::Failed(text);
        }
        self.remember(entry);
        Outcome::Done
    }

    fn is_cached(&self, entry: &Entry) -> bool {
        let user = entry.kind == Kind::User && entry.operation == Operation::Update && !entry.bypass_cache;
        user && self.successes.get(&entry.uuid.to_lowercase()).is_some_and(|last| same(last, entry))
    }

    fn remember(&mut self, entry: &Entry) {
        let uuid = entry.uuid.to_lowercase();
        match (entry.kind, entry.operation) {
            (Kind::Unit, _) => (),
            (Kind::User, Operation::Update) => drop(self.successes.insert(uuid, entry.clone())),
            (Kind::User, _) => drop(self.successes.remove(&uuid)),
        }
    }

    /// The run stops at its first batch.
    fn postpone(&mut self) {
        let kind = self.queue.first().map(|entry| entry.kind);
        if kind == Some(Kind::User) {
            let threads = self.options.threads;
            self.queue.iter_mut().take(threads).for_each(|entry| entry.priority = POSTPONED);
        }
    }
}

fn same(last: &Entry, entry: &Entry) -> bool {
    let (old, new) = (&last.object, &entry.object);
    last.cvr == entry.cvr
        && COMPARED.iter().all(|field| old[field] == new[field])
        && old["Person"] == new["Person"]
        && set(&old["Positions"]) == set(&new["Positions"])
}

/// Positions have no order.
fn set(positions: &Value) -> Vec<String> {
    let mut texts: Vec<_> = positions.as_array().into_iter().flatten().map(Value::to_string).collect();
    texts.sort();
    texts
}
