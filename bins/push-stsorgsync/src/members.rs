//! The members of STSOrgSync's objects (API v1_1), and the rules that the server checks at once.
//!
//! It answers 400 without a word to whatever it does not like, so what it checks is checked here first, with the reason.
//! Members that it does not know it passes over: they are not sent, nor are those that say nothing.

pub(crate) use muster_base::text::lower_uuid;
use muster_stream::{Map, Value};

/// The kind of a unit, and of a user.
pub(crate) const ORG_UNIT: &str = "org_unit";
pub(crate) const USER: &str = "user";

/// What a member holds.
#[derive(Clone, Copy)]
enum Shape {
    /// Text; so many characters fit into the server's own database.
    Text(usize),
    Uuid,
    List(&'static Shape),
    Object(&'static [Member]),
    /// An object that is absent without a `Value`.
    Address,
}

/// A member: its name, what it holds, whether the server refuses an object without it.
struct Member(&'static str, Shape, bool);

const TEXT: Shape = Shape::Text(200);
const SHORT_KEY: Shape = Shape::Text(50);

const OF_USER: &[Member] = &[
    Member("Uuid", Shape::Uuid, true),
    Member("UserId", TEXT, true),
    Member("ShortKey", SHORT_KEY, false),
    Member("Phone", Shape::Address, false),
    Member("Email", Shape::Address, false),
    Member("Location", Shape::Address, false),
    Member("Positions", Shape::List(&Shape::Object(OF_POSITION)), true),
    Member("Person", Shape::Object(OF_PERSON), true),
];

const OF_POSITION: &[Member] = &[
    Member("Uuid", Shape::Uuid, false),
    Member("ShortKey", SHORT_KEY, false),
    Member("Name", TEXT, true),
    Member("OrgUnitUuid", Shape::Uuid, true),
];

const OF_PERSON: &[Member] = &[
    Member("Uuid", Shape::Uuid, false),
    Member("ShortKey", SHORT_KEY, false),
    Member("Name", Shape::Text(100), true),
    Member("Cpr", Shape::Text(10), false),
];

const OF_UNIT: &[Member] = &[
    Member("Uuid", Shape::Uuid, true),
    Member("Name", TEXT, true),
    Member("ShortKey", SHORT_KEY, false),
    Member("ParentOrgUnitUuid", Shape::Uuid, false),
    Member("PayoutUnitUuid", Shape::Uuid, false),
    Member("ItSystemUuids", Shape::List(&Shape::Uuid), false),
    Member("ContactPlaces", Shape::List(&Shape::Object(OF_CONTACT_PLACE)), false),
    Member("Phone", Shape::Address, false),
    Member("Email", Shape::Address, false),
    Member("Location", Shape::Address, false),
    Member("LOSShortName", Shape::Address, false),
    Member("ContactOpenHours", Shape::Address, false),
    Member("EmailRemarks", Shape::Address, false),
    Member("Contact", Shape::Address, false),
    Member("PostReturn", Shape::Address, false),
    Member("PhoneOpenHours", Shape::Address, false),
    Member("Ean", Shape::Address, false),
    Member("Post", Shape::Address, false),
];

const OF_CONTACT_PLACE: &[Member] =
    &[Member("OrgUnitUuid", Shape::Uuid, true), Member("Tasks", Shape::List(&Shape::Uuid), true)];

const OF_ADDRESS: &[Member] =
    &[Member("Uuid", Shape::Uuid, false), Member("Value", TEXT, false), Member("ShortKey", SHORT_KEY, false)];

fn members(kind: &str) -> &'static [Member] {
    if kind == USER { OF_USER } else { OF_UNIT }
}

/// Whether an object of `kind` has a member of this name.
pub(crate) fn is_known(kind: &str, name: &str) -> bool {
    members(kind).iter().any(|member| member.0 == name)
}

/// `object` as it is sent: known members that say something, uuids in lower case; or why the server would not take it. A
/// member that `is_unknown` may be missing.
pub(crate) fn sent(kind: &str, object: &Map, is_unknown: impl Fn(&str) -> bool) -> Result<Map, String> {
    read(members(kind), object, &is_unknown)
}

fn read(members: &[Member], object: &Map, may_lack: &dyn Fn(&str) -> bool) -> Result<Map, String> {
    let mut sent = Map::new();
    for Member(name, shape, is_required) in members {
        let value = match object.get(*name) {
            None | Some(Value::Null) => None,
            Some(value) => read_value(*shape, value).map_err(|why| match why.strip_prefix('.') {
                Some(inner) => format!("{name}.{inner}"),
                None => format!("{name} {why}"),
            })?,
        };
        match value {
            Some(value) => drop(sent.insert((*name).to_owned(), value)),
            None if *is_required && !may_lack(name) => return Err(format!("{name} is missing or empty")),
            None => (),
        }
    }
    Ok(sent)
}

/// The value as it is sent, none when it says nothing. The reason of a refusal begins with a dot when it is about a part.
fn read_value(shape: Shape, value: &Value) -> Result<Option<Value>, String> {
    match (shape, value) {
        (Shape::Text(_), Value::String(text)) => Ok((!text.trim().is_empty()).then(|| value.clone())),
        (Shape::Text(_), _) => Err("is no string".to_owned()),
        (Shape::Uuid, Value::String(text)) if text.trim().is_empty() => Ok(None),
        (Shape::Uuid, _) => lower_uuid(value.as_str().unwrap_or_default()).map(|uuid| Some(uuid.into())),
        (Shape::List(item), Value::Array(items)) => {
            let items: Result<Vec<_>, _> = items.iter().map(|value| read_value(*item, value)).collect();
            let items: Vec<Value> = items?.into_iter().flatten().collect();
            Ok((!items.is_empty()).then_some(items.into()))
        }
        (Shape::List(_), _) => Err("is no list".to_owned()),
        (Shape::Object(members), Value::Object(object)) => read(members, object, &|_| false)
            .map(|object| Some(object.into()))
            .map_err(|why| format!(".{why}")),
        (Shape::Address, Value::Object(object)) => {
            let address = read(OF_ADDRESS, object, &|_| false).map_err(|why| format!(".{why}"))?;
            Ok(address.contains_key("Value").then(|| address.into()))
        }
        (Shape::Object(_) | Shape::Address, _) => Err("is no object".to_owned()),
    }
}

/// The texts of `object` that do not fit into the server's database, in words.
pub(crate) fn too_long(kind: &str, object: &Map) -> Vec<String> {
    let mut found = Vec::new();
    look(members(kind), object, "", &mut found);
    found
}

fn look(members: &[Member], object: &Map, place: &str, found: &mut Vec<String>) {
    for Member(name, shape, _) in members {
        if let Some(value) = object.get(*name) {
            look_at(*shape, value, &format!("{place}{name}"), found);
        }
    }
}

fn look_at(shape: Shape, value: &Value, place: &str, found: &mut Vec<String>) {
    match (shape, value) {
        (Shape::Text(limit), Value::String(text)) => {
            let length = text.chars().count();
            if length > limit {
                found.push(format!("{place} has {length} characters, its database takes {limit}"));
            }
        }
        (Shape::List(item), Value::Array(items)) => {
            items.iter().for_each(|value| look_at(*item, value, place, found));
        }
        (Shape::Object(members), Value::Object(object)) => look(members, object, &format!("{place}."), found),
        (Shape::Address, Value::Object(object)) => look(OF_ADDRESS, object, &format!("{place}."), found),
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const UUID: &str = "6F5C0000-0000-4000-8000-00000000000A";

    fn user(further: Value) -> Result<Map, String> {
        let mut user = json!({
            "Uuid": UUID, "UserId": "ane", "Person": { "Name": "Ane" },
            "Positions": [{ "Name": "Lærer", "OrgUnitUuid": UUID }],
        });
        user.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        sent(USER, user.as_object().unwrap(), |_| false)
    }

    #[test]
    fn what_says_nothing_is_not_sent_and_uuids_are_lower_case() {
        let sent =
            user(json!({ "Phone": null, "Email": { "Value": " ", "Uuid": UUID }, "Strange": 1 })).unwrap();
        let names: Vec<&str> = sent.keys().map(String::as_str).collect();
        assert_eq!(names, ["Uuid", "UserId", "Positions", "Person"]);
        assert_eq!(sent["Uuid"], UUID.to_lowercase());
        assert_eq!(sent["Positions"][0]["OrgUnitUuid"], UUID.to_lowercase());
    }

    #[test]
    fn each_refusal_names_the_member() {
        let why = |further| user(further).unwrap_err();
        assert_eq!(why(json!({ "UserId": "" })), "UserId is missing or empty");
        assert_eq!(why(json!({ "Positions": [] })), "Positions is missing or empty");
        assert_eq!(
            why(json!({ "Positions": [{ "Name": "A" }] })),
            "Positions.OrgUnitUuid is missing or empty"
        );
        assert_eq!(why(json!({ "Person": {} })), "Person.Name is missing or empty");
        assert_eq!(why(json!({ "Phone": "1" })), "Phone is no object");
        assert_eq!(why(json!({ "Phone": { "Value": 1 } })), "Phone.Value is no string");
        assert_eq!(why(json!({ "Phone": { "Value": "1", "Uuid": "x" } })), "Phone.Uuid 'x' is no uuid");
    }

    #[test]
    fn what_is_unknown_may_be_missing() {
        let unit = json!({ "Uuid": UUID });
        assert!(sent(ORG_UNIT, unit.as_object().unwrap(), |name| name == "Name").is_ok());
        let wrong = sent(ORG_UNIT, unit.as_object().unwrap(), |_| false);
        assert_eq!(wrong.unwrap_err(), "Name is missing or empty");
    }

    #[test]
    fn a_contact_place_needs_a_task() {
        let unit =
            json!({ "Uuid": UUID, "Name": "N", "ContactPlaces": [{ "OrgUnitUuid": UUID, "Tasks": [] }] });
        let why = sent(ORG_UNIT, unit.as_object().unwrap(), |_| false).unwrap_err();
        assert_eq!(why, "ContactPlaces.Tasks is missing or empty");
    }

    #[test]
    fn long_texts_are_named() {
        let long =
            user(json!({ "Person": { "Name": "å".repeat(120) }, "Email": { "Value": "m".repeat(201) } }));
        assert_eq!(
            too_long(USER, &long.unwrap()),
            [
                "Email.Value has 201 characters, its database takes 200",
                "Person.Name has 120 characters, its database takes 100"
            ]
        );
    }
}
