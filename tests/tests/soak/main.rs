//! Long tests: pipelines killed, cut, garbled and answered wrongly at random, many times over. `scripts/soak` runs them.
//!
//! `SOAK_RUNS` says how often, `SOAK_SEED` with which numbers; a failure names the seed of its run.

mod delivery;
mod rusty_vault;
mod strongbox;
mod vendor;

use muster_tests::cli::{Cli, Ran, bin_dir};
use muster_tests::simulator::os2mo::{self, Organisation, Os2mo};
use muster_tests::simulator::os2sync::{Options, Os2sync};
use muster_tests::simulator::{Fault, Rule};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Exit codes that a command may end with when its surroundings fail. 70, a bug, is not among them.
const EXPECTED: [i32; 11] = [0, 1, 3, 4, 5, 65, 69, 74, 75, 76, 77];

/// Numbers that are the same for the same seed (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

/// Run `test` so many times, each with numbers of its own.
fn soak(test: impl Fn(&mut Numbers)) {
    soak_share(1.0, test);
}

/// The same for a test that is to run oftener or more seldom than others.
fn soak_share(share: f64, test: impl Fn(&mut Numbers)) {
    let (runs, seed) = (variable("SOAK_RUNS", 20), variable("SOAK_SEED", 1));
    let runs = (runs as f64 * share).ceil() as u64;
    for run in seed..seed + runs {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&mut Numbers(run))));
        assert!(outcome.is_ok(), "again with SOAK_SEED={run} SOAK_RUNS=1");
    }
    println!("{runs} runs from seed {seed}");
}

/// Both systems and a folder for the ledger.
struct Stage {
    os2mo: Os2mo,
    os2sync: Os2sync,
    folder: tempfile::TempDir,
}

impl Stage {
    /// A small municipality.
    fn new() -> Self {
        let organisation = Organisation::generated(7, 40, 12);
        let os2mo = Os2mo::start(organisation, os2mo::Options::default()).unwrap();
        Self { os2mo, os2sync: Os2sync::start(Options::default()), folder: tempfile::tempdir().unwrap() }
    }

    fn shell(&self, line: &str) -> Cli {
        let (today, top) = {
            let organisation = self.os2mo.organisation();
            (organisation.today.to_string(), organisation.top_unit.to_string())
        };
        Cli::shell(line)
            .in_dir(self.folder.path())
            .env("OS2MO_URL", &self.os2mo.url())
            .env("OS2MO_TODAY", &today)
            .env("OS2MO_RETRY_WAIT", "0")
            .env("OS2MO_TIMEOUT", "2")
            .env("OS2SYNC_API_URL", &self.os2sync.api_url())
            .env("OS2SYNC_RETRY_WAIT", "0")
            .env("OS2SYNC_MUNICIPALITY", "12345678")
            .env("OS2SYNC_TOP_UNIT_UUID", &top)
    }

    fn run(&self, line: &str) -> Ran {
        self.shell(line).run()
    }

    /// The pipeline, to its end.
    fn whole(&self) -> Ran {
        self.run(&format!("set -o pipefail; {PIPELINE}"))
    }

    /// What is in the registry, times left out.
    fn registry(&self) -> Value {
        let registry = self.os2sync.registry();
        let mut objects = [registry.units(), registry.users()].concat();
        objects.iter_mut().filter_map(Value::as_object_mut).for_each(|object| {
            object.shift_remove("Timestamp");
        });
        json!(objects)
    }

    fn assert_nothing_deleted(&self) {
        let deletes = self.os2sync.seen().into_iter().filter(|seen| seen.method == "DELETE").count();
        assert_eq!(deletes, 0, "a broken read deleted");
        assert!(self.os2sync.registry().deleted().is_empty());
    }

    /// That the pipeline comes to `wanted`, and that one more run has nothing to do.
    fn assert_ends_in(&self, wanted: &Value) {
        self.whole().with_status(0);
        assert!(self.registry() == *wanted, "the registry differs from that of an unbroken run");
        self.os2sync.forget();
        self.whole().with_status(0);
        assert_eq!(self.os2sync.seen().len(), 0, "a run with nothing to do sends something");
    }
}

const PIPELINE: &str = "extract-os2mo -q | map -q --spec os2sync | push-os2sync -q --ledger ledger > results";

/// The registry after an unbroken run, and how long that took.
fn unbroken() -> (Value, Duration) {
    let stage = Stage::new();
    let start = Instant::now();
    stage.whole().with_status(0);
    (stage.registry(), start.elapsed())
}

/// Start the pipeline as a group of processes of its own, and kill all of it after `wait`.
fn killed_after(stage: &Stage, wait: Duration) {
    let mut cli = stage.shell(&format!("exec setsid bash -c '{PIPELINE} 2> /dev/null'"));
    let mut child = cli.spawn();
    std::thread::sleep(wait);
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-9", "--", &group]).output();
    child.wait().unwrap();
}

#[test]
#[ignore = "long: scripts/soak"]
fn a_killed_pipeline_run_again_ends_in_the_same_place() {
    assert!(Path::new(bin_dir()).exists());
    let (wanted, took) = unbroken();
    soak(|numbers| {
        let stage = Stage::new();
        for _ in 0..1 + numbers.below(4) {
            killed_after(&stage, took.mul_f64(numbers.below(1000) as f64 / 1000.0));
        }
        stage.assert_ends_in(&wanted);
        stage.assert_nothing_deleted();
    });
}

#[test]
#[ignore = "long: scripts/soak"]
fn a_cut_or_garbled_stream_deletes_nothing() {
    let stage = Stage::new();
    stage.whole().with_status(0);
    let records = stage.run("extract-os2mo -q").with_status(0).stdout.into_bytes();
    let mapped = stage.run("extract-os2mo -q | map -q --spec os2sync").stdout.into_bytes();
    let (kept, push) = (stage.registry(), "push-os2sync -q --ledger ledger");
    soak(|numbers| {
        let (stream, line) = match numbers.below(2) {
            0 => (&records, format!("map -q --spec os2sync | {push}")),
            _ => (&mapped, push.to_owned()),
        };
        let mut stream = stream.clone();
        let place = numbers.below(stream.len());
        match numbers.below(3) {
            0 => stream.truncate(place),
            // What is no UTF-8 shows; another letter in a key is another object, which nobody can tell from a true one.
            1 => stream[place] = 0xff,
            // Across the end of a line: within one it may leave a record that nobody can tell from a true one.
            _ => {
                let line = stream[place..].iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                drop(stream.drain(place..(place + line + numbers.below(5000)).min(stream.len())));
            }
        }
        let ran = stage.shell(&line).stdin(stream).run();
        assert!(EXPECTED.contains(&ran.status), "ended with {}: {}", ran.status, ran.stderr);
        stage.assert_nothing_deleted();
    });
    // A garbled byte may well be one in a name, so contents differ; but every object is still there.
    assert_eq!(stage.registry().as_array().unwrap().len(), kept.as_array().unwrap().len());
}

#[test]
#[ignore = "long: scripts/soak"]
fn servers_that_fail_delete_nothing_and_the_next_run_goes_on() {
    let (wanted, _) = unbroken();
    soak(|numbers| {
        let stage = Stage::new();
        for _ in 0..1 + numbers.below(3) {
            let at_source = numbers.below(2) == 0;
            let fault = match numbers.below(if at_source { 6 } else { 5 }) {
                0 => Fault::Status(500),
                1 => Fault::Status(401),
                2 => Fault::Cut(numbers.below(3000)),
                3 => Fault::TooManyRequests(Some(0)),
                4 => Fault::Text(200, "<html>".to_owned()),
                _ => Fault::Json(json!({"data": null, "errors": [{"message": "it broke"}]})),
            };
            let rule = Rule { times: 1 + numbers.below(8), ..Rule::always(fault).after(numbers.below(25)) };
            match at_source {
                true => stage.os2mo.faults.add(rule),
                false => stage.os2sync.faults().add(rule),
            }
            let ran = stage.whole();
            assert!(EXPECTED.contains(&ran.status), "ended with {}: {}", ran.status, ran.stderr);
        }
        stage.os2mo.faults.clear();
        stage.os2sync.faults().clear();
        stage.assert_ends_in(&wanted);
        stage.assert_nothing_deleted();
    });
}
