//! The hierarchy as records.

use super::*;
use std::io::{BufRead, BufReader, Read};

#[test]
fn units_and_users_in_the_shape_of_the_spec() {
    let os2sync = registry(Options::default(), 1);
    let ran = extract(&os2sync).run().with_status(0);
    assert_eq!(ran.stderr, "");
    let expected = [
        json!({ "_kind": "org_unit", "_key": uuid(1), "Uuid": uuid(1), "Name": "Kommune", "ParentOrgUnitUuid": null }),
        json!({ "_kind": "org_unit", "_key": uuid(2), "Uuid": uuid(2), "Name": "Enhed 2", "ParentOrgUnitUuid": uuid(1) }),
        json!({ "_kind": "org_unit", "_key": uuid(3), "Uuid": uuid(3), "Name": "Enhed 3", "ParentOrgUnitUuid": uuid(1) }),
        json!({
            "_kind": "user", "_key": uuid(100), "Uuid": uuid(100), "UserId": "u100", "Person": { "Name": "Åse 100" },
            "PhoneNumber": "11223344", "Email": "aase@example.org",
            "Positions": [
                { "Name": "Leder", "OrgUnitUuid": uuid(2) }, { "Name": "Leder", "OrgUnitUuid": uuid(3) },
            ],
            "_sets": ["/Positions"],
        }),
    ];
    assert_eq!(ran.records(), expected);
}

#[test]
fn each_kind_ends_with_its_scope_and_what_it_can_know() {
    let os2sync = registry(quick(), 2);
    let ends = extract(&os2sync).run().with_status(0).ends();
    let scope = |kind| format!("{}?municipality=12345678&kind={kind}", os2sync.api_url());
    assert_eq!((&ends[0]["scope"], &ends[1]["scope"]), (&json!(scope("org_unit")), &json!(scope("user"))));
    assert_eq!((&ends[0]["records"], &ends[1]["records"]), (&json!(3), &json!(2)));
    assert!(ends.iter().all(|end| end["complete"] == true && end["form"] == "state"));
    let members = json!({
        "org_unit": ["Uuid", "Name", "ParentOrgUnitUuid"],
        "user": ["Uuid", "UserId", "/Person/Name", "PhoneNumber", "Email", "Positions"],
    });
    assert_eq!(ends[1]["members"], members);
}

#[test]
fn an_empty_registry_is_two_whole_segments() {
    let ran = extract(&Os2sync::start(quick())).run().with_status(0);
    assert_eq!(ran.records(), [] as [Value; 0]);
    assert!(ran.ends().len() == 2 && ran.ends().iter().all(|end| end["complete"] == true));
}

#[test]
fn units_alone_are_asked_for_without_users() {
    let os2sync = registry(quick(), 2);
    let ran = extract(&os2sync).args(["--kind", "org_unit", "--kind", "org_unit"]).run().with_status(0);
    assert_eq!((ran.records().len(), ran.ends().len()), (3, 1));
    assert_eq!(keys(&extract(&os2sync).args(["--kind", "user"]).run().with_status(0), "user").len(), 2);
}

#[test]
fn uuids_are_in_lower_case_and_soft_deleted_objects_are_left_out() {
    let os2sync = registry(quick(), 2);
    let mut deleted = user(150, &[2]);
    deleted["Status"] = json!(2);
    os2sync.place_user(&deleted);
    os2sync.place_user(&json!({
        "Uuid": uuid(0xabc), "UserId": "x", "Person": { "Name": "Bo" },
        "Positions": [{ "Name": "A", "OrgUnitUuid": uuid(0xdef).to_uppercase() }],
    }));
    let ran = extract(&os2sync).args(["--kind", "user"]).run().with_status(0);
    assert_eq!(keys(&ran, "user"), [uuid(100), uuid(101), uuid(0xabc)]);
    assert_eq!(ran.records()[2]["Positions"][0]["OrgUnitUuid"], uuid(0xdef));
}

#[test]
fn a_limit_makes_it_partial() {
    let ran = extract(&registry(quick(), 4)).args(["--limit", "3"]).run().with_status(0);
    assert_eq!((keys(&ran, "org_unit").len(), keys(&ran, "user").len()), (3, 3));
    assert_eq!((&ran.ends()[0]["complete"], &ran.ends()[1]["complete"]), (&json!(true), &json!(false)));
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let os2sync = registry(quick(), 5000);
    let mut cli = extract(&os2sync);
    let mut child = cli.spawn();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    lines.read_line(&mut first).unwrap();
    drop(lines);
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
}
