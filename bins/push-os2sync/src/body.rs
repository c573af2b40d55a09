//! From a record to the body of its POST.
//!
//! A POST replaces the whole object, so what OS2mo cannot know is taken from the object as the registry has it:
//! `LOSShortName` always (whoever sets it makes the unit a payout unit), the members of the keep list where ours say
//! nothing, and members that could not be read. So are members that the record does not have at all, which are not ours to
//! say; but for their sake alone no user is read.

use muster_delivery::Task;
use muster_os2sync::Kind;
use muster_os2sync::fields::{self, Field, Shape};
use muster_stream::{Map, Record, Value};
use std::collections::HashSet;

/// The kind of a unit, and of a user.
pub(crate) const ORG_UNIT: &str = Kind::OrgUnit.name();
pub(crate) const KIND_USER: &str = Kind::User.name();

/// What is kept when nobody says otherwise: what the extract cannot know, and what a POST without it would reset
/// (`Type` to DEPARTMENT, a robot to a person).
pub(crate) const KEEP: &str = "Tasks,ShortKey,PayoutUnitUuid,ContactPlaces,ContactOpenHours,SOR,Type,LOSId,FOA,EmailRemarks,PostReturn,PostSecondary,IsRobot";

/// This one is never ours to say.
const ALWAYS_KEPT: &str = "LOSShortName";

/// The kind of this name; the plan lets no other through.
pub(crate) fn kind_of(name: &str) -> Kind {
    Kind::of(name).unwrap_or(Kind::OrgUnit)
}

/// The members of a kind.
pub(crate) fn fields_of(kind: &str) -> &'static [Field] {
    kind_of(kind).fields()
}

/// What a body takes from the object as it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Members of the keep list on which ours say nothing.
    pub(crate) kept: Vec<String>,
    /// Other members that ours do not have.
    absent: Vec<String>,
    /// Members that could not be read.
    pub(crate) unknown: Vec<Vec<String>>,
}

impl Wanted {
    /// What the record of `task` leaves to the current object.
    pub(crate) fn of(kind: &str, record: &Record, keep: &[String]) -> Self {
        let has = |name: &str| fields_of(kind).iter().any(|(field, _)| *field == name);
        let always = std::iter::once(ALWAYS_KEPT.to_owned()).filter(|_| kind == ORG_UNIT);
        // The server keeps a user's short key by itself: no reason to read the user.
        let server_keeps = |name: &str| kind == KIND_USER && name == "ShortKey";
        let empty = keep.iter().filter(|name| {
            *name != ALWAYS_KEPT
                && has(name)
                && !server_keeps(name)
                && fields::is_empty(record.map().get(name.as_str()))
        });
        let kept: Vec<String> = always.chain(empty.cloned()).collect();
        let unknown: Vec<Vec<String>> = record.unknown().map(way).collect();
        let is_ours = |name: &str| name == "Uuid" || server_keeps(name) || record.map().contains_key(name);
        let is_taken = |name: &str| {
            kept.iter().chain(unknown.iter().filter_map(|way| way.first())).any(|taken| taken == name)
        };
        let absent =
            fields_of(kind).iter().filter(|(_, shape)| *shape != Shape::Ignored).map(|(name, _)| *name);
        let absent = absent.filter(|name| !is_ours(name) && !is_taken(name)).map(str::to_owned).collect();
        Self { kept, absent, unknown }
    }

    /// Whether the current object has a say.
    pub(crate) fn needs_current(&self) -> bool {
        !self.kept.is_empty() || !self.unknown.is_empty()
    }

    /// The names of the members that the current object decides, for a dry run.
    pub(crate) fn names(&self) -> Vec<String> {
        let unknown = self.unknown.iter().map(|way| way.join("."));
        self.kept.iter().chain(&self.absent).cloned().chain(unknown).collect()
    }

    /// Whether a member of this name could not be read.
    pub(crate) fn is_unknown(&self, name: &str) -> bool {
        self.unknown.iter().any(|way| way.first().is_some_and(|first| first == name))
    }
}

/// The names on the way to a member: a member of `Person` by itself, all others whole, since positions have no names.
fn way(pointer: &str) -> Vec<String> {
    let mut names = pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~"));
    let first = names.next().unwrap_or_default();
    let second = names.next().filter(|_| first == "Person");
    std::iter::once(first).chain(second).collect()
}

/// The body of a task's POST, from its record and the object as the registry has it, if it has one.
pub(crate) fn body(task: &Task, record: &Record, wanted: &Wanted, current: Option<&Map>) -> Map {
    let mut body = Map::new();
    body.insert("Uuid".to_owned(), task.key.as_str().into());
    for (name, value) in record.members().filter(|(name, _)| *name != "Uuid") {
        body.insert(name.to_owned(), value.clone());
    }
    if let Some(current) = current {
        take_over(&mut body, wanted, current);
    }
    fields::lower_uuids(fields_of(&task.kind), &mut body);
    without_double_positions(&mut body);
    body
}

/// Put into `body` what the current object has to say.
fn take_over(body: &mut Map, wanted: &Wanted, current: &Map) {
    for name in wanted.kept.iter().chain(&wanted.absent) {
        match current.get(name).filter(|value| !value.is_null()) {
            Some(value) => drop(body.insert(name.clone(), value.clone())),
            None if name == ALWAYS_KEPT => drop(body.shift_remove(name)),
            None => (),
        }
    }
    for way in &wanted.unknown {
        let Some((first, rest)) = way.split_first() else { continue };
        let whole = current.get(first);
        if let Some(value) = rest.iter().try_fold(whole, |value, name| Some(value?.get(name))).flatten() {
            set(body, way, value);
        }
    }
}

fn set(body: &mut Map, way: &[String], value: &Value) {
    match way {
        [name] => {
            body.insert(name.clone(), value.clone());
        }
        [first, name] => {
            let inner = body.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Some(inner) = inner.as_object_mut() {
                inner.insert(name.clone(), value.clone());
            }
        }
        _ => (),
    }
}

/// Two equal positions would become two functions, of which one is never ended.
fn without_double_positions(body: &mut Map) {
    let Some(Value::Array(positions)) = body.get_mut("Positions") else { return };
    let mut seen = HashSet::new();
    positions.retain(|position| {
        let part = |name: &str| position.get(name).and_then(Value::as_str).map(str::to_owned);
        seen.insert(["OrgUnitUuid", "Name", "StartDate", "StopDate"].map(part))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_delivery::Action;
    use serde_json::json;

    fn keep() -> Vec<String> {
        KEEP.split(',').map(str::to_owned).collect()
    }

    fn sent(kind: &str, ours: Value, unknown: &[&str], current: Option<Value>) -> Value {
        let mut record = Record::new(kind, "1", ours.as_object().unwrap().clone());
        record.set_own("_unknown", unknown.to_vec().into());
        let task = Task::new(Action::Update, kind, "1");
        let wanted = Wanted::of(kind, &record, &keep());
        let current = current.map(|current| current.as_object().unwrap().clone());
        Value::Object(body(&task, &record, &wanted, current.as_ref()))
    }

    #[test]
    fn los_short_name_is_never_ours() {
        let body =
            sent("org_unit", json!({ "LOSShortName": "X" }), &[], Some(json!({ "LOSShortName": "P1" })));
        assert_eq!(body["LOSShortName"], "P1");
    }

    #[test]
    fn kept_members_fill_only_what_ours_leave_empty() {
        let current = json!({ "Tasks": ["a"], "SOR": "7", "Type": "TEAM", "Email": "old@example.org" });
        let body = sent("org_unit", json!({ "Tasks": [], "SOR": "8", "Name": "N" }), &[], Some(current));
        assert_eq!(body["Tasks"], json!(["a"]));
        assert_eq!(body["SOR"], "8");
        assert_eq!(body["Type"], "TEAM");
    }

    #[test]
    fn what_ours_do_not_say_stays_and_what_they_call_null_goes() {
        let current =
            json!({ "ItSystems": ["a"], "Email": "old@example.org", "Status": 1, "ManagerUuid": null });
        let body = sent("org_unit", json!({ "Name": "N", "Email": null }), &[], Some(current));
        assert_eq!(body, json!({ "Uuid": "1", "Name": "N", "Email": null, "ItSystems": ["a"] }));
        let body =
            sent("user", json!({ "UserId": "u" }), &[], Some(json!({ "RacfID": "R1", "ShortKey": "s" })));
        assert_eq!(body, json!({ "Uuid": "1", "UserId": "u", "RacfID": "R1" }));
    }

    #[test]
    fn a_robot_stays_one_unless_the_record_speaks() {
        let robot = || Some(json!({ "IsRobot": true }));
        assert_eq!(sent("user", json!({}), &[], robot())["IsRobot"], true);
        assert_eq!(sent("user", json!({ "IsRobot": false }), &[], robot())["IsRobot"], false);
    }

    #[test]
    fn unknown_members_keep_the_registrys_value() {
        let current =
            json!({ "Email": "a@b", "Person": { "Name": "Old", "Cpr": "0101011234" }, "Positions": [1] });
        let ours = json!({ "Person": { "Name": "New" } });
        let body = sent("user", ours, &["/Email", "/Person/Cpr", "/Positions/0/Name"], Some(current));
        assert_eq!(body["Email"], "a@b");
        assert_eq!(body["Person"], json!({ "Name": "New", "Cpr": "0101011234" }));
        assert_eq!(body["Positions"], json!([1]));
    }

    #[test]
    fn equal_positions_are_sent_once() {
        let unit = "6f5c0000-0000-4000-8000-00000000000a";
        let position = |uuid: &str, name: &str| json!({ "Name": name, "OrgUnitUuid": uuid });
        let ours = json!({ "Positions": [position(unit, "A"), position(&unit.to_uppercase(), "A"), position(unit, "B")] });
        assert_eq!(
            sent("user", ours, &[], None)["Positions"],
            json!([position(unit, "A"), position(unit, "B")])
        );
    }
}
