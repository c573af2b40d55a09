//! Refusals, server errors, cut connections.

use super::*;
use muster_tests::simulator::{Fault, Rule};

#[test]
fn refused_credentials_stop_the_run() {
    let town_hall = Town::with(Options { api_key: Some("right".to_owned()), ..Options::default() });
    let ran = town_hall.push(state(&town(40))).with_status(77);
    assert!(ran.stderr.contains("the server refused the credentials: 401"), "{}", ran.stderr);
    assert!(ran.stderr.contains("api_key"), "{}", ran.stderr);
    assert_eq!(town_hall.os2sync.seen().len(), 1);
    assert_eq!(counts(&ran), counted([("found", 44), ("failed", 1), ("skipped", 43)]));

    let ran = town_hall
        .command()
        .args(["--ledger", "ledger"])
        .env("OS2SYNC_API_KEY", "right")
        .stdin(state(&town(40)))
        .run()
        .with_status(0);
    assert_eq!(counts(&ran)["created"], 44);
}

#[test]
fn one_refused_object_does_not_stop_the_others() {
    let town_hall = Town::new();
    let refusal = Fault::Text(400, "Data too long for column 'x'".to_owned());
    town_hall.os2sync.faults().add(Rule::always(refusal).body("u101"));
    let ran = town_hall.push_with(&["--rejects", "rejects"], state(&town(4))).with_status(1);
    assert_eq!(counts(&ran), counted([("found", 8), ("created", 7), ("failed", 1)]));
    let failed = result(&ran, 101);
    assert_eq!((&failed["status"], &failed["http"]), (&json!("failed"), &json!(400)));
    assert_eq!(failed["error"], "the server answered 400: Data too long for column 'x'");
    assert!(ran.stderr.contains("the first failure: user"), "{}", ran.stderr);

    // The rejects can be pushed as they are.
    town_hall.os2sync.faults().clear();
    let ran = town_hall.push(text(&town_hall.path("rejects"))).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 1), ("created", 1)]));
    assert_eq!(town_hall.os2sync.registry().users().len(), 4);
}

#[test]
fn server_errors_and_cut_connections_are_tried_again() {
    let town_hall = Town::new();
    let faults = town_hall.os2sync.faults();
    faults.add(Rule { times: 2, ..Rule::always(Fault::Status(503)).path("/orgUnit?") });
    faults.add(Rule::once(Fault::Cut(5)).path("/user?"));
    faults.add(Rule::once(Fault::Status(500)).path("/user?"));
    let ran = town_hall.push(state(&town(4))).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 8), ("created", 8)]));
    assert_eq!(town_hall.os2sync.registry().users().len(), 4);
}

#[test]
fn a_client_error_is_not_tried_again() {
    let town_hall = Town::new();
    town_hall.os2sync.faults().add(Rule::always(Fault::Status(400)).body("u100"));
    town_hall.push(state(&town(1))).with_status(1);
    let tries = town_hall.os2sync.seen().iter().filter(|seen| seen.body.contains("u100")).count();
    assert_eq!(tries, 1);
}

#[test]
fn what_lies_in_a_failed_unit_is_skipped() {
    let town_hall = Town::new();
    town_hall.os2sync.faults().add(Rule::always(Fault::Status(400)).body("Enhed 2"));
    let input = state(&town(4));
    let ran = town_hall.push(input.as_str()).with_status(1);
    // Unit 3 lies in unit 2; the users 101 and 102 have their position in 2 and 3.
    assert_eq!(counts(&ran), counted([("found", 8), ("created", 4), ("failed", 1), ("skipped", 3)]));
    let error = result(&ran, 3)["error"].as_str().unwrap().to_owned();
    assert_eq!(error, format!("org_unit {}, which it needs, failed or is unknown in this run", uuid(2)));
    assert!(town_hall.os2sync.registry().failures().is_empty());
    town_hall.os2sync.faults().clear();
    let ran = town_hall.push(input).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 8), ("created", 4), ("unchanged", 4)]));
}

#[test]
fn a_user_in_a_unit_that_was_accepted_before_goes_on() {
    let town_hall = Town::new();
    let mut lines = town(2);
    town_hall.push(state(&lines)).with_status(0);
    for line in &mut lines {
        line["Email"] = json!("ny@example.org");
    }
    town_hall.os2sync.faults().add(Rule::always(Fault::Status(400)).body("Enhed 2"));
    let ran = town_hall.push(state(&lines)).with_status(1);
    assert_eq!(
        (result(&ran, 3)["status"].clone(), result(&ran, 101)["status"].clone()),
        (json!("skipped"), json!("accepted"))
    );
}

#[test]
fn what_something_else_says_with_status_200_is_no_acceptance() {
    let town_hall = Town::new();
    for said in ["<html>Vi er snart tilbage</html>", "{\"error\":\"log in\"}", "[]", "", "{\"Uuid\":null}"] {
        town_hall.os2sync.faults().clear();
        town_hall.os2sync.faults().add(Rule::always(Fault::Text(200, said.to_owned())).path("/user?"));
        let ran = town_hall.push(state(&town(1))).with_status(76);
        assert!(ran.stderr.contains(&format!("the answer is not OS2sync's: {said}")), "{}", ran.stderr);
    }
    town_hall.os2sync.faults().clear();
    let ran = town_hall.push(state(&town(1))).with_status(0);
    assert_eq!(counts(&ran)["created"], 1, "{}", ran.stdout);
}

#[test]
fn the_breaker_stops_a_run_that_only_fails() {
    let town_hall = Town::new();
    town_hall.push(changes(&[user(900, &[1])])).with_status(0);
    let mut lines = town(200);
    lines.push(delete("user", 900));
    town_hall.os2sync.faults().add(Rule::always(Fault::Status(400)).path("/user?"));
    let ran = town_hall.push_with(&["--parallel", "1"], changes(&lines)).with_status(5);
    assert!(ran.stderr.contains("10 of 14 steps failed"), "{}", ran.stderr);
    assert_eq!(counts(&ran), counted([("found", 205), ("created", 4), ("failed", 10), ("skipped", 191)]));
    let ran =
        town_hall.push_with(&["--parallel", "1", "--max-failures", "100"], changes(&lines)).with_status(1);
    assert_eq!(counts(&ran)["failed"], 200);
    assert_eq!(counts(&ran)["deleted"], 1);
}

#[test]
fn a_server_that_is_away_is_said_to_be_away() {
    let dir = tempfile::tempdir().unwrap();
    let ran = Cli::new("push-os2sync")
        .args(["--api-url", "http://127.0.0.1:9/api", "--municipality", "12345678", "--retries", "0"])
        .in_dir(dir.path())
        .stdin(state(&town(1)))
        .run()
        .with_status(69);
    assert!(ran.stderr.contains("cannot connect to the server"), "{}", ran.stderr);
}

#[test]
fn a_wrong_address_stops_the_run() {
    let town_hall = Town::new();
    let url = town_hall.os2sync.url();
    let ran = Cli::new("push-os2sync")
        .args(["--api-url", &url, "--municipality", "12345678"])
        .stdin(state(&town(1)))
        .run()
        .with_status(76);
    assert!(ran.stderr.contains("check 'api_url'"), "{}", ran.stderr);
}

#[test]
fn a_slow_server_is_given_up_after_the_time_out() {
    let town_hall = Town::new();
    town_hall.os2sync.faults().add(Rule::once(Fault::Silence).path("/user?"));
    let ran = town_hall.push_with(&["--timeout", "1"], state(&town(2))).with_status(0);
    assert_eq!(counts(&ran)["created"], 6);
}
