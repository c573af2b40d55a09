//! Fields that OS2mo computes: names, resolved addresses, primary engagements, the way up to the root.

use super::collection::Collection;
use super::organisation::{Dar, Organisation, State};
use super::resolve::{Node, Object, Resolved, arguments, error, text};
use apollo_compiler::resolvers::{ResolveInfo, ResolvedValue};
use serde_json::Value;
use uuid::Uuid;

/// Error of the unreachable address service.
const UNREACHABLE: &str = "Cannot connect to host api.dataforsyningen.dk:443 ssl:default \
                           [Connect call failed ('0.0.0.0', 443)]";

/// The answer of a computed field; `None` when the field is a plain member or relation.
pub(super) fn field<'a>(
    object: &'a Object<'a>,
    collection: Collection,
    uuid: Uuid,
    state: &'a State,
    info: &'a ResolveInfo<'a>,
) -> Option<Resolved<'a>> {
    let organisation = object.context.organisation;
    Some(match (collection, info.field_name()) {
        (_, "user_key") if !state.members.contains_key("user_key") => Ok(text(&uuid.to_string())),
        (Collection::Employees, "name") => Ok(text(&joined(state, "given_name", "surname"))),
        (Collection::Employees, "nickname") => {
            Ok(text(&joined(state, "nickname_given_name", "nickname_surname")))
        }
        (
            Collection::Employees,
            field @ ("given_name" | "surname" | "nickname_given_name" | "nickname_surname"),
        ) => Ok(text(state.text(field).unwrap_or_default())),
        (Collection::Employees, "givenname") => Ok(text(state.text("given_name").unwrap_or_default())),
        (Collection::Employees, "nickname_givenname") => {
            Ok(text(state.text("nickname_given_name").unwrap_or_default()))
        }
        (Collection::Employees, "cpr_no") => {
            Ok(state.text("cpr_number").map_or_else(ResolvedValue::null, text))
        }
        (Collection::Engagements, "is_primary") => Ok(ResolvedValue::leaf(is_primary(organisation, state))),
        (Collection::Addresses, "name") => address_name(organisation, state),
        (Collection::Itusers, "engagement_uuid") => {
            let first = state.uuids("engagement_uuids").first().map(Uuid::to_string);
            Ok(first.map_or_else(ResolvedValue::null, |uuid| text(&uuid)))
        }
        (Collection::Itusers, "engagement_uuids") if !state.members.contains_key("engagement_uuids") => {
            Ok(ResolvedValue::list([]))
        }
        // Up to v27 a root unit carries the uuid of the organisation here.
        (Collection::OrgUnits, "parent_uuid") if is_old_root(object, state) => {
            Ok(text(&organisation.uuid.to_string()))
        }
        (Collection::OrgUnits, "parent_response") if is_old_root(object, state) => {
            Ok(object.object(Node::Response(Collection::OrgUnits, organisation.uuid, object.context.now())))
        }
        (Collection::OrgUnits, "ancestors") => Ok(ancestors(object, state)),
        (Collection::OrgUnits, "managers" | "managers_response") if inherits(info) => {
            inherited(object, uuid, state, info)
        }
        _ => return None,
    })
}

fn joined(state: &State, first: &str, second: &str) -> String {
    let names = [state.text(first).unwrap_or_default(), state.text(second).unwrap_or_default()];
    names.join(" ").trim().to_owned()
}

/// Whether the scope of the primary class is 3000 or more.
fn is_primary(organisation: &Organisation, state: &State) -> bool {
    let class = state.uuids("primary_uuid").into_iter().next();
    let class = class.and_then(|class| organisation.current(Collection::Classes, class));
    let scope = class.and_then(|class| class.text("scope")?.parse::<u32>().ok());
    scope.is_some_and(|scope| scope >= 3000)
}

/// The text that is shown for an address.
fn address_name<'a>(organisation: &Organisation, state: &State) -> Resolved<'a> {
    let class = state.uuids("address_type_uuid").into_iter().next();
    let class = class.and_then(|class| organisation.current(Collection::Classes, class));
    let value = state.text("value").unwrap_or_default();
    match class.and_then(|class| class.text("scope")) {
        Some("DAR") => match organisation.dar(value) {
            Dar::Text(known) => Ok(text(&known)),
            Dar::Unknown => Ok(text("Ukendt")),
            Dar::Failing => Err(error(UNREACHABLE)),
        },
        Some("MULTIFIELD_TEXT") => {
            let second = state.text("value2").unwrap_or_default();
            Ok(text(
                if second.is_empty() { value.to_owned() } else { format!("{value} :: {second}") }.as_str(),
            ))
        }
        _ => Ok(text(value)),
    }
}

fn is_old_root(object: &Object<'_>, state: &State) -> bool {
    object.context.version <= 27 && !state.members.contains_key("parent_uuid")
}

/// The units above, the nearest first.
fn ancestors<'a>(object: &'a Object<'a>, state: &State) -> ResolvedValue<'a> {
    let states = above(object.context.organisation, state);
    ResolvedValue::list(
        states.into_iter().map(|(uuid, state)| object.object(Node::State(Collection::OrgUnits, uuid, state))),
    )
}

fn above<'a>(organisation: &'a Organisation, state: &State) -> Vec<(Uuid, &'a State)> {
    let mut found: Vec<(Uuid, &State)> = Vec::new();
    let mut parent = state.uuids("parent_uuid").into_iter().next();
    while let Some(uuid) = parent.filter(|uuid| found.iter().all(|(seen, _)| seen != uuid)) {
        let Some(state) = organisation.current(Collection::OrgUnits, uuid) else { break };
        found.push((uuid, state));
        parent = state.uuids("parent_uuid").into_iter().next();
    }
    found
}

fn inherits(info: &ResolveInfo<'_>) -> bool {
    arguments(info).get("inherit") == Some(&Value::Bool(true))
}

/// The managers of the unit, or of the nearest unit above that has any.
fn inherited<'a>(
    object: &'a Object<'a>,
    uuid: Uuid,
    state: &State,
    info: &'a ResolveInfo<'a>,
) -> Resolved<'a> {
    let organisation = object.context.organisation;
    object.context.may(Collection::Managers.role())?;
    let arguments = arguments(info);
    let units = std::iter::once(uuid).chain(above(organisation, state).into_iter().map(|(uuid, _)| uuid));
    for unit in units {
        let managers = organisation.index().referring(Collection::Managers, "org_unit_uuid", unit);
        let filter = object.context.filter(Collection::Managers, &arguments)?;
        let filter = filter.among(managers).referring("org_unit_uuid", unit);
        if !filter.find(organisation, Collection::Managers, None, 1).is_empty() {
            return object.shaped(Collection::Managers, filter, &arguments, info);
        }
    }
    let none = object.context.filter(Collection::Managers, &arguments)?.among([]);
    object.shaped(Collection::Managers, none, &arguments, info)
}
