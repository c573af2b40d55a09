//! `extract-os2sync` as a process against the simulated OS2sync: what it shows, how it compares, how it fails.

mod compared;
mod failing;
mod full;
mod plain;

use muster_tests::cli::{Cli, Ran};
use muster_tests::simulator::os2sync::{Options, Os2sync};
use serde_json::{Value, json};

/// A registry of three units and so many users, of which the first has two positions.
fn registry(options: Options, users: usize) -> Os2sync {
    let os2sync = Os2sync::start(options);
    os2sync.place_unit(&json!({ "Uuid": uuid(1), "Name": "Kommune" }));
    for n in [2, 3] {
        os2sync.place_unit(&json!({
            "Uuid": uuid(n), "Name": format!("Enhed {n}"), "ParentOrgUnitUuid": uuid(1),
            "Email": "post@example.org", "Tasks": [uuid(70)], "PayoutUnitUuid": uuid(1),
        }));
    }
    for n in 0..users {
        os2sync.place_user(&user(100 + n, if n == 0 { &[2, 3] } else { &[2] }));
    }
    os2sync
}

fn quick() -> Options {
    Options { hierarchy_polls: 0, ..Options::default() }
}

fn user(n: usize, units: &[usize]) -> Value {
    let position =
        |unit: &usize| json!({ "Name": "Leder", "OrgUnitUuid": uuid(*unit), "StartDate": "2020-01-01" });
    let positions: Vec<Value> = units.iter().map(position).collect();
    json!({
        "Uuid": uuid(n), "UserId": format!("u{n}"), "Person": { "Name": format!("Åse {n}"), "Cpr": "0101011234" },
        "Email": "aase@example.org", "PhoneNumber": "11223344", "Positions": positions,
    })
}

/// A uuid with letters, so that its case can be told.
fn uuid(n: usize) -> String {
    format!("{n:08x}-0000-4000-8000-00000000000a")
}

/// The command reading `os2sync`, without waits between tries.
fn extract(os2sync: &Os2sync) -> Cli {
    let url = os2sync.api_url();
    Cli::new("extract-os2sync").args([
        "--api-url",
        &url,
        "--municipality",
        "12345678",
        "--retry-wait",
        "0",
        "--hierarchy-wait",
        "1",
    ])
}

/// That a failed read says so in its last line, in one line of words and in its status.
fn assert_partial(ran: &Ran, why: &str) {
    let end = ran.ends().pop().unwrap();
    assert_eq!(end["complete"], false, "{end}");
    assert!(end["error"].as_str().unwrap().contains(why), "{end}");
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains(why), "{}", ran.stderr);
}

/// The key of each record of `kind`.
fn keys(ran: &Ran, kind: &str) -> Vec<String> {
    let of_kind = ran.records().into_iter().filter(|record| record["_kind"] == kind);
    of_kind.map(|record| record["_key"].as_str().unwrap().to_owned()).collect()
}
