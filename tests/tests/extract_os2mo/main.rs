//! `extract-os2mo` against the simulated OS2mo: what it joins, how it reads, how it fails.

mod failing;
mod joining;
mod queries;
mod reading;
mod same;
mod service;
mod units;

use muster_tests::cli::{Cli, Ran, assert_partial};
use muster_tests::simulator::os2mo::{Authentication, Options, Organisation, Os2mo};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/os2mo")
}

fn start(organisation: Organisation) -> Os2mo {
    Os2mo::start(organisation, Options::default()).unwrap()
}

fn fjordby() -> Os2mo {
    start(Organisation::recorded(fixtures()))
}

fn guarded() -> Os2mo {
    let authentication = Some(Authentication::new("reader", "canary"));
    Os2mo::start(Organisation::recorded(fixtures()), Options { authentication, ..Options::default() })
        .unwrap()
}

/// The command reading `os2mo`, without waits between tries.
fn extract(os2mo: &Os2mo) -> Cli {
    let today = os2mo.organisation().today.to_string();
    Cli::new("extract-os2mo").args(["--url", &os2mo.url(), "--today", &today, "--retry-wait", "0"])
}

/// The record of `kind` with this user_key.
fn find<'a>(records: &'a [Value], kind: &str, user_key: &str) -> &'a Value {
    let mut of_kind = records.iter().filter(|record| record["_kind"] == kind);
    of_kind.find(|record| record["user_key"] == user_key).unwrap()
}
