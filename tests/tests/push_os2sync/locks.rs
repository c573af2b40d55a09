//! One run at a time: for a ledger, and for a target, whatever ledger it has.

use super::*;
use muster_tests::simulator::{Fault, Rule};
use std::process::Child;

/// A run that has sent its first request and waits for the answer for ever.
pub fn waiting(town_hall: &Town, command: &mut Cli, input: &str) -> Child {
    town_hall.os2sync.faults().add(Rule::always(Fault::Silence));
    let mut run = command.spawn();
    std::io::Write::write_all(&mut run.stdin.take().unwrap(), input.as_bytes()).unwrap();
    while town_hall.os2sync.seen().is_empty() {
        std::thread::yield_now();
    }
    run
}

pub fn end(town_hall: &Town, mut run: Child) {
    run.kill().unwrap();
    run.wait().unwrap();
    town_hall.os2sync.faults().clear();
    town_hall.os2sync.forget();
}

#[test]
fn a_second_run_is_told_who_holds_the_ledger() {
    let town_hall = Town::new();
    let mut command = town_hall.command().args(["--ledger", "ledger"]);
    let first = waiting(&town_hall, &mut command, &state(&town(1)));
    let ran = town_hall.push(state(&town(1))).with_status(75);
    assert!(ran.stderr.contains("another run holds the ledger"), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("(process {}, since 2", first.id())), "{}", ran.stderr);
    end(&town_hall, first);
    town_hall.push(state(&town(1))).with_status(0);
}

#[test]
fn a_target_takes_one_run_whatever_ledger_it_has() {
    let town_hall = Town::new();
    let mut command = town_hall.command().args(["--ledger", "ledger"]);
    let first = waiting(&town_hall, &mut command, &state(&town(1)));
    for arguments in [&["--ledger", "other"][..], &[]] {
        let ran = town_hall.command().args(arguments).stdin(state(&town(1))).run().with_status(75);
        assert!(ran.stderr.contains("another run holds the target"), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("(process {}, since 2", first.id())), "{}", ran.stderr);
    }
    // Looking is allowed, and another municipality is another target.
    town_hall.push_with(&["--dry-run"], state(&town(1))).with_status(0);
    town_hall.os2sync.faults().clear();
    let url = town_hall.os2sync.api_url();
    let elsewhere = Cli::new("push-os2sync").args(["--api-url", &url, "--municipality", "87654321"]);
    elsewhere.stdin(state(&town(1))).run().with_status(0);
    end(&town_hall, first);
    town_hall.command().stdin(state(&town(1))).run().with_status(0);
}
