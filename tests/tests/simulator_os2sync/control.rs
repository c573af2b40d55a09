//! The control path for shells, and faults.

use crate::client::{Answer, BELOW, TOP, USER, delete, get, plain, post, send, started, top, unit, user};
use muster_tests::simulator::os2sync::{Options, Os2sync};
use muster_tests::simulator::{Fault, Rule};
use serde_json::{Value, json};

fn control(os2sync: &Os2sync, method: &str, path: &str, body: &str) -> Answer {
    send(method, &format!("{}/simulator/{path}", os2sync.url()), &[], body)
}

fn dump(os2sync: &Os2sync) -> Value {
    control(os2sync, "GET", "registry", "").json()
}

#[test]
fn a_shell_sees_the_registry() {
    let os2sync = plain();
    post(&os2sync, "/user", &user());
    delete(&os2sync, "/orgUnit/30000000-0000-0000-0000-00000000000c");
    let dump = dump(&os2sync);
    assert_eq!((&dump["users"][0]["Uuid"], &dump["root"]), (&json!(USER), &json!(TOP)));
    assert_eq!(dump["units"].as_array().unwrap().len(), 2);
    assert_eq!(dump["deleted"], json!([["orgUnit", "30000000-0000-0000-0000-00000000000c"]]));
    assert_eq!((&dump["passivated"], &dump["failures"]), (&json!([]), &json!([])));
    assert_eq!(dump["requests"].as_array().unwrap().len(), 2);
}

#[test]
fn a_shell_places_objects_and_settles() {
    let os2sync = started(Options { immediate: false, ..Options::default() });
    let units = json!([top(), unit(BELOW)]).to_string();
    assert_eq!(control(&os2sync, "POST", "units", &units).status, 200);
    assert_eq!(control(&os2sync, "POST", "users", &user().to_string()).status, 200);
    assert_eq!(control(&os2sync, "POST", "users", "no json").status, 400);
    delete(&os2sync, &format!("/user/{USER}"));
    assert_eq!(dump(&os2sync)["users"][0]["Uuid"], USER);
    assert_eq!(control(&os2sync, "POST", "settle", "").status, 200);
    assert_eq!(dump(&os2sync)["users"], json!([]));
}

#[test]
fn a_shell_changes_the_options() {
    let os2sync = plain();
    let failing = json!({ "hierarchy_fails": true, "hierarchy_polls": 0 }).to_string();
    assert_eq!(control(&os2sync, "PATCH", "options", &failing).status, 200);
    let path = format!("/hierarchy/{}", get(&os2sync, "/hierarchy").text);
    assert_eq!(get(&os2sync, &path).json()["Status"], 1);
    assert_eq!(dump(&os2sync)["options"]["hierarchy_fails"], true);
    for wrong in ["no json", r#"{"hierarchy_fail":true}"#, r#"{"threads":"x"}"#] {
        assert_eq!(control(&os2sync, "PATCH", "options", wrong).status, 400, "{wrong}");
    }
}

#[test]
fn a_shell_sees_what_became_of_each_entry() {
    let os2sync = plain();
    post(&os2sync, "/user", &user());
    get(&os2sync, "/user/all");
    post(&os2sync, "/user", &user());
    let finished = dump(&os2sync)["finished"].clone();
    let outcomes: Vec<&Value> = finished.as_array().unwrap().iter().map(|one| &one["outcome"]).collect();
    assert_eq!(outcomes, ["done", "skipped"]);
}

#[test]
fn an_object_can_be_placed_as_deleted() {
    let os2sync = plain();
    let mut deleted = user();
    deleted["Status"] = json!(2);
    os2sync.place_user(&deleted);
    assert_eq!(get(&os2sync, &format!("/user/{USER}")).status, 404);
    assert_eq!(get(&os2sync, "/user/all").json(), json!([]));
}

#[test]
fn faults_hit_the_api_and_the_control_path_is_not_seen() {
    let os2sync = plain();
    os2sync.faults().add(Rule::once(Fault::Status(503)).path("/api/user"));
    assert_eq!(post(&os2sync, "/user", &user()).status, 503);
    assert_eq!(post(&os2sync, "/user", &user()).status, 200);
    dump(&os2sync);
    let seen: Vec<String> = os2sync.seen().into_iter().map(|seen| seen.path_and_query).collect();
    assert_eq!(seen, ["/api/user", "/api/user"]);
    assert_eq!(os2sync.registry().writes().len(), 1);
}
