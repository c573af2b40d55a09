//! What the registry holds in the end, against payloads derived from the exporter's rules.

use super::pipeline::Pipeline;
use super::*;
use muster_tests::simulator::stsorgsync::Kind;
use std::path::Path;

fn check(pipeline: &Pipeline, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stsorgsync").join(name);
    let expected: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let registry = pipeline.town.stsorgsync.registry();
    let body = |uuid: &str| {
        let write =
            registry.writes().iter().find(|write| write.uuid == uuid).unwrap_or_else(|| panic!("no {uuid}"));
        let mut body = write.body.clone().unwrap();
        if let Some(positions) = body["Positions"].as_array_mut() {
            positions.sort_by_key(|position| position["Uuid"].to_string());
        }
        body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        body
    };
    for kind in ["units", "users"] {
        for object in expected[kind].as_array().unwrap() {
            assert_eq!(body(object["Uuid"].as_str().unwrap()), *object);
        }
    }
    for (why, uuid) in expected["absent"].as_object().unwrap() {
        let uuid = uuid.as_str().unwrap();
        assert_eq!((registry.get(Kind::Unit, uuid), registry.get(Kind::User, uuid)), (None, None), "{why}");
    }
}

#[test]
fn by_the_exporters_rules() {
    let pipeline = Pipeline::new("");
    pipeline.run().with_status(0);
    check(&pipeline, "defaults.json");
}

#[test]
fn with_lists_of_address_types() {
    let pipeline = Pipeline::new(
        "STSORGSYNC_EMAIL_SCOPE_CLASSES = 2aa74efc-4017-5ac9-b74a-e4bb8aec5927 ba0e0cbf-0633-5a1e-b4f7-66b40ab8ece1\n\
         STSORGSYNC_PHONE_SCOPE_CLASSES = 8287d17e-67dd-56ad-b398-d62d894ab6fe 849308fb-38a7-519f-8c63-09f86f3b2735\n",
    );
    pipeline.run().with_status(0);
    check(&pipeline, "classes.json");
}

#[test]
fn no_cpr_number_is_ever_sent() {
    let pipeline = Pipeline::new("");
    pipeline.run().with_status(0);
    let bodies: String = pipeline.town.stsorgsync.seen().into_iter().map(|seen| seen.body).collect();
    let organisation = pipeline.os2mo.organisation();
    let persons =
        organisation.objects(muster_tests::simulator::os2mo::Collection::Employees).values().flatten();
    let numbers: Vec<&str> = persons.filter_map(|state| state.text("cpr_number")).collect();
    assert!(numbers.len() > 100 && numbers.iter().all(|number| !bodies.contains(number)));
}
