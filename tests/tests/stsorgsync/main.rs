//! STSOrgSync: its simulator, `push-stsorgsync` against it, the whole pipeline from OS2mo, the exporter's settings.

mod calls;
mod failing;
mod foreign;
mod payloads;
mod pipeline;
mod repeat;
mod script;
mod settings;
mod simulator;
mod units;
mod unknown;

use muster_tests::cli::{Cli, Ran};
use muster_tests::lines::{changes, state};
use muster_tests::simulator::stsorgsync::{Build, Options, Stsorgsync};
use serde_json::{Value, json};

/// A server, and the folder in which the command's files stay from run to run.
struct Town {
    stsorgsync: Stsorgsync,
    dir: tempfile::TempDir,
}

impl Town {
    fn new() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        Self { stsorgsync: Stsorgsync::start(options), dir: tempfile::tempdir().unwrap() }
    }

    fn windows() -> Self {
        Self::with(Options { build: Build::Windows, ..Options::default() })
    }

    /// The command with the address and short waits.
    fn bare(&self) -> Cli {
        let url = self.stsorgsync.api_url();
        Cli::new("push-stsorgsync").args(["--api-url", &url, "--retry-wait", "0.01"]).in_dir(self.dir.path())
    }

    /// The same with municipality and ledger.
    fn command(&self) -> Cli {
        self.bare().args(["--municipality", "12345678", "--ledger", "ledger"])
    }

    fn push(&self, input: impl Into<Vec<u8>>) -> Ran {
        self.command().stdin(input).run()
    }
}

/// Four units in three levels and so many users, each unit before what contains it.
fn town(users: usize) -> Vec<Value> {
    let mut lines = vec![unit(3, Some(2)), unit(2, Some(1)), unit(4, Some(1)), unit(1, None)];
    lines.extend((0..users).map(|n| user(100 + n, &[1 + n % 4])));
    lines
}

fn uuid(n: usize) -> String {
    format!("{n:08x}-0000-4000-8000-00000000000a")
}

fn unit(n: usize, parent: Option<usize>) -> Value {
    let parent = parent.map(uuid);
    json!({ "_kind": "org_unit", "_key": uuid(n), "Name": format!("Enhed {n}"), "ParentOrgUnitUuid": parent })
}

fn user(n: usize, units: &[usize]) -> Value {
    let position = |unit: &usize| json!({ "Name": "Sagsbehandler", "OrgUnitUuid": uuid(*unit) });
    json!({
        "_kind": "user", "_key": uuid(n), "UserId": uuid(n), "Person": { "Name": format!("Åse {n}"), "Uuid": uuid(n) },
        "Email": { "Value": format!("u{n}@example.org"), "Uuid": uuid(1000 + n) },
        "Positions": units.iter().map(position).collect::<Vec<_>>(),
    })
}

fn delete(kind: &str, n: usize) -> Value {
    json!({ "_op": "delete", "_kind": kind, "_key": uuid(n) })
}

/// The `_end`'s count of this name.
fn count(ran: &Ran, name: &str) -> u64 {
    ran.ends().pop().expect("an end")["counts"][name].as_u64().unwrap_or_default()
}

/// The result line of an object.
fn result(ran: &Ran, n: usize) -> Value {
    let key = uuid(n);
    ran.records().into_iter().find(|line| line["_key"] == key.as_str()).expect("a result")
}
