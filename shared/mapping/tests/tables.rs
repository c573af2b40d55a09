//! Tables beside a spec, and the digests that they are part of.

#![allow(clippy::unwrap_used)] // outside #[test] functions, too: these are helpers of tests

use muster_mapping::Spec;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The digests of spec and population of a map with these members, beside a table of that text.
fn digests(table: &str, members: &Value) -> (String, String) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("cities.csv"), table).unwrap();
    std::fs::write(dir.path().join("other.csv"), "a,b\n").unwrap();
    let mut map = json!({"from": "p", "to": "u", "fields": {}});
    map.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let spec = json!({"tables": {"cities": "cities.csv", "other": "other.csv"}, "maps": [map],
        "converters": {"is_here": "lookup('cities', value)"}});
    let path = dir.path().join("spec.json");
    std::fs::write(&path, spec.to_string()).unwrap();
    let spec = Spec::find(path.to_str().unwrap()).unwrap();
    let engine = spec.compile(BTreeMap::new()).unwrap();
    (engine.spec_digest().to_owned(), engine.population_digest().to_owned())
}

#[test]
fn a_table_is_part_of_what_it_decides() {
    let decides = |members: Value| {
        let (old, new) = (digests("zip\n1\n", &members), digests("zip\n2\n", &members));
        assert_ne!(old.0, new.0, "the spec does something else: {members}");
        old.1 != new.1
    };
    assert!(decides(json!({"when": "lookup('cities', zip)"})));
    assert!(decides(json!({"when": "zip is is_here"})));
    assert!(decides(json!({"when": "lookup(which, zip)"})));
    assert!(decides(json!({"let": {"city": "lookup('cities', zip)"}, "when": "city"})));
    assert!(decides(
        json!({"key": "K", "fields": {"K": {"source": "z", "converter": "lookup:table=cities|by=zip|value=zip"}}})
    ));
    assert!(!decides(json!({"fields": {"C": {"expr": "lookup('cities', zip)"}}})));
    assert!(!decides(json!({"when": "lookup('other', zip)"})));
}
