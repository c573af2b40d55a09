//! What happens between 200 and the registry.

use crate::client::{
    BELOW, OTHER, TOP, UNKNOWN, USER, call, delete, get, plain, post, push, started, top, unit, user, with,
};
use muster_tests::simulator::os2sync::{Kind, Options, Os2sync, Outcome};
use serde_json::{Value, json};

/// A server with an empty registry whose queue stands until `settle`.
fn waiting() -> Os2sync {
    Os2sync::start(Options { immediate: false, ..Options::default() })
}

fn outcomes(os2sync: &Os2sync) -> Vec<Outcome> {
    os2sync.registry().finished().iter().map(|finished| finished.outcome.clone()).collect()
}

/// The uuids in the order in which they left the queue.
fn order(os2sync: &Os2sync) -> Vec<String> {
    os2sync.registry().finished().iter().map(|finished| finished.entry.uuid.clone()).collect()
}

fn named(name: &str) -> Value {
    with(unit(BELOW), "Name", json!(name))
}

#[test]
fn a_200_means_queued() {
    let os2sync = waiting();
    assert_eq!(post(&os2sync, "/orgUnit", &top()).status, 200);
    assert_eq!(get(&os2sync, &format!("/orgUnit/{TOP}")).status, 404);
    assert_eq!(os2sync.registry().queue().len(), 1);
    os2sync.settle();
    assert_eq!(get(&os2sync, &format!("/orgUnit/{TOP}")).status, 200);
}

#[test]
fn units_go_before_users() {
    let os2sync = waiting();
    post(&os2sync, "/user?priority=1", &user());
    post(&os2sync, "/orgUnit", &top());
    post(&os2sync, "/orgUnit", &unit(BELOW));
    os2sync.settle();
    assert_eq!(order(&os2sync), [TOP, BELOW, USER]);
    assert!(os2sync.registry().failures().is_empty());
}

#[test]
fn a_lower_priority_goes_first_then_the_older() {
    let os2sync = waiting();
    post(&os2sync, "/orgUnit?PRIORITY=11", &unit(UNKNOWN));
    post(&os2sync, "/orgUnit", &unit(BELOW));
    post(&os2sync, "/orgUnit?bypassCache=false&priority=10", &unit(OTHER));
    post(&os2sync, "/orgUnit?priority=9", &top());
    os2sync.settle();
    assert_eq!(order(&os2sync), [TOP, BELOW, OTHER, UNKNOWN]);
}

#[test]
fn a_child_before_its_parent_fails() {
    let os2sync = waiting();
    post(&os2sync, "/orgUnit", &unit(BELOW));
    post(&os2sync, "/orgUnit", &top());
    os2sync.settle();
    assert_eq!(os2sync.registry().failures()[0].uuid, BELOW);
    assert!(os2sync.registry().unit(BELOW).is_none());
}

#[test]
fn a_failure_does_not_stop_the_run_and_leaves_the_queue() {
    let os2sync = plain();
    post(&os2sync, "/orgUnit", &with(unit(UNKNOWN), "ParentOrgUnitUuid", json!(USER)));
    post(&os2sync, "/user", &user());
    assert_eq!((os2sync.registry().failures().len(), os2sync.registry().users().len()), (1, 1));
    assert!(os2sync.registry().queue().is_empty());
}

#[test]
fn in_the_first_batch_only_the_newest_entry_of_a_uuid_counts() {
    let os2sync = waiting();
    os2sync.place_unit(&top());
    for name in ["1", "2", "3"] {
        post(&os2sync, "/orgUnit", &named(name));
    }
    os2sync.settle();
    assert_eq!(outcomes(&os2sync), [Outcome::Superseded, Outcome::Superseded, Outcome::Done]);
    assert_eq!(os2sync.registry().unit(BELOW).unwrap()["Name"], "3");
}

#[test]
fn in_later_batches_every_entry_counts() {
    let os2sync = Os2sync::start(Options { immediate: false, threads: 1, ..Options::default() });
    post(&os2sync, "/orgUnit", &top());
    post(&os2sync, "/orgUnit", &named("1"));
    post(&os2sync, "/orgUnit", &named("2"));
    os2sync.settle();
    assert_eq!(outcomes(&os2sync), [Outcome::Done, Outcome::Done, Outcome::Done]);
    assert_eq!(os2sync.registry().unit(BELOW).unwrap()["Name"], "2");
}

#[test]
fn identical_updates_of_a_user_are_skipped() {
    let os2sync = plain();
    push(&os2sync, "/user", &user());
    push(&os2sync, "/user", &with(user(), "ShortKey", json!("other")));
    push(&os2sync, "/user", &with(user(), "UserId", json!("other")));
    assert_eq!(outcomes(&os2sync), [Outcome::Done, Outcome::Skipped, Outcome::Done]);
}

#[test]
fn every_compared_field_makes_a_difference() {
    let os2sync = plain();
    push(&os2sync, "/user", &user());
    let mut changed = user();
    for field in ["UserId", "PhoneNumber", "Landline", "Email", "RacfID", "Location", "FMKID"] {
        changed[field] = json!("new");
        push(&os2sync, "/user", &changed);
    }
    changed["IsRobot"] = json!(true);
    push(&os2sync, "/user", &changed);
    changed["Person"] = json!({ "Name": "Anna Andersen", "Cpr": "0101010101" });
    push(&os2sync, "/user", &changed);
    changed["Positions"] = json!([{ "Name": "Chef", "OrgUnitUuid": BELOW }]);
    push(&os2sync, "/user", &changed);
    assert_eq!(outcomes(&os2sync), vec![Outcome::Done; 11]);
}

#[test]
fn the_order_of_positions_makes_none() {
    let os2sync = plain();
    let (one, two) =
        (json!({ "Name": "1", "OrgUnitUuid": BELOW }), json!({ "Name": "2", "OrgUnitUuid": BELOW }));
    push(&os2sync, "/user", &with(user(), "Positions", json!([one, two])));
    push(&os2sync, "/user", &with(user(), "Positions", json!([two, one])));
    assert_eq!(outcomes(&os2sync), [Outcome::Done, Outcome::Skipped]);
}

#[test]
fn bypass_cache_and_a_week_make_the_server_transfer_again() {
    let os2sync = plain();
    push(&os2sync, "/user", &user());
    os2sync.place_user(&with(user(), "Email", json!("somebody@example.org")));
    push(&os2sync, "/user", &user());
    assert_eq!(os2sync.registry().user(USER).unwrap()["Email"], "somebody@example.org");
    push(&os2sync, "/user?bypassCache=true", &user());
    assert_eq!(os2sync.registry().user(USER).unwrap()["Email"], Value::Null);
    os2sync.change(|registry| registry.forget_successes());
    push(&os2sync, "/user", &user());
    assert_eq!(outcomes(&os2sync), [Outcome::Done, Outcome::Skipped, Outcome::Done, Outcome::Done]);
}

#[test]
fn a_failed_update_is_not_remembered() {
    let os2sync = Os2sync::start(Options::default());
    push(&os2sync, "/user", &user());
    os2sync.place_unit(&unit(BELOW));
    push(&os2sync, "/user", &user());
    assert_eq!(outcomes(&os2sync)[1], Outcome::Done);
}

#[test]
fn units_are_never_skipped() {
    let os2sync = plain();
    push(&os2sync, "/orgUnit", &unit(BELOW));
    push(&os2sync, "/orgUnit", &unit(BELOW));
    assert_eq!(outcomes(&os2sync), [Outcome::Done, Outcome::Done]);
}

#[test]
fn while_the_registry_is_down_units_block_and_users_fall_back() {
    let os2sync = plain();
    os2sync.change(|registry| registry.options.registry_down = true);
    post(&os2sync, "/user", &user());
    os2sync.settle();
    assert_eq!(os2sync.registry().queue()[0].priority, 20);
    post(&os2sync, "/orgUnit", &unit(OTHER));
    os2sync.settle();
    let queue: Vec<_> = os2sync.registry().queue().iter().map(|entry| (entry.kind, entry.priority)).collect();
    assert_eq!(queue, [(Kind::Unit, 10), (Kind::User, 20)]);
    os2sync.change(|registry| registry.options.registry_down = false);
    assert_eq!(os2sync.registry().users().len(), 1);
    assert!(os2sync.registry().failures().is_empty());
}

#[test]
fn a_municipality_without_an_agreement_fails_with_41() {
    let os2sync = started(Options { cvr: Some("87654321".to_owned()), ..Options::default() });
    push(&os2sync, "/user", &user());
    assert!(os2sync.registry().failures()[0].text.starts_with("41"));
}

#[test]
fn accepted_writes_are_logged_in_order() {
    let os2sync = plain();
    post(&os2sync, "/user?bypassCache=true&priority=5", &user());
    post(&os2sync, "/user", &json!({}));
    delete(&os2sync, &format!("/orgUnit/{OTHER}"));
    call(&os2sync, "POST", &format!("/user/passiver/{UNKNOWN}"), "");
    let writes = serde_json::to_value(os2sync.registry().writes()).unwrap();
    let expected = json!([
        { "method": "POST", "operation": "update", "kind": "user", "uuid": USER,
          "query": "bypassCache=true&priority=5", "body": user() },
        { "method": "DELETE", "operation": "delete", "kind": "orgUnit", "uuid": OTHER, "query": "", "body": null },
        { "method": "POST", "operation": "passivate", "kind": "user", "uuid": UNKNOWN, "query": "", "body": null },
    ]);
    assert_eq!(writes, expected);
    os2sync.forget();
    assert!(os2sync.registry().writes().is_empty() && os2sync.seen().is_empty());
}
