//! What could not be read keeps the registry's value.

use super::*;
use muster_tests::simulator::stsorgsync::Kind;
use muster_tests::simulator::{Fault, Rule, Seen};

fn without_location(n: usize) -> Value {
    let mut user = user(n, &[1]);
    user["_unknown"] = json!(["/Location"]);
    user
}

#[test]
fn an_unknown_member_is_taken_from_the_object_as_it_is() {
    let town = Town::new();
    let mut known = user(100, &[1]);
    known["Location"] = json!({ "Value": "Vej 1", "Uuid": uuid(7) });
    town.push(state(&[unit(1, None), known])).with_status(0);
    let mut changed = without_location(100);
    changed["Email"]["Value"] = json!("ny@example.org");
    town.push(state(&[unit(1, None), changed])).with_status(0);
    let registry = town.stsorgsync.registry();
    let stored = registry.get(Kind::User, &uuid(100)).unwrap();
    assert_eq!(
        (&stored["Location"]["Value"], &stored["Email"]["Value"]),
        (&json!("Vej 1"), &json!("ny@example.org"))
    );
}

/// Both builds, and how each names objects.
fn builds() -> [(Town, &'static str); 2] {
    [(Town::new(), "path"), (Town::windows(), "query")]
}

fn push(town: &Town, style: &str, lines: &[Value]) -> Ran {
    town.command().args(["--uuid-style", style, "--retries", "0"]).stdin(state(lines)).run()
}

#[test]
fn a_new_object_is_made_without_what_is_unknown() {
    for (town, style) in builds() {
        let lines = [unit(1, None), without_location(100), without_location(101)];
        push(&town, style, &lines).with_status(0);
        let registry = town.stsorgsync.registry();
        assert_eq!((registry.users().len(), registry.failures().len()), (2, 0), "{style}");
        let is_list =
            |seen: &Seen| (seen.method.as_str(), seen.path_and_query.as_str()) == ("GET", "/api/v1_1/user");
        assert_eq!(town.stsorgsync.seen().iter().filter(|seen| is_list(seen)).count(), 1, "{style}");
    }
}

#[test]
fn a_new_object_that_needs_what_is_unknown_is_skipped() {
    for (town, style) in builds() {
        let mut nameless = user(100, &[1]);
        nameless["_unknown"] = json!(["/Person/Name"]);
        let ran = push(&town, style, &[unit(1, None), nameless]).with_status(1);
        assert_eq!(result(&ran, 100)["status"], "skipped");
        assert!(town.stsorgsync.registry().users().is_empty());
    }
}

#[test]
fn an_object_that_the_server_has_and_does_not_give_is_skipped() {
    let hidden = "/api/v1_1/user/";
    for fault in [Fault::Status(500), Fault::Status(404)] {
        let town = Town::new();
        push(&town, "path", &[unit(1, None), user(100, &[1])]).with_status(0);
        town.stsorgsync.place(Kind::User, json!({ "Uuid": uuid(101), "Location": { "Value": "Vej 1" } }));
        town.stsorgsync.faults().add(Rule::always(fault).path(hidden));
        let mut changed = without_location(100);
        changed["Email"]["Value"] = json!("ny@example.org");
        let ran = push(&town, "path", &[unit(1, None), changed, without_location(101)]).with_status(1);
        for n in [100, 101] {
            assert_eq!(result(&ran, n)["status"], "skipped", "{n}");
        }
        let registry = town.stsorgsync.registry();
        assert_eq!(registry.get(Kind::User, &uuid(101)).unwrap()["Location"]["Value"], "Vej 1");
    }
}

#[test]
fn where_nothing_can_be_listed_nothing_counts_as_new() {
    let town = Town::new();
    town.stsorgsync.faults().add(Rule::always(Fault::Status(500)).path("/api/v1_1/user"));
    let ran = push(&town, "path", &[unit(1, None), without_location(100)]).with_status(1);
    assert_eq!(result(&ran, 100)["status"], "skipped");
    assert!(ran.stderr.contains("the server cannot list its objects"), "{}", ran.stderr);
}

#[test]
fn an_object_that_could_not_be_read_is_left_alone() {
    let town = Town::new();
    town.push(state(&[unit(1, None), user(100, &[1])])).with_status(0);
    let error = json!({ "_kind": "_error", "of": "user", "_key": uuid(100), "message": "HTTP 500" });
    town.push(state(&[unit(1, None), error]));
    assert!(town.stsorgsync.registry().deleted().is_empty());
}
