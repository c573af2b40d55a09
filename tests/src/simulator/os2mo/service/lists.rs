//! The lists: the organisation, its persons, units, IT systems, the classes of a facet; and one person.

use super::super::collection::Collection;
use super::super::organisation::Organisation;
use super::{Call, Refused, not_found, uuid, wrong_uuid};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

type Path = HashMap<String, String>;

pub(super) fn organisations(call: &Call<'_>) -> Result<Value, Refused> {
    call.has("read_org")?;
    Ok(json!([call.organisation.itself()]))
}

pub(super) fn persons(call: &Call<'_>, path: &Path) -> Result<Value, Refused> {
    call.may(Collection::Employees)?;
    let all: Vec<Uuid> = current(call.organisation, Collection::Employees);
    let all = if is_ours(call, path)? { all } else { Vec::new() };
    page(call, all, |uuid| whole_person(call.organisation, uuid))
}

pub(super) fn person(call: &Call<'_>, path: &Path) -> Result<Value, Refused> {
    call.may(Collection::Employees)?;
    let uuid = uuid(path, "uuid")?;
    match call.organisation.current(Collection::Employees, uuid) {
        Some(_) => Ok(whole_person(call.organisation, uuid)),
        None => Err((404, not_found("User not found.", "E_USER_NOT_FOUND"))),
    }
}

/// `root`: that unit and all below it; `hierarchy_uuids`: units of these hierarchies.
pub(super) fn units(call: &Call<'_>, path: &Path) -> Result<Value, Refused> {
    call.may(Collection::OrgUnits)?;
    let organisation = call.organisation;
    let uuids = |name: &str| match call.asked(name) {
        None => Ok(None),
        Some(text) => {
            let all: Result<Vec<Uuid>, _> = text.split(',').map(str::parse).collect();
            all.map(Some).map_err(|_| wrong_uuid("query", name))
        }
    };
    let (root, hierarchies) = (uuids("root")?, uuids("hierarchy_uuids")?);
    let is_wanted = |unit: &Uuid| {
        let hierarchy =
            || organisation.current(Collection::OrgUnits, *unit)?.uuids("org_unit_hierarchy").pop();
        root.as_ref().is_none_or(|root| chain(organisation, *unit).contains(&root[0]))
            && hierarchies.as_ref().is_none_or(|wanted| hierarchy().is_some_and(|one| wanted.contains(&one)))
    };
    let all = current(organisation, Collection::OrgUnits).into_iter().filter(is_wanted).collect();
    let all = if is_ours(call, path)? { all } else { Vec::new() };
    page(call, all, |uuid| organisation.unit_reference(uuid))
}

pub(super) fn systems(call: &Call<'_>, path: &Path) -> Result<Value, Refused> {
    call.may(Collection::Itsystems)?;
    is_ours(call, path)?;
    let shown = |uuid: Uuid| {
        let state = call.organisation.current(Collection::Itsystems, uuid);
        let text = |member: &str| state.and_then(|state| state.text(member));
        json!({"uuid": uuid, "name": text("name"), "user_key": text("user_key"), "system_type": null})
    };
    Ok(current(call.organisation, Collection::Itsystems).into_iter().map(shown).collect())
}

pub(super) fn classes(call: &Call<'_>, path: &Path) -> Result<Value, Refused> {
    call.may(Collection::Facets)?;
    call.may(Collection::Classes)?;
    is_ours(call, path)?;
    let (organisation, name) = (call.organisation, &path["facet"]);
    let Some(facet) = organisation.find(Collection::Facets, name) else {
        return Err((404, not_found("Not found.", "E_UNKNOWN")));
    };
    let of_facet = organisation.index().referring(Collection::Classes, "facet_uuid", facet);
    let items: Vec<Value> = of_facet.into_iter().map(|class| organisation.bare_class(class)).collect();
    Ok(json!({
        "uuid": facet, "user_key": name, "description": "",
        "data": {"total": items.len(), "offset": 0, "items": items},
        "path": format!("/o/{}/f/{name}/", organisation.uuid),
    }))
}

/// Whether the organisation in the path is the one that there is: another one has nothing in it.
fn is_ours(call: &Call<'_>, path: &Path) -> Result<bool, Refused> {
    Ok(uuid(path, "org")? == call.organisation.uuid)
}

fn current(organisation: &Organisation, collection: Collection) -> Vec<Uuid> {
    let uuids = organisation.objects(collection).keys().copied();
    uuids.filter(|uuid| organisation.current(collection, *uuid).is_some()).collect()
}

/// `limit` objects from the place `start` on; `limit=0` is all of them, and so is none here.
fn page(call: &Call<'_>, all: Vec<Uuid>, shape: impl Fn(Uuid) -> Value) -> Result<Value, Refused> {
    let number =
        |name: &str| call.asked(name).and_then(|text| text.parse::<usize>().ok()).unwrap_or_default();
    let (limit, start, total) = (number("limit"), number("start"), all.len());
    let limit = if limit == 0 { usize::MAX } else { limit };
    let items: Vec<Value> = all.into_iter().skip(start).take(limit).map(shape).collect();
    Ok(json!({"total": total, "offset": start, "items": items}))
}

fn whole_person(organisation: &Organisation, uuid: Uuid) -> Value {
    let mut person = organisation.person_reference(uuid);
    let state = organisation.current(Collection::Employees, uuid);
    person["cpr_no"] = json!(state.and_then(|state| state.text("cpr_number")));
    let key = uuid.to_string();
    person["user_key"] = json!(state.and_then(|state| state.text("user_key")).unwrap_or(&key));
    person["org"] = organisation.itself();
    person
}

/// A unit and the units above it.
fn chain(organisation: &Organisation, unit: Uuid) -> Vec<Uuid> {
    let mut chain = vec![unit];
    let above = |unit: Uuid| organisation.current(Collection::OrgUnits, unit)?.uuids("parent_uuid").pop();
    while let Some(parent) = above(chain[chain.len() - 1]).filter(|parent| !chain.contains(parent)) {
        chain.push(parent);
    }
    chain
}
