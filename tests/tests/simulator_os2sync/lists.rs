//! Lists, cleanup and the users with a DTR id.

use crate::client::{
    BELOW, OTHER, TOP, UNKNOWN, USER, delete, get, plain, post, push, started, unit, user, with,
};
use muster_tests::simulator::os2sync::{Operation, Options};
use serde_json::json;

#[test]
fn all_lists_the_uuids_of_active_objects() {
    let os2sync = plain();
    assert_eq!(get(&os2sync, "/user/all").json(), json!([]));
    push(&os2sync, "/user", &user());
    delete(&os2sync, &format!("/orgUnit/{OTHER}"));
    assert_eq!(get(&os2sync, "/user/all").json(), json!([USER]));
    assert_eq!(get(&os2sync, "/orgUnit/all").json(), json!([TOP, BELOW]));
}

#[test]
fn reads_are_400_with_text_while_the_registry_is_down() {
    let os2sync = started(Options { registry_down: true, ..Options::default() });
    for path in ["/user/all", "/orgUnit/all", &format!("/user/{USER}"), &format!("/orgUnit/{TOP}")] {
        let answer = get(&os2sync, path);
        assert_eq!(
            (answer.status, answer.content_type.as_str()),
            (400, "text/plain; charset=utf-8"),
            "{path}"
        );
    }
}

#[test]
fn cleanup_deletes_what_the_body_leaves_out_and_tells_what_is_unknown() {
    let os2sync = plain();
    let answer = post(&os2sync, "/orgUnit/cleanup", &json!([TOP, UNKNOWN]));
    assert_eq!((answer.status, answer.json()), (200, json!([UNKNOWN])));
    assert_eq!(get(&os2sync, "/orgUnit/all").json(), json!([TOP]));
    assert!(os2sync.registry().finished().iter().all(|finished| finished.entry.priority == 12));
    assert_eq!(os2sync.registry().writes()[0].operation, Operation::Cleanup);
}

#[test]
fn cleanup_compares_with_regard_to_case() {
    let os2sync = plain();
    push(&os2sync, "/user", &user());
    let upper = USER.to_uppercase();
    assert_eq!(post(&os2sync, "/user/cleanup", &json!([upper])).json(), json!([upper]));
    assert!(os2sync.registry().users().is_empty());
}

#[test]
fn a_dry_cleanup_only_answers() {
    let os2sync = plain();
    let answer = post(&os2sync, "/orgUnit/cleanup?dryrun=true", &json!([UNKNOWN]));
    assert_eq!(answer.json(), json!([UNKNOWN]));
    assert_eq!(os2sync.registry().units().len(), 3);
}

#[test]
fn dtr_id_lists_the_users_in_units_that_have_one() {
    let os2sync = plain();
    push(&os2sync, "/orgUnit", &with(unit(BELOW), "DtrId", json!("D1")));
    push(&os2sync, "/user", &user());
    push(&os2sync, "/user", &with(with(user(), "Uuid", json!(UNKNOWN)), "Positions", in_other()));
    let list = get(&os2sync, "/dtrId").json();
    assert_eq!((list.as_array().unwrap().len(), &list[0]["Uuid"]), (1, &json!(USER)));
    delete(&os2sync, &format!("/orgUnit/{BELOW}"));
    assert_eq!(get(&os2sync, "/dtrId").json(), json!([]));
}

fn in_other() -> serde_json::Value {
    json!([{ "Name": "Vikar", "OrgUnitUuid": OTHER }])
}
