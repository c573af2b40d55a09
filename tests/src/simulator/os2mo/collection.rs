//! The collections of OS2mo: their names, roles, members, and how their objects refer to each other.

/// One kind of objects.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Collection {
    Employees,
    OrgUnits,
    Engagements,
    Addresses,
    Itusers,
    Itsystems,
    Managers,
    Kles,
    Classes,
    Facets,
}

use Collection::*;

impl Collection {
    /// All of them, in the order of `Organisation`'s storage.
    pub const ALL: [Self; 10] =
        [Employees, OrgUnits, Engagements, Addresses, Itusers, Itsystems, Managers, Kles, Classes, Facets];

    /// Name of the query field and of the control path.
    pub fn name(self) -> &'static str {
        match self {
            Employees => "employees",
            OrgUnits => "org_units",
            Engagements => "engagements",
            Addresses => "addresses",
            Itusers => "itusers",
            Itsystems => "itsystems",
            Managers => "managers",
            Kles => "kles",
            Classes => "classes",
            Facets => "facets",
        }
    }

    /// The collection that a query field or control path names; `persons` is the newer name of `employees`.
    pub fn named(name: &str) -> Option<Self> {
        let name = if name == "persons" { "employees" } else { name };
        Self::ALL.into_iter().find(|collection| collection.name() == name)
    }

    /// GraphQL type of one state.
    pub(super) fn type_name(self) -> &'static str {
        match self {
            Employees => "Employee",
            OrgUnits => "OrganisationUnit",
            Engagements => "Engagement",
            Addresses => "Address",
            Itusers => "ITUser",
            Itsystems => "ITSystem",
            Managers => "Manager",
            Kles => "KLE",
            Classes => "Class",
            Facets => "Facet",
        }
    }

    /// GraphQL type of an object in all its states.
    pub(super) fn response_type(self) -> &'static str {
        match self {
            Employees => "EmployeeResponse",
            OrgUnits => "OrganisationUnitResponse",
            Engagements => "EngagementResponse",
            Addresses => "AddressResponse",
            Itusers => "ITUserResponse",
            Itsystems => "ITSystemResponse",
            Managers => "ManagerResponse",
            Kles => "KLEResponse",
            Classes => "ClassResponse",
            Facets => "FacetResponse",
        }
    }

    /// GraphQL type of a page.
    pub(super) fn page_type(self) -> &'static str {
        match self {
            Employees => "EmployeeResponsePaged",
            OrgUnits => "OrganisationUnitResponsePaged",
            Engagements => "EngagementResponsePaged",
            Addresses => "AddressResponsePaged",
            Itusers => "ITUserResponsePaged",
            Itsystems => "ITSystemResponsePaged",
            Managers => "ManagerResponsePaged",
            Kles => "KLEResponsePaged",
            Classes => "ClassResponsePaged",
            Facets => "FacetResponsePaged",
        }
    }

    /// GraphQL type of a state's validity.
    pub(super) fn validity_type(self) -> &'static str {
        match self {
            Employees | Itsystems | Classes | Facets => "OpenValidity",
            _ => "Validity",
        }
    }

    /// The realm role that a reader needs.
    pub fn role(self) -> &'static str {
        match self {
            Employees => "read_employee",
            OrgUnits => "read_org_unit",
            Engagements => "read_engagement",
            Addresses => "read_address",
            Itusers => "read_ituser",
            Itsystems => "read_itsystem",
            Managers => "read_manager",
            Kles => "read_kle",
            Classes => "read_class",
            Facets => "read_facet",
        }
    }

    /// The members that a state may hold; a member that it does not hold is null.
    pub(super) fn members(self) -> &'static [&'static str] {
        match self {
            Employees => &[
                "user_key",
                "cpr_number",
                "given_name",
                "surname",
                "nickname_given_name",
                "nickname_surname",
                "seniority",
            ],
            OrgUnits => &[
                "user_key",
                "name",
                "parent_uuid",
                "unit_type_uuid",
                "org_unit_level_uuid",
                "org_unit_hierarchy",
                "time_planning_uuid",
            ],
            Engagements => &[
                "user_key",
                "employee_uuid",
                "org_unit_uuid",
                "job_function_uuid",
                "engagement_type_uuid",
                "primary_uuid",
                "fraction",
                "extension_1",
                "extension_2",
                "extension_3",
                "extension_4",
                "extension_5",
                "extension_6",
                "extension_7",
                "extension_8",
                "extension_9",
                "extension_10",
            ],
            Addresses => &[
                "user_key",
                "value",
                "value2",
                "employee_uuid",
                "org_unit_uuid",
                "engagement_uuid",
                "ituser_uuid",
                "address_type_uuid",
                "visibility_uuid",
            ],
            Itusers => &[
                "user_key",
                "external_id",
                "employee_uuid",
                "org_unit_uuid",
                "engagement_uuids",
                "itsystem_uuid",
                "primary_uuid",
                "binding_type",
            ],
            Itsystems => &["user_key", "name"],
            Managers => &[
                "user_key",
                "employee_uuid",
                "org_unit_uuid",
                "manager_type_uuid",
                "manager_level_uuid",
                "responsibility_uuids",
            ],
            Kles => &["user_key", "org_unit_uuid", "kle_number_uuid", "kle_aspect_uuids"],
            Classes => &["user_key", "name", "scope", "facet_uuid", "parent_uuid", "published"],
            Facets => &["user_key", "parent_uuid", "published"],
        }
    }
}
