//! A spec of any text, and a record mapped by it: never a panic, never without end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use muster_mapping::Spec;
use muster_stream::{Line, Record};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static RECORD: LazyLock<Record> = LazyLock::new(|| {
    let line = r#"{"_kind":"user","_key":"1","_unknown":["/d"],"a":["x",{"b":1.50}],"c":{"e":"Ane Larsen"},"n":null}"#;
    match Line::parse(line.as_bytes()) {
        Ok(Line::Record(record)) => record,
        other => panic!("{other:?}"),
    }
});

fuzz_target!(|text: &str| {
    // An engine lives as long as its process: only small ones, or memory is at an end before anything is found.
    if text.len() > 2000 || text.contains("\"extends\"") || text.contains("\"tables\"") {
        return;
    }
    if let Ok(spec) = Spec::parse("fuzz", text)
        && let Ok(engine) = spec.compile(BTreeMap::new())
    {
        let _ = engine.map(RECORD.clone());
    }
});
