//! The command's queries are valid for the recorded schema.

use super::fixtures;
use apollo_compiler::{ExecutableDocument, Schema};
use muster_tests::cli::root;

#[test]
fn every_query_is_valid_for_the_recorded_schema() {
    let sdl = std::fs::read_to_string(fixtures().join("schema-v25.graphql")).unwrap();
    let schema = Schema::parse_and_validate(sdl, "schema-v25.graphql").unwrap();
    let mut checked = 0;
    for entry in std::fs::read_dir(root().join("bins/extract-os2mo/queries")).unwrap() {
        let path = entry.unwrap().path();
        let query = std::fs::read_to_string(&path).unwrap();
        let valid = ExecutableDocument::parse_and_validate(&schema, query, &path);
        assert!(valid.is_ok(), "{}", valid.unwrap_err().errors);
        checked += 1;
    }
    assert_eq!(checked, 11);
}
