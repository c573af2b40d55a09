//! An office with a ledger, and what is pushed to it.

use crate::office::Office;
use muster_base::Exit;
use muster_changes::Limit;
use muster_delivery::{Options, Summary, push};
use muster_stream::{Form, Writer};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

pub fn user(key: &str, name: &str) -> Value {
    json!({ "_kind": "user", "_key": key, "name": name, "mail": format!("{name}@example.org") })
}

pub fn team(key: &str, parent: &str, members: &[&str]) -> Value {
    json!({ "_kind": "team", "_key": key, "name": key, "parent": parent, "members": members })
}

pub fn error(kind: &str, key: &str) -> Value {
    json!({ "_kind": "_error", "of": kind, "_key": key, "message": "no" })
}

pub fn stream(lines: &[Value]) -> String {
    let mut by_kind = BTreeMap::<&str, u64>::new();
    for line in lines.iter().filter(|line| line["_kind"] != "_error") {
        *by_kind.entry(line["_kind"].as_str().unwrap()).or_default() += 1;
    }
    let records: u64 = by_kind.values().sum();
    let end = json!({ "_kind": "_end", "form": "state", "from": "test", "scope": "s", "complete": true,
        "records": records, "errors": lines.len() as u64 - records, "by_kind": by_kind });
    lines.iter().chain([&end]).map(|line| format!("{line}\n")).collect()
}

pub fn options(ledger: &Path) -> Options {
    let all = Some(Limit::Percent(100.0));
    Options {
        ledger: Some(ledger.to_owned()),
        max_failures: 50.0,
        max_deletes: all,
        ..Options::new("test 1")
    }
}

/// An office, and a ledger that stays from run to run.
pub struct Bureau {
    pub office: Office,
    pub dir: tempfile::TempDir,
}

impl Bureau {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut office = Office::default();
        office.name = dir.path().display().to_string();
        Self { office, dir }
    }

    pub fn push(&mut self, lines: &[Value]) -> Summary {
        self.push_with(&stream(lines), |options| options)
    }

    pub fn push_with(&mut self, input: &str, change: impl FnOnce(Options) -> Options) -> Summary {
        let options = change(options(&self.dir.path().join("ledger")));
        let mut output = Writer::new(Box::new(std::io::sink()), "test");
        output.form(Form::Changes);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let never = std::future::pending();
        let pushed = push(&mut self.office, input.as_bytes(), &mut output, &options, never, &|_| ());
        runtime.block_on(pushed).unwrap()
    }

    /// Push until a step hangs, and be gone.
    pub fn kill(&mut self, lines: &[Value]) {
        let (ledger, input) = (self.dir.path().join("ledger"), stream(lines));
        let (hangs, options) = (std::sync::Arc::clone(&self.office.hangs), options(&ledger));
        let mut output = Writer::new(Box::new(std::io::sink()), "test");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let never = std::future::pending();
            let pushed = push(&mut self.office, input.as_bytes(), &mut output, &options, never, &|_| ());
            tokio::select! {
                _ = pushed => panic!("it ended"),
                () = hangs.notified() => (),
            }
        });
        self.office.hanging = None;
        self.office.done();
    }

    pub fn done(&self) -> Vec<String> {
        let mut done = self.office.done();
        done.sort();
        done
    }

    pub fn members(&self, id: &str) -> Vec<String> {
        self.office.things.borrow()[id].members.clone()
    }
}

pub fn everybody() -> Vec<Value> {
    vec![user("a", "ane"), user("b", "bo"), team("t1", "", &["a", "b"]), team("t2", "t1", &["b"])]
}

pub fn equipped() -> Bureau {
    let mut bureau = Bureau::new();
    assert_eq!(bureau.push(&everybody()).exit(), Exit::Done);
    bureau.office.done();
    bureau
}
