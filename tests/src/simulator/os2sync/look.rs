//! What tests and shells see of the registry.

use super::entry::{EndedPosition, Entry, Failure, Finished, Kind, Outcome, RootChange, Write};
use super::fields::text;
use super::registry::{Registry, uuid_of};
use serde_json::{Value, json};

impl Registry {
    /// The active users, by uuid.
    pub fn users(&self) -> Vec<Value> {
        self.active(Kind::User).cloned().collect()
    }

    /// The active units, by uuid.
    pub fn units(&self) -> Vec<Value> {
        self.active(Kind::Unit).cloned().collect()
    }

    /// The user of this uuid, active or not.
    pub fn user(&self, uuid: &str) -> Option<Value> {
        self.users.get(uuid).cloned()
    }

    /// The unit of this uuid, active or not.
    pub fn unit(&self, uuid: &str) -> Option<Value> {
        self.units.get(uuid).cloned()
    }

    /// The uuids of soft-deleted objects: they have `Status` 2.
    pub fn deleted(&self) -> Vec<(Kind, String)> {
        let of = |kind| {
            self.objects(kind)
                .iter()
                .filter(|(_, o)| o["Status"] == 2)
                .map(move |(uuid, _)| (kind, uuid.clone()))
        };
        of(Kind::Unit).chain(of(Kind::User)).collect()
    }

    /// The uuids of passivated objects that did not come back.
    pub fn passivated(&self) -> Vec<(Kind, String)> {
        self.passivated.iter().map(|(kind, object)| (*kind, uuid_of(object))).collect()
    }

    /// The entries that wait.
    pub fn queue(&self) -> &[Entry] {
        &self.queue
    }

    /// The entries that left the queue, in the order in which they did.
    pub fn finished(&self) -> &[Finished] {
        &self.finished
    }

    /// What the registry refused for good.
    pub fn failures(&self) -> Vec<Failure> {
        self.finished.iter().filter_map(failure).collect()
    }

    /// The writes that were answered with 200, in their order.
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// Functions that were ended by updates and deletes.
    pub fn ended_positions(&self) -> &[EndedPosition] {
        &self.ended
    }

    /// The unit that is the root of the organisation.
    pub fn root(&self) -> Option<&str> {
        self.root.as_deref()
    }

    /// Every time a push made another unit the root, the first one included.
    pub fn root_changes(&self) -> &[RootChange] {
        &self.root_changes
    }

    /// The active units with a `LOSShortName`.
    pub fn payout_units(&self) -> Vec<String> {
        self.active(Kind::Unit).filter(|unit| text(unit, "LOSShortName").is_some()).map(uuid_of).collect()
    }
}

fn failure(finished: &Finished) -> Option<Failure> {
    let Outcome::Failed(text) = &finished.outcome else { return None };
    let Entry { kind, operation, uuid, .. } = finished.entry.clone();
    Some(Failure { kind, operation, uuid, text: text.clone() })
}

/// What a shell sees of the registry.
pub(super) fn dump(registry: &Registry) -> Value {
    json!({
        "users": registry.users(),
        "units": registry.units(),
        "deleted": registry.deleted(),
        "passivated": registry.passivated(),
        "failures": registry.failures(),
        "root": registry.root(),
        "root_changes": registry.root_changes(),
        "ended_positions": registry.ended_positions(),
        "payout_units": registry.payout_units(),
        "queue": registry.queue(),
        "finished": registry.finished(),
        "options": registry.options,
        "requests": registry.writes(),
    })
}
