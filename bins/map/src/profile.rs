//! `--profile`: a table of what each part of the spec took.

use muster_mapping::Part;
use std::time::Duration;

/// Say it, the costliest part first.
pub fn tell(parts: &[Part]) {
    if parts.is_empty() {
        return;
    }
    let all: Duration = parts.iter().map(|part| part.took).sum();
    let columns = ["share", "seconds", "count", "null", "missing", "unknown", "rejected"];
    tracing::info!(target: "summary", "{}  part", columns.map(|name| format!("{name:>9}")).concat());
    for part in parts {
        let share = 100.0 * part.took.as_secs_f64() / all.as_secs_f64().max(f64::MIN_POSITIVE);
        let took = format!("{share:>7.1} %{:>9.3}", part.took.as_secs_f64());
        let counts = [part.evaluated, part.null, part.missing, part.unknown, part.rejected];
        let counts = counts.map(|count| format!("{count:>9}")).concat();
        tracing::info!(target: "summary", "{took}{counts}  {}", part.name);
    }
}
