//! Engagements as records hold them, with what the relevance and the ids of their unit need.

use crate::account::{Account, Class};
use crate::address::Address;
use crate::organisation::{Detail, Organisation};
use crate::validity::Validity;
use crate::wire;
use jiff::civil::Date;
use serde::Serialize;
use uuid::Uuid;

/// An engagement that is current or begins later, in its first state from today on.
#[derive(Serialize)]
pub struct Engagement<'a> {
    pub uuid: Uuid,
    pub user_key: &'a str,
    pub is_current: bool,
    pub is_primary: bool,
    pub job_function: Option<Class<'a>>,
    pub engagement_type: Option<Class<'a>>,
    pub primary: Option<Class<'a>>,
    pub fraction: Option<i64>,
    #[serde(flatten)]
    pub extensions: &'a wire::Extensions,
    pub start_date: Option<Date>,
    pub validity: Validity,
    pub org_unit: Place<'a>,
}

/// The unit of an engagement.
#[derive(Serialize)]
pub struct Place<'a> {
    pub uuid: Uuid,
    pub user_key: &'a str,
    pub name: &'a str,
    pub parent_uuid: Option<Uuid>,
    pub ancestors: Vec<Reference>,
    pub unit_type: Option<Class<'a>>,
    pub org_unit_level: Option<Class<'a>>,
    pub org_unit_hierarchy: Option<Class<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub itusers: Option<Vec<Account<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Vec<Address<'a>>>,
}

/// A unit by its uuid alone.
#[derive(Serialize)]
pub struct Reference {
    pub uuid: Uuid,
}

impl Organisation {
    /// The engagements of `person`, by uuid. A current one whose unit was not among the units read, or whose unit's
    /// place in the tree is unknown, makes `/engagements` unknown; a future one may well be in a unit that does not exist
    /// yet and is left out.
    pub fn engagements(&self, person: Uuid, unknown: &mut Vec<String>) -> Option<Vec<Engagement<'_>>> {
        if !self.is_readable(person, Detail::Engagements, "/engagements", unknown) {
            return None;
        }
        let held = self.engagements_of.get(&person).into_iter().flatten();
        let mut engagements = Vec::new();
        for held in held {
            let place = format!("/engagements/{}/org_unit", engagements.len());
            match self.place(held.state.org_unit_uuid, &place, unknown) {
                Some(org_unit) => engagements.push(self.engagement(held, org_unit)),
                None if held.is_current => unknown.push("/engagements".to_owned()),
                None => (),
            }
        }
        Some(engagements)
    }

    fn engagement<'a>(
        &'a self,
        held: &'a crate::organisation::HeldEngagement,
        org_unit: Place<'a>,
    ) -> Engagement<'a> {
        let class = |uuid: Option<Uuid>| uuid.map(|uuid| self.class(uuid));
        let state = &held.state;
        Engagement {
            uuid: held.uuid,
            user_key: &state.user_key,
            is_current: held.is_current,
            is_primary: state.is_primary,
            job_function: class(state.job_function_uuid),
            engagement_type: class(state.engagement_type_uuid),
            primary: class(state.primary_uuid),
            fraction: state.fraction,
            extensions: &state.extensions,
            start_date: held.start_date,
            validity: held.validity,
            org_unit,
        }
    }

    fn place(&self, uuid: Uuid, place: &str, unknown: &mut Vec<String>) -> Option<Place<'_>> {
        let held = self.units.get(&uuid)?;
        let ancestors = held.ancestors.as_ref().ok()?.iter().map(|uuid| Reference { uuid: *uuid }).collect();
        let class = |uuid: Option<Uuid>| uuid.map(|uuid| self.class(uuid));
        Some(Place {
            uuid,
            user_key: &held.unit.user_key,
            name: &held.unit.name,
            parent_uuid: held.parent,
            ancestors,
            unit_type: class(held.unit.unit_type_uuid),
            org_unit_level: class(held.unit.org_unit_level_uuid),
            org_unit_hierarchy: class(held.unit.org_unit_hierarchy),
            itusers: self.accounts(uuid, &format!("{place}/itusers"), unknown),
            addresses: self.addresses(uuid, &format!("{place}/addresses"), unknown),
        })
    }
}
