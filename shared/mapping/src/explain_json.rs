//! How a record came about, as JSON for programs.

use crate::compile_places::map_name;
use crate::explain::{Told, What};
use crate::field::Failure;
use crate::trace::{End, FieldTrace, LineTrace, MapTrace, Trace};
use muster_stream::{Map, Value};
use serde_json::json;
use std::io::{Result, Write};

/// Write what `told` says, on one line.
pub(crate) fn write(told: &Told<'_>, output: &mut impl Write) -> Result<()> {
    let mut line = Map::new();
    line.insert("line".to_owned(), told.number.into());
    if !told.kind.is_empty() {
        line.insert("kind".to_owned(), told.kind.into());
        line.insert("key".to_owned(), told.key.into());
    }
    let outcome = match &told.what {
        What::Record(trace) => record(trace),
        What::Unmapped => json!({"outcome": "unmapped"}),
        What::Operation(op, kinds) => json!({"outcome": "operation", "op": op.name(), "to": kinds}),
        What::Unreadable(error) => json!({"outcome": "unreadable", "reason": error.message()}),
        What::End(end) => json!({"outcome": "end", "complete": end.complete, "records": end.records}),
        What::Bad(reason) => json!({"outcome": "rejected", "reason": reason}),
    };
    line.extend(outcome.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    writeln!(output, "{}", Value::Object(line))
}

fn record(trace: &Trace<'_>) -> Value {
    let maps: Vec<Value> = trace.maps.iter().map(map).collect();
    match &trace.failure {
        Some(Failure::Rejected(why)) => json!({"outcome": "rejected", "reason": why, "maps": maps}),
        Some(Failure::Unknown(what)) => json!({"outcome": "unknown", "reason": what, "maps": maps}),
        None if trace.maps.iter().any(|map| map.lines.iter().any(|line| line.record.is_some())) => {
            json!({"outcome": "mapped", "maps": maps})
        }
        None => json!({"outcome": "dropped", "maps": maps}),
    }
}

fn map(map: &MapTrace<'_>) -> Value {
    let mut told = Map::new();
    told.insert("map".to_owned(), map_name(map.text).into());
    if let (Some(items), Some((name, source))) = (map.items, map.text.each.0.first()) {
        told.insert("each".to_owned(), json!({"name": name, "expr": source, "items": items}));
    }
    told.insert("lines".to_owned(), map.lines.iter().map(|one| line(one, map)).collect());
    told.into()
}

fn line(line: &LineTrace<'_>, map: &MapTrace<'_>) -> Value {
    let mut told = Map::new();
    if let Some(item) = &line.item {
        told.insert("item".to_owned(), item.clone());
    }
    if !line.lets.is_empty() {
        let one = |(name, source, value): &(&str, &str, std::result::Result<Value, String>)| {
            let told = match value {
                Ok(value) => json!({"expr": source, "value": value}),
                Err(why) => json!({"expr": source, "fails": why}),
            };
            ((*name).to_owned(), told)
        };
        told.insert("let".to_owned(), line.lets.iter().map(one).collect::<Map>().into());
    }
    if let (Some(holds), Some(when)) = (line.when, &map.text.when) {
        told.insert("when".to_owned(), json!({"expr": when, "holds": holds}));
    }
    told.insert("fields".to_owned(), line.fields.iter().map(field).collect());
    if let Some(record) = &line.record {
        told.insert("record".to_owned(), record.clone().into());
    }
    told.into()
}

fn field(field: &FieldTrace<'_>) -> Value {
    let mut told = Map::new();
    told.insert("field".to_owned(), field.pointer.into());
    let step = |step: &crate::trace::Step| match step.missing {
        true => json!({"step": step.name, "value": step.value, "missing": true}),
        false => json!({"step": step.name, "value": step.value}),
    };
    if !field.below.is_empty() {
        told.insert("fields".to_owned(), field.below.iter().map(self::field).collect());
    }
    told.insert("steps".to_owned(), field.steps.iter().map(step).collect());
    let (name, value) = match &field.end {
        End::Value(value) => ("value", value.clone()),
        End::LeftOut(why) => ("left_out", (*why).into()),
        End::Unknown(pointers) => ("unknown", pointers.clone().into()),
        End::Rejected(why) => ("rejected", why.as_str().into()),
    };
    told.insert(name.to_owned(), value);
    told.into()
}
