//! One unit, with its parent, and the parent's parent, up to the root.

use super::super::collection::Collection;
use super::super::organisation::Organisation;
use super::shapes::{of_state, referred};
use super::{Call, Refused, not_found, uuid};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

pub(super) fn unit(call: &Call<'_>, path: &HashMap<String, String>) -> Result<Value, Refused> {
    call.may(Collection::OrgUnits)?;
    let uuid = uuid(path, "uuid")?;
    shown(call.organisation, uuid, 0).ok_or_else(|| {
        let mut body = not_found("Org unit not found.", "E_ORG_UNIT_NOT_FOUND");
        body["org_unit_uuid"] = json!(uuid);
        (404, body)
    })
}

/// The unit, or none when it is not current. Units in a circle end somewhere.
fn shown(organisation: &Organisation, uuid: Uuid, depth: usize) -> Option<Value> {
    let state = organisation.current(Collection::OrgUnits, uuid).filter(|_| depth < 40)?;
    let parent =
        state.uuids("parent_uuid").first().and_then(|parent| shown(organisation, *parent, depth + 1));
    let location = parent.as_ref().map(|parent| {
        let above = parent["location"].as_str().filter(|location| !location.is_empty());
        let name = parent["name"].as_str().unwrap_or_default();
        above.map_or_else(|| name.to_owned(), |above| format!("{above}\\{name}"))
    });
    let class = |member: &str| referred(state, member, |uuid| organisation.class_of_unit(uuid));
    Some(json!({
        "uuid": uuid, "user_key": state.text("user_key"), "name": state.text("name"), "validity": of_state(state),
        "location": location.unwrap_or_default(), "parent": parent, "org": organisation.itself(),
        "org_unit_level": class("org_unit_level_uuid"), "org_unit_type": class("unit_type_uuid"),
        "time_planning": class("time_planning_uuid"), "user_settings": {"orgunit": {}},
    }))
}
