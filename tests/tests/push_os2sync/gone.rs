//! What is absent from a whole input is deleted; what may only look absent is not.

use super::*;
use muster_tests::simulator::os2sync::{Kind, Operation};

/// Three levels of units, a user in each, so large that the guard lets a few go.
fn everybody() -> Vec<Value> {
    let mut lines = vec![unit(1, None)];
    lines.extend((2..=45).map(|n| unit(n, Some(if n == 3 { 2 } else { 1 }))));
    lines.extend((0..60).map(|n| user(100 + n, &[1])));
    lines
}

/// The lines without these objects.
fn without(gone: &[usize]) -> Vec<Value> {
    let keys: Vec<String> = gone.iter().map(|n| uuid(*n)).collect();
    let is_gone = |line: &Value| keys.iter().any(|key| line["_key"] == key.as_str());
    everybody().into_iter().filter(|line| !is_gone(line)).collect()
}

fn with_everybody() -> Town {
    let town_hall = Town::new();
    town_hall.push(state(&everybody())).with_status(0);
    town_hall.os2sync.forget();
    town_hall
}

fn deletes(town_hall: &Town) -> Vec<(Kind, String)> {
    let writes = town_hall.writes();
    assert!(writes.iter().all(|write| write.operation == Operation::Delete), "{writes:?}");
    writes.into_iter().map(|write| (write.kind, write.uuid)).collect()
}

#[test]
fn a_user_who_vanished_is_deleted_once() {
    let town_hall = with_everybody();
    let ran = town_hall.push(state(&without(&[101]))).with_status(0);
    assert_eq!(deletes(&town_hall), [(Kind::User, uuid(101))]);
    assert_eq!(counts(&ran)["deleted"], 1);
    town_hall.push(state(&without(&[101]))).with_status(0);
    assert_eq!(deletes(&town_hall), []);
    town_hall.push(state(&everybody())).with_status(0);
    assert_eq!(town_hall.os2sync.registry().users().len(), 60);
}

#[test]
fn a_user_who_could_not_be_read_stays() {
    let town_hall = with_everybody();
    let mut lines = without(&[101, 102]);
    lines.push(json!({ "_kind": "_error", "of": "user", "_key": uuid(101), "message": "HTTP 500" }));
    town_hall.push(state(&lines));
    assert_eq!(deletes(&town_hall), [(Kind::User, uuid(102))]);
}

#[test]
fn users_go_before_units_and_units_below_before_those_above() {
    let town_hall = with_everybody();
    town_hall.push(state(&without(&[2, 3, 101]))).with_status(0);
    let expected = [(Kind::User, uuid(101)), (Kind::Unit, uuid(3)), (Kind::Unit, uuid(2))];
    assert_eq!(deletes(&town_hall), expected);
}

#[test]
fn the_top_unit_stays_when_it_is_absent() {
    let town_hall = with_everybody();
    let lines: Vec<Value> = without(&[1]).into_iter().filter(|line| line["_kind"] == "user").collect();
    town_hall.push_with(&["--max-deletes", "100%"], state(&lines));
    let deleted = deletes(&town_hall);
    assert!(!deleted.contains(&(Kind::Unit, uuid(1))), "{deleted:?}");
    assert_eq!(town_hall.os2sync.registry().root(), Some(uuid(1).as_str()));
}

#[test]
fn a_unit_that_a_record_names_stays() {
    let town_hall = with_everybody();
    let mut lines = without(&[2, 3]);
    lines.push(user(199, &[3]));
    let ran = town_hall.push(state(&lines));
    let writes: Vec<String> = town_hall.writes().into_iter().map(|write| write.uuid).collect();
    assert!(!writes.contains(&uuid(3)), "{writes:?}: {}", ran.stdout);
    assert!(town_hall.os2sync.registry().units().iter().any(|unit| unit["Uuid"] == uuid(3).as_str()));
}

#[test]
fn a_partial_input_deletes_nobody() {
    let town_hall = with_everybody();
    let whole = state(&without(&[101]));
    let cut = &whole[..whole.len() - 1];
    let incomplete = whole.replace("\"complete\":true", "\"complete\":false");
    for input in [cut, &incomplete] {
        town_hall.push(input).with_status(4);
        assert_eq!(deletes(&town_hall), []);
    }
}

#[test]
fn half_the_town_does_not_go_unasked() {
    let town_hall = with_everybody();
    let gone: Vec<usize> = (101..131).collect();
    let ran = town_hall.push(state(&without(&gone))).with_status(3);
    assert_eq!(town_hall.os2sync.seen().len(), 0);
    let digest = ran.stderr.split("--approve ").nth(1).unwrap().split_whitespace().next().unwrap();
    town_hall.push_with(&["--approve", digest], state(&without(&gone))).with_status(0);
    assert_eq!(deletes(&town_hall).len(), 30);
}
