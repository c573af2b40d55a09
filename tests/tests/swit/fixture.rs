//! Commands that know where the simulated Swit is, and streams for them.

use muster_tests::cli::{Cli, Ran};
use muster_tests::simulator::swit::{ACCESS_TOKEN, Options, Swit};
use serde_json::{Value, json};
use std::path::PathBuf;

/// More requests a second than any test sends.
pub const UNHURRIED: &str = "1000000";

/// The command `name` with the addresses of `swit` and an administrator's token; it waits for nothing.
pub fn command(name: &str, swit: &Swit) -> Cli {
    let cli = Cli::new(name)
        .args(["--base-url", &swit.url(), "--scim-url", &swit.scim_url(), "--retry-wait", "0"])
        .env("SWIT_ACCESS_TOKEN", ACCESS_TOKEN);
    // What extracts learns the pace of the server.
    if name == "push-swit" { cli.env("SWIT_RATE", UNHURRIED) } else { cli }
}

/// A simulated Swit and a pipeline that pushes to it, with a ledger of its own.
pub struct Pipeline {
    pub swit: Swit,
    pub dir: tempfile::TempDir,
    arguments: Vec<String>,
}

impl Pipeline {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        Self { swit: Swit::start(options), dir: tempfile::tempdir().unwrap(), arguments: Vec::new() }
    }

    /// With these arguments in every run.
    pub fn always(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    pub fn ledger(&self) -> PathBuf {
        self.dir.path().join("ledger")
    }

    /// The command, before its input; the guard is out of the way.
    pub fn command(&self, arguments: &[&str]) -> Cli {
        command("push-swit", &self.swit)
            .args([
                "--ledger",
                self.ledger().to_str().unwrap(),
                "--max-deletes",
                "1000",
                "--max-changes",
                "100%",
            ])
            .args(&self.arguments)
            .args(arguments)
    }

    /// Push `records` as a whole state.
    pub fn push(&self, records: &[Value], arguments: &[&str]) -> Ran {
        self.command(arguments).stdin(state(records)).run()
    }

    /// Push and expect success; the names of the writes, in their order.
    pub fn done(&self, records: &[Value]) -> Vec<String> {
        self.swit.forget();
        self.push(records, &[]).with_status(0);
        self.operations()
    }

    /// Push twice; the second run must send nothing. The names of the first run's writes.
    pub fn settled(&self, records: &[Value]) -> Vec<String> {
        let writes = self.done(records);
        assert_eq!(self.done(records), [""; 0], "the second run has nothing to send");
        writes
    }

    /// The names of the writes since they were forgotten.
    pub fn operations(&self) -> Vec<String> {
        self.swit.writes().into_iter().map(|write| write.operation).collect()
    }
}

/// A whole stream of one scope.
pub fn state(records: &[Value]) -> String {
    stream(records, &json!({}))
}

/// A stream whose end has these members, too.
pub fn stream(records: &[Value], more: &Value) -> String {
    let errors = records.iter().filter(|record| record["_kind"] == "_error").count();
    let mut by_kind = std::collections::BTreeMap::<&str, u64>::new();
    for record in records.iter().filter(|record| record["_kind"] != "_error") {
        *by_kind.entry(record["_kind"].as_str().unwrap()).or_default() += 1;
    }
    let mut end = json!({
        "_kind": "_end", "form": "state", "from": "test", "scope": "test", "complete": true,
        "records": records.len() - errors, "errors": errors, "by_kind": by_kind,
        "started": "2026-01-01T00:00:00Z", "ended": "2026-01-01T00:00:00Z",
    });
    end.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    records.iter().chain([&end]).map(|line| format!("{line}\n")).collect()
}

/// A person `ane` with the address ane@example.org and a DN.
pub fn person(name: &str) -> Value {
    let id = name.to_lowercase().replace(' ', ".");
    json!({
        "_kind": "user", "_key": format!("key-{id}"), "_alias": [format!("uid={id},ou=people")],
        "name": name, "email": format!("{id}@example.org"), "phone": "+45 12 34", "language": "en",
    })
}

/// A team with the people of these names, by their DNs; it lies in the team `parent`.
pub fn team(name: &str, parent: Option<&str>, members: &[&str]) -> Value {
    let id = name.to_lowercase();
    let people =
        members.iter().map(|name| format!("uid={},ou=people", name.to_lowercase().replace(' ', ".")));
    json!({
        "_kind": "team", "_key": format!("key-{id}"), "_alias": [format!("cn={id},ou=groups")], "name": name,
        "parents": parent.iter().map(|name| format!("cn={},ou=groups", name.to_lowercase())).collect::<Vec<_>>(),
        "members": people.collect::<Vec<_>>(),
    })
}

/// `record` with these members instead.
pub fn changed(mut record: Value, members: Value) -> Value {
    record.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    record
}

/// An object that could not be read.
pub fn unreadable(kind: &str, key: &str) -> Value {
    json!({ "_kind": "_error", "of": kind, "_key": key, "message": "it could not be read" })
}
