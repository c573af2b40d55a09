//! The guard: what goes past a limit stops the run before its first request.

use super::*;

fn refused(ran: Ran) -> Ran {
    ran.with_status(3)
}

/// So many users beside the town's units.
fn owning(users: usize) -> Town {
    Town::owning(&town(users))
}

#[test]
fn one_object_or_five_in_a_hundred_may_go() {
    let town_hall = owning(40);
    refused(town_hall.push(state(&town(37))));
    assert!(town_hall.os2sync.seen().is_empty(), "not one request");
    town_hall.push(state(&town(38))).with_status(0);
    assert_eq!(town_hall.deleted().len(), 2);
}

#[test]
fn a_refused_run_sends_nothing_else_either() {
    let town_hall = owning(8);
    let mut lines = town(4);
    lines.push(user(500, &[1]));
    let ran = refused(town_hall.push(state(&lines)));
    assert!(town_hall.os2sync.seen().is_empty());
    assert_eq!(counts(&ran), counted([("found", 9)]));
    assert!(ran.ends()[0]["error"].as_str().unwrap().contains("refused by the guard"), "{}", ran.stdout);
}

#[test]
fn what_went_in_the_last_seven_days_counts() {
    let town_hall = owning(45);
    town_hall.push(state(&town(44))).with_status(0);
    town_hall.push(state(&town(43))).with_status(0);
    let ran = refused(town_hall.push(state(&town(42))));
    assert!(
        ran.stderr.contains("user: 1 of 43 would be deleted or made passive, after 2 in the last 7 days"),
        "{}",
        ran.stderr
    );
    town_hall.sql("UPDATE journal SET at = at - 7 * 86400 - 1");
    town_hall.push(state(&town(42))).with_status(0);
}

#[test]
fn a_limit_that_is_given_holds_whatever_is_ours() {
    let town_hall = owning(8);
    refused(town_hall.push_with(&["--max-deletes", "0"], state(&town(7))));
    refused(town_hall.push_with(&["--max-deletes", "0%"], state(&town(7))));
    refused(town_hall.push_with(&["--max-deletes", "25%"], state(&town(5))));
    town_hall.push_with(&["--max-deletes", "25%"], state(&town(6))).with_status(0);
    refused(town_hall.push_with(&["--max-deletes", "3"], state(&town(4))));
    town_hall.push_with(&["--max-deletes", "4"], state(&town(4))).with_status(0);
}

#[test]
fn explicit_deletes_and_passivations_are_within_it() {
    let town_hall = owning(8);
    refused(town_hall.push(changes(&[delete("user", 100), delete("user", 101)])));
    let passivate = json!({ "_op": "passivate", "_kind": "user", "_key": uuid(101) });
    refused(town_hall.push(changes(&[delete("user", 100), passivate])));
    town_hall.push(changes(&[delete("user", 100)])).with_status(0);
    let ran = town_hall.command().stdin(changes(&[delete("user", 102), delete("user", 103)])).run();
    refused(ran);
}

#[test]
fn an_empty_or_tiny_input_stops_it_whatever_the_limits_are() {
    let town_hall = owning(30);
    let empty = refused(town_hall.push_with(&["--max-deletes", "100%"], state(&[])));
    assert!(empty.stderr.contains("user: the input holds none, where 30 are ours"), "{}", empty.stderr);
    let tiny = refused(town_hall.push_with(&["--max-deletes", "100%"], state(&town(2))));
    assert!(tiny.stderr.contains("user: the input holds only 2, where 30 are ours"), "{}", tiny.stderr);
    town_hall.push_with(&["--max-deletes", "100%"], state(&town(3))).with_status(0);

    let small = Town::owning(&[unit(1, None), user(100, &[1])]);
    let ran = refused(small.push_with(&["--max-deletes", "100%"], state(&[])));
    assert!(ran.stderr.contains("the input holds nothing at all"), "{}", ran.stderr);
}

#[test]
fn a_kind_that_vanished_stops_it_although_nothing_of_it_would_go() {
    // Users still name the units, so none of these is deleted.
    let mut lines = town(30);
    lines.retain(|line| line["_kind"] == "user");
    let named = owning(30);
    let ran = refused(named.push(state(&lines)));
    assert!(ran.stderr.contains("org_unit: the input holds none, where 4 are ours"), "{}", ran.stderr);
    assert!(ran.stderr.contains("It would take nothing away yet."), "{}", ran.stderr);
    assert!(named.os2sync.seen().is_empty());
    // Nor does anybody go who waits for the third run, and this is none of those.
    let waiting = owning(30);
    let arguments = ["--after-runs", "3", "--max-deletes", "100%"];
    for _ in 0..3 {
        let ran = refused(waiting.push_with(&arguments, state(&town(2))));
        assert!(ran.stderr.contains("user: the input holds only 2, where 30 are ours"), "{}", ran.stderr);
    }
    let ran = waiting.push_with(&arguments, state(&town(29))).with_status(0);
    assert_eq!(counts(&ran)["held_back"], 1);
    // Somebody who looked can let it pass.
    let ran = refused(named.push(state(&lines)));
    let approval = ran.ends()[0]["approval"].as_str().unwrap().to_owned();
    named.push_with(&["--approve", &approval], state(&lines)).with_status(1);
}

#[test]
fn a_small_scope_is_not_tiny_beside_a_large_one() {
    let town_hall = Town::new();
    town_hall.push(scoped("state", "mo://large", &town(60))).with_status(0);
    let mut small = vec![user(500, &[1]), user(501, &[1])];
    town_hall.push(scoped("state", "mo://small", &small)).with_status(0);
    small.pop();
    town_hall.push(scoped("state", "mo://small", &small)).with_status(0);
    assert_eq!(town_hall.deleted().into_iter().filter(|n| *n >= 500).collect::<Vec<_>>(), [501]);
}

#[test]
fn an_object_alone_is_written_whatever_the_rest_looks_like() {
    let town_hall = owning(30);
    let mut lines = vec![user(100, &[2])];
    lines.extend(town(0));
    let only = format!("user/{}", uuid(100));
    town_hall.push_with(&["--only", &only], state(&lines)).with_status(0);
    let gone = format!("user/{}", uuid(129));
    refused(town_hall.push_with(&["--only", &gone], state(&lines)));
}

#[test]
fn an_empty_input_that_takes_nothing_away_is_let_pass() {
    let town_hall = owning(8);
    town_hall.push_with(&["--on-missing", "keep"], state(&[])).with_status(0);
    Town::new().push(state(&[])).with_status(0);
}

fn renamed(users: usize, renamed: usize) -> Vec<Value> {
    let mut lines = town(users);
    for line in lines.iter_mut().filter(|line| line["_kind"] == "user").take(renamed) {
        line["UserId"] = json!(format!("{}x", line["UserId"].as_str().unwrap()));
    }
    lines
}

#[test]
fn a_hundred_changes_or_thirty_in_a_hundred_are_let_pass() {
    let town_hall = owning(110);
    let ran = refused(town_hall.push(state(&renamed(110, 101))));
    assert!(
        ran.stderr.contains("user: 101 of 110 would be changed; 100 are allowed (--max-changes)"),
        "{}",
        ran.stderr
    );
    assert!(town_hall.os2sync.seen().is_empty());
    town_hall.push(state(&renamed(110, 100))).with_status(0);
    town_hall.os2sync.forget();
    let lines: Vec<Value> = renamed(110, 100)
        .into_iter()
        .map(|mut line| {
            line.as_object_mut().unwrap().remove("UserId");
            line
        })
        .collect();
    // Nobody is without a user id, so the check fails all of them: that is no change.
    town_hall.push(state(&lines)).with_status(1);
}

#[test]
fn members_that_are_cleared_are_said_apart() {
    let mut lines = town(101);
    for line in lines.iter_mut().filter(|line| line["_kind"] == "user") {
        line["Email"] = json!("ane@example.org");
    }
    let town_hall = Town::owning(&lines);
    let ran = refused(town_hall.push(state(&town(101))));
    assert!(
        ran.stderr.contains("user: 101 of 101 would be changed, 101 of them clear a member"),
        "{}",
        ran.stderr
    );
    town_hall.push_with(&["--max-changes", "100%"], state(&town(101))).with_status(0);
}

#[test]
fn the_first_run_and_what_is_resent_are_no_changes() {
    let town_hall = owning(101);
    let ran = town_hall.push_with(&["--resend", "all"], state(&town(101))).with_status(0);
    assert_eq!(counts(&ran)["updated"], 105);
}

#[test]
fn a_dry_run_says_that_it_would_be_refused() {
    let town_hall = owning(8);
    let ran = refused(town_hall.push_with(&["--dry-run"], state(&town(4))));
    assert_eq!(ran.records().iter().filter(|line| line["method"] == "DELETE").count(), 4);
    assert!(ran.stderr.contains("A run would be refused: it would destroy"), "{}", ran.stderr);
    assert!(town_hall.os2sync.seen().is_empty());
}
