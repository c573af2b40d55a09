//! The pace of requests: limits of the server, known or learnt, pauses, retries, the time limit.

use super::*;
use muster_tests::simulator::{Fault, Limited, Rule};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Push so many users with 32 at once to a server with this limit; how many requests it refused.
fn refused_of(limited: Limited, users: usize, arguments: &[&str]) -> usize {
    let town_hall = Town::new();
    town_hall.os2sync.limit().set(limited);
    let arguments = [&["--parallel", "32"], arguments].concat();
    let ran = town_hall.push_with(&arguments, state(&town(users))).with_status(0);
    assert_eq!(counts(&ran)["created"], users as u64 + 4);
    let (taken, refused) = town_hall.os2sync.limit().counts();
    assert_eq!(taken, users + 8, "a read and a write for each unit, a write for each user");
    assert_eq!(town_hall.os2sync.registry().users().len(), users);
    refused
}

#[test]
fn a_limit_that_nobody_told_of_is_learnt() {
    let bucket = Limited::new(100, SECOND / 2);
    for limited in [bucket, Limited { retry_after: true, ..bucket }, Limited { windows: true, ..bucket }] {
        let refused = refused_of(limited, 1000, &[]);
        assert!(refused <= 1008 / 20, "{refused} refused by {limited:?}");
    }
}

#[test]
fn a_limit_that_is_told_of_is_kept_to_the_request() {
    let bucket = Limited::new(30, SECOND);
    for limited in [bucket, Limited { windows: true, ..bucket }] {
        assert_eq!(refused_of(limited, 100, &["--rate", "30/s"]), 0, "{limited:?}");
    }
    assert_eq!(refused_of(Limited::new(200, 60 * SECOND), 150, &["--rate", "200/m"]), 0);
}

#[test]
fn retry_after_pauses_everybody() {
    let town_hall = Town::new();
    town_hall.os2sync.faults().add(Rule::once(Fault::TooManyRequests(Some(2))).path("/user?").after(10));
    let ran = town_hall.push_with(&["--parallel", "4", "-v"], state(&town(40))).with_status(0);
    assert_eq!(counts(&ran)["created"], 44);
    // Four reads and writes of units, forty users, one of them twice.
    assert_eq!(town_hall.os2sync.seen().len(), 49);
    assert_eq!(ran.stderr.matches("HTTP 429").count(), 1, "{}", ran.stderr);
    // Whoever comes up during the pause waits for what is left of it: nearly all, since nobody else holds them up.
    let slow = ran.records().iter().filter(|result| result["ms"].as_u64() >= Some(1000)).count();
    assert!(slow >= 3, "{slow} waited");
}

#[test]
fn without_retries_a_refusal_is_final() {
    let town_hall = Town::new();
    town_hall.os2sync.faults().add(Rule::once(Fault::TooManyRequests(None)).path("/user?"));
    let ran = town_hall.push_with(&["--retries", "0"], state(&town(3))).with_status(1);
    assert_eq!(counts(&ran)["failed"], 1);
    assert_eq!(town_hall.os2sync.seen().len(), 11);
}

#[test]
fn a_server_that_refuses_for_good_is_given_up() {
    let town_hall = Town::new();
    town_hall.os2sync.faults().add(Rule::always(Fault::TooManyRequests(Some(0))).path("/user?"));
    let ran = town_hall.push_with(&["--retries", "2"], state(&town(2))).with_status(1);
    assert_eq!(counts(&ran)["failed"], 2);
    // Nobody waits a day for a server.
    town_hall.os2sync.faults().clear();
    town_hall.os2sync.forget();
    town_hall.os2sync.faults().add(Rule::always(Fault::TooManyRequests(Some(86_400))));
    let ran = town_hall.push(state(&town(2))).with_status(1);
    assert!(ran.stderr.contains("answered 429"), "{}", ran.stderr);
    assert_eq!(town_hall.os2sync.seen().len(), 2);
}

#[test]
fn refusals_of_other_kinds_are_not_tried_again() {
    for status in [400, 404, 409, 413, 422] {
        let town_hall = Town::new();
        town_hall.os2sync.faults().add(Rule::always(Fault::Status(status)).path("/user?"));
        town_hall.push(state(&town(1)));
        assert_eq!(town_hall.os2sync.seen().len(), 9, "{status}");
    }
    for status in [408, 425, 429, 500, 502, 503, 504] {
        let town_hall = Town::new();
        town_hall.os2sync.faults().add(Rule::once(Fault::Status(status)).path("/user?"));
        town_hall.push(state(&town(1))).with_status(0);
        assert_eq!(town_hall.os2sync.seen().len(), 10, "{status}");
    }
}

#[test]
fn the_time_limit_ends_a_run_and_what_was_done_stands() {
    let town_hall = Town::new();
    town_hall.os2sync.faults().add(Rule::always(Fault::TooManyRequests(Some(600))).path("/user?").after(5));
    let ran = town_hall.push_with(&["--time-limit", "2s"], state(&town(40))).with_status(5);
    assert!(ran.stderr.contains("stopped by the time limit"), "{}", ran.stderr);
    let done = counts(&ran);
    assert_eq!((done["created"], done["skipped"], done.get("failed")), (9, 35, None));
    town_hall.os2sync.faults().clear();
    let ran = town_hall.push(state(&town(40))).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 44), ("created", 35), ("unchanged", 9)]));
}

#[test]
fn wrong_rates_and_times_are_said_to_be_wrong() {
    let town_hall = Town::new();
    for (flag, value, said) in
        [("--rate", "0/s", "it is no count of requests"), ("--time-limit", "soon", "it is no length of time")]
    {
        let ran = town_hall.push_with(&[flag, value], state(&town(1))).with_status(64);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
    assert!(town_hall.os2sync.seen().is_empty());
}
