//! Run it again: what was accepted is not sent, a killed run is taken up where it was, order is kept.

use super::*;
use muster_tests::simulator::stsorgsync::Kind;
use muster_tests::simulator::{Fault, Rule};
use std::io::Write as _;

#[test]
fn the_second_run_sends_nothing() {
    let (town_hall, input) = (Town::new(), state(&town(12)));
    let first = town_hall.push(input.as_str()).with_status(0);
    assert_eq!((count(&first, "created"), &result(&first, 100)["status"]), (16, &json!("accepted")));
    let registry = town_hall.stsorgsync.registry();
    assert_eq!((registry.units().len(), registry.users().len()), (4, 12));
    assert!(registry.failures().is_empty(), "{:?}", registry.failures());
    town_hall.stsorgsync.forget();
    let second = town_hall.push(input).with_status(0);
    assert_eq!(count(&second, "unchanged"), 16);
    assert!(town_hall.stsorgsync.seen().is_empty());
}

#[test]
fn units_come_parents_first_and_before_users_and_go_after_them_children_first() {
    let town_hall = Town::new();
    town_hall.push(state(&town(8))).with_status(0);
    let order = || -> Vec<(Kind, String)> {
        town_hall
            .stsorgsync
            .registry()
            .writes()
            .iter()
            .map(|write| (write.kind, write.uuid.clone()))
            .collect()
    };
    let written = order();
    let place = |n: usize| written.iter().position(|(_, key)| *key == uuid(n)).unwrap();
    assert!(place(1) < place(2) && place(2) < place(3) && place(1) < place(4));
    let first_user = written.iter().position(|(kind, _)| *kind == Kind::User).unwrap();
    assert_eq!(first_user, 4);

    town_hall.stsorgsync.forget();
    let gone =
        changes(&[delete("org_unit", 2), delete("user", 102), delete("org_unit", 3), delete("user", 101)]);
    town_hall.command().args(["--max-deletes", "100%"]).stdin(gone).run().with_status(0);
    let deleted = order();
    assert!(deleted[..2].iter().all(|(kind, _)| *kind == Kind::User), "{deleted:?}");
    assert_eq!((&deleted[2].1, &deleted[3].1), (&uuid(3), &uuid(2)));
}

#[test]
fn only_what_changed_is_sent() {
    let town_hall = Town::new();
    let mut lines = town(5);
    town_hall.push(state(&lines)).with_status(0);
    town_hall.stsorgsync.forget();
    lines[5]["Email"]["Value"] = json!("ny@example.org");
    let ran = town_hall.push(state(&lines)).with_status(0);
    assert_eq!((count(&ran, "updated"), count(&ran, "unchanged")), (1, 8));
    assert_eq!(town_hall.stsorgsync.seen().len(), 1);
}

#[test]
fn killed_and_run_again_it_ends_as_one_run_would() {
    let (town_hall, input) = (Town::new(), state(&town(300)));
    town_hall.stsorgsync.faults().add(Rule::always(Fault::Slow(10)));
    let mut command = town_hall.command().args(["--parallel", "2"]);
    let mut child = command.spawn();
    let mut stdin = child.stdin.take().unwrap();
    let bytes = input.clone();
    std::thread::spawn(move || stdin.write_all(bytes.as_bytes()));
    while town_hall.stsorgsync.registry().writes().len() < 150 {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    town_hall.stsorgsync.faults().clear();
    let ran = town_hall.push(input.as_str()).with_status(0);
    assert!(count(&ran, "unchanged") > 50, "{}", ran.stderr);
    let registry = town_hall.stsorgsync.registry();
    assert_eq!((registry.units().len(), registry.users().len()), (4, 300));
    assert_eq!(count(&town_hall.push(input).with_status(0), "unchanged"), 304);
}

#[test]
fn who_is_missing_from_a_complete_input_is_deleted() {
    let town_hall = Town::new();
    let lines = town(40);
    town_hall.push(state(&lines)).with_status(0);
    let left: Vec<Value> = lines.iter().filter(|line| line["_key"] != uuid(105).as_str()).cloned().collect();
    let ran = town_hall.push(state(&left)).with_status(0);
    assert_eq!(count(&ran, "deleted"), 1);
    assert_eq!(town_hall.stsorgsync.registry().deleted(), [(Kind::User, uuid(105))]);
    town_hall.stsorgsync.forget();
    town_hall.push(state(&left)).with_status(0);
    assert!(town_hall.stsorgsync.seen().is_empty());
}

#[test]
fn too_many_missing_are_refused_and_nothing_is_sent() {
    let town_hall = Town::new();
    let lines = town(40);
    town_hall.push(state(&lines)).with_status(0);
    town_hall.stsorgsync.forget();
    let ran = town_hall.push(state(&lines[..30])).with_status(3);
    assert!(ran.stderr.contains("--approve"), "{}", ran.stderr);
    assert!(town_hall.stsorgsync.seen().is_empty());
}

#[test]
fn the_cache_of_the_exporter_is_adopted() {
    let town_hall = Town::new();
    let lines = town(40);
    for n in [777, 100] {
        town_hall.stsorgsync.place(Kind::User, json!({ "Uuid": uuid(n), "UserId": "x" }));
    }
    let hash = "0".repeat(56);
    let cache = json!({
        format!("/user/{}", uuid(777)): hash, format!("/user/{}", uuid(100)): hash, format!("/orgunit/{}", uuid(1)): hash,
    });
    std::fs::write(town_hall.dir.path().join("cache"), cache.to_string()).unwrap();
    let adopted =
        town_hall.command().args(["--adopt-from", "cache"]).stdin(state(&lines)).run().with_status(0);
    assert_eq!(
        (count(&adopted, "created"), count(&adopted, "updated"), count(&adopted, "deleted")),
        (42, 2, 1)
    );
    assert_eq!(town_hall.stsorgsync.registry().deleted(), [(Kind::User, uuid(777))]);
}
