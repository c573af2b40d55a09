//! Run it again: what was accepted is not sent, and a killed run is taken up where it was.

use super::*;
use muster_tests::simulator::os2sync::Kind;
use muster_tests::simulator::{Fault, Rule};
use std::io::{BufRead, BufReader, Write as _};

#[test]
fn the_first_run_makes_everything_and_the_second_sends_nothing() {
    let (town_hall, input) = (Town::new(), state(&town(12)));
    let first = town_hall.push(input.as_str()).with_status(0);
    assert_eq!(counts(&first), counted([("found", 16), ("created", 16)]));
    assert_eq!(result(&first, 100)["status"], "accepted");
    let registry = town_hall.os2sync.registry();
    assert_eq!((registry.units().len(), registry.users().len()), (4, 12));
    assert!(registry.failures().is_empty(), "{:?}", registry.failures());

    town_hall.os2sync.forget();
    let second = town_hall.push(input).with_status(0);
    assert_eq!(counts(&second), counted([("found", 16), ("unchanged", 16)]));
    assert!(town_hall.os2sync.seen().is_empty());
}

#[test]
fn units_come_parents_first_and_before_users() {
    let town_hall = Town::new();
    town_hall.push(state(&town(8))).with_status(0);
    let writes = town_hall.writes();
    let place = |n: usize| writes.iter().position(|write| write.uuid == uuid(n)).unwrap();
    assert!(place(1) < place(2) && place(2) < place(3) && place(1) < place(4));
    let last_unit = writes.iter().rposition(|write| write.kind == Kind::Unit).unwrap();
    let first_user = writes.iter().position(|write| write.kind == Kind::User).unwrap();
    assert!(last_unit < first_user);
}

#[test]
fn only_what_changed_is_sent() {
    let town_hall = Town::new();
    let mut lines = town(5);
    town_hall.push(state(&lines)).with_status(0);
    town_hall.os2sync.forget();
    lines[5]["Email"] = json!("ny@example.org");
    lines[6] = user(102, &[3]);
    let ran = town_hall.push(state(&lines)).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 9), ("updated", 1), ("unchanged", 8)]));
    assert_eq!(town_hall.writes().len(), 1);
    lines[6] = user(102, &[4]);
    let ran = town_hall.push(state(&lines)).with_status(0);
    assert_eq!(counts(&ran)["updated"], 1);
}

#[test]
fn the_order_of_members_is_no_change() {
    let town_hall = Town::new();
    let turned = |line: &Value| {
        Value::Object(line.as_object().unwrap().iter().rev().map(|(n, v)| (n.clone(), v.clone())).collect())
    };
    town_hall.push(state(&town(5))).with_status(0);
    let again: Vec<Value> = town(5).iter().rev().map(turned).collect();
    assert_eq!(
        counts(&town_hall.push(state(&again)).with_status(0)),
        counted([("found", 9), ("unchanged", 9)])
    );
}

#[test]
fn what_is_unknown_for_a_while_and_then_the_same_is_not_sent_again() {
    let town_hall = Town::new();
    let mut lines = town(1);
    let mut updated = |email: Value, unknown: Value| {
        (lines[4]["Email"], lines[4]["_unknown"]) = (email, unknown);
        counts(&town_hall.push(state(&lines)).with_status(0)).get("updated").copied()
    };
    assert_eq!(updated(json!("a@example.org"), json!([])), None);
    assert_eq!(updated(Value::Null, json!(["/Email"])), None);
    assert_eq!(updated(json!("a@example.org"), json!([])), None);
    assert_eq!(updated(json!("b@example.org"), json!([])), Some(1));
}

#[test]
fn what_may_have_been_sent_is_sent_again() {
    let town_hall = Town::new();
    let old = town(1);
    let mut new = old.clone();
    new[4]["UserId"] = json!("ny");
    town_hall.push(state(&old)).with_status(0);
    // The server takes the change, but nobody hears of it; then the change is taken back.
    town_hall.os2sync.faults().add(Rule::always(Fault::Cut(5)).path("/user?"));
    town_hall.push_with(&["--retries", "0"], state(&new)).with_status(69);
    town_hall.os2sync.faults().clear();
    assert_eq!(town_hall.os2sync.registry().user(&uuid(100)).unwrap()["UserId"], "ny");
    town_hall.push(state(&old)).with_status(0);
    assert_eq!(town_hall.os2sync.registry().user(&uuid(100)).unwrap()["UserId"], "u100");
}

#[test]
fn killed_and_run_again_it_ends_as_one_run_would() {
    let (town_hall, input) = (Town::new(), state(&town(300)));
    town_hall.os2sync.faults().add(Rule::always(Fault::Slow(10)));
    let mut command = town_hall.command().args(["--ledger", "ledger", "--parallel", "2"]);
    let mut child = command.spawn();
    let mut stdin = child.stdin.take().unwrap();
    let bytes = input.clone();
    std::thread::spawn(move || stdin.write_all(bytes.as_bytes()));
    while town_hall.os2sync.registry().writes().len() < 150 {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    town_hall.os2sync.faults().clear();
    let sent = town_hall.writes().len();
    let ran = town_hall.push(input.as_str()).with_status(0);
    assert!(counts(&ran)["unchanged"] > 50, "{:?} after {sent}", counts(&ran));
    let registry = town_hall.os2sync.registry();
    assert_eq!((registry.units().len(), registry.users().len()), (4, 300));
    let third = town_hall.push(input).with_status(0);
    assert_eq!(counts(&third), counted([("found", 304), ("unchanged", 304)]));
}

#[test]
fn a_signal_ends_the_run_behind_the_request_in_hand() {
    let (town_hall, input) = (Town::new(), state(&town(300)));
    town_hall.os2sync.faults().add(Rule::always(Fault::Slow(10)));
    let mut command = town_hall.command().args(["--ledger", "ledger", "--parallel", "2"]);
    let mut child = command.spawn();
    let mut stdin = child.stdin.take().unwrap();
    let bytes = input.clone();
    std::thread::spawn(move || stdin.write_all(bytes.as_bytes()));
    while town_hall.os2sync.registry().writes().len() < 20 {
        std::thread::yield_now();
    }
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stderr));
    let last = BufReader::new(output.stdout.as_slice()).lines().last().unwrap().unwrap();
    let end: Value = serde_json::from_str(&last).unwrap();
    assert_eq!(end["complete"], false);
    let accepted = end["counts"]["created"].as_u64().unwrap();
    assert_eq!(accepted, town_hall.writes().len() as u64);
    town_hall.os2sync.faults().clear();
    assert_eq!(counts(&town_hall.push(input).with_status(0))["unchanged"], accepted);
}

#[test]
fn a_signal_ends_a_run_that_still_reads() {
    let town_hall = Town::new();
    let mut command = town_hall.command().args(["--ledger", "ledger"]);
    let mut child = command.spawn();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(format!("{}\n", unit(1, None)).as_bytes()).unwrap();
    while !town_hall.path("ledger").exists() {
        std::thread::yield_now();
    }
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{stderr}");
    assert!(stderr.contains("stopped by SIGTERM before the first request"), "{stderr}");
    assert!(town_hall.os2sync.seen().is_empty());
    drop(stdin);
}

#[test]
fn a_dry_run_shows_each_request_in_order_and_sends_none() {
    let town_hall = Town::new();
    let mut lines = town(2);
    town_hall.push(state(&lines)).with_status(0);
    town_hall.os2sync.forget();
    lines[0]["Name"] = json!("Ny");
    lines[4]["UserId"] = json!("ny");
    let ran = town_hall
        .command()
        .args(["--ledger", "ledger", "--dry-run", "--priority", "7", "--bypass-cache"])
        .env("OS2SYNC_API_KEY", "hunter2")
        .stdin(state(&lines))
        .run()
        .with_status(0);
    assert!(town_hall.os2sync.seen().is_empty());
    let shown: Vec<String> = ran
        .records()
        .iter()
        .map(|line| format!("{} {}", line["method"].as_str().unwrap(), line["url"].as_str().unwrap()))
        .collect();
    let api = town_hall.os2sync.api_url();
    assert_eq!(
        shown,
        [
            format!("GET {api}/orgUnit/{}", uuid(3)),
            format!("POST {api}/orgUnit?bypassCache=true&priority=7"),
            format!("POST {api}/user?bypassCache=true&priority=7"),
        ]
    );
    let post = &ran.records()[2];
    assert_eq!(
        post["headers"],
        json!({ "Cvr": "12345678", "content-type": "application/json", "ApiKey": "***" })
    );
    assert_eq!(post["body"]["UserId"], "ny");
    assert!(ran.records()[1]["keeps"].as_array().unwrap().contains(&json!("LOSShortName")));
    assert!(!ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"));
    // It leaves nothing behind either.
    let ran = town_hall.push(state(&lines)).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 6), ("updated", 2), ("unchanged", 4)]));
}

#[test]
fn a_dry_run_makes_no_ledger() {
    let town_hall = Town::new();
    let ran = town_hall.push_with(&["--dry-run"], state(&town(1))).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 5), ("created", 5)]));
    assert_eq!(std::fs::read_dir(town_hall.dir.path()).unwrap().count(), 0);
}

#[test]
fn without_a_ledger_everything_is_sent_each_time() {
    let town_hall = Town::new();
    for _ in 0..2 {
        let ran = town_hall.command().stdin(state(&town(1))).run().with_status(0);
        assert_eq!(counts(&ran), counted([("found", 5), ("created", 5)]));
    }
}

#[test]
fn what_may_have_been_sent_before_a_kill_is_not_forgotten() {
    let town_hall = Town::new();
    town_hall.os2sync.faults().add(Rule::always(Fault::Silence).path("/user"));
    let mut child = town_hall.command().args(["--ledger", "ledger"]).spawn();
    child.stdin.take().unwrap().write_all(state(&town(3)).as_bytes()).unwrap();
    while !town_hall.os2sync.seen().iter().any(|request| request.path_and_query.contains("/user")) {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    town_hall.os2sync.faults().clear();
    town_hall.os2sync.forget();
    // Meanwhile one of them left: whether it ever arrived nobody knows, so it is deleted.
    town_hall.push(state(&town(2))).with_status(0);
    assert_eq!(town_hall.deleted(), [102]);
    assert_eq!(town_hall.os2sync.registry().users().len(), 2);
}
