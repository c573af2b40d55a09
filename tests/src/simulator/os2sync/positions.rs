//! How the positions of an update meet those in the registry.
//!
//! They match on unit and name, and on the dates when a start is given. The server does not look for duplicates in
//! an update: each that matches nothing in the registry becomes a function of its own.

use super::fields::text;
use serde_json::{Value, json};

/// The positions after the update, and those that end.
pub(super) fn apply(stored: &[Value], sent: &[Value], today: &str) -> (Vec<Value>, Vec<Value>) {
    let wanted = |position: &&Value| sent.iter().any(|sent| matches(sent, position));
    let (mut kept, ended): (Vec<_>, Vec<_>) = stored.iter().partition(wanted);
    let begun: Vec<_> = sent
        .iter()
        .filter(|sent| !stored.iter().any(|stored| matches(sent, stored)))
        .map(|sent| begin(sent, today))
        .collect();
    kept.extend(&begun);
    (kept.into_iter().cloned().collect(), ended.into_iter().cloned().collect())
}

fn matches(sent: &Value, stored: &Value) -> bool {
    let equal = |name: &str| text(sent, name) == text(stored, name);
    let dates = text(sent, "StartDate").is_none() || equal("StartDate") && equal("StopDate");
    equal("OrgUnitUuid") && equal("Name") && dates
}

fn begin(sent: &Value, today: &str) -> Value {
    let mut position = sent.clone();
    position["StartDate"] = json!(text(sent, "StartDate").unwrap_or(today));
    position["StopDate"] = json!(text(sent, "StopDate"));
    position
}
