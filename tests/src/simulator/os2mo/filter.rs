//! The `filter` argument: which objects of a collection match. What the simulator does not know is an error.

use super::collection::Collection;
use super::dates::{End, Window, local};
use super::links::Link;
use super::organisation::{Organisation, State};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashSet};
use uuid::Uuid;

/// A filter with its references resolved to uuids.
pub(super) struct Filter {
    pub(super) window: Window,
    uuids: Option<BTreeSet<Uuid>>,
    members: Vec<Member>,
}

/// A member, and the texts of which it must hold one; `None`: it must be null.
struct Member {
    name: &'static str,
    wanted: Option<HashSet<String>>,
}

impl Filter {
    /// The filter that `given` describes in GraphQL version `version`; null: everything valid now.
    pub(super) fn new(
        organisation: &Organisation,
        collection: Collection,
        given: Option<&Value>,
        version: u32,
    ) -> Result<Self, String> {
        let empty = Map::new();
        let given = given.and_then(Value::as_object).unwrap_or(&empty);
        let (from, to) = (end(given.get("from_date"))?, end(given.get("to_date"))?);
        let window = Window::of(from, to, organisation.today)?;
        let mut filter = Self { window, uuids: None, members: Vec::new() };
        for (key, value) in given {
            filter.restrict(organisation, collection, key, value, version)?;
        }
        Ok(filter)
    }

    fn restrict(
        &mut self,
        organisation: &Organisation,
        collection: Collection,
        key: &str,
        value: &Value,
        version: u32,
    ) -> Result<(), String> {
        match (collection, key) {
            (_, "from_date" | "to_date") => {}
            // Null is a value of its own for these three: vacant, without external id, root.
            (Collection::Managers, "employee") if value.is_null() && version >= 25 => {
                self.null("employee_uuid")
            }
            (Collection::Itusers, "external_ids") if value.is_null() && version >= 30 => {
                self.null("external_id")
            }
            (Collection::OrgUnits, "parent") if value.is_null() => self.null("parent_uuid"),
            (_, "employee" | "org_unit" | "external_ids" | "names" | "query") if value.is_null() => {}
            (Collection::OrgUnits, "child" | "descendant" | "ancestor") if value.is_null() => {
                return Err(format!("the simulator does not know the filter '{key}: null'"));
            }
            _ if value.is_null() => {}
            (_, "uuids") => self.only(uuids(value)?),
            (_, "user_keys") => self.texts("user_key", value),
            (Collection::OrgUnits, "names") => self.texts("name", value),
            (Collection::Classes, "name") => self.texts("name", value),
            (Collection::Classes, "scope") => self.texts("scope", value),
            (Collection::Itusers, "external_ids") => self.texts("external_id", value),
            (Collection::Employees, "cpr_numbers") => self.texts("cpr_number", value),
            (Collection::OrgUnits, "hierarchy") => {
                let found = matching(organisation, Collection::Classes, value, version)?;
                self.refer("org_unit_hierarchy", found);
            }
            (Collection::OrgUnits, "ancestor") => {
                let top = matching(organisation, Collection::OrgUnits, value, version)?;
                self.only(below(organisation, top));
            }
            (_, reference) => {
                let reference = if reference == "responsibility" { "responsibilities" } else { reference };
                let Some(Link::To(member, target)) = collection.link(reference) else {
                    return Err(format!(
                        "the simulator does not know the filter '{key}' of {}",
                        collection.name()
                    ));
                };
                self.refer(member, matching(organisation, target, value, version)?);
            }
        }
        Ok(())
    }

    fn only(&mut self, uuids: BTreeSet<Uuid>) {
        self.uuids = Some(match self.uuids.take() {
            Some(before) => before.intersection(&uuids).copied().collect(),
            None => uuids,
        });
    }

    fn null(&mut self, name: &'static str) {
        self.members.push(Member { name, wanted: None });
    }

    fn texts(&mut self, name: &'static str, value: &Value) {
        let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
        self.members.push(Member { name, wanted: Some(texts.map(str::to_owned).collect()) });
    }

    fn refer(&mut self, name: &'static str, uuids: BTreeSet<Uuid>) {
        self.members.push(Member { name, wanted: Some(uuids.iter().map(Uuid::to_string).collect()) });
    }

    /// Restrict it to `uuids` besides.
    pub(super) fn among(mut self, uuids: impl IntoIterator<Item = Uuid>) -> Self {
        self.only(uuids.into_iter().collect());
        self
    }

    /// Restrict it to objects that refer to `uuid` with `member`.
    pub(super) fn referring(mut self, member: &'static str, uuid: Uuid) -> Self {
        self.refer(member, BTreeSet::from([uuid]));
        self
    }

    /// Whether `state` lies in the window and has what is asked for.
    pub(super) fn shows(&self, state: &State) -> bool {
        self.window.touches(state.from, state.until) && self.members.iter().all(|member| member.is_in(state))
    }

    /// Up to `limit` matching objects with a uuid greater than `after`, ascending.
    pub(super) fn find(
        &self,
        organisation: &Organisation,
        collection: Collection,
        after: Option<Uuid>,
        limit: usize,
    ) -> Vec<Uuid> {
        use std::ops::Bound::{Excluded, Unbounded};
        let range = (after.map_or(Unbounded, Excluded), Unbounded);
        let matches =
            |uuid: &Uuid| organisation.states(collection, *uuid).iter().any(|state| self.shows(state));
        match &self.uuids {
            Some(uuids) => uuids.range(range).filter(|u| matches(u)).copied().take(limit).collect(),
            None => {
                let objects = organisation.objects(collection).range(range);
                let found = objects.filter(|(_, states)| states.iter().any(|state| self.shows(state)));
                found.map(|(uuid, _)| *uuid).take(limit).collect()
            }
        }
    }
}

impl Member {
    fn is_in(&self, state: &State) -> bool {
        let value = state.members.get(self.name);
        let Some(wanted) = &self.wanted else { return value.is_none() };
        match value {
            Some(Value::String(text)) => wanted.contains(text),
            Some(Value::Array(many)) => {
                many.iter().filter_map(Value::as_str).any(|text| wanted.contains(text))
            }
            _ => false,
        }
    }
}

/// The objects that a filter within a filter means.
fn matching(
    organisation: &Organisation,
    collection: Collection,
    given: &Value,
    version: u32,
) -> Result<BTreeSet<Uuid>, String> {
    let filter = Filter::new(organisation, collection, Some(given), version)?;
    Ok(filter.find(organisation, collection, None, usize::MAX).into_iter().collect())
}

/// The units in `top` and all below them today.
fn below(organisation: &Organisation, top: BTreeSet<Uuid>) -> BTreeSet<Uuid> {
    let mut found = BTreeSet::new();
    let mut open: Vec<Uuid> = top.into_iter().collect();
    while let Some(unit) = open.pop() {
        if found.insert(unit) {
            open.extend(organisation.index().referring(Collection::OrgUnits, "parent_uuid", unit));
        }
    }
    found
}

/// The uuids of a list, refused in the words of OS2mo when one is none.
fn uuids(value: &Value) -> Result<BTreeSet<Uuid>, String> {
    let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    let parse = |text: &str| {
        let cause = "badly formed hexadecimal UUID string";
        text.parse().map_err(|_| format!("Value cannot represent a UUID: \"{text}\". {cause}"))
    };
    texts.map(parse).collect()
}

/// An end of a window in an argument.
pub(super) fn end(value: Option<&Value>) -> Result<End, String> {
    match value {
        None => Ok(End::Unset),
        Some(Value::String(text)) => local(text).map(End::At),
        Some(_) => Ok(End::Open),
    }
}
