//! The details of a person or unit: addresses, engagements, accounts, managers, KLE annotations.

use super::super::collection::Collection;
use super::super::organisation::{Dar, Organisation, State};
use super::shapes::{all_referred, of_state, referred};
use super::{Call, Refused, failure, uuid};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

type Path = HashMap<String, String>;

/// The names of all details; those without objects in this simulator are always empty.
const NAMES: [&str; 10] = [
    "address",
    "association",
    "engagement",
    "it",
    "leave",
    "manager",
    "kle",
    "org_unit",
    "owner",
    "related_unit",
];

const UNREACHABLE: &str = "Cannot connect to host api.dataforsyningen.dk:443";

/// Which details there are.
pub(super) fn kinds(call: &Call<'_>, path: &Path, owner: &'static str) -> Result<Value, Refused> {
    let uuid = uuid(path, "uuid")?;
    let has = |name: &&str| {
        collection(name, owner)
            .is_some_and(|c| !call.organisation.index().referring(c, owner, uuid).is_empty())
    };
    Ok(NAMES
        .iter()
        .map(|name| ((*name).to_owned(), json!(has(name))))
        .collect::<serde_json::Map<_, _>>()
        .into())
}

/// The details of one kind, of the days that `validity` asks for.
pub(super) fn list(call: &Call<'_>, path: &Path, owner: &'static str) -> Result<Value, Refused> {
    let (owned_by, name) = (uuid(path, "uuid")?, path["what"].as_str());
    let Some(collection) = collection(name, owner) else {
        return if NAMES.contains(&name) { Ok(json!([])) } else { Err(failure("Unknown detail")) };
    };
    call.may(collection)?;
    let mut found = Vec::new();
    for uuid in call.organisation.index().referring(collection, owner, owned_by) {
        for state in states(call, collection, uuid) {
            if state.uuids(owner).contains(&owned_by) {
                found.push(shown(call, collection, owner, uuid, state)?);
            }
        }
    }
    Ok(found.into())
}

fn collection(name: &str, owner: &str) -> Option<Collection> {
    Some(match name {
        "address" => Collection::Addresses,
        "engagement" => Collection::Engagements,
        "it" => Collection::Itusers,
        "manager" => Collection::Managers,
        "kle" if owner == "org_unit_uuid" => Collection::Kles,
        _ => return None,
    })
}

fn states<'a>(call: &Call<'a>, collection: Collection, uuid: Uuid) -> Vec<&'a State> {
    let (organisation, today) = (call.organisation, call.organisation.today);
    let all = organisation.states(collection, uuid).iter();
    match call.asked("validity") {
        Some("past") => all.filter(|state| state.until.is_some_and(|until| until <= today)).collect(),
        Some("future") => all.filter(|state| state.from.is_some_and(|from| from > today)).collect(),
        _ => organisation.current(collection, uuid).into_iter().collect(),
    }
}

fn shown(
    call: &Call<'_>,
    collection: Collection,
    owner: &str,
    uuid: Uuid,
    state: &State,
) -> Result<Value, Refused> {
    let organisation = call.organisation;
    let mut shown = match collection {
        Collection::Addresses => address(organisation, owner, state)?,
        Collection::Engagements => engagement(call, state),
        Collection::Itusers => account(call, state),
        Collection::Managers => manager(organisation, state),
        _ => kle(organisation, state),
    };
    shown["uuid"] = json!(uuid);
    shown["user_key"] = json!(state.text("user_key").map_or_else(|| uuid.to_string(), str::to_owned));
    shown["validity"] = of_state(state);
    Ok(shown)
}

/// An address; one whose text the national register does not give makes the whole answer fail.
fn address(organisation: &Organisation, owner: &str, state: &State) -> Result<Value, Refused> {
    let class = state.uuids("address_type_uuid").first().copied().unwrap_or_default();
    let scope = organisation.current(Collection::Classes, class).and_then(|class| class.text("scope"));
    let value = state.text("value").unwrap_or_default();
    let name = match (scope, state.text("value2")) {
        (Some("DAR"), _) => match organisation.dar(value) {
            Dar::Text(text) => text,
            Dar::Unknown => "Ukendt".to_owned(),
            Dar::Failing => return Err(failure(UNREACHABLE)),
        },
        (Some("MULTIFIELD_TEXT"), Some(second)) if !second.is_empty() => format!("{value} :: {second}"),
        _ => value.to_owned(),
    };
    let href = match scope {
        Some("EMAIL") => Some(format!("mailto:{value}")),
        Some("PHONE") => Some(format!("tel:{value}")),
        _ => None,
    };
    let mut address = json!({
        "value": value, "value2": state.text("value2"), "name": name, "href": href,
        "address_type": organisation.class_of_address(class),
        "visibility": referred(state, "visibility_uuid", |class| organisation.bare_class(class)),
    });
    if owner == "employee_uuid" {
        address["person"] = referred(state, owner, |uuid| json!({"uuid": uuid}));
        address["engagement_uuid"] = json!(state.uuids("engagement_uuid").first());
    } else {
        address["org_unit"] = referred(state, owner, |uuid| organisation.unit_reference(uuid));
    }
    Ok(address)
}

fn engagement(call: &Call<'_>, state: &State) -> Value {
    let mut engagement = members_of_engagement(call.organisation, state);
    if call.asked("calculate_primary") == Some("true") {
        engagement["is_primary"] = json!(is_highest(call.organisation, state));
    }
    engagement
}

fn members_of_engagement(organisation: &Organisation, state: &State) -> Value {
    let class = |member: &str| referred(state, member, |uuid| organisation.full_class(uuid));
    let mut engagement = json!({
        "person": referred(state, "employee_uuid", |uuid| organisation.person_reference(uuid)),
        "org_unit": referred(state, "org_unit_uuid", |uuid| organisation.unit_reference(uuid)),
        "job_function": class("job_function_uuid"), "engagement_type": class("engagement_type_uuid"),
        "primary": class("primary_uuid"), "is_primary": null, "fraction": state.members.get("fraction"),
    });
    for number in 1..=10 {
        let name = format!("extension_{number}");
        engagement[&name] = json!(state.text(&name));
    }
    engagement
}

/// Whether no other engagement of the person has a primary class of a higher rank.
fn is_highest(organisation: &Organisation, state: &State) -> bool {
    let person = state.uuids("employee_uuid").first().copied().unwrap_or_default();
    let of_person = organisation.index().referring(Collection::Engagements, "employee_uuid", person);
    let ranks = of_person.into_iter().filter_map(|uuid| organisation.current(Collection::Engagements, uuid));
    ranks.map(|other| rank(organisation, other)).max() == Some(rank(organisation, state))
}

fn rank(organisation: &Organisation, state: &State) -> Option<u32> {
    let class = state.uuids("primary_uuid").first().copied()?;
    organisation.current(Collection::Classes, class)?.text("scope")?.parse().ok()
}

/// An account; what newer interfaces know beside this, its id elsewhere, is not shown.
fn account(call: &Call<'_>, state: &State) -> Value {
    let organisation = call.organisation;
    let engagement = |uuid: Uuid| {
        // Whether a real server shows one that is over or to come is not known.
        let current = organisation.current(Collection::Engagements, uuid);
        let last = || organisation.states(Collection::Engagements, uuid).last();
        let Some(state) = current.or_else(last) else { return Value::Null };
        let mut engagement = members_of_engagement(organisation, state);
        engagement["uuid"] = json!(uuid);
        engagement["user_key"] = json!(state.text("user_key"));
        engagement["validity"] = of_state(state);
        engagement
    };
    let system = |uuid: Uuid| {
        let system = organisation.current(Collection::Itsystems, uuid);
        let text = |member: &str| system.and_then(|system| system.text(member));
        json!({
            "uuid": uuid, "name": text("name"), "user_key": text("user_key"), "reference": null, "system_type": null,
            "validity": {"from": "1910-01-01", "to": null},
        })
    };
    json!({
        "person": referred(state, "employee_uuid", |uuid| organisation.person_reference(uuid)),
        "org_unit": referred(state, "org_unit_uuid", |uuid| organisation.unit_reference(uuid)),
        "primary": referred(state, "primary_uuid", |uuid| organisation.full_class(uuid)),
        "engagement": referred(state, "engagement_uuids", engagement),
        "itsystem": referred(state, "itsystem_uuid", system),
    })
}

fn manager(organisation: &Organisation, state: &State) -> Value {
    let class = |member: &str| referred(state, member, |uuid| organisation.full_class(uuid));
    json!({
        "person": referred(state, "employee_uuid", |uuid| organisation.person_reference(uuid)),
        "org_unit": referred(state, "org_unit_uuid", |uuid| organisation.unit_reference(uuid)),
        "manager_type": class("manager_type_uuid"), "manager_level": class("manager_level_uuid"),
        "responsibility": all_referred(state, "responsibility_uuids", |uuid| organisation.full_class(uuid)),
    })
}

fn kle(organisation: &Organisation, state: &State) -> Value {
    json!({
        "org_unit": referred(state, "org_unit_uuid", |uuid| organisation.unit_reference(uuid)),
        "kle_number": referred(state, "kle_number_uuid", |uuid| organisation.full_class(uuid)),
        "kle_aspect": all_referred(state, "kle_aspect_uuids", |uuid| organisation.full_class(uuid)),
    })
}
