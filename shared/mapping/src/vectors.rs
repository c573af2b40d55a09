//! What the Oomnitza connector was recorded to do, against what a spec with `"compat"` does.

#![allow(clippy::unwrap_used, clippy::panic)] // outside #[test] functions, too: these are helpers of tests

use crate::batch::{Step, Worker};
use crate::pool::Pool;
use crate::{Engine, Spec, escape, odd_path};
use muster_stream::{Block, Map, Record, Value};
use serde_json::json;
use std::collections::BTreeMap;

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/oomnitza/vectors.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn engine(compat: &str, field: &Value) -> Engine {
    let spec = json!({"compat": compat, "maps": [{"from":"p","to":"p","fields":{"F": field}}]});
    Spec::parse("vectors", &spec.to_string()).unwrap().compile(BTreeMap::new()).unwrap()
}

/// The one field of what becomes of a record with these members.
fn mapped(engine: &Engine, members: Map) -> Value {
    let line = serde_json::to_vec(Record::new("p", "1", members).map()).unwrap();
    let batch = Worker::new(engine, &Pool::default(), muster_stream::MAX_LINE).map(Block::Lines(line));
    match &batch.steps[0].1 {
        Step::Run(run) => serde_json::from_slice::<Value>(&run.bytes).unwrap()["F"].take(),
        Step::Rejected { why, .. } => panic!("{why}"),
        _ => panic!("it is no record"),
    }
}

/// Compare all results of a group, and name every one that differs.
fn all(group: &str, check: impl Fn(&Value) -> Value) {
    let vectors = vectors();
    let cases = vectors[group].as_array().unwrap();
    let wrong: Vec<String> = cases
        .iter()
        .map(|case| (case, check(case)))
        .filter(|(case, got)| same(&case["result"]) != same(got))
        .map(|(case, got)| format!("{case} gave {got}"))
        .collect();
    assert!(cases.len() > 5 && wrong.is_empty(), "{group}:\n{}", wrong.join("\n"));
}

/// A value with its numbers as numbers: 50000000000.0 is 5E10.
fn same(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(["number", number.as_f64().unwrap(), number.is_f64()]),
        Value::Array(items) => items.iter().map(same).collect(),
        other => other.clone(),
    }
}

#[test]
fn paths() {
    let vectors = vectors();
    let (data, default) = (vectors["lookup_data"].as_object().unwrap(), json!("DEFAULT"));
    all("lookup", |case| odd_path::in_map(data, case["path"].as_str().unwrap(), &default).clone());
    all("lookup", |case| match mapped(&engine("oomnitza", &case["path"]), data.clone()) {
        // The engine's default is null.
        Value::Null if case["result"] == default => default.clone(),
        value => value,
    });
}

#[test]
fn converters() {
    let vectors = vectors();
    all("converters", |case| {
        let mut record = vectors["converter_record"].as_object().unwrap().clone();
        record.insert("v".to_owned(), case["value"].clone());
        let field = |converter: &str| json!({"source": "v", "converter": converter});
        let name = case["converter"].as_str().unwrap();
        let whole = mapped(&engine("oomnitza", &field(name)), record.clone());
        let plain =
            json!({"maps": [{"from":"p","to":"p","fields":{"F": field(&format!("oomnitza.{name}"))}}]});
        let plain = Spec::parse("vectors", &plain.to_string()).unwrap().compile(BTreeMap::new()).unwrap();
        assert_eq!(whole, mapped(&plain, record), "{name} by its name alone");
        whole
    });
}

#[test]
fn literals() {
    let from = |field: Value, case: &Value| {
        mapped(&engine("oomnitza-managed", &field), Map::from_iter([("v".to_owned(), case["text"].clone())]))
    };
    for field in [json!("v"), json!({"expr": "v"}), json!({"template": "{{ v }}"})] {
        all("native_rendering", |case| from(field.clone(), case));
    }
    all("native_rendering", |case| match from(json!({"expr": "v | as_is"}), case) {
        value if value == case["with_as_is"] => case["result"].clone(),
        value => json!(format!("as_is gave {value}")),
    });
}

#[test]
fn names() {
    all("key_escaping", |case| escape::name(case["key"].as_str().unwrap()).into());
    let record = |name: &str| Map::from_iter([(name.to_owned(), json!("found"))]);
    let engine = engine("oomnitza-managed", &json!({"expr": "a_DASH_b"}));
    assert_eq!(mapped(&engine, record("a-b")), json!("found"));
    assert_eq!(mapped(&engine, record("a_DASH_b")), json!("found"));
    assert_eq!(mapped(&engine, record("a.b")), Value::Null);
}
