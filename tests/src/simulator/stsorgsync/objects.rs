//! Users and units as the API takes them: members matched without regard to case, unknown ones left out, and what is
//! refused at once.

use super::registry::Kind;
use serde_json::{Map, Value, json};
use uuid::Uuid;

const USER: &[&str] =
    &["Uuid", "UserId", "ShortKey", "Phone", "Email", "Location", "Positions", "Person", "Timestamp"];
const UNIT: &[&str] = &[
    "Uuid",
    "Name",
    "ShortKey",
    "ParentOrgUnitUuid",
    "PayoutUnitUuid",
    "ItSystemUuids",
    "ContactPlaces",
    "Phone",
    "Email",
    "Location",
    "LOSShortName",
    "ContactOpenHours",
    "EmailRemarks",
    "Contact",
    "PostReturn",
    "PhoneOpenHours",
    "Ean",
    "Post",
    "Timestamp",
];
const ADDRESSES: &[&str] = &[
    "Phone",
    "Email",
    "Location",
    "LOSShortName",
    "ContactOpenHours",
    "EmailRemarks",
    "Contact",
    "PostReturn",
    "PhoneOpenHours",
    "Ean",
    "Post",
];
const PARTS: &[&str] = &["Uuid", "Value", "ShortKey", "Name", "OrgUnitUuid", "Cpr", "Tasks"];

/// The object in `body` as it is stored, none when the server refuses it.
pub(super) fn read(kind: Kind, body: &Value) -> Option<Value> {
    let object = known(body, if kind == Kind::User { USER } else { UNIT })?;
    let is_complete = match kind {
        Kind::User => is_user(&object),
        Kind::Unit => is_unit(&object),
    };
    (is_complete && fits(&object, "")).then_some(object)
}

/// The members of these names, parts of them likewise; an address without a value is none.
fn known(body: &Value, names: &[&str]) -> Option<Value> {
    let sent = body.as_object()?;
    let mut object = Map::new();
    for name in names {
        let value = sent.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let value = match value {
            None | Some(Value::Null) => continue,
            Some(part @ Value::Object(_)) => known(part, PARTS)?,
            Some(Value::Array(items)) => {
                let item =
                    |item: &Value| if item.is_object() { known(item, PARTS) } else { Some(item.clone()) };
                items.iter().map(item).collect::<Option<Vec<_>>>()?.into()
            }
            Some(value) => value.clone(),
        };
        if !ADDRESSES.contains(name) || text(&value, "Value").is_some() {
            object.insert((*name).to_owned(), value);
        }
    }
    Some(object.into())
}

fn is_user(user: &Value) -> bool {
    let positions = user["Positions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_whole = |position: &Value| text(position, "Name").is_some() && is_uuid(position, "OrgUnitUuid");
    is_uuid(user, "Uuid")
        && text(user, "UserId").is_some()
        && text(&user["Person"], "Name").is_some()
        && !positions.is_empty()
        && positions.iter().all(is_whole)
}

fn is_unit(unit: &Value) -> bool {
    let places = unit["ContactPlaces"].as_array().map(Vec::as_slice).unwrap_or_default();
    let has_tasks = |place: &Value| place["Tasks"].as_array().is_some_and(|tasks| !tasks.is_empty());
    is_uuid(unit, "Uuid")
        && text(unit, "Name").is_some()
        && places.iter().all(|place| is_uuid(place, "OrgUnitUuid") && has_tasks(place))
}

/// Whether all texts fit into the follow-up database.
fn fits(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(members) => members.iter().all(|(part, value)| match (name, part.as_str()) {
            ("Person", "Name") => length(value) <= 100,
            (_, "Cpr") => length(value) <= 10,
            (_, "ShortKey") => length(value) <= 50,
            (_, part) => fits(value, part),
        }),
        Value::Array(items) => items.iter().all(|item| fits(item, name)),
        text => length(text) <= 200,
    }
}

fn length(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

/// The text at `name`; none when it is blank or absent.
pub(super) fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object[name].as_str().filter(|text| !text.trim().is_empty())
}

fn is_uuid(object: &Value, name: &str) -> bool {
    text(object, name).is_some_and(|text| Uuid::parse_str(text).is_ok())
}

/// The uuid of an object in lower case.
pub(super) fn uuid_of(object: &Value) -> String {
    object["Uuid"].as_str().unwrap_or_default().to_lowercase()
}

/// The names of members, for what an answer echoes.
pub(super) fn echoed(kind: Kind, object: &Value) -> Value {
    let names = if kind == Kind::User { USER } else { UNIT };
    names.iter().map(|name| ((*name).to_owned(), json!(object.get(*name)))).collect::<Map<_, _>>().into()
}
