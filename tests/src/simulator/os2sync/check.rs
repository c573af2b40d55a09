//! What the server refuses at once: its texts in its order, then the limits of the queue's columns.

use super::entry::Kind;
use super::fields::{self, Fields, Shape, text};
use serde_json::Value;

/// The text of the 400 answer to this object, or none when it may be queued.
pub(super) fn refusal(kind: Kind, object: &Value) -> Option<String> {
    let missing = match kind {
        Kind::User => missing_in_user(object),
        Kind::Unit => missing_in_unit(object),
    };
    missing.map(str::to_owned).or_else(|| too_long(object, kind.fields())).or_else(|| cpr_with_dash(object))
}

fn missing_in_user(user: &Value) -> Option<&'static str> {
    let positions = user["Positions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let incomplete = |position: &Value| text(position, "Name").and(text(position, "OrgUnitUuid")).is_none();
    if text(&user["Person"], "Name").is_none() {
        Some("Person.Name is null or empty")
    } else if text(user, "UserId").is_none() {
        Some("UserId is null or empty")
    } else if text(user, "Uuid").is_none() {
        Some("Uuid is null empty")
    } else if positions.is_empty() {
        Some("Positions is null or empty")
    } else if positions.iter().any(incomplete) {
        Some("Position Name or OrgUnitUUID is null")
    } else {
        None
    }
}

fn missing_in_unit(unit: &Value) -> Option<&'static str> {
    if text(unit, "Name").is_none() {
        Some("name is null")
    } else if text(unit, "Uuid").is_none() {
        Some("uuid is null")
    } else {
        None
    }
}

/// The database's complaint about the first value that its column cannot hold.
fn too_long(object: &Value, fields: Fields) -> Option<String> {
    fields.iter().find_map(|(name, shape)| match shape {
        Shape::Text(limit) => {
            let length = text(object, name).map_or(0, |text| text.chars().count());
            (length > *limit).then(|| format!("Data too long for column '{}' at row 1", name.to_lowercase()))
        }
        Shape::Person => too_long(&object[name], fields::PERSON),
        Shape::Positions => {
            object[name].as_array()?.iter().find_map(|position| too_long(position, fields::POSITION))
        }
        _ => None,
    })
}

fn cpr_with_dash(object: &Value) -> Option<String> {
    let cpr = text(&object["Person"], "Cpr")?;
    cpr.contains('-').then(|| "Data too long for column 'cpr' at row 1".to_owned())
}
