//! The shipped specs compile with what they require and nothing else.

use muster_mapping::{Spec, shipped};
use serde_json::json;
use std::collections::BTreeMap;

#[test]
fn every_shipped_spec_compiles() {
    for (name, _) in shipped() {
        let top =
            BTreeMap::from([("top_unit_uuid".to_owned(), json!("a8b26d0c-7268-56d3-9a49-7f2ecdad54a3"))]);
        let spec = Spec::find(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let top =
            if spec.settings().iter().any(|one| one.name == "top_unit_uuid") { top } else { BTreeMap::new() };
        if let Err(error) = spec.compile(top) {
            panic!("{name}: {error}");
        }
    }
}
