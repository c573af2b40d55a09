//! Which objects refer to an object, so that a relation is found without reading a whole collection.

use super::collection::Collection;
use super::organisation::Organisation;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// The members that relations follow backwards.
const FOLLOWED: [(Collection, &str); 16] = [
    (Collection::Engagements, "employee_uuid"),
    (Collection::Engagements, "org_unit_uuid"),
    (Collection::Addresses, "employee_uuid"),
    (Collection::Addresses, "org_unit_uuid"),
    (Collection::Addresses, "engagement_uuid"),
    (Collection::Addresses, "ituser_uuid"),
    (Collection::Itusers, "employee_uuid"),
    (Collection::Itusers, "org_unit_uuid"),
    (Collection::Itusers, "engagement_uuids"),
    (Collection::Managers, "employee_uuid"),
    (Collection::Managers, "org_unit_uuid"),
    (Collection::Kles, "org_unit_uuid"),
    (Collection::OrgUnits, "parent_uuid"),
    (Collection::Classes, "parent_uuid"),
    (Collection::Classes, "facet_uuid"),
    (Collection::Facets, "parent_uuid"),
];

type Referring = HashMap<Uuid, BTreeSet<Uuid>>;

/// For each followed member: the objects that refer to a uuid in any of their states.
#[derive(Clone, Debug)]
pub(super) struct Index(HashMap<(Collection, &'static str), Referring>);

impl Index {
    pub(super) fn new(organisation: &Organisation) -> Self {
        Self(FOLLOWED.into_iter().map(|followed| (followed, referring(organisation, followed))).collect())
    }

    /// The objects of `collection` whose `member` holds `uuid` in any state, ascending.
    pub(super) fn referring(&self, collection: Collection, member: &'static str, uuid: Uuid) -> Vec<Uuid> {
        let found = self.0[&(collection, member)].get(&uuid);
        found.map(|uuids| uuids.iter().copied().collect()).unwrap_or_default()
    }
}

fn referring(organisation: &Organisation, (collection, member): (Collection, &str)) -> Referring {
    let mut referring = Referring::new();
    for (uuid, states) in organisation.objects(collection) {
        for target in states.iter().flat_map(|state| state.uuids(member)) {
            referring.entry(target).or_default().insert(*uuid);
        }
    }
    referring
}
