//! What becomes of users in the registry.

use crate::client::{
    BELOW, OTHER, TOP, UNKNOWN, USER, call, delete, get, plain, post, push, started, user, with, without,
};
use muster_tests::simulator::os2sync::{Kind, Options, Os2sync};
use serde_json::{Value, json};

fn stored(os2sync: &Os2sync) -> Value {
    os2sync.registry().user(USER).unwrap()
}

fn positions(list: Value) -> Value {
    with(user(), "Positions", list)
}

#[test]
fn a_post_answers_the_object_as_parsed_with_every_field() {
    let answer = post(&plain(), "/user", &user()).json();
    let expected = json!({
        "Uuid": USER, "ShortKey": null, "UserId": "anna", "PhoneNumber": null, "Landline": null, "Email": null,
        "Location": null, "RacfID": null, "FMKID": null, "IsRobot": false,
        "Positions": [{ "Name": "Leder", "OrgUnitUuid": BELOW, "StartDate": null, "StopDate": null }],
        "Person": { "Name": "Anna Andersen", "Cpr": null, "Uuid": null },
        "Status": 0, "Timestamp": null,
    });
    assert_eq!(answer, expected);
}

#[test]
fn a_get_gives_the_stored_object_and_unknown_ones_404() {
    let os2sync = plain();
    push(&os2sync, "/user", &with(user(), "Email", json!("anna@example.org")));
    let answer = get(&os2sync, &format!("/user/{USER}"));
    assert_eq!((answer.status, &answer.json()["Email"]), (200, &json!("anna@example.org")));
    assert_eq!(answer.json()["Status"], 1);
    assert_eq!(get(&os2sync, &format!("/user/{UNKNOWN}")).status, 404);
}

#[test]
fn null_removes_the_stored_value_and_a_post_replaces_all() {
    let os2sync = plain();
    let full = with(with(user(), "Email", json!("a@example.org")), "RacfID", json!("R1"));
    push(&os2sync, "/user", &full);
    push(&os2sync, "/user", &with(full, "Email", Value::Null));
    assert_eq!((&stored(&os2sync)["Email"], &stored(&os2sync)["RacfID"]), (&Value::Null, &json!("R1")));
    push(&os2sync, "/user", &user());
    assert_eq!(stored(&os2sync)["RacfID"], Value::Null);
}

#[test]
fn a_short_key_is_generated_and_null_keeps_it() {
    let os2sync = plain();
    push(&os2sync, "/user", &user());
    assert!(stored(&os2sync)["ShortKey"].is_string());
    push(&os2sync, "/user", &with(with(user(), "ShortKey", json!("AA")), "UserId", json!("anna2")));
    push(&os2sync, "/user", &with(user(), "UserId", json!("anna3")));
    assert_eq!(stored(&os2sync)["ShortKey"], "AA");
}

#[test]
fn without_is_robot_a_robot_becomes_a_person() {
    let os2sync = plain();
    push(&os2sync, "/user", &with(user(), "IsRobot", json!(true)));
    assert_eq!(stored(&os2sync)["IsRobot"], true);
    push(&os2sync, "/user", &user());
    assert_eq!(stored(&os2sync)["IsRobot"], false);
}

#[test]
fn the_uuids_of_user_and_positions_are_lower_cased() {
    let os2sync = plain();
    let position = json!({ "Name": "Leder", "OrgUnitUuid": BELOW.to_uppercase() });
    push(&os2sync, "/user", &with(positions(json!([position])), "Uuid", json!(USER.to_uppercase())));
    assert_eq!(stored(&os2sync)["Positions"][0]["OrgUnitUuid"], BELOW);
}

#[test]
fn a_position_begins_today_unless_it_says_otherwise() {
    let os2sync = plain();
    let dated =
        json!({ "Name": "Vikar", "OrgUnitUuid": OTHER, "StartDate": "2026-03-01", "StopDate": "2026-05-31" });
    push(&os2sync, "/user", &positions(json!([{ "Name": "Leder", "OrgUnitUuid": BELOW }, dated])));
    let begun = json!({ "Name": "Leder", "OrgUnitUuid": BELOW, "StartDate": "2026-01-01", "StopDate": null });
    assert_eq!(stored(&os2sync)["Positions"], json!([begun, dated]));
}

#[test]
fn a_changed_title_ends_the_position_and_begins_another() {
    let os2sync = plain();
    push(&os2sync, "/user", &user());
    push(&os2sync, "/user", &positions(json!([{ "Name": "Chef", "OrgUnitUuid": BELOW }])));
    assert_eq!(stored(&os2sync)["Positions"][0]["Name"], "Chef");
    let ended = os2sync.registry().ended_positions().to_vec();
    assert_eq!((ended.len(), &ended[0].position["Name"]), (1, &json!("Leder")));
}

#[test]
fn dates_are_compared_only_when_a_start_is_given() {
    let os2sync = plain();
    let dated = |start: Value| json!([{ "Name": "Leder", "OrgUnitUuid": BELOW, "StartDate": start }]);
    push(&os2sync, "/user", &positions(dated(json!("2025-01-01"))));
    push(&os2sync, "/user", &positions(dated(Value::Null)));
    assert_eq!(stored(&os2sync)["Positions"][0]["StartDate"], "2025-01-01");
    push(&os2sync, "/user", &positions(dated(json!("2025-02-01"))));
    assert_eq!(stored(&os2sync)["Positions"][0]["StartDate"], "2025-02-01");
    assert_eq!(os2sync.registry().ended_positions().len(), 1);
}

#[test]
fn duplicate_positions_stay_for_good() {
    let os2sync = plain();
    let position = json!({ "Name": "Leder", "OrgUnitUuid": BELOW });
    push(&os2sync, "/user", &positions(json!([position, position])));
    assert_eq!(stored(&os2sync)["Positions"].as_array().unwrap().len(), 2);
    push(&os2sync, "/user", &user());
    assert_eq!(stored(&os2sync)["Positions"].as_array().unwrap().len(), 2);
}

#[test]
fn a_delete_ends_the_positions_and_keeps_the_object_inactive() {
    let os2sync = plain();
    push(&os2sync, "/user", &user());
    let answer = delete(&os2sync, &format!("/user/{USER}"));
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert_eq!((&stored(&os2sync)["Status"], &stored(&os2sync)["Positions"]), (&json!(2), &json!([])));
    assert_eq!(os2sync.registry().ended_positions().len(), 1);
    assert_eq!(os2sync.registry().deleted(), [(Kind::User, USER.to_owned())]);
    assert!(os2sync.registry().users().is_empty());
    assert_eq!(get(&os2sync, &format!("/user/{USER}")).status, 404);
}

#[test]
fn a_deleted_user_reads_as_status_2_when_the_server_is_so() {
    let os2sync = started(Options { deleted_is_404: false, ..Options::default() });
    push(&os2sync, "/user", &user());
    delete(&os2sync, &format!("/user/{USER}"));
    assert_eq!(get(&os2sync, &format!("/user/{USER}")).json()["Status"], 2);
}

#[test]
fn deleting_an_unknown_user_is_200_too() {
    let os2sync = plain();
    assert_eq!(delete(&os2sync, &format!("/user/{UNKNOWN}")).status, 200);
    assert!(os2sync.registry().failures().is_empty());
}

#[test]
fn a_post_revives_a_deleted_user() {
    let os2sync = plain();
    push(&os2sync, "/user", &user());
    delete(&os2sync, &format!("/user/{USER}"));
    os2sync.settle();
    push(&os2sync, "/user", &user());
    assert_eq!(stored(&os2sync)["Status"], 1);
    assert_eq!(stored(&os2sync)["Positions"].as_array().unwrap().len(), 1);
}

#[test]
fn a_passivated_user_is_gone_until_a_post_brings_it_back() {
    let os2sync = plain();
    push(&os2sync, "/user", &user());
    let answer = call(&os2sync, "POST", &format!("/user/passiver/{USER}"), "");
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert_eq!(os2sync.registry().passivated(), [(Kind::User, USER.to_owned())]);
    assert_eq!(get(&os2sync, &format!("/user/{USER}")).status, 404);
    push(&os2sync, "/user", &user());
    assert!(os2sync.registry().passivated().is_empty());
    assert_eq!(stored(&os2sync)["Status"], 1);
}

#[test]
fn a_position_in_an_unknown_unit_fails_later() {
    let os2sync = plain();
    push(&os2sync, "/user", &positions(json!([{ "Name": "Leder", "OrgUnitUuid": UNKNOWN }])));
    let failures = os2sync.registry().failures();
    assert_eq!((failures.len(), failures[0].kind, failures[0].uuid.as_str()), (1, Kind::User, USER));
    let text = "Invalid registration object - the following fields are invalid: Positions.OrgUnitUuid";
    assert_eq!(failures[0].text, text);
    assert!(os2sync.registry().users().is_empty());
}

#[test]
fn a_bad_uuid_fails_later() {
    let os2sync = plain();
    push(&os2sync, "/user", &with(user(), "Uuid", json!("anna")));
    let text = "Invalid registration object - the following fields are invalid: Uuid";
    assert_eq!(os2sync.registry().failures()[0].text, text);
}

#[test]
fn a_user_placed_by_somebody_else_is_read_like_any() {
    let os2sync = plain();
    os2sync.place_user(&without(positions(json!([{ "Name": "Leder", "OrgUnitUuid": TOP }])), "Person"));
    assert_eq!(get(&os2sync, &format!("/user/{USER}")).json()["Person"]["Name"], Value::Null);
    assert!(os2sync.registry().writes().is_empty());
}
