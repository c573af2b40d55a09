//! Routes, keys and CVR numbers.

use crate::client::{BELOW, call, delete, get, plain, post, send, started, top, unit, user};
use muster_tests::simulator::os2sync::Options;
use serde_json::json;

fn status(options: Options, headers: &[(&str, &str)]) -> (u16, String) {
    let os2sync = started(options);
    let answer = send("GET", &format!("{}/user/all", os2sync.api_url()), headers, "");
    (answer.status, answer.text)
}

fn keyed() -> Options {
    Options { api_key: Some("key".to_owned()), ..Options::default() }
}

#[test]
fn without_cvr_401_with_empty_body() {
    assert_eq!(status(Options::default(), &[]), (401, String::new()));
}

#[test]
fn cvr_needs_eight_digits() {
    assert_eq!(status(Options::default(), &[("Cvr", "1234567")]).0, 401);
    assert_eq!(status(Options::default(), &[("Cvr", "1234567x")]).0, 401);
}

#[test]
fn a_default_cvr_makes_the_header_superfluous_and_overrides_it() {
    let options = Options {
        default_cvr: Some("11111111".to_owned()),
        cvr: Some("11111111".to_owned()),
        ..Options::default()
    };
    assert_eq!(status(options.clone(), &[]).0, 200);
    let os2sync = started(options);
    post(&os2sync, "/orgUnit", &unit(BELOW));
    assert!(os2sync.registry().failures().is_empty());
    assert_eq!(os2sync.registry().finished()[0].entry.cvr, "11111111");
}

#[test]
fn a_missing_or_wrong_key_401_with_empty_body() {
    assert_eq!(status(keyed(), &[("Cvr", "12345678")]), (401, String::new()));
    assert_eq!(status(keyed(), &[("Cvr", "12345678"), ("ApiKey", "other")]), (401, String::new()));
    assert_eq!(status(keyed(), &[("Cvr", "12345678"), ("ApiKey", "key")]).0, 200);
}

#[test]
fn without_a_configured_key_any_is_good() {
    assert_eq!(status(Options::default(), &[("Cvr", "12345678"), ("ApiKey", "any")]).0, 200);
}

#[test]
fn a_refused_write_leaves_no_trace() {
    let os2sync = started(keyed());
    assert_eq!(delete(&os2sync, &format!("/orgUnit/{BELOW}")).status, 401);
    assert!(os2sync.registry().writes().is_empty());
    assert_eq!(os2sync.registry().units().len(), 3);
}

#[test]
fn paths_match_in_any_case_and_with_a_slash_at_the_end() {
    let os2sync = plain();
    assert_eq!(post(&os2sync, "/ORGUNIT/", &top()).status, 200);
    assert_eq!(post(&os2sync, "/User/", &user()).status, 200);
    assert_eq!(get(&os2sync, &format!("/orgunit/{BELOW}/")).status, 200);
    assert_eq!(get(&os2sync, "/orgunit/ALL/").status, 200);
    assert_eq!(get(&os2sync, "/Hierarchy/").status, 200);
    assert_eq!(get(&os2sync, "/DTRID").status, 200);
    let upper = os2sync.api_url().replace("/api", "/API/user/all");
    assert_eq!(send("GET", &upper, &[("cvr", "12345678")], "").status, 200);
}

#[test]
fn property_names_match_in_any_case_and_unknown_ones_are_ignored() {
    let os2sync = plain();
    let sent =
        json!({ "uuid": BELOW, "NAME": "Ny", "parentorgunituuid": null, "is_primary": true, "PostX": 1 });
    let answer = post(&os2sync, "/orgUnit", &sent).json();
    assert_eq!((&answer["Uuid"], &answer["Name"]), (&json!(BELOW), &json!("Ny")));
    assert!(
        answer.get("is_primary").is_none() && answer.get("uuid").is_none() && answer.get("PostX").is_none()
    );
}

#[test]
fn health_stands_outside_api_and_asks_for_nothing() {
    let os2sync = started(keyed());
    assert_eq!(send("GET", &format!("{}/manage/health", os2sync.url()), &[], "").status, 200);
}

#[test]
fn there_is_no_list_without_all_and_no_patch() {
    let os2sync = plain();
    assert_eq!(get(&os2sync, "/user").status, 400);
    assert_eq!(get(&os2sync, "/orgUnit/").text, "uuid is null or empty");
    assert_eq!(call(&os2sync, "PATCH", &format!("/orgUnit/{BELOW}"), "{}").status, 405);
    assert_eq!(get(&os2sync, "/nothing/at/all").status, 404);
}
