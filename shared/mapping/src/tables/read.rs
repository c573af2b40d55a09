//! Tables read from their files.

use muster_base::{Error, Exit};
use muster_stream::{Map, Value};
use std::path::Path;

/// The columns that a file names before its rows, and the rows: JSON when its name ends in `.json`, else CSV.
pub(super) fn rows(file: &Path) -> Result<Read, Error> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let exit = if error.kind() == std::io::ErrorKind::InvalidData { Exit::Data } else { Exit::Io };
        Error::new(exit, format!("cannot read the table: {error}")).at(file.display())
    })?;
    let text = text.trim_start_matches('\u{feff}');
    if file.extension().is_some_and(|end| end.eq_ignore_ascii_case("json")) {
        json(text, file)
    } else {
        csv(text, file)
    }
}

/// Names of columns, and rows.
type Read = (Vec<String>, Vec<Map>);

fn wrong(file: &Path, line: u64, why: impl std::fmt::Display) -> Error {
    Error::new(Exit::Data, format!("the table is wrong: {why}")).at(format!("{}:{line}", file.display()))
}

fn json(text: &str, file: &Path) -> Result<Read, Error> {
    let parsed: Value = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let what = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
        wrong(file, error.line() as u64, what)
    })?;
    match parsed {
        Value::Object(map) => {
            Ok((vec!["key".to_owned(), "value".to_owned()], map.into_iter().map(row).collect()))
        }
        Value::Array(items) => items
            .into_iter()
            .enumerate()
            .map(|(place, item)| match item {
                Value::Object(row) => Ok(row),
                _ => Err(wrong(file, 1, format!("item {place} is no object"))),
            })
            .collect::<Result<_, _>>()
            .map(|rows| (Vec::new(), rows)),
        _ => Err(wrong(file, 1, "it is neither a list of objects nor an object")),
    }
}

fn row((key, value): (String, Value)) -> Map {
    Map::from_iter([("key".to_owned(), key.into()), ("value".to_owned(), value)])
}

fn csv(text: &str, file: &Path) -> Result<Read, Error> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(text)).from_reader(text.as_bytes());
    let names = reader.headers().map_err(|error| unreadable(file, &error))?.clone();
    let names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
    if let Some((place, name)) = names.iter().enumerate().find(|(place, name)| names[..*place].contains(name))
    {
        return Err(wrong(
            file,
            1,
            format!("the column '{name}' stands twice, again as number {}", place + 1),
        ));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(file, &error))?;
        rows.push(names.iter().cloned().zip(record.iter().map(Value::from)).collect());
    }
    Ok((names, rows))
}

fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    [b',', b';', b'\t'].into_iter().find(|byte| first.as_bytes().contains(byte)).unwrap_or(b',')
}

fn unreadable(file: &Path, error: &csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            wrong(file, line, format!("{len} columns where the first line has {expected_len}"))
        }
        _ => wrong(file, line, error),
    }
}
