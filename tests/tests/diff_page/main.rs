//! The page of `diff --format html` in a real browser, headless.

mod browser;
mod looks;
mod safety;
mod tools;

use browser::Browser;
use muster_tests::cli::Cli;
use serde_json::{Value, json};
use std::path::PathBuf;

/// A page in a file, and a browser that shows it.
struct Shown {
    browser: Browser,
    page: PathBuf,
    _dir: tempfile::TempDir,
}

/// The plan that these changes are, with its end.
fn plan(changes: &[Value]) -> String {
    let mut text: String = changes.iter().map(|change| format!("{change}\n")).collect();
    let mut by_kind = serde_json::Map::new();
    for change in changes {
        let kind = change["_kind"].as_str().unwrap();
        let count = by_kind.get(kind).and_then(Value::as_u64).unwrap_or(0);
        by_kind.insert(kind.to_owned(), (count + 1).into());
    }
    let end = json!({"_kind": "_end", "form": "changes", "from": "hr 3 | diff 1", "scope": "hr://example.org",
        "complete": true, "records": changes.len(), "errors": 0, "by_kind": by_kind});
    text += &format!("{end}\n");
    text
}

/// The page of a plan; the exit status says whether it holds changes or is partial.
fn drawn(plan: &str, status: i32) -> String {
    let cli = Cli::new("diff").args(["--show", "-", "--format", "html"]).stdin(plan);
    cli.run().with_status(status).stdout
}

/// `page` in a browser, if there is one.
fn shown(page: &str) -> Option<Shown> {
    let browser = Browser::start()?;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plan.html");
    std::fs::write(&path, page).unwrap();
    browser.open(&path);
    Some(Shown { browser, page: path, _dir: dir })
}

/// A few changes of every sort.
fn town() -> Vec<Value> {
    vec![
        json!({"_op": "create", "_kind": "org_unit", "_key": "u1", "after": {"Name": "Teknik og Miljø", "Tasks": []}}),
        json!({"_op": "update", "_kind": "org_unit", "_key": "u2", "before": {"Name": "Skole", "Post": "Ågade 1, 9999 Fjordby"},
            "after": {"Name": "Skole", "Post": "Ågade 2, 9999 Fjordby"}, "changed": ["/Post"]}),
        json!({"_op": "update", "_kind": "user", "_key": "p1", "before": {"Person": {"Name": "Ane Larsen"}, "Phone": "1", "Groups": ["a", "b"]},
            "after": {"Person": {"Name": "Ane Holm"}, "Phone": "2", "Groups": ["b", "c"]}, "changed": ["/Groups", "/Person/Name", "/Phone"]}),
        json!({"_op": "delete", "_kind": "user", "_key": "p2", "rename": {"to": "p3", "by": "/Mail"},
            "before": {"Name": "Bo Dahl", "Mail": "bo@example.org"}}),
        json!({"_op": "create", "_kind": "user", "_key": "p3", "rename": {"from": "p2", "by": "/Mail"},
            "after": {"Name": "Bo Dahl", "Mail": "bo@example.org"}}),
        json!({"_op": "blocked", "_kind": "user", "_key": "p4", "op": "delete", "reason": "protected by role == 'admin'",
            "before": {"Name": "Eva Skov", "role": "admin"}}),
        json!({"_op": "create", "_kind": "user", "_key": "p5", "after": {"Name": "Ib Wang", "Positions": [{"Name": "Lærer", "Unit": "u2"}]}}),
    ]
}
