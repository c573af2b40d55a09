//! What a record holds: everything that later steps need, and only what could be read.

use super::{extract, find, fjordby};
use muster_tests::simulator::os2mo::{Collection, Dar, DarService};
use serde_json::{Value, json};

#[test]
fn an_engagement_carries_what_its_unit_is_known_by() {
    let records = extract(&fjordby()).run().with_status(0).records();
    let engagement = &find(&records, "person", "p010")["engagements"][0];
    let unit = &engagement["org_unit"];
    assert_eq!(unit["user_key"], "drift");
    assert_eq!(unit["ancestors"].as_array().unwrap().len(), 3);
    assert_eq!(unit["ancestors"][2]["uuid"], "a8b26d0c-7268-56d3-9a49-7f2ecdad54a3");
    assert_eq!(unit["org_unit_level"]["user_key"], "N4");
    assert_eq!(unit["org_unit_hierarchy"]["name"], "Linjeorganisation");
    assert_eq!(engagement["job_function"]["name"], "IT-konsulent");
    assert_eq!(engagement["is_current"], true);
}

#[test]
fn a_future_engagement_is_there_and_says_so() {
    let records = extract(&fjordby()).run().with_status(0).records();
    let engagements = find(&records, "person", "p022")["engagements"].as_array().unwrap();
    assert_eq!(engagements.len(), 1);
    assert_eq!(engagements[0]["is_current"], false);
    assert!(find(&records, "person", "p023")["engagements"].as_array().unwrap().is_empty());
}

#[test]
fn an_engagement_that_will_move_is_shown_in_its_first_state_with_its_first_day() {
    let records = extract(&fjordby()).run().with_status(0).records();
    let engagement = &find(&records, "person", "p003")["engagements"][0];
    assert_eq!(engagement["validity"]["to"], "2028-01-01");
    assert!(engagement["start_date"].as_str().unwrap() < "2026");
    assert!(!engagement["extension_1"].is_null() && !engagement["extension_3"].is_null());
}

#[test]
fn a_unit_carries_the_accounts_of_its_parent_and_its_managers() {
    let records = extract(&fjordby()).run().with_status(0).records();
    let unit = find(&records, "org_unit", "it");
    assert_eq!(unit["managers"].as_array().unwrap().len(), 2);
    assert!(
        unit["managers"].as_array().unwrap().iter().all(|manager| manager["employee"]["itusers"].is_array())
    );
    assert!(unit["ancestors"].as_array().unwrap().iter().all(|above| above["itusers"].is_array()));
    let vacant = &find(&records, "org_unit", "hr")["managers"][0];
    assert_eq!((&vacant["employee_uuid"], &vacant["employee"]), (&Value::Null, &Value::Null));
    let aspects = |kle: &Value| kle["kle_aspects"].as_array().unwrap().len();
    assert!(unit["kles"].as_array().unwrap().iter().any(|kle| aspects(kle) == 2));
}

#[test]
fn a_root_has_no_parent_in_any_version() {
    for version in ["25", "28"] {
        let ran = extract(&fjordby()).args(["--graphql-version", version]).run().with_status(0);
        assert_eq!(find(&ran.records(), "org_unit", "fjordby")["parent_uuid"], Value::Null);
    }
}

#[test]
fn a_dar_address_that_the_register_does_not_know_has_an_unknown_name() {
    let os2mo = fjordby();
    let address = "208b5fa0-b0cc-5532-8049-68becadc8f7e";
    os2mo.edit(|organisation| organisation.set_dar(address, Dar::Unknown));
    let ran = extract(&os2mo).run().with_status(0);
    let records = ran.records();
    let unit = find(&records, "org_unit", "fjordby");
    assert_eq!(unit["_unknown"], json!(["/addresses/2/name"]));
    assert_eq!(unit["addresses"][2]["value"], address);
    assert_eq!(unit["addresses"][2].get("name"), None);
    assert_eq!(
        ran.stderr,
        "extract-os2mo: warning: 1 of 86 DAR addresses have no text; they count as unknown\n"
    );
}

#[test]
fn when_the_register_is_unreachable_all_its_texts_are_unknown_and_the_rest_is_read() {
    for service in [DarService::Down, DarService::Unreachable] {
        let os2mo = fjordby();
        os2mo.edit(|organisation| organisation.dar_service = service);
        let ran = extract(&os2mo).run().with_status(0);
        assert!(ran.stderr.contains("86 of 86 DAR addresses have no text"), "{}", ran.stderr);
        assert!(ran.ends().iter().all(|end| end["complete"] == true));
        let with_place = ran
            .records()
            .iter()
            .filter(|record| {
                let pointers = record["_unknown"].as_array().cloned().unwrap_or_default();
                pointers.iter().any(|pointer| pointer.as_str().unwrap().starts_with("/engagements/"))
            })
            .count();
        assert!(with_place > 50, "the unit's addresses of {with_place} persons are unknown too");
    }
}

#[test]
fn a_current_engagement_in_a_unit_that_was_not_read_makes_the_engagements_unknown() {
    let os2mo = fjordby();
    os2mo.edit(|organisation| {
        let unit = organisation.find(Collection::OrgUnits, "drift").unwrap();
        organisation.remove(Collection::OrgUnits, unit).unwrap();
    });
    let ran = extract(&os2mo).run().with_status(0);
    assert_eq!(find(&ran.records(), "person", "p010")["_unknown"], json!(["/engagements"]));
    assert!(ran.stderr.contains("current engagements are in units that were not read"), "{}", ran.stderr);
}

#[test]
fn a_unit_below_one_that_was_not_read_is_an_error_of_its_own() {
    let os2mo = fjordby();
    os2mo.edit(|organisation| {
        let unit = organisation.find(Collection::OrgUnits, "it").unwrap();
        organisation.remove(Collection::OrgUnits, unit).unwrap();
    });
    let ran = extract(&os2mo).args(["--kind", "org_unit"]).run().with_status(1);
    let errors: Vec<_> = ran.records().into_iter().filter(|record| record["_kind"] == "_error").collect();
    assert!(!errors.is_empty());
    assert_eq!(errors[0]["message"], "the unit 28132c2e-1fbb-556a-b240-7bf04ac9d8b0 above it was not read");
    assert_eq!(ran.ends()[0]["complete"], true);
    assert_eq!(ran.ends()[0]["errors"], errors.len());
}
