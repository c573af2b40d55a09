//! Bad inputs: what is wrong is named and kept, the rest goes on.

use super::*;

/// Push a town with one more line, without an end; the first result that is about no good object.
fn reject(line: &str) -> String {
    let town_hall = Town::new();
    let good: String = town(1).iter().map(|line| format!("{line}\n")).collect();
    let ran = town_hall.push_with(&["--assume-complete", "--rejects", "rejects"], format!("{good}{line}\n"));
    assert!(matches!(ran.status, 1 | 4), "{line}: {} {}", ran.status, ran.stderr);
    assert_eq!(counts(&ran)["created"], 5, "{line}");
    assert_eq!(text(&town_hall.path("rejects")).lines().count(), 2, "{line}");
    let failed = ran.records().into_iter().find(|line| line["status"] == "failed").expect("a failed line");
    assert_eq!(failed["line"], 6);
    failed["error"].as_str().unwrap().to_owned()
}

fn reject_user(change: impl FnOnce(&mut Value)) -> String {
    let mut line = user(200, &[1]);
    change(&mut line);
    reject(&line.to_string())
}

#[test]
fn lines_that_are_none_are_rejected() {
    assert!(reject("garbage").starts_with("not a JSON object"));
    assert!(reject("{\"_kind\":\"user\",\"_key\":\"").starts_with("not a JSON object"));
    assert!(reject("[1,2]").contains("not an object but an array"));
    assert!(reject("\u{0}\u{1}").starts_with("not a JSON object"));
    assert_eq!(reject("{\"_kind\":\"user\"}"), "there is no '_key' that is a non-empty string");
    assert_eq!(reject("{\"_kind\":\"car\",\"_key\":\"1\"}"), "the target has no 'car'");
    assert!(
        reject(&format!("{{\"_kind\":\"user\",\"_key\":\"{}\",\"a\":1,\"a\":2}}", uuid(9)))
            .contains("stands twice")
    );
}

#[test]
fn what_the_server_would_refuse_is_rejected_in_its_words() {
    assert_eq!(reject_user(|user| user["Person"] = json!(null)), "Person.Name is null or empty");
    assert_eq!(reject_user(|user| user["Person"]["Name"] = json!("")), "Person.Name is null or empty");
    assert_eq!(reject_user(|user| user["UserId"] = json!(null)), "UserId is null or empty");
    assert!(reject_user(|user| user["Positions"] = json!([])).starts_with("Positions is null or empty"));
    assert_eq!(
        reject_user(|user| user["Positions"][0]["OrgUnitUuid"] = json!(null)),
        "Position Name or OrgUnitUUID is null"
    );
    assert_eq!(reject_user(|user| user["UserId"] = json!(7)), "UserId is no string");
    assert_eq!(
        reject_user(|user| user["Email"] = json!("a".repeat(256))),
        "Email has 256 characters, the registry takes 255"
    );
    assert_eq!(
        reject_user(|user| user["ShortKey"] = json!("a".repeat(51))),
        "ShortKey has 51 characters, the registry takes 50"
    );
    assert_eq!(
        reject_user(|user| user["Person"]["Cpr"] = json!("010101-1234")),
        "Person has a Cpr has not ten digits"
    );
    assert_eq!(
        reject_user(|user| user["Positions"][0]["OrgUnitUuid"] = json!("x")),
        "Positions has an item: OrgUnitUuid 'x' is no uuid"
    );
    assert_eq!(reject_user(|user| user["_key"] = json!("jens")), "the key 'jens' is no uuid");
    assert_eq!(reject_user(|user| user["Uuid"] = json!(uuid(7))), "'Uuid' is another one than '_key'");
    let huge = reject_user(|user| user["UserId"] = json!("x".repeat(3_000_000)));
    assert_eq!(huge, "UserId has 3000000 characters, the registry takes 255");
}

#[test]
fn a_key_that_comes_twice_is_unknown() {
    let town_hall = Town::new();
    let mut lines = town(3);
    let mut twin = user(100, &[2]);
    twin["_key"] = json!(uuid(100).to_uppercase());
    lines.push(twin);
    let ran = town_hall.push_with(&["--rejects", "rejects"], state(&lines)).with_status(1);
    assert_eq!(counts(&ran), counted([("found", 8), ("created", 6), ("unknown", 2)]));
    let errors: Vec<Value> = ran
        .records()
        .into_iter()
        .filter(|line| line["status"] == "skipped")
        .map(|line| line["error"].clone())
        .collect();
    assert_eq!(errors, ["the key stands also in line 8", "the key stands also in line 5"]);
    let rejects = text(&town_hall.path("rejects"));
    assert!(rejects.contains("\"line\":5") && rejects.contains("\"line\":8"), "{rejects}");
    assert_eq!(town_hall.os2sync.registry().users().len(), 2);
}

#[test]
fn uuids_are_sent_in_lower_case_and_positions_once() {
    let town_hall = Town::new();
    let upper = |n| json!(uuid(n).to_uppercase());
    let mut below = unit(0xb, Some(0xa));
    below["_key"] = upper(0xb);
    below["ParentOrgUnitUuid"] = upper(0xa);
    below["Tasks"] = json!([upper(0xc)]);
    let mut person = user(0xd, &[0xb, 0xb]);
    person["Positions"][1]["OrgUnitUuid"] = upper(0xb);
    town_hall.push(state(&[unit(0xa, None), below, person])).with_status(0);
    assert!(town_hall.os2sync.registry().failures().is_empty());
    let writes = town_hall.writes();
    assert_eq!(writes[1].body["Uuid"], uuid(0xb));
    assert_eq!(writes[1].body["ParentOrgUnitUuid"], uuid(0xa));
    assert_eq!(writes[1].body["Tasks"], json!([uuid(0xc)]));
    assert_eq!(writes[2].body["Positions"].as_array().unwrap().len(), 1);
}

#[test]
fn units_that_lie_in_a_circle_are_refused() {
    let town_hall = Town::new();
    let ran = town_hall
        .push(state(&[unit(1, None), unit(2, Some(3)), unit(3, Some(2)), unit(4, Some(4))]))
        .with_status(1);
    assert_eq!(counts(&ran), counted([("found", 4), ("created", 1), ("failed", 3)]));
    assert_eq!(result(&ran, 4)["error"], "its containers form a circle");
}

#[test]
fn a_parent_outside_the_input_is_taken_for_there() {
    let town_hall = Town::new();
    town_hall.os2sync.place_unit(&json!({ "Uuid": uuid(1), "Name": "Top" }));
    town_hall.push(state(&[unit(2, Some(1))])).with_status(0);
    assert!(town_hall.os2sync.registry().failures().is_empty());
}

#[test]
fn an_empty_input_is_partial() {
    let town_hall = Town::new();
    let ran = town_hall.push("").with_status(4);
    assert!(ran.stderr.contains("the input is empty"), "{}", ran.stderr);
}

#[test]
fn segments_of_both_forms_are_bad_data() {
    let town_hall = Town::new();
    town_hall.push(format!("{}{}", state(&town(1)), changes(&[]))).with_status(65);
    assert!(town_hall.os2sync.seen().is_empty());
}

#[test]
fn a_member_that_the_server_would_pass_over_is_warned_of_once() {
    let town_hall = Town::new();
    let mut lines = town(3);
    for line in &mut lines[4..] {
        line["email"] = json!("x@example.org");
    }
    let ran = town_hall.push(state(&lines)).with_status(0);
    assert_eq!(ran.stderr.matches("OS2sync knows no member 'email' of a user").count(), 1, "{}", ran.stderr);
}

#[test]
fn the_input_is_not_taken_for_the_rejects_file() {
    let town_hall = Town::new();
    std::fs::write(town_hall.path("in"), state(&town(1))).unwrap();
    town_hall.push_with(&["--rejects", "./in", "in"], "").with_status(64);
    assert_eq!(text(&town_hall.path("in")), state(&town(1)));
}
