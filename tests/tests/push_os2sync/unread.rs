//! Results that nobody reads to their end, as before `| head -1`: the run is what it would have been.

use super::*;
use muster_tests::simulator::{Fault, Rule};
use std::io::{Read, Write};

/// The same as [`Town::push_with`], with a reader of the results who leaves after so many bytes.
fn unread(town_hall: &Town, arguments: &[&str], input: &str, bytes: u64) -> Ran {
    let mut command = town_hall.command().args(["--ledger", "ledger"]).args(arguments);
    let mut run = command.spawn();
    let stdout = run.stdout.take().unwrap();
    run.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let mut read = String::new();
    stdout.take(bytes).read_to_string(&mut read).unwrap();
    assert_eq!(read.len() as u64, bytes, "{read}");
    run.wait_with_output().unwrap().into()
}

/// What --status says of the last run: its exit code, and whether it is a success.
fn remembered(town_hall: &Town) -> (Value, bool) {
    let ran = Cli::new("push-os2sync").args(["--ledger", "ledger", "--status", "--format", "json"]);
    let ran = ran.in_dir(town_hall.dir.path()).run().with_status(0);
    let said = &ran.lines()[0];
    (said["last_run"]["exit"].clone(), said["last_complete_success"] == said["last_run"])
}

#[test]
fn a_run_goes_on_and_its_end_is_told() {
    let town_hall = Town::new();
    // More than a pipe holds.
    let ran = unread(&town_hall, &["--parallel", "16"], &state(&town(1200)), 1).with_status(0);
    assert_eq!(town_hall.os2sync.registry().users().len(), 1200);
    assert!(ran.stderr.contains("user           1200       1200"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("pipe") && !ran.stderr.contains("reads"), "{}", ran.stderr);
    assert_eq!(remembered(&town_hall), (json!(0), true));
    town_hall.os2sync.forget();
    town_hall.push(state(&town(1200))).with_status(0);
    assert!(town_hall.os2sync.seen().is_empty());
}

#[test]
fn what_failed_shows_in_the_exit_code() {
    let town_hall = Town::new();
    town_hall.os2sync.faults().add(Rule::always(Fault::Status(400)).body("u100"));
    let ran = unread(&town_hall, &["--rejects", "rejects"], &state(&town(3)), 0).with_status(1);
    assert!(ran.stderr.contains("the first failure: user"), "{}", ran.stderr);
    assert_eq!(text(&town_hall.path("rejects")).lines().count(), 2);
    assert_eq!(remembered(&town_hall), (json!(1), true));
}

#[test]
fn a_refusal_and_a_dry_run_are_told_as_well() {
    let town_hall = Town::owning(&town(8));
    let ran = unread(&town_hall, &[], &state(&town(2)), 0).with_status(3);
    assert!(ran.stderr.contains("NOTHING WAS SENT"), "{}", ran.stderr);
    assert_eq!(remembered(&town_hall), (json!(3), false));
    let ran = unread(&town_hall, &["--dry-run"], &state(&town(9)), 0).with_status(0);
    assert!(ran.stderr.contains("dry run"), "{}", ran.stderr);
}
