//! Converters that look a value up in a table of the spec.

use super::call::Call;
use super::{Around, Converted, Step, a_kind, is_falsy};
use crate::tables::{Table, Tables, text_of};
use muster_stream::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// One column sought in another one.
struct Columns {
    table: Arc<Table>,
    by: usize,
    value: usize,
}

impl Columns {
    fn of(call: &Call, tables: &Tables, table: &str, by: &str, value: &str) -> Result<Self, String> {
        let at = |why: String| format!("converter '{}': {why}", call.name);
        let table = tables.get(table).map_err(at)?;
        let (by, value) = (table.column(by).map_err(at)?, table.column(value).map_err(at)?);
        Ok(Self { table, by, value })
    }

    fn find(&self, key: &str) -> Option<Value> {
        let value = self.table.find(self.by, key)?.get(self.table.name_of(self.value))?;
        (!value.is_null()).then(|| value.clone())
    }

    /// The value for each label; rows that lack either stand for nothing. Of several the connector takes the last, by the
    /// plain rule it is nobody's to choose.
    fn by_label(&self, odd: bool) -> HashMap<String, Result<Value, ()>> {
        let mut found = HashMap::new();
        for row in self.table.rows() {
            let at = |column| row.get(self.table.name_of(column)).filter(|value| !is_falsy(value));
            let (Some(label), Some(value)) = (at(self.by).and_then(text_of), at(self.value)) else {
                continue;
            };
            match found.get(&label) {
                Some(Ok(other)) if !odd && other != value => found.insert(label, Err(())),
                Some(Err(())) => None,
                _ => found.insert(label, Ok(value.clone())),
            };
        }
        found
    }
}

pub(super) fn lookup(call: &Call, tables: &Tables) -> Result<Step, String> {
    let example = "lookup:table=cities|by=zip|value=name";
    let [table, by, value] = ["table", "by", "value"].map(|key| call.required(key, example));
    let columns = Columns::of(call, tables, table?, by?, value?)?;
    Ok(Arc::new(move |value, _| -> Converted {
        if value.is_null() {
            return Ok(value);
        }
        let key = text_of(&value).ok_or_else(|| {
            format!("converter 'lookup' takes a string or number, found {}", a_kind(&value))
        })?;
        Ok(columns.find(&key).unwrap_or(Value::Null))
    }))
}

pub(super) fn location(call: &Call, odd: bool, tables: &Tables) -> Result<Step, String> {
    let (field, label) = (call.text_or("field", "location_id"), call.text_or("label", "name"));
    let name = call.text_or("table", LOCATIONS);
    let columns = Columns::of(call, tables, &name, &label, &field)?;
    let ids = Columns { table: columns.table.clone(), by: columns.value, value: columns.value };
    let by_label = columns.by_label(odd);
    Ok(Arc::new(move |value, _| -> Converted {
        if is_falsy(&value) {
            return Ok(Value::Null);
        }
        let id = text_of(&value).and_then(|text| match by_label.get(&text) {
            Some(id) => Some(id.clone()),
            None if odd => ids.find(&text.to_lowercase()).map(Ok),
            None => ids.find(&text).map(Ok),
        });
        match id {
            Some(Ok(id)) => Ok(id),
            Some(Err(())) => Err(format!("converter 'location': the table '{name}' has several rows for it")),
            None if odd && value.is_string() => Ok(value),
            None => Err(format!("converter 'location': the table '{name}' has no row for it")),
        }
    }))
}

/// The vendor's service told the model by the last four characters of a serial number of twelve, the last three of one of
/// eleven; a table by whole numbers serves as well.
pub(super) fn mac_model(call: &Call, tables: &Tables) -> Result<Step, String> {
    let (table, by) = (call.text_or("table", MAC_MODELS), call.text_or("by", "serial"));
    let columns = Columns::of(call, tables, &table, &by, &call.text_or("value", "model"))?;
    Ok(Arc::new(move |value, around: &Around<'_>| {
        let general = (around.member)("general").unwrap_or(Value::Null);
        let serial = general.get("serial_number").and_then(text_of).unwrap_or_default();
        let end = |length: usize| {
            let start = serial.char_indices().rev().nth(length - 1).map_or(0, |(place, _)| place);
            &serial[start..]
        };
        let found = [serial.as_str(), end(4), end(3)].into_iter().find_map(|key| columns.find(key));
        Ok(found.unwrap_or(value))
    }))
}

/// The tables that these converters take when none is named.
pub(crate) const LOCATIONS: &str = "locations";
pub(crate) const MAC_MODELS: &str = "mac_models";
