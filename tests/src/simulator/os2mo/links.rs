//! How the objects of OS2mo refer to each other.

use super::collection::Collection::{self, *};

/// How an object reaches others.
#[derive(Clone, Copy)]
pub(super) enum Link {
    /// By the uuid or uuids in this member.
    To(&'static str, Collection),
    /// All objects of this collection whose member holds our uuid.
    From(Collection, &'static str),
}

impl Collection {
    /// Where the relation `field` of an object leads; `x_response` leads where `x` does.
    pub(super) fn link(self, field: &str) -> Option<Link> {
        let field = field.strip_suffix("_responses").or(field.strip_suffix("_response")).unwrap_or(field);
        Some(match (self, field) {
            (Engagements | Addresses | Itusers | Managers, "employee" | "person") => {
                Link::To("employee_uuid", Employees)
            }
            (Engagements | Addresses | Itusers | Managers | Kles, "org_unit") => {
                Link::To("org_unit_uuid", OrgUnits)
            }
            (Employees, "engagements") => Link::From(Engagements, "employee_uuid"),
            (Employees, "addresses") => Link::From(Addresses, "employee_uuid"),
            (Employees, "itusers") => Link::From(Itusers, "employee_uuid"),
            (Employees, "manager_roles") => Link::From(Managers, "employee_uuid"),
            (OrgUnits, "engagements") => Link::From(Engagements, "org_unit_uuid"),
            (OrgUnits, "addresses") => Link::From(Addresses, "org_unit_uuid"),
            (OrgUnits, "itusers") => Link::From(Itusers, "org_unit_uuid"),
            (OrgUnits, "managers") => Link::From(Managers, "org_unit_uuid"),
            (OrgUnits, "kles") => Link::From(Kles, "org_unit_uuid"),
            (OrgUnits, "children") => Link::From(OrgUnits, "parent_uuid"),
            (OrgUnits, "parent") => Link::To("parent_uuid", OrgUnits),
            (OrgUnits, "unit_type") => Link::To("unit_type_uuid", Classes),
            (OrgUnits, "org_unit_level" | "unit_level") => Link::To("org_unit_level_uuid", Classes),
            (OrgUnits, "org_unit_hierarchy_model" | "unit_hierarchy") => {
                Link::To("org_unit_hierarchy", Classes)
            }
            (OrgUnits, "time_planning") => Link::To("time_planning_uuid", Classes),
            (Engagements, "engagement_type") => Link::To("engagement_type_uuid", Classes),
            (Engagements, "job_function") => Link::To("job_function_uuid", Classes),
            (Engagements | Itusers, "primary") => Link::To("primary_uuid", Classes),
            (Engagements, "addresses") => Link::From(Addresses, "engagement_uuid"),
            (Engagements, "itusers") => Link::From(Itusers, "engagement_uuids"),
            (Addresses, "address_type") => Link::To("address_type_uuid", Classes),
            (Addresses, "visibility") => Link::To("visibility_uuid", Classes),
            (Addresses, "engagement") => Link::To("engagement_uuid", Engagements),
            (Addresses, "ituser") => Link::To("ituser_uuid", Itusers),
            (Itusers, "engagements") => Link::To("engagement_uuids", Engagements),
            (Itusers, "itsystem") => Link::To("itsystem_uuid", Itsystems),
            (Itusers, "addresses") => Link::From(Addresses, "ituser_uuid"),
            (Managers, "manager_type") => Link::To("manager_type_uuid", Classes),
            (Managers, "manager_level") => Link::To("manager_level_uuid", Classes),
            (Managers, "responsibilities") => Link::To("responsibility_uuids", Classes),
            (Kles, "kle_number") => Link::To("kle_number_uuid", Classes),
            (Kles, "kle_aspects") => Link::To("kle_aspect_uuids", Classes),
            (Classes, "facet") => Link::To("facet_uuid", Facets),
            (Classes, "parent") => Link::To("parent_uuid", Classes),
            (Classes, "children") => Link::From(Classes, "parent_uuid"),
            (Facets, "classes") => Link::From(Classes, "facet_uuid"),
            _ => return None,
        })
    }
}
