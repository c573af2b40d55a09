//! What the registry holds, and what was written to it.

use super::Options;
use super::objects::{text, uuid_of};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The kinds of objects, named as their paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Kind {
    #[serde(rename = "user")]
    User,
    #[serde(rename = "orgunit")]
    Unit,
}

/// A write that was answered with 200 or, for a delete, with 404.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Write {
    pub kind: Kind,
    pub uuid: String,
    /// The body as it was sent; none of a delete.
    pub body: Option<Value>,
}

/// The registry. A clone is a snapshot.
#[derive(Clone, Debug)]
pub struct Registry {
    pub(super) options: Options,
    users: BTreeMap<String, Value>,
    units: BTreeMap<String, Value>,
    deleted: Vec<(Kind, String)>,
    writes: Vec<Write>,
    failures: Vec<String>,
}

impl Registry {
    pub(super) fn new(options: Options) -> Self {
        Self {
            options,
            users: BTreeMap::new(),
            units: BTreeMap::new(),
            deleted: Vec::new(),
            writes: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// The users, by uuid.
    pub fn users(&self) -> Vec<&Value> {
        self.users.values().collect()
    }

    /// The units, by uuid.
    pub fn units(&self) -> Vec<&Value> {
        self.units.values().collect()
    }

    /// The object of this uuid.
    pub fn get(&self, kind: Kind, uuid: &str) -> Option<&Value> {
        self.objects(kind).get(&uuid.to_lowercase())
    }

    /// What was deleted, in its order.
    pub fn deleted(&self) -> &[(Kind, String)] {
        &self.deleted
    }

    /// The writes since they were last forgotten, in their order.
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// What the registry refused after the queue had taken it.
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    pub(super) fn forget_writes(&mut self) {
        self.writes.clear();
    }

    pub(super) fn objects(&self, kind: Kind) -> &BTreeMap<String, Value> {
        match kind {
            Kind::User => &self.users,
            Kind::Unit => &self.units,
        }
    }

    pub(super) fn place(&mut self, kind: Kind, object: Value) {
        let uuid = uuid_of(&object);
        match kind {
            Kind::User => self.users.insert(uuid, object),
            Kind::Unit => self.units.insert(uuid, object),
        };
    }

    /// Take a create-or-update; one that names a unit which is not there fails, unseen by the caller.
    pub(super) fn upsert(&mut self, kind: Kind, body: Value, object: Value) {
        let uuid = uuid_of(&object);
        self.writes.push(Write { kind, uuid: uuid.clone(), body: Some(body) });
        let positions = object["Positions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let units = positions.iter().filter_map(|position| text(position, "OrgUnitUuid"));
        let missing =
            units.chain(text(&object, "ParentOrgUnitUuid")).find(|unit| self.get(Kind::Unit, unit).is_none());
        match missing {
            Some(unit) => self.failures.push(format!("{uuid}: there is no unit {unit}")),
            None => self.place(kind, object),
        }
    }

    /// Delete an object; whether there was one.
    pub(super) fn delete(&mut self, kind: Kind, uuid: &str) -> bool {
        let uuid = uuid.to_lowercase();
        self.writes.push(Write { kind, uuid: uuid.clone(), body: None });
        let gone = match kind {
            Kind::User => self.users.remove(&uuid),
            Kind::Unit => self.units.remove(&uuid),
        };
        self.deleted.extend(gone.is_some().then_some((kind, uuid)));
        gone.is_some()
    }
}
