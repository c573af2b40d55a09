//! The state of the simulator: the registry's objects, the queue before it, and the logs of both.

use super::entry::{EndedPosition, Entry, Finished, Kind, Operation, RootChange, Write};
use super::fields::{self, text};
use super::hierarchy::Job;
use super::options::Options;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// The objects of one kind by uuid, inactive ones (`Status` 2) included.
pub(super) type Objects = BTreeMap<String, Value>;

/// The registry, the queue and the logs. A clone is a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    pub options: Options,
    pub(super) users: Objects,
    pub(super) units: Objects,
    pub(super) passivated: Vec<(Kind, Value)>,
    pub(super) queue: Vec<Entry>,
    pub(super) entries: u64,
    pub(super) finished: Vec<Finished>,
    /// The last update of each user that was transferred, for a week.
    pub(super) successes: HashMap<String, Entry>,
    pub(super) ended: Vec<EndedPosition>,
    pub(super) root: Option<String>,
    pub(super) root_changes: Vec<RootChange>,
    pub(super) writes: Vec<Write>,
    pub(super) jobs: HashMap<String, Job>,
    pub(super) jobs_started: u64,
}

impl Registry {
    /// A week passes: identical updates are transferred again.
    pub fn forget_successes(&mut self) {
        self.successes.clear();
    }

    /// Put an object into the registry as if somebody else had made it; false when it is none.
    ///
    /// Nothing is checked beyond types. `Status` 2 makes a soft-deleted one; a unit may have several `Managers`.
    pub fn place(&mut self, kind: Kind, body: &Value) -> bool {
        let Some(mut object) = fields::read(body, kind.fields()) else { return false };
        let uuid = uuid_of(&object).to_lowercase();
        object["Uuid"] = json!(uuid);
        object["Status"] = json!(if body["Status"] == 2 { 2 } else { 1 });
        object["ShortKey"] = json!(text(&object, "ShortKey").unwrap_or(&uuid));
        if object["Timestamp"].is_null() {
            object["Timestamp"] = json!(self.now());
        }
        if let Some(managers) = body["Managers"].as_array() {
            object["ManagerUuid"] = managers.first().cloned().unwrap_or_default();
            object["Managers"] = json!(managers);
        }
        if kind == Kind::Unit && text(&object, "ParentOrgUnitUuid").is_none() {
            self.root = Some(uuid.clone());
        }
        self.objects_mut(kind).insert(uuid, object);
        true
    }

    /// Log a write and put its entry into the queue.
    pub(super) fn accept(&mut self, write: Write, object: Value, how: How, cvr: &str) {
        let Write { kind, operation, uuid, .. } = write.clone();
        self.writes.push(write);
        self.enqueue(kind, operation, &uuid, object, how, cvr);
    }

    pub(super) fn enqueue(
        &mut self,
        kind: Kind,
        operation: Operation,
        uuid: &str,
        object: Value,
        how: How,
        cvr: &str,
    ) {
        self.entries += 1;
        let (id, uuid, cvr, timestamp) = (self.entries, uuid.to_owned(), cvr.to_owned(), self.now());
        let How { priority, bypass_cache } = how;
        self.queue.push(Entry { id, kind, operation, uuid, object, priority, bypass_cache, cvr, timestamp });
    }

    pub(super) fn objects(&self, kind: Kind) -> &Objects {
        match kind {
            Kind::Unit => &self.units,
            Kind::User => &self.users,
        }
    }

    pub(super) fn objects_mut(&mut self, kind: Kind) -> &mut Objects {
        match kind {
            Kind::Unit => &mut self.units,
            Kind::User => &mut self.users,
        }
    }

    pub(super) fn active(&self, kind: Kind) -> impl Iterator<Item = &Value> {
        self.objects(kind).values().filter(|object| object["Status"] == 1)
    }

    /// Whether this is the uuid of an active unit, compared with regard to case.
    pub(super) fn is_unit(&self, uuid: &str) -> bool {
        self.units.get(uuid).is_some_and(|unit| unit["Status"] == 1)
    }

    /// A clock that goes on by a second with each entry.
    pub(super) fn now(&self) -> String {
        let (hour, minute, second) = (self.entries / 3600 % 24, self.entries / 60 % 60, self.entries % 60);
        format!("{}T{hour:02}:{minute:02}:{second:02}", self.options.today)
    }
}

/// How an entry stands in the queue.
#[derive(Clone, Copy)]
pub(super) struct How {
    pub(super) priority: i64,
    pub(super) bypass_cache: bool,
}

impl Default for How {
    fn default() -> Self {
        Self { priority: 10, bypass_cache: false }
    }
}

pub(super) fn uuid_of(object: &Value) -> String {
    object["Uuid"].as_str().unwrap_or_default().to_owned()
}
