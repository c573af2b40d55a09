//! A POST replaces the whole object: what OS2mo cannot know stays as the registry has it.

use super::*;
use muster_tests::simulator::{Fault, Rule};

/// The body of the only write.
fn sent(town_hall: &Town) -> Value {
    let mut writes = town_hall.writes();
    assert_eq!(writes.len(), 1, "{writes:?}");
    writes.pop().unwrap().body
}

/// Unit 2 as somebody else filled it in, below unit 1.
fn with_unit(members: Value) -> Town {
    let town_hall = Town::new();
    town_hall.os2sync.place_unit(&json!({ "Uuid": uuid(1), "Name": "Top" }));
    let mut unit = json!({ "Uuid": uuid(2), "Name": "Gammel", "ParentOrgUnitUuid": uuid(1) });
    unit.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    town_hall.os2sync.place_unit(&unit);
    town_hall
}

fn with_user(members: Value) -> Town {
    let town_hall = with_unit(json!({}));
    let mut user = json!({
        "Uuid": uuid(100), "UserId": "u100", "Person": { "Name": "Åse" },
        "Positions": [{ "Name": "Leder", "OrgUnitUuid": uuid(2) }],
    });
    user.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    town_hall.os2sync.place_user(&user);
    town_hall
}

fn push_one(town_hall: &Town, arguments: &[&str], line: Value) -> Value {
    town_hall.push_with(arguments, state(&[line])).with_status(0);
    sent(town_hall)
}

#[test]
fn each_kept_member_stays_when_ours_is_empty_or_absent() {
    let kept = [
        ("Tasks", json!([uuid(9)]), json!([])),
        ("ShortKey", json!("kort"), json!("")),
        ("PayoutUnitUuid", json!(uuid(1)), Value::Null),
        ("ContactPlaces", json!([uuid(1)]), json!([])),
        ("ContactOpenHours", json!("8-16"), Value::Null),
        ("SOR", json!("sor"), json!("")),
        ("Type", json!("TEAM"), Value::Null),
        ("LOSId", json!("los"), Value::Null),
        ("FOA", json!("foa"), Value::Null),
        ("EmailRemarks", json!("kun hverdage"), json!("")),
        ("PostReturn", json!("Retur 1"), Value::Null),
        ("PostSecondary", json!("Sekundær 1"), Value::Null),
    ];
    for (name, value, empty) in kept {
        // The registry takes a second postal address only beside a first one.
        let town_hall = with_unit(json!({ name: value.clone(), "Post": "Vej 1" }));
        let mut line = unit(2, Some(1));
        line["Post"] = json!("Vej 1");
        assert_eq!(push_one(&town_hall, &[], line.clone())[name], value, "{name} absent");
        line[name] = empty;
        line["Email"] = json!("ny@example.org");
        assert_eq!(push_one(&town_hall, &[], line)[name], value, "{name} empty");
    }
}

#[test]
fn what_ours_say_wins() {
    let town_hall = with_unit(json!({ "Tasks": [uuid(9)], "SOR": "sor", "Type": "TEAM" }));
    let mut line = unit(2, Some(1));
    line["Tasks"] = json!([uuid(8)]);
    line["SOR"] = json!("ny");
    line["Type"] = json!("DEPARTMENT");
    let body = push_one(&town_hall, &[], line);
    assert_eq!(
        (&body["Tasks"], &body["SOR"], &body["Type"]),
        (&json!([uuid(8)]), &json!("ny"), &json!("DEPARTMENT"))
    );
}

#[test]
fn los_short_name_is_always_the_registrys() {
    let mut line = unit(2, Some(1));
    line["LOSShortName"] = json!("vores");
    assert_eq!(
        push_one(&with_unit(json!({ "LOSShortName": "P1" })), &[], line.clone())["LOSShortName"],
        "P1"
    );
    assert_eq!(push_one(&with_unit(json!({})), &[], line.clone()).get("LOSShortName"), None);
    // A new unit is made as the record says.
    let town_hall = Town::new();
    town_hall.os2sync.place_unit(&json!({ "Uuid": uuid(1), "Name": "Top" }));
    assert_eq!(push_one(&town_hall, &[], line)["LOSShortName"], "vores");
}

#[test]
fn other_members_go_when_the_record_empties_them_and_stay_when_it_lacks_them() {
    let others = json!({
        "Email": "gammel@example.org", "ItSystems": [uuid(7)], "ManagerUuid": uuid(8), "PNR": "1", "Url": "https://example.org",
    });
    let town_hall = with_unit(others.clone());
    let mut line = unit(2, Some(1));
    let body = push_one(&town_hall, &[], line.clone());
    for (name, value) in others.as_object().unwrap() {
        assert_eq!(body[name], *value, "{name}");
        line[name] = if value.is_array() { json!([]) } else { Value::Null };
    }
    push_one(&town_hall, &[], line);
    let stored = town_hall.os2sync.registry().unit(&uuid(2)).unwrap();
    for (name, value) in others.as_object().unwrap() {
        assert!(stored[name].is_null() || stored[name] == json!([]), "{name} {value}");
    }
}

#[test]
fn what_a_spec_leaves_alone_stays() {
    let town_hall = with_unit(json!({ "ItSystems": [uuid(7)], "ManagerUuid": uuid(8) }));
    let organisation = json!({
        "_kind": "org_unit", "_key": uuid(2), "uuid": uuid(2), "name": "Ny", "ancestors": [{ "uuid": uuid(1), "itusers": [] }],
        "addresses": [], "itusers": [], "managers": [], "kles": [],
    });
    let settings = ["--set", "send_it_systems=false", "--set"];
    let top = format!("top_unit_uuid={}", uuid(1));
    let mapped = Cli::new("map").args(["--spec", "os2sync"]).args(settings).args([&top]);
    let mapped = mapped.stdin(state(&[organisation])).run().with_status(0).stdout;
    town_hall.push(mapped).with_status(0);
    let stored = town_hall.os2sync.registry().unit(&uuid(2)).unwrap();
    assert_eq!((&stored["ItSystems"], &stored["ManagerUuid"]), (&json!([uuid(7)]), &json!(uuid(8))));
    assert_eq!(stored["Name"], "Ny");
}

#[test]
fn a_user_that_is_read_keeps_what_the_record_lacks() {
    let town_hall = with_user(json!({ "RacfID": "R1", "FMKID": "F1", "Landline": "7" }));
    let mut line = user(100, &[2]);
    line.as_object_mut().unwrap().shift_remove("IsRobot");
    line["Landline"] = Value::Null;
    let body = push_one(&town_hall, &[], line);
    assert_eq!(
        (&body["RacfID"], &body["FMKID"], &body["Landline"]),
        (&json!("R1"), &json!("F1"), &Value::Null)
    );
}

#[test]
fn the_list_can_be_set() {
    let town_hall = with_unit(json!({ "ItSystems": [uuid(7)], "SOR": "sor" }));
    let mut line = unit(2, Some(1));
    (line["ItSystems"], line["SOR"]) = (json!([]), json!(""));
    let body = push_one(&town_hall, &["--keep", "ItSystems,FOA"], line);
    assert_eq!((&body["ItSystems"], &body["SOR"]), (&json!([uuid(7)]), &json!("")));
    let ran = town_hall.push_with(&["--keep", "ItSystem"], state(&[])).with_status(64);
    assert!(ran.stderr.contains("did you mean 'ItSystems'?"), "{}", ran.stderr);
}

#[test]
fn a_robot_stays_a_robot() {
    let mut line = user(100, &[2]);
    line.as_object_mut().unwrap().shift_remove("IsRobot");
    let town_hall = with_user(json!({ "IsRobot": true }));
    assert_eq!(push_one(&town_hall, &[], line.clone())["IsRobot"], true);
    // Whoever does not want users to be read says so.
    let town_hall = with_user(json!({ "IsRobot": true }));
    assert_eq!(push_one(&town_hall, &["--keep", "Tasks"], line).get("IsRobot"), None);
    assert_eq!(town_hall.os2sync.seen().len(), 0);
}

#[test]
fn a_user_whose_record_says_all_is_not_read() {
    let town_hall = with_user(json!({}));
    town_hall.push(state(&[user(100, &[2])])).with_status(0);
    let methods: Vec<String> = town_hall.os2sync.seen().into_iter().map(|seen| seen.method).collect();
    assert_eq!(methods, ["POST"]);
}

#[test]
fn unknown_members_keep_the_registrys_value() {
    let town_hall = with_user(
        json!({ "Email": "a@example.org", "Landline": "7", "Person": { "Name": "Åse", "Cpr": "0101011234" } }),
    );
    let mut line = user(100, &[2]);
    line["_unknown"] = json!(["/Email", "/Person/Cpr"]);
    let body = push_one(&town_hall, &[], line);
    assert_eq!(body["Email"], "a@example.org");
    assert_eq!(body["Person"], json!({ "Name": "Åse 100", "Cpr": "0101011234" }));
    assert_eq!(body["Landline"], "7");
}

#[test]
fn an_unknown_parent_keeps_the_registrys_and_makes_no_root() {
    let mut line = unit(2, None);
    line.as_object_mut().unwrap().shift_remove("ParentOrgUnitUuid");
    line["_unknown"] = json!(["/ParentOrgUnitUuid"]);
    let body = push_one(&with_unit(json!({})), &["--top-unit", &uuid(1)], line.clone());
    assert_eq!(body["ParentOrgUnitUuid"], uuid(1));
    // A new unit cannot be made without knowing its parent.
    let town_hall = Town::new();
    let ran = town_hall.push(state(&[line])).with_status(1);
    assert_eq!(counts(&ran), counted([("found", 1), ("skipped", 1)]));
    assert!(town_hall.writes().is_empty());
}

#[test]
fn a_unit_that_cannot_be_read_is_not_replaced() {
    let town_hall = with_unit(json!({ "SOR": "sor" }));
    town_hall
        .os2sync
        .faults()
        .add(Rule::always(Fault::Text(400, "registry down".to_owned())).path("/orgUnit/"));
    let ran = town_hall.push(state(&[unit(2, Some(1))])).with_status(1);
    let error = result(&ran, 2)["error"].clone();
    assert_eq!(error, "the object as it is cannot be read: the server answered 400: registry down");
    assert!(town_hall.writes().is_empty());
}

#[test]
fn a_garbled_current_object_is_not_built_upon() {
    let other = json!({ "Uuid": uuid(3), "Name": "En anden" }).to_string();
    for said in ["<html>", "", "null", "[]", "{}", r#"{"Uuid":7}"#, r#"{"error":"log in"}"#, &other] {
        let town_hall = with_unit(json!({ "LOSShortName": "P1" }));
        town_hall.os2sync.faults().add(Rule::always(Fault::Text(200, said.to_owned())).path("/orgUnit/"));
        let ran = town_hall.push(state(&[unit(2, Some(1))])).with_status(76);
        assert!(town_hall.writes().is_empty(), "{said}");
        let error = result(&ran, 2)["error"].as_str().unwrap().to_owned();
        assert!(error.contains("not the object that was asked for"), "{error}");
    }
}
