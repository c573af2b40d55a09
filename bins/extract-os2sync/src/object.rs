//! From what OS2sync shows to records, in the shape in which the spec `os2sync` makes them.

use muster_os2sync::fields::{self, Shape as FieldShape};
use muster_os2sync::{INACTIVE, Kind, Position, Unit, User};
use muster_stream::{Map, Record, Value};

/// What the hierarchy knows of each kind.
pub(crate) const IN_HIERARCHY: [(Kind, &[&str]); 2] = [
    (Kind::OrgUnit, &["Uuid", "Name", "ParentOrgUnitUuid"]),
    (Kind::User, &["Uuid", "UserId", "/Person/Name", "PhoneNumber", "Email", "Positions"]),
];

/// How whole objects are shown.
pub(crate) struct Shape {
    pub(crate) not_stored: Vec<String>,
    pub(crate) position_dates: bool,
}

/// A unit as the hierarchy has it.
pub(crate) fn of_unit(unit: Unit) -> Record {
    let members = [
        ("Uuid", Value::from(unit.uuid.as_str())),
        ("Name", unit.name.into()),
        ("ParentOrgUnitUuid", unit.parent.into()),
    ];
    Record::new(Kind::OrgUnit.name(), &unit.uuid, map(members))
}

/// A user as the hierarchy has it.
pub(crate) fn of_user(user: User) -> Record {
    let positions: Vec<Value> = user.positions.into_iter().map(of_position).collect();
    let members = [
        ("Uuid", Value::from(user.uuid.as_str())),
        ("UserId", user.user_id.into()),
        ("Person", map([("Name", user.name.into())]).into()),
        ("PhoneNumber", user.telephone.into()),
        ("Email", user.email.into()),
        ("Positions", positions.into()),
    ];
    with_sets(Record::new(Kind::User.name(), &user.uuid, map(members)), &["/Positions"])
}

fn of_position(position: Position) -> Value {
    map([("Name", position.name.into()), ("OrgUnitUuid", position.unit.into())]).into()
}

fn map<const N: usize>(members: [(&str, Value); N]) -> Map {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn with_sets(mut record: Record, sets: &[&str]) -> Record {
    record.set_own("_sets", sets.to_vec().into());
    record
}

impl Shape {
    /// The members that a whole object of `kind` shows.
    pub(crate) fn members(&self, kind: Kind) -> impl Iterator<Item = &'static str> {
        let shown = |(name, shape): &&(&'static str, FieldShape)| {
            *shape != FieldShape::Ignored && !self.not_stored.iter().any(|left_out| left_out == name)
        };
        kind.fields().iter().filter(shown).map(|(name, _)| *name)
    }

    /// The record of an object that was read whole; none for a soft-deleted one.
    pub(crate) fn record(&self, kind: Kind, key: &str, object: Map) -> Option<Record> {
        let mut found: Map = object
            .into_iter()
            .map(|(name, value)| (fields::proper_name(kind.fields(), name), value))
            .collect();
        if found.get("Status").and_then(Value::as_u64) == Some(INACTIVE) {
            return None;
        }
        fields::lower_uuids(kind.fields(), &mut found);
        if !self.position_dates {
            without_dates(&mut found);
        }
        let shown = self.members(kind);
        let members: Map =
            shown.filter_map(|name| Some((name.to_owned(), found.shift_remove(name)?))).collect();
        let sets = kind.fields().iter().filter(|(name, shape)| is_set(*shape) && members.contains_key(*name));
        let sets: Vec<String> = sets.map(|(name, _)| format!("/{name}")).collect();
        let record = Record::new(kind.name(), key, members);
        Some(with_sets(record, &sets.iter().map(String::as_str).collect::<Vec<_>>()))
    }
}

fn is_set(shape: FieldShape) -> bool {
    matches!(shape, FieldShape::Uuids | FieldShape::Objects(_))
}

/// The registry dates every position; a record that says no dates agrees with any.
fn without_dates(user: &mut Map) {
    for position in user.get_mut("Positions").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(position) = position.as_object_mut() {
            position.retain(|name, _| !matches!(name.as_str(), "StartDate" | "StopDate"));
        }
    }
}
