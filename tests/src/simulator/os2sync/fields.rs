//! The fields of users and units, and how a JSON body becomes an object with all of them.
//!
//! Names are matched without regard to case, unknown ones ignored. What does not fit the type (a number for a
//! text, `Person: null`, an unknown `Type`) makes the whole object null, as in the server.

use serde_json::{Map, Value, json};

/// What a field holds.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Shape {
    /// Text or null, at most so many characters in the queue's column.
    Text(usize),
    /// A uuid or null, kept as text: whether it is one shows only in the transfer.
    Uuid,
    /// A list of uuids; null and absent are the empty list.
    Uuids,
    /// `true` or `false`, false when absent.
    Flag,
    /// An integer, 0 when absent.
    Number,
    /// `DEPARTMENT` (when absent) or `TEAM`.
    Type,
    /// A date and time or null. The queue stamps its own.
    Time,
    /// The positions of a user: a list or null.
    Positions,
    /// The person of a user: never null; when absent, one without a name.
    Person,
}

use Shape::{Flag, Number, Person, Positions, Text, Time, Type, Uuid, Uuids};

pub(super) type Fields = &'static [(&'static str, Shape)];

pub(super) const USER: Fields = &[
    ("Uuid", Uuid),
    ("ShortKey", Text(50)),
    ("UserId", Text(255)),
    ("PhoneNumber", Text(255)),
    ("Landline", Text(255)),
    ("Email", Text(255)),
    ("Location", Text(255)),
    ("RacfID", Text(255)),
    ("FMKID", Text(255)),
    ("IsRobot", Flag),
    ("Positions", Positions),
    ("Person", Person),
    ("Status", Number),
    ("Timestamp", Time),
];

pub(super) const PERSON: Fields = &[("Name", Text(255)), ("Cpr", Text(10)), ("Uuid", Uuid)];

pub(super) const POSITION: Fields =
    &[("Name", Text(255)), ("OrgUnitUuid", Uuid), ("StartDate", Text(10)), ("StopDate", Text(10))];

pub(super) const UNIT: Fields = &[
    ("Uuid", Uuid),
    ("ShortKey", Text(50)),
    ("Name", Text(255)),
    ("ParentOrgUnitUuid", Uuid),
    ("PayoutUnitUuid", Uuid),
    ("ManagerUuid", Uuid),
    ("Type", Type),
    ("PhoneNumber", Text(255)),
    ("Landline", Text(255)),
    ("Email", Text(255)),
    ("Location", Text(255)),
    ("LOSShortName", Text(255)),
    ("LOSId", Text(255)),
    ("DtrId", Text(255)),
    ("ContactOpenHours", Text(255)),
    ("PhoneOpenHours", Text(255)),
    ("EmailRemarks", Text(255)),
    ("Contact", Text(255)),
    ("Post", Text(255)),
    ("PostSecondary", Text(255)),
    ("PostReturn", Text(255)),
    ("Ean", Text(255)),
    ("Url", Text(255)),
    ("FOA", Text(255)),
    ("PNR", Text(255)),
    ("SOR", Text(255)),
    ("Tasks", Uuids),
    ("ItSystems", Uuids),
    ("ContactForTasks", Uuids),
    ("ContactPlaces", Uuids),
    ("Timestamp", Time),
];

/// The object in `body` with exactly these fields, or none when it is not one.
pub(super) fn read(body: &Value, fields: Fields) -> Option<Value> {
    let members = body.as_object()?;
    let mut object = Map::new();
    for (name, shape) in fields {
        object.insert((*name).to_owned(), value(member(members, name), *shape)?);
    }
    Some(Value::Object(object))
}

/// The member of this name in any case; of several the last, as the server's parser has it.
pub(super) fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn value(sent: Option<&Value>, shape: Shape) -> Option<Value> {
    match (shape, sent) {
        (Text(_) | Uuid | Time | Positions, None | Some(Value::Null)) => Some(Value::Null),
        (Text(_) | Uuid, Some(Value::String(text))) => Some(json!(text)),
        (Time, Some(Value::String(text))) => text.get(..10).is_some_and(is_date).then(|| json!(text)),
        (Uuids, None | Some(Value::Null)) => Some(json!([])),
        (Uuids, Some(Value::Array(uuids))) => uuids.iter().all(Value::is_string).then(|| json!(uuids)),
        (Flag, None) => Some(json!(false)),
        (Flag, Some(Value::Bool(flag))) => Some(json!(flag)),
        (Number, None) => Some(json!(0)),
        (Number, Some(number)) => number.as_i64().map(|number| json!(number)),
        (Type, None) => Some(json!("DEPARTMENT")),
        (Type, Some(name)) => matches!(name.as_str(), Some("DEPARTMENT" | "TEAM")).then(|| name.clone()),
        (Positions, Some(Value::Array(positions))) => {
            positions.iter().map(|position| read(position, POSITION)).collect::<Option<_>>().map(Value::Array)
        }
        (Person, None) => read(&json!({}), PERSON),
        (Person, Some(person)) => read(person, PERSON),
        _ => None,
    }
}

/// Whether `text` looks like `yyyy-MM-dd`.
pub(super) fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// Whether `text` is a uuid of 36 characters, in any case.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::parse_str(text).is_ok()
}

/// The text at `name`; none when it is null, empty or absent.
pub(super) fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object[name].as_str().filter(|text| !text.is_empty())
}
