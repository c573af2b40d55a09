//! `--full`: each object read by itself.

use super::*;
use muster_tests::simulator::{Fault, Rule};

fn full(os2sync: &Os2sync) -> Cli {
    extract(os2sync).args(["--full"])
}

#[test]
fn all_members_that_the_server_shows_again() {
    let os2sync = registry(quick(), 12);
    let ran = full(&os2sync).run().with_status(0);
    let expected: Vec<String> = (100..112).map(uuid).collect();
    assert_eq!((keys(&ran, "org_unit"), keys(&ran, "user")), ((1..4).map(uuid).collect(), expected));
    let unit = &ran.records()[1];
    assert_eq!((&unit["Email"], &unit["Tasks"]), (&json!("post@example.org"), &json!([uuid(70)])));
    assert_eq!(unit["_sets"], json!(["/Tasks", "/ItSystems"]));
    for absent in ["PayoutUnitUuid", "ContactPlaces", "SOR", "Status", "Timestamp"] {
        assert_eq!(unit.get(absent), None, "{absent}");
    }
    let user = &ran.records()[3];
    assert_eq!(user["Person"]["Cpr"], "0101011234");
    assert_eq!(user["Positions"][0], json!({ "Name": "Leder", "OrgUnitUuid": uuid(2) }));
    let members = ran.ends()[0]["members"].clone();
    assert!(members["org_unit"].as_array().unwrap().contains(&json!("Ean")));
    assert!(!members["org_unit"].as_array().unwrap().contains(&json!("SOR")));
}

#[test]
fn dates_and_members_are_shown_when_asked_for() {
    let os2sync = registry(quick(), 1);
    let ran = full(&os2sync).args(["--position-dates", "--not-stored", "SOR"]).run().with_status(0);
    assert_eq!(ran.records()[1]["PayoutUnitUuid"], uuid(1));
    assert_eq!(ran.records()[3]["Positions"][0]["StartDate"], "2020-01-01");
}

#[test]
fn what_cannot_be_read_is_an_error_and_the_rest_is_there() {
    let os2sync = registry(quick(), 3);
    os2sync.faults().add(Rule::always(Fault::Text(400, "45: bad timestamp".to_owned())).path(&uuid(101)));
    os2sync.faults().add(Rule::always(Fault::Status(500)).path(&uuid(3)));
    let ran = full(&os2sync).args(["--retries", "1"]).run().with_status(1);
    let errors: Vec<Value> = ran.records().into_iter().filter(|line| line["_kind"] == "_error").collect();
    let unit =
        json!({ "_kind": "_error", "of": "org_unit", "_key": uuid(3), "message": "the server answered 500" });
    let said = "the server answered 400: 45: bad timestamp";
    let user = json!({ "_kind": "_error", "of": "user", "_key": uuid(101), "message": said });
    assert_eq!(errors, [unit, user]);
    assert_eq!(keys(&ran, "user"), [uuid(100), uuid(102)]);
    assert!(ran.ends().iter().all(|end| end["complete"] == true && end["errors"] == 1));
}

#[test]
fn what_went_in_the_meantime_is_left_out() {
    for deleted_is_404 in [true, false] {
        let os2sync = registry(Options { deleted_is_404, ..quick() }, 2);
        let mut deleted = user(101, &[2]);
        deleted["Status"] = json!(2);
        // Between the hierarchy and the read: the hierarchy still has the user.
        let units = json!([{ "Uuid": uuid(1), "Name": "Kommune", "ParentOU": null }]);
        let hierarchy = json!({ "Status": 0, "Result": { "OUs": units, "Users": [
            { "Uuid": uuid(100), "Status": 1 }, { "Uuid": uuid(101), "Status": 1 }, { "Uuid": uuid(109), "Status": 1 },
        ] } });
        os2sync.faults().add(Rule::once(Fault::Json(hierarchy)).path("/hierarchy/"));
        os2sync.place_user(&deleted);
        assert_eq!(keys(&full(&os2sync).run().with_status(0), "user"), [uuid(100)]);
    }
}

#[test]
fn a_server_that_goes_away_in_the_middle_leaves_a_partial_segment() {
    let os2sync = registry(quick(), 40);
    os2sync.faults().add(Rule::always(Fault::Cut(3)).path("/user/").after(20));
    let ran = full(&os2sync).args(["--retries", "1"]).run().with_status(69);
    assert_partial(&ran, "the answer was cut off");
    assert_eq!(keys(&ran, "org_unit").len(), 3);
    assert_eq!(ran.ends()[0]["complete"], true);
    assert!(ran.ends()[1]["members"]["user"].is_array());
}

#[test]
fn a_page_instead_of_an_object_broke_the_protocol() {
    for said in ["<html>", "[]", "{}", r#"{"error":"log in"}"#] {
        let os2sync = registry(quick(), 2);
        os2sync.faults().add(Rule::always(Fault::Text(200, said.to_owned())).path("/orgUnit/"));
        assert_partial(&full(&os2sync).run().with_status(76), "not the object that was asked for");
    }
}

#[test]
fn names_in_another_case_are_the_same() {
    let os2sync = registry(quick(), 1);
    let camel =
        json!({ "uuid": uuid(100).to_uppercase(), "userId": "x", "positions": [], "status": 1, "new": 1 });
    os2sync.faults().add(Rule::always(Fault::Json(camel)).path(&format!("/user/{}", uuid(100))));
    let user = full(&os2sync).args(["--kind", "user"]).run().with_status(0).records().remove(0);
    let expected = json!({
        "_kind": "user", "_key": uuid(100), "Uuid": uuid(100), "UserId": "x", "Positions": [], "_sets": ["/Positions"],
    });
    assert_eq!(user, expected);
}

#[test]
fn a_registry_that_reads_nothing_is_given_up() {
    let os2sync = registry(quick(), 200);
    os2sync.faults().add(Rule::always(Fault::Status(500)).path("/user/").after(1));
    let ran = full(&os2sync).args(["--retries", "0", "--parallel", "1"]).run().with_status(69);
    assert_partial(&ran, "20 objects in a row could not be read");
    assert_eq!(
        os2sync.seen().iter().filter(|seen| seen.path_and_query.starts_with("/api/user/")).count(),
        21
    );
}
