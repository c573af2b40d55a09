//! What is checked in a record before the first request: what the server would refuse, in its order and words.

use crate::os2sync::Os2sync;
use muster_os2sync::fields;
use muster_stream::{Record, Value};

impl Os2sync {
    /// What the server checks in a unit, and that only the top unit is without a parent.
    pub(crate) fn check_unit(&self, key: &str, unit: &Record) -> Result<(), String> {
        if is_missing(unit, "/Name", unit.map().get("Name")) {
            return Err("name is null".to_owned());
        }
        if is_parentless(unit) { self.top_unit.check(key) } else { Ok(()) }
    }
}

/// What the server checks in a user, in its order and words.
pub(crate) fn check_user(user: &Record) -> Result<(), String> {
    let person = user.map().get("Person");
    let name = person.and_then(|person| person.get("Name"));
    if is_missing(user, "/Person/Name", name) && !user.unknown().any(|pointer| pointer == "/Person") {
        return Err("Person.Name is null or empty".to_owned());
    }
    if is_missing(user, "/UserId", user.map().get("UserId")) {
        return Err("UserId is null or empty".to_owned());
    }
    if user.unknown().any(|pointer| pointer.starts_with("/Positions")) {
        return Ok(());
    }
    let positions = user.map().get("Positions").and_then(Value::as_array).map(Vec::as_slice);
    let Some(positions) = positions.filter(|positions| !positions.is_empty()) else {
        return Err("Positions is null or empty: a user without a position is to be deleted".to_owned());
    };
    let incomplete = |position: &Value| {
        fields::is_empty(position.get("Name")) || fields::is_empty(position.get("OrgUnitUuid"))
    };
    match positions.iter().any(incomplete) {
        true => Err("Position Name or OrgUnitUUID is null".to_owned()),
        false => Ok(()),
    }
}

/// Whether a unit has no parent, as far as that is known.
pub(crate) fn is_parentless(unit: &Record) -> bool {
    is_missing(unit, "/ParentOrgUnitUuid", unit.map().get("ParentOrgUnitUuid"))
}

fn is_missing(record: &Record, pointer: &str, value: Option<&Value>) -> bool {
    fields::is_empty(value) && !record.unknown().any(|unknown| unknown == pointer)
}
