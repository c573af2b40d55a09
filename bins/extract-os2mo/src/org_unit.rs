//! Organisation units as records, each with what it needs of its ancestors and of its managers.

use crate::account::{Account, Class};
use crate::address::Address;
use crate::organisation::{Detail, Held, HeldUnit, Organisation};
use crate::person::record;
use crate::validity::Validity;
use muster_base::Error;
use muster_stream::Record;
use serde::Serialize;
use uuid::Uuid;

#[derive(Serialize)]
struct Unit<'a> {
    #[serde(flatten)]
    own: Ancestor<'a>,
    time_planning: Option<Class<'a>>,
    validity: Validity,
    ancestors: Vec<Ancestor<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    addresses: Option<Vec<Address<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    managers: Option<Vec<Manager<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kles: Option<Vec<Kle<'a>>>,
}

/// What a unit and each of its ancestors have alike.
#[derive(Serialize)]
struct Ancestor<'a> {
    uuid: Uuid,
    user_key: &'a str,
    name: &'a str,
    parent_uuid: Option<Uuid>,
    unit_type: Option<Class<'a>>,
    org_unit_level: Option<Class<'a>>,
    org_unit_hierarchy: Option<Class<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    itusers: Option<Vec<Account<'a>>>,
}

#[derive(Serialize)]
struct Manager<'a> {
    uuid: Uuid,
    employee_uuid: Option<Uuid>,
    employee: Option<Employee<'a>>,
    manager_type: Option<Class<'a>>,
    manager_level: Option<Class<'a>>,
    responsibilities: Vec<Class<'a>>,
    validity: Validity,
}

#[derive(Serialize)]
struct Employee<'a> {
    uuid: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    itusers: Option<Vec<Account<'a>>>,
}

#[derive(Serialize)]
struct Kle<'a> {
    uuid: Uuid,
    user_key: &'a str,
    kle_number: Class<'a>,
    kle_aspects: Vec<Class<'a>>,
    validity: Validity,
}

impl Organisation {
    /// The record of the unit `uuid`, or why its place in the tree is unknown.
    pub fn org_unit(&self, uuid: Uuid) -> Result<Result<Record, String>, Error> {
        let Some(held) = self.units.get(&uuid) else { return Ok(Err("the unit was not read".to_owned())) };
        let ancestors = match &held.ancestors {
            Ok(ancestors) => ancestors,
            Err(why) => return Ok(Err(why.clone())),
        };
        let mut unknown = Vec::new();
        let unit = Unit {
            own: self.ancestor(uuid, held, "", &mut unknown),
            time_planning: held.unit.time_planning_uuid.map(|uuid| self.class(uuid)),
            validity: held.validity,
            ancestors: ancestors
                .iter()
                .filter_map(|uuid| Some((*uuid, self.units.get(uuid)?)))
                .enumerate()
                .map(|(n, (uuid, held))| self.ancestor(uuid, held, &format!("/ancestors/{n}"), &mut unknown))
                .collect(),
            addresses: self.addresses(uuid, "/addresses", &mut unknown),
            managers: self.managers(uuid, &mut unknown),
            kles: self.kles(uuid, &mut unknown),
        };
        record("org_unit", uuid, &unit, unknown).map(Ok)
    }

    fn managers(&self, unit: Uuid, unknown: &mut Vec<String>) -> Option<Vec<Manager<'_>>> {
        if !self.is_readable(unit, Detail::Managers, "/managers", unknown) {
            return None;
        }
        let held = self.managers_of.get(&unit).into_iter().flatten().enumerate();
        Some(held.map(|(n, held)| self.manager(held, &format!("/managers/{n}"), unknown)).collect())
    }

    fn kles(&self, unit: Uuid, unknown: &mut Vec<String>) -> Option<Vec<Kle<'_>>> {
        let held = || self.kles_of.get(&unit).into_iter().flatten();
        self.is_readable(unit, Detail::Kles, "/kles", unknown)
            .then(|| held().map(|held| self.kle(held)).collect())
    }

    fn ancestor<'a>(
        &'a self,
        uuid: Uuid,
        held: &'a HeldUnit,
        place: &str,
        unknown: &mut Vec<String>,
    ) -> Ancestor<'a> {
        let class = |uuid: Option<Uuid>| uuid.map(|uuid| self.class(uuid));
        Ancestor {
            uuid,
            user_key: &held.unit.user_key,
            name: &held.unit.name,
            parent_uuid: held.parent,
            unit_type: class(held.unit.unit_type_uuid),
            org_unit_level: class(held.unit.org_unit_level_uuid),
            org_unit_hierarchy: class(held.unit.org_unit_hierarchy),
            itusers: self.accounts(uuid, &format!("{place}/itusers"), unknown),
        }
    }

    fn manager<'a>(
        &'a self,
        held: &'a Held<crate::wire::Manager>,
        place: &str,
        unknown: &mut Vec<String>,
    ) -> Manager<'a> {
        let mut employee = |uuid| {
            let itusers = self.accounts(uuid, &format!("{place}/employee/itusers"), unknown);
            Employee { uuid, itusers }
        };
        let manager = &held.object;
        let responsibilities = manager.responsibility_uuids.iter().flatten();
        Manager {
            uuid: held.uuid,
            employee_uuid: manager.employee_uuid,
            employee: manager.employee_uuid.map(&mut employee),
            manager_type: manager.manager_type_uuid.map(|uuid| self.class(uuid)),
            manager_level: manager.manager_level_uuid.map(|uuid| self.class(uuid)),
            responsibilities: responsibilities.map(|uuid| self.class(*uuid)).collect(),
            validity: held.validity,
        }
    }

    fn kle<'a>(&'a self, held: &'a Held<crate::wire::Kle>) -> Kle<'a> {
        Kle {
            uuid: held.uuid,
            user_key: &held.object.user_key,
            kle_number: self.class(held.object.kle_number_uuid),
            kle_aspects: held.object.kle_aspect_uuids.iter().map(|uuid| self.class(*uuid)).collect(),
            validity: held.validity,
        }
    }
}
