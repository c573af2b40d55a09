//! `--adopt-from`: what the program before us owned, entered into the ledger.
//!
//! Either NDJSON of kinds and keys (`{"_kind":…,"_key":…}`, with `id` where the target has its own), or the hash cache of
//! the OS2 exporters: `{"/user/<uuid>":"<sha224>", "/orgUnit/<uuid>":…}`. The cache keeps deletes as well; their hash is
//! that of an empty body, so they are told apart.

use crate::{Phase, Row, State};
use muster_base::{Error, Exit};
use muster_stream::{Line, Map, Record, Value};
use sha2::{Digest, Sha224};
use std::io::{BufRead, BufReader};
use std::path::Path;

/// The rows of objects in `file`, keys as `key` writes them, as active objects of which no content is known.
pub(crate) fn read(
    file: &Path,
    phases: &[Phase],
    key: &dyn Fn(&str, &str) -> Result<String, String>,
) -> Result<Vec<Row>, Error> {
    let named =
        |error: std::io::Error| Error::new(Exit::Io, format!("cannot read '{}': {error}", file.display()));
    let mut input = BufReader::new(std::fs::File::open(file).map_err(named)?);
    let mut first = String::new();
    input.read_line(&mut first).map_err(named)?;
    let rows = match is_line(&first) {
        true => lines(std::iter::once(Ok(first)).chain(input.lines()), phases, key),
        false => {
            let mut rest = first;
            std::io::Read::read_to_string(&mut input, &mut rest).map_err(named)?;
            cache(&rest, phases, key)
        }
    };
    rows.map_err(|why| {
        Error::new(Exit::Data, why)
            .at(file.display())
            .hint("give lines of kinds and keys, or the hash cache of the OS2 exporters")
    })
}

fn is_line(text: &str) -> bool {
    serde_json::from_str::<Map>(text).is_ok_and(|map| map.contains_key("_kind"))
}

fn lines(
    lines: impl Iterator<Item = std::io::Result<String>>,
    phases: &[Phase],
    key: &dyn Fn(&str, &str) -> Result<String, String>,
) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for (number, line) in lines.enumerate() {
        let wrong = |why: &dyn std::fmt::Display| format!("line {} cannot be read: {why}", number + 1);
        let line = line.map_err(|error| wrong(&error))?;
        match Line::parse(line.trim_end().as_bytes()) {
            // An exported ledger tells also of what it took away, or never saw made.
            Ok(Line::Record(record)) if is_gone(&record) => (),
            Ok(Line::Record(record)) => {
                if phases.iter().all(|phase| phase.kind != record.kind()) {
                    return Err(wrong(&format!("the target has no '{}'", record.kind())));
                }
                let id = record.map().get("id").and_then(Value::as_str).map(str::to_owned);
                let key = key(record.kind(), record.key()).map_err(|why| wrong(&why))?;
                rows.push(row(record.kind(), key, id, record.from()));
            }
            Ok(Line::End(_)) => (),
            Ok(_) => return Err(wrong(&"it is no record")),
            Err(bad) => return Err(wrong(&bad.reason)),
        }
    }
    Ok(rows)
}

fn is_gone(record: &Record) -> bool {
    let state = record.map().get("state").and_then(Value::as_str);
    [State::Deleted, State::Pending].iter().any(|gone| state == Some(gone.name()))
}

fn cache(
    text: &str,
    phases: &[Phase],
    key: &dyn Fn(&str, &str) -> Result<String, String>,
) -> Result<Vec<Row>, String> {
    let cache: Map = serde_json::from_str(text).map_err(|error| format!("it is no JSON object: {error}"))?;
    let mut rows = Vec::new();
    for (path, hash) in &cache {
        let wrong = || format!("'{path}' names no object of the target");
        let (kind, name) = path.trim_start_matches('/').split_once('/').ok_or_else(wrong)?;
        let plain = |kind: &str| kind.replace('_', "").to_lowercase();
        let phase = phases.iter().find(|phase| plain(phase.kind) == plain(kind)).ok_or_else(wrong)?;
        if !hash.as_str().is_some_and(is_delete) {
            rows.push(row(phase.kind, key(phase.kind, name)?, None, None));
        }
    }
    Ok(rows)
}

/// Whether a hash of the cache is that of a delete.
fn is_delete(hash: &str) -> bool {
    ["{}", "null", "\"\"", "[]"].into_iter().any(|body| {
        let digest = Sha224::digest(format!("{body}delete"));
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        hex.eq_ignore_ascii_case(hash)
    })
}

fn row(kind: &str, key: String, id: Option<String>, from: Option<(&str, &str)>) -> Row {
    let mut row = Row { kind: kind.to_owned(), key, id, state: State::Active, ..Row::default() };
    row.origin.from = from.map(|(kind, key)| (kind.to_owned(), key.to_owned()));
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Order, Work};
    use std::io::Write;

    const PHASES: &[Phase] = &[
        Phase { kind: "org_unit", work: Work::Upsert, order: Order::Any },
        Phase { kind: "user", work: Work::Upsert, order: Order::Any },
    ];

    fn rows(text: &str) -> Result<Vec<(String, String)>, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let rows =
            read(file.path(), PHASES, &|_, key| Ok(key.to_lowercase())).map_err(|error| error.to_string())?;
        Ok(rows.into_iter().map(|row| (row.kind, row.key)).collect())
    }

    fn names(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(kind, key)| ((*kind).to_owned(), (*key).to_owned())).collect()
    }

    #[test]
    fn a_hash_cache_gives_what_was_not_deleted() {
        let digest = Sha224::digest("{}delete");
        let deleted: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let cache = format!(
            "{{\"/user/A\": \"17\", \"/orgUnit/B\": \"18\",\n \"/orgunit/C\": \"19\", \"/user/D\": \"{deleted}\"}}"
        );
        assert_eq!(rows(&cache).unwrap(), names(&[("user", "a"), ("org_unit", "b"), ("org_unit", "c")]));
        assert_eq!(rows("{}").unwrap(), []);
    }

    #[test]
    fn lines_give_kinds_and_keys() {
        let text =
            "{\"_kind\":\"user\",\"_key\":\"A\"}\n{\"_kind\":\"org_unit\",\"_key\":\"B\",\"id\":\"7\"}\n";
        assert_eq!(rows(text).unwrap(), names(&[("user", "a"), ("org_unit", "b")]));
    }

    #[test]
    fn anything_else_is_told_apart() {
        assert!(rows("{\"/klasse/1\":\"x\"}").unwrap_err().contains("'/klasse/1' names no object"));
        assert!(
            rows("{\"_kind\":\"user\",\"_key\":\"A\"}\nx\n").unwrap_err().contains("line 2 cannot be read")
        );
        assert!(rows("hello").unwrap_err().contains("no JSON object"));
    }
}
