//! Lines of the stream as tests write them.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// `lines` with an end of this form and scope that tells the truth about them.
pub fn scoped(form: &str, scope: &str, lines: &[Value]) -> String {
    let mut by_kind = BTreeMap::<&str, u64>::new();
    for line in lines.iter().filter(|line| line["_kind"] != "_error") {
        *by_kind.entry(line["_kind"].as_str().unwrap()).or_default() += 1;
    }
    let records: u64 = by_kind.values().sum();
    let end = json!({
        "_kind": "_end", "form": form, "from": "test", "scope": scope, "complete": true, "records": records,
        "errors": lines.len() as u64 - records, "by_kind": by_kind, "started": "", "ended": "",
    });
    lines.iter().chain([&end]).map(|line| format!("{line}\n")).collect()
}

/// The whole population of the scope `test`.
pub fn state(lines: &[Value]) -> String {
    scoped("state", "test", lines)
}

/// Upserts and deletes in the scope `test`.
pub fn changes(lines: &[Value]) -> String {
    scoped("changes", "test", lines)
}
