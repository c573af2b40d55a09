//! The members of OS2sync's objects, and what the server and the registry take (API documentation 4.8, fact sheet A3-A5).
//!
//! The server answers a wrong type with 500 and a missing member with 400, and a wrong uuid fails only in its queue,
//! where nobody sees it: so everything can be checked here before it is sent.

pub use muster_base::text::lower_uuid;
use muster_settings::value;
use muster_stream::{Map, Value};

/// What a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text of at most so many characters.
    Text(usize),
    /// A uuid.
    Uuid,
    /// A set of uuids.
    Uuids,
    /// True or false.
    Bool,
    /// `DEPARTMENT` or `TEAM`.
    UnitType,
    /// `yyyy-MM-dd`.
    Date,
    /// Ten digits.
    Cpr,
    /// Its members are listed by themselves.
    Object(&'static [Field]),
    /// A list of such objects.
    Objects(&'static [Field]),
    /// Written by the server; what we say is not stored.
    Ignored,
}

/// A member's name and what it holds.
pub type Field = (&'static str, Shape);

const TEXT: Shape = Shape::Text(255);

/// The members of a unit.
pub const UNIT: &[Field] = &[
    ("Uuid", Shape::Uuid),
    ("ShortKey", Shape::Text(50)),
    ("Name", TEXT),
    ("ParentOrgUnitUuid", Shape::Uuid),
    ("PayoutUnitUuid", Shape::Uuid),
    ("ManagerUuid", Shape::Uuid),
    ("Type", Shape::UnitType),
    ("PhoneNumber", TEXT),
    ("Landline", TEXT),
    ("Email", TEXT),
    ("Location", TEXT),
    ("LOSShortName", TEXT),
    ("LOSId", TEXT),
    ("DtrId", TEXT),
    ("ContactOpenHours", TEXT),
    ("PhoneOpenHours", TEXT),
    ("EmailRemarks", TEXT),
    ("Contact", TEXT),
    ("Post", TEXT),
    ("PostSecondary", TEXT),
    ("PostReturn", TEXT),
    ("Ean", TEXT),
    ("Url", TEXT),
    ("FOA", TEXT),
    ("PNR", TEXT),
    ("SOR", TEXT),
    ("Tasks", Shape::Uuids),
    ("ItSystems", Shape::Uuids),
    ("ContactForTasks", Shape::Uuids),
    ("ContactPlaces", Shape::Uuids),
    ("Status", Shape::Ignored),
    ("Timestamp", Shape::Ignored),
];

/// The members of a user.
pub const USER: &[Field] = &[
    ("Uuid", Shape::Uuid),
    ("ShortKey", Shape::Text(50)),
    ("UserId", TEXT),
    ("PhoneNumber", TEXT),
    ("Landline", TEXT),
    ("Email", TEXT),
    ("Location", TEXT),
    ("RacfID", TEXT),
    ("FMKID", TEXT),
    ("IsRobot", Shape::Bool),
    ("Positions", Shape::Objects(POSITION)),
    ("Person", Shape::Object(PERSON)),
    ("Status", Shape::Ignored),
    ("Timestamp", Shape::Ignored),
];

const PERSON: &[Field] = &[("Name", TEXT), ("Cpr", Shape::Cpr), ("Uuid", Shape::Uuid)];

const POSITION: &[Field] =
    &[("Name", TEXT), ("OrgUnitUuid", Shape::Uuid), ("StartDate", Shape::Date), ("StopDate", Shape::Date)];

/// Why the registry would not take `members`, in words that name the member.
pub fn check(fields: &[Field], members: &Map) -> Result<(), String> {
    for (name, shape) in fields {
        match members.get(*name) {
            None | Some(Value::Null) => (),
            Some(value) => check_value(*shape, value).map_err(|why| format!("{name} {why}"))?,
        }
    }
    Ok(())
}

fn check_value(shape: Shape, value: &Value) -> Result<(), String> {
    match shape {
        Shape::Text(limit) => check_length(text(value)?, limit),
        Shape::Uuid => text(value).and_then(|text| lower_uuid(text).map(drop)),
        Shape::Uuids => list(value)?.iter().try_for_each(|item| check_value(Shape::Uuid, item)),
        Shape::Bool if value.is_boolean() => Ok(()),
        Shape::Bool => Err("is neither true nor false".to_owned()),
        Shape::UnitType => match text(value)? {
            "DEPARTMENT" | "TEAM" => Ok(()),
            other => Err(format!("is '{other}', neither DEPARTMENT nor TEAM")),
        },
        Shape::Date if is_date(text(value)?) => Ok(()),
        Shape::Date => Err("is no date (yyyy-mm-dd)".to_owned()),
        Shape::Cpr if text(value)?.len() == 10 && text(value)?.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
        Shape::Cpr => Err("has not ten digits".to_owned()),
        Shape::Object(fields) => check(fields, object(value)?).map_err(|why| format!("has a {why}")),
        Shape::Objects(fields) => list(value)?.iter().try_for_each(|item| {
            object(item).and_then(|item| check(fields, item)).map_err(|why| format!("has an item: {why}"))
        }),
        Shape::Ignored => Ok(()),
    }
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "is no string".to_owned())
}

fn list(value: &Value) -> Result<&Vec<Value>, String> {
    value.as_array().ok_or_else(|| "is no list".to_owned())
}

fn object(value: &Value) -> Result<&Map, String> {
    value.as_object().ok_or_else(|| "is no object".to_owned())
}

fn check_length(text: &str, limit: usize) -> Result<(), String> {
    match text.chars().count() {
        length if length > limit => Err(format!("has {length} characters, the registry takes {limit}")),
        _ => Ok(()),
    }
}

fn is_date(text: &str) -> bool {
    let digit = |(index, byte): (usize, u8)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 10 && text.bytes().enumerate().all(digit)
}

/// Whether a value says nothing: null, no text, no items.
pub fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(_) => false,
    }
}

/// A parser for the name of a member of either kind; an empty one names none.
pub fn member(name: &str) -> Result<String, String> {
    let known = || UNIT.iter().chain(USER).map(|(known, _)| *known);
    if name.is_empty() || known().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    let near = value::nearest(name, known()).map(|near| format!("; did you mean '{near}'?"));
    Err(format!("OS2sync knows no member of this name{}", near.unwrap_or_default()))
}

/// `name` as it is written here: servers differ in the case of its first letter.
pub fn proper_name(fields: &[Field], name: String) -> String {
    match fields.iter().find(|(proper, _)| proper.eq_ignore_ascii_case(&name)) {
        Some((proper, _)) => (*proper).to_owned(),
        None => name,
    }
}

/// Put every uuid of `members` into lower case.
pub fn lower_uuids(fields: &[Field], members: &mut Map) {
    for (name, shape) in fields {
        if let Some(value) = members.get_mut(*name) {
            lower_value(*shape, value);
        }
    }
}

fn lower_value(shape: Shape, value: &mut Value) {
    match (shape, value) {
        (Shape::Uuid, Value::String(text)) => text.make_ascii_lowercase(),
        (Shape::Uuids, Value::Array(items)) => {
            items.iter_mut().for_each(|item| lower_value(Shape::Uuid, item));
        }
        (Shape::Object(fields), Value::Object(members)) => lower_uuids(fields, members),
        (Shape::Objects(fields), Value::Array(items)) => {
            items.iter_mut().for_each(|item| lower_value(Shape::Object(fields), item));
        }
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const UUID: &str = "6F5C0000-0000-4000-8000-00000000000A";

    fn refusal(fields: &[Field], members: Value) -> String {
        check(fields, members.as_object().unwrap()).err().unwrap_or_default()
    }

    #[test]
    fn each_refusal_names_the_member() {
        assert_eq!(refusal(UNIT, json!({ "Email": 7 })), "Email is no string");
        assert_eq!(refusal(UNIT, json!({ "ManagerUuid": "x" })), "ManagerUuid 'x' is no uuid");
        assert_eq!(refusal(UNIT, json!({ "Tasks": [UUID, "y"] })), "Tasks 'y' is no uuid");
        assert_eq!(
            refusal(UNIT, json!({ "Name": "æ".repeat(256) })),
            "Name has 256 characters, the registry takes 255"
        );
        assert_eq!(refusal(UNIT, json!({ "Type": "GROUP" })), "Type is 'GROUP', neither DEPARTMENT nor TEAM");
        assert_eq!(
            refusal(USER, json!({ "Person": { "Cpr": "010101-1234" } })),
            "Person has a Cpr has not ten digits"
        );
        assert_eq!(
            refusal(USER, json!({ "Positions": [{ "StartDate": "1/1" }] })),
            "Positions has an item: StartDate is no date (yyyy-mm-dd)"
        );
        assert_eq!(refusal(USER, json!({ "IsRobot": "no" })), "IsRobot is neither true nor false");
    }

    #[test]
    fn what_the_registry_takes_passes() {
        let unit = json!({ "Name": "æ".repeat(255), "Tasks": [UUID], "Email": null, "Type": "TEAM" });
        assert_eq!(refusal(UNIT, unit), "");
        let person = json!({ "Name": "Ane", "Cpr": "0101011234", "Uuid": UUID });
        assert_eq!(refusal(USER, json!({ "Person": person, "Positions": [], "IsRobot": true })), "");
    }

    #[test]
    fn only_hyphenated_uuids_are_uuids() {
        assert_eq!(lower_uuid(UUID).unwrap(), UUID.to_lowercase());
        assert!(lower_uuid(&UUID.replace('-', "")).is_err());
        assert!(lower_uuid(&format!("{{{UUID}}}")).is_err());
    }

    #[test]
    fn uuids_become_lower_case_wherever_they_stand() {
        let mut user = json!({ "UserId": "ANE", "Positions": [{ "Name": "A", "OrgUnitUuid": UUID }] });
        lower_uuids(USER, user.as_object_mut().unwrap());
        assert_eq!(
            user,
            json!({ "UserId": "ANE", "Positions": [{ "Name": "A", "OrgUnitUuid": UUID.to_lowercase() }] })
        );
    }
}
