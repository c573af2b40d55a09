//! `lookup(table, key, by=…, value=…)` in expressions.

use super::{Table, Tables};
use crate::value::from_json;
use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind};
use muster_stream::Value as Json;

/// Give expressions the function `lookup`.
pub(crate) fn register(environment: &mut Environment<'static>, tables: &Tables) {
    let tables = tables.clone();
    environment.add_function("lookup", move |table: &str, key: &Value, options: Kwargs| {
        let by: Option<&str> = options.get("by")?;
        let value: Option<&str> = options.get("value")?;
        options.assert_all_used()?;
        let table = tables.get(table).map_err(wrong)?;
        found(&table, key, by, value).map_err(wrong)
    });
}

fn wrong(why: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, why)
}

/// The row that has `key` in the column `by`, the table's first one when nothing is said, or that row's `value`. A table of
/// `key` and `value` gives the value. What is not there is undefined.
fn found(table: &Table, key: &Value, by: Option<&str>, value: Option<&str>) -> Result<Value, String> {
    let by = by.map_or(Ok(0), |by| table.column(by))?;
    let value = value.or_else(|| table.is_of_pairs().then_some("value"));
    let value = value.map(|value| table.column(value)).transpose()?;
    if key.is_undefined() || key.is_none() {
        return Ok(Value::UNDEFINED);
    }
    let row = table.find(by, &key.to_string());
    let json = row.and_then(|row| match value {
        Some(column) => row.get(table.name_of(column)).cloned(),
        None => Some(Json::Object(row.clone())),
    });
    Ok(json.map_or(Value::UNDEFINED, |json| from_json(&json, None)))
}

/// Whether every table that `source` names in a call of `lookup` is there: a mistake that needs no record to be found.
pub(crate) fn check(source: &str, tables: &Tables) -> Result<(), String> {
    for (place, _) in source.match_indices("lookup(") {
        let is_end_of_another = source[..place].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let argument = source[place + "lookup(".len()..].trim_start();
        let quote = argument.chars().next().filter(|quote| ['\'', '"'].contains(quote));
        let name = quote.and_then(|quote| argument[1..].split_once(quote)).map(|(name, _)| name);
        if let Some(name) = name.filter(|_| !is_end_of_another) {
            tables.get(name)?;
        }
    }
    Ok(())
}
