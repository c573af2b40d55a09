//! The server's objects as the queries in `queries/` ask for them.

use crate::graphql::Query;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! query {
    ($collection:literal, $file:literal, $about:literal) => {
        Query {
            collection: $collection,
            text: include_str!(concat!("../queries/", $file, ".graphql")),
            about: $about,
        }
    };
}

pub const ORGANISATION: Query = query!("org", "org", "the organisation");
pub const EMPLOYEES: Query = query!("employees", "employees", "employees");
pub const UNITS: Query = query!("org_units", "org_units", "org units");
pub const ENGAGEMENTS: Query = query!("engagements", "engagements", "engagements");
pub const ADDRESSES: Query = query!("addresses", "addresses", "addresses");
pub const DAR_NAMES: Query = query!("addresses", "dar_names", "texts of DAR addresses");
pub const ACCOUNTS: Query = query!("itusers", "itusers", "IT accounts");
pub const MANAGERS: Query = query!("managers", "managers", "managers");
pub const KLES: Query = query!("kles", "kles", "KLE annotations");
pub const CLASSES: Query = query!("classes", "classes", "classes");
pub const SYSTEMS: Query = query!("itsystems", "itsystems", "IT systems");

/// The answer to [`ORGANISATION`].
#[derive(Deserialize)]
pub struct Root {
    pub org: Named,
}

#[derive(Deserialize)]
pub struct Named {
    pub uuid: Uuid,
}

/// An object of a collection; `current` is null for one that has only past or future states.
#[derive(Deserialize)]
pub struct Object<C> {
    pub uuid: Uuid,
    pub current: Option<C>,
}

/// From when to when: dates, in GraphQL with time and offset, the end as the version of the interface means it.
#[derive(Clone, Deserialize)]
pub struct Validity {
    pub from: Option<String>,
    pub to: Option<String>,
}

#[derive(Deserialize)]
pub struct Employee {
    pub user_key: String,
    pub cpr_number: Option<String>,
    pub name: String,
    pub given_name: String,
    pub surname: String,
    pub nickname: String,
    pub nickname_given_name: Option<String>,
    pub nickname_surname: Option<String>,
    pub seniority: Option<String>,
    pub validity: Validity,
}

#[derive(Deserialize)]
pub struct Unit {
    pub user_key: String,
    pub name: String,
    pub parent_uuid: Option<Uuid>,
    pub unit_type_uuid: Option<Uuid>,
    pub org_unit_level_uuid: Option<Uuid>,
    pub org_unit_hierarchy: Option<Uuid>,
    pub time_planning_uuid: Option<Uuid>,
    pub validity: Validity,
}

/// An engagement with its states from today on, earliest first, and the starts of all its states.
#[derive(Deserialize)]
pub struct Engagement {
    pub uuid: Uuid,
    pub current: Option<Named>,
    pub states: Vec<EngagementState>,
    pub starts: Vec<Start>,
}

#[derive(Deserialize)]
pub struct Start {
    pub validity: Validity,
}

#[derive(Deserialize)]
pub struct EngagementState {
    pub user_key: String,
    pub employee_uuid: Uuid,
    pub org_unit_uuid: Uuid,
    pub job_function_uuid: Option<Uuid>,
    pub engagement_type_uuid: Option<Uuid>,
    pub primary_uuid: Option<Uuid>,
    pub is_primary: bool,
    pub fraction: Option<i64>,
    #[serde(flatten)]
    pub extensions: Extensions,
    pub validity: Validity,
}

/// The ten free texts of an engagement.
#[derive(Deserialize, Serialize, Clone)]
pub struct Extensions {
    extension_1: Option<String>,
    extension_2: Option<String>,
    extension_3: Option<String>,
    extension_4: Option<String>,
    extension_5: Option<String>,
    extension_6: Option<String>,
    extension_7: Option<String>,
    extension_8: Option<String>,
    extension_9: Option<String>,
    extension_10: Option<String>,
}

#[derive(Deserialize)]
pub struct Address {
    pub user_key: String,
    pub value: String,
    pub value2: Option<String>,
    pub employee_uuid: Option<Uuid>,
    pub org_unit_uuid: Option<Uuid>,
    pub engagement_uuid: Option<Uuid>,
    pub ituser_uuid: Option<Uuid>,
    pub address_type_uuid: Uuid,
    pub visibility_uuid: Option<Uuid>,
    pub validity: Validity,
}

#[derive(Deserialize)]
pub struct DarName {
    pub name: Option<String>,
}

#[derive(Deserialize)]
pub struct Account {
    pub user_key: String,
    pub external_id: Option<String>,
    pub employee_uuid: Option<Uuid>,
    pub org_unit_uuid: Option<Uuid>,
    #[serde(default)]
    pub engagement_uuids: Vec<Uuid>,
    pub itsystem_uuid: Uuid,
    pub validity: Validity,
}

#[derive(Deserialize)]
pub struct Manager {
    pub employee_uuid: Option<Uuid>,
    pub org_unit_uuid: Uuid,
    pub manager_type_uuid: Option<Uuid>,
    pub manager_level_uuid: Option<Uuid>,
    #[serde(default)]
    pub responsibility_uuids: Option<Vec<Uuid>>,
    pub validity: Validity,
}

#[derive(Deserialize)]
pub struct Kle {
    pub user_key: String,
    pub org_unit_uuid: Uuid,
    pub kle_number_uuid: Uuid,
    #[serde(default)]
    pub kle_aspect_uuids: Vec<Uuid>,
    pub validity: Validity,
}

#[derive(Deserialize)]
pub struct Class {
    pub user_key: String,
    pub name: String,
    pub scope: Option<String>,
}

#[derive(Deserialize)]
pub struct System {
    pub user_key: String,
    pub name: String,
}
