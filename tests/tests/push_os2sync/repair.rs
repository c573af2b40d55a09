//! `--repair`: objects that no update can mend are taken out of the registry and sent again.

use super::*;
use muster_tests::simulator::os2sync::Operation;
use muster_tests::simulator::{Fault, Rule};

/// A user of whom the registry has a position twice, in a town that was pushed.
fn with_duplicates() -> Town {
    let town_hall = Town::with(Options { hierarchy_polls: 0, ..Options::default() });
    town_hall.push(input()).with_status(0);
    let mut twice = user(101, &[2, 2]);
    twice["Uuid"] = json!(uuid(101));
    town_hall.os2sync.place_user(&twice);
    town_hall.os2sync.forget();
    town_hall
}

fn input() -> String {
    state(&[unit(1, None), unit(2, Some(1)), user(100, &[1, 2]), user(101, &[2]), user(102, &[1])])
}

fn sent(town_hall: &Town) -> Vec<(Operation, String)> {
    town_hall.writes().into_iter().map(|write| (write.operation, write.uuid)).collect()
}

fn positions(town_hall: &Town, n: usize) -> usize {
    let registry = town_hall.os2sync.registry();
    let user = registry.users().into_iter().find(|user| user["Uuid"] == uuid(n).as_str()).unwrap();
    user["Positions"].as_array().unwrap().len()
}

#[test]
fn users_with_duplicate_positions_are_deleted_and_sent_again() {
    let town_hall = with_duplicates();
    town_hall.push(input()).with_status(0);
    assert_eq!((positions(&town_hall, 101), sent(&town_hall).len()), (2, 0), "an update mends nothing");
    let ran = town_hall.push_with(&["--repair", "duplicates"], input()).with_status(0);
    assert_eq!(sent(&town_hall), [(Operation::Delete, uuid(101)), (Operation::Update, uuid(101))]);
    assert_eq!(result(&ran, 101)["note"], "it has duplicate positions: deleted and sent again");
    assert_eq!(positions(&town_hall, 101), 1);
    let ran = town_hall.push_with(&["--repair", "duplicates"], input()).with_status(0);
    assert_eq!((counts(&ran)["unchanged"], sent(&town_hall).len()), (5, 0));
}

#[test]
fn the_second_call_waits_until_the_first_is_done() {
    let town_hall = with_duplicates();
    town_hall.push_with(&["--repair", "duplicates", "-vv"], input()).with_status(0);
    let of_user = format!("/api/user/{}", uuid(101));
    let calls: Vec<(String, bool)> = town_hall
        .os2sync
        .seen()
        .into_iter()
        .filter(|seen| seen.path_and_query.starts_with("/api/user"))
        .map(|seen| (seen.method, seen.path_and_query == of_user))
        .collect();
    let call = |method: &str, of_user| (method.to_owned(), of_user);
    assert_eq!(calls, [call("GET", true), call("DELETE", true), call("GET", true), call("POST", false)]);
}

#[test]
fn everything_is_passivated_and_sent_again_but_the_top_unit() {
    let town_hall = with_duplicates();
    let mut payout = unit(2, Some(1));
    payout["Uuid"] = json!(uuid(2));
    payout["LOSShortName"] = json!("P1");
    town_hall.os2sync.place_unit(&payout);
    let ran = town_hall.push_with(&["--repair", "passivate", "--parallel", "1"], input()).with_status(0);
    let mut expected = vec![(Operation::Update, uuid(1))];
    for n in [2, 100, 101, 102] {
        expected.extend([(Operation::Passivate, uuid(n)), (Operation::Update, uuid(n))]);
    }
    let sent: Vec<_> = sent(&town_hall).into_iter().filter(|(_, key)| *key != uuid(1)).collect();
    assert_eq!(sent, expected[1..]);
    assert_eq!(result(&ran, 2)["note"], "passivated and sent again");
    let registry = town_hall.os2sync.registry();
    assert_eq!(
        (registry.payout_units(), registry.users().len()),
        (vec![uuid(2)], 3),
        "what the registry alone knows stays"
    );
    assert_eq!(positions(&town_hall, 101), 1);
}

#[test]
fn what_failed_behind_the_removal_is_sent_by_the_next_run() {
    let town_hall = with_duplicates();
    town_hall.os2sync.faults().add(Rule::always(Fault::Status(400)).path("/api/user?"));
    let ran = town_hall.push_with(&["--repair", "duplicates"], input()).with_status(1);
    assert_eq!(result(&ran, 101)["status"], "failed");
    town_hall.os2sync.faults().clear();
    town_hall.os2sync.forget();
    town_hall.push(input()).with_status(0);
    assert_eq!(sent(&town_hall), [(Operation::Update, uuid(101))]);
    assert_eq!(positions(&town_hall, 101), 1);
}

#[test]
fn without_a_trusted_hierarchy_nothing_is_repaired() {
    for repair in ["duplicates", "passivate"] {
        let town_hall = with_duplicates();
        town_hall.os2sync.change(|registry| registry.options.hierarchy_fails = true);
        let ran = town_hall.push_with(&["--repair", repair], input()).with_status(69);
        assert!(ran.stderr.contains("could not read the registry's hierarchy"), "{}", ran.stderr);
        assert!(town_hall.writes().is_empty());
    }
}

#[test]
fn a_partial_input_repairs_nothing() {
    for repair in ["duplicates", "passivate"] {
        let town_hall = with_duplicates();
        let partial = input().replace("\"complete\":true", "\"complete\":false");
        let ran = town_hall.push_with(&["--repair", repair], partial).with_status(4);
        assert_eq!((counts(&ran)["unchanged"], sent(&town_hall).len()), (5, 0), "{repair}");
    }
}

#[test]
fn the_root_of_the_registry_is_not_passivated_whatever_the_top_unit_is_said_to_be() {
    let town_hall = with_duplicates();
    let (mut root, below) = (unit(1, Some(2)), unit(2, None));
    root["Name"] = json!("Rod");
    let lines = state(&[root, below]);
    let arguments = ["--repair", "passivate", "--top-unit", &uuid(2), "--on-missing", "keep"];
    town_hall.push_with(&arguments, lines);
    let passivated = sent(&town_hall).into_iter().filter(|(operation, _)| *operation == Operation::Passivate);
    assert_eq!(passivated.collect::<Vec<_>>(), []);
}

#[test]
fn a_dry_run_shows_all_three_calls() {
    let town_hall = with_duplicates();
    let ran = town_hall.push_with(&["--repair", "duplicates", "--dry-run"], input()).with_status(0);
    let methods: Vec<Value> = ran.records().into_iter().map(|line| line["method"].clone()).collect();
    assert_eq!(methods, ["GET", "DELETE", "POST"]);
    assert!(town_hall.writes().is_empty());
}

#[test]
fn a_queue_that_stands_still_gets_both_calls_all_the_same() {
    let town_hall = with_duplicates();
    town_hall.os2sync.change(|registry| registry.options.immediate = false);
    let ran =
        town_hall.push_with(&["--repair", "duplicates", "--hierarchy-wait", "1"], input()).with_status(0);
    assert!(ran.stderr.contains("was not gone in time"), "{}", ran.stderr);
    assert_eq!(sent(&town_hall), [(Operation::Delete, uuid(101)), (Operation::Update, uuid(101))]);
}
