//! The hierarchy: started, polled, fetched once.

use crate::client::{
    Answer, BELOW, OTHER, TOP, UNKNOWN, USER, delete, get, plain, push, send, started, user, with, without,
};
use muster_tests::simulator::os2sync::{Options, Os2sync};
use serde_json::{Value, json};

fn quick() -> Options {
    Options { hierarchy_polls: 0, ..Options::default() }
}

/// Start a hierarchy and fetch its result from a server that needs no time.
fn fetched(os2sync: &Os2sync, headers: &[(&str, &str)]) -> Value {
    let uuid = send("GET", &format!("{}/hierarchy", os2sync.api_url()), headers, "").text;
    get(os2sync, &format!("/hierarchy/{uuid}")).json()
}

fn hierarchy(os2sync: &Os2sync) -> Value {
    fetched(os2sync, &[("Cvr", "12345678")])
}

#[test]
fn a_start_answers_a_uuid_as_plain_text() {
    let Answer { status, content_type, text } = get(&plain(), "/hierarchy");
    assert_eq!((status, content_type.as_str(), text.len()), (200, "text/plain; charset=utf-8", 36));
}

#[test]
fn a_result_is_404_until_ready_then_there_once() {
    let os2sync = plain();
    let path = format!("/hierarchy/{}", get(&os2sync, "/hierarchy").text);
    let statuses: Vec<u16> = (0..5).map(|_| get(&os2sync, &path).status).collect();
    assert_eq!(statuses, [404, 404, 200, 404, 404]);
    assert_eq!(get(&os2sync, &format!("/hierarchy/{UNKNOWN}")).status, 404);
}

#[test]
fn results_not_fetched_are_lost_after_an_hour() {
    let os2sync = started(quick());
    let path = format!("/hierarchy/{}", get(&os2sync, "/hierarchy").text);
    os2sync.change(|registry| registry.forget_hierarchies());
    assert_eq!(get(&os2sync, &path).status, 404);
}

#[test]
fn it_shows_units_and_users_with_the_units_uuid_in_positions() {
    let os2sync = started(quick());
    push(&os2sync, "/user", &with(with(user(), "PhoneNumber", json!("11")), "Landline", json!("22")));
    let answer = hierarchy(&os2sync);
    assert_eq!((&answer["Status"], answer["Created"].is_string()), (&json!(0), true));
    let expected = json!({
        "OUs": [
            { "Uuid": TOP, "Name": "Kommune", "ParentOU": null },
            { "Uuid": BELOW, "Name": "Borgerservice", "ParentOU": TOP },
            { "Uuid": OTHER, "Name": "Borgerservice", "ParentOU": TOP },
        ],
        "Users": [{
            "Uuid": USER, "UserId": "anna", "Name": "Anna Andersen",
            "Positions": [{ "Uuid": BELOW, "Name": "Leder" }], "Email": null, "Telephone": "11", "Status": 1,
        }],
    });
    assert_eq!(answer["Result"], expected);
}

#[test]
fn with_only_ous_users_are_empty() {
    let os2sync = started(quick());
    push(&os2sync, "/user", &user());
    let answer = fetched(&os2sync, &[("Cvr", "12345678"), ("onlyOUs", "true")]);
    assert_eq!((&answer["Result"]["Users"], &answer["Status"]), (&json!([]), &json!(0)));
    assert_eq!(answer["Result"]["OUs"].as_array().unwrap().len(), 3);
}

#[test]
fn users_without_a_person_name_are_left_out() {
    let os2sync = started(quick());
    os2sync.place_user(&without(user(), "Person"));
    assert_eq!(hierarchy(&os2sync)["Result"]["Users"], json!([]));
}

#[test]
fn what_is_deleted_or_passivated_is_left_out() {
    let os2sync = started(quick());
    push(&os2sync, "/user", &user());
    delete(&os2sync, &format!("/user/{USER}"));
    delete(&os2sync, &format!("/orgUnit/{OTHER}"));
    let result = hierarchy(&os2sync)["Result"].clone();
    assert_eq!((result["Users"].clone(), result["OUs"].as_array().unwrap().len()), (json!([]), 2));
}

#[test]
fn it_shows_the_registry_as_it_was_at_the_start() {
    let os2sync = started(quick());
    let uuid = get(&os2sync, "/hierarchy").text;
    push(&os2sync, "/user", &user());
    let answer = get(&os2sync, &format!("/hierarchy/{uuid}")).json();
    assert_eq!(answer["Result"]["Users"], json!([]));
}

#[test]
fn a_failure_is_status_1_without_a_result() {
    for options in [Options { hierarchy_fails: true, ..quick() }, Options { registry_down: true, ..quick() }]
    {
        let answer = hierarchy(&started(options));
        assert_eq!((&answer["Status"], &answer["Result"]), (&json!(1), &Value::Null));
    }
}
