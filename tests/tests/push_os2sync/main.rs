//! `push-os2sync` as a process against the simulated OS2sync.

mod adopting;
mod approving;
mod autowash;
mod beside;
mod containers;
mod cutting;
mod deletes;
mod dry;
mod failing;
mod foreign;
mod guard;
mod hostile;
mod input;
mod keep;
mod ledger;
mod locks;
mod missing;
mod pace;
mod preview;
mod repair;
mod repeat;
mod replacing;
mod selecting;
mod settings;
mod top_unit;
mod unread;
mod verify;

use muster_tests::cli::{Cli, Ran};
use muster_tests::lines::{changes, scoped, state};
use muster_tests::simulator::os2sync::{Operation, Options, Os2sync, Write};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Of objects that were deleted: none.
const NOBODY: [usize; 0] = [];

/// A server, and the folder in which the command's files stay from run to run.
struct Town {
    os2sync: Os2sync,
    dir: tempfile::TempDir,
}

impl Town {
    fn new() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        Self { os2sync: Os2sync::start(options), dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The command with address, municipality and short waits.
    fn command(&self) -> Cli {
        let url = self.os2sync.api_url();
        Cli::new("push-os2sync")
            .args(["--api-url", &url, "--municipality", "12345678", "--retry-wait", "0.01"])
            .in_dir(self.dir.path())
    }

    /// Push with a ledger.
    fn push(&self, input: impl Into<Vec<u8>>) -> Ran {
        self.push_with(&[], input)
    }

    fn push_with(&self, arguments: &[&str], input: impl Into<Vec<u8>>) -> Ran {
        self.command().args(["--ledger", "ledger"]).args(arguments).stdin(input).run()
    }

    /// A ledger with these objects, and no write to be seen.
    fn owning(lines: &[Value]) -> Self {
        let town_hall = Self::new();
        town_hall.push(state(lines)).with_status(0);
        town_hall.os2sync.forget();
        town_hall
    }

    /// Change the ledger behind the command's back: time passes only there.
    fn sql(&self, statement: &str) {
        let db = rusqlite::Connection::open(self.path("ledger")).unwrap();
        assert!(db.execute(statement, []).unwrap() > 0, "{statement}");
    }

    /// What was deleted since the last look, as the number of its uuid.
    fn deleted(&self) -> Vec<usize> {
        let deleted = |write: &Write| (write.operation == Operation::Delete).then(|| number(&write.uuid));
        self.writes().iter().filter_map(deleted).collect()
    }

    /// Writes that were answered with 200, as `user 4…d`, in their order; then they are forgotten.
    fn writes(&self) -> Vec<Write> {
        let writes = self.os2sync.registry().writes().to_vec();
        self.os2sync.forget();
        writes
    }
}

/// A town hall with three levels of units and so many users, each object after what contains it turned around.
fn town(users: usize) -> Vec<Value> {
    let mut lines = vec![unit(3, Some(2)), unit(2, Some(1)), unit(4, Some(1)), unit(1, None)];
    lines.extend((0..users).map(|n| user(100 + n, &[1 + n % 4])));
    lines
}

fn uuid(n: usize) -> String {
    format!("{n:08x}-0000-4000-8000-00000000000a")
}

/// The number in a [`uuid`].
fn number(uuid: &str) -> usize {
    usize::from_str_radix(&uuid[..8], 16).unwrap()
}

fn unit(n: usize, parent: Option<usize>) -> Value {
    json!({
        "_kind": "org_unit", "_key": uuid(n), "Name": format!("Enhed {n}"),
        "ParentOrgUnitUuid": parent.map(uuid),
    })
}

fn user(n: usize, units: &[usize]) -> Value {
    let positions: Vec<Value> =
        units.iter().map(|unit| json!({ "Name": "Sagsbehandler", "OrgUnitUuid": uuid(*unit) })).collect();
    json!({
        "_kind": "user", "_key": uuid(n), "UserId": format!("u{n}"), "IsRobot": false,
        "Person": { "Name": format!("Åse {n}") }, "Positions": positions,
    })
}

fn delete(kind: &str, n: usize) -> Value {
    json!({ "_op": "delete", "_kind": kind, "_key": uuid(n) })
}

/// An object that could not be read.
fn error(kind: &str, key: &str) -> Value {
    json!({ "_kind": "_error", "of": kind, "_key": key, "message": "HTTP 500" })
}

/// `record` as what came of this source.
fn from(mut record: Value, kind: &str, key: &str) -> Value {
    record["_from"] = json!([kind, key]);
    record
}

/// The `_end`'s counts that are not 0.
fn counts(ran: &Ran) -> BTreeMap<String, u64> {
    let counts = ran.ends().pop().expect("an end")["counts"].clone();
    let counts: BTreeMap<String, u64> = serde_json::from_value(counts).unwrap();
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn counted<const N: usize>(counts: [(&str, u64); N]) -> BTreeMap<String, u64> {
    counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

/// The result line of an object.
fn result(ran: &Ran, n: usize) -> Value {
    let key = uuid(n);
    ran.records().into_iter().find(|line| line["_key"] == key.as_str()).expect("a result")
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
