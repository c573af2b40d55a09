//! Run again: nothing is sent twice, and only what changed is sent.

use super::Pipeline;
use muster_tests::simulator::os2mo::Collection;
use serde_json::json;

fn writes(pipeline: &Pipeline) -> Vec<String> {
    pipeline.os2sync.registry().writes().iter().map(|write| write.uuid.clone()).collect()
}

#[test]
fn a_second_run_sends_nothing() {
    let pipeline = Pipeline::new("os2sync", "");
    pipeline.run().with_status(0);
    let first = writes(&pipeline).len();
    assert!(first > 190, "{first} writes");
    pipeline.os2sync.forget();
    let ran = pipeline.run().with_status(0);
    assert_eq!(pipeline.os2sync.seen().len(), 0, "requests of the second run");
    assert_eq!(ran.ends()[0]["counts"]["unchanged"], first);
}

#[test]
fn three_changes_are_three_objects() {
    let pipeline = Pipeline::new("os2sync", "");
    pipeline.run().with_status(0);
    let (person, unit, mail) = pipeline.os2mo.edit(|organisation| {
        let person = organisation.find(Collection::Employees, "p005").unwrap();
        organisation.rename_person(person, "Signe", "Ravn Holm").unwrap();
        let unit = organisation.find(Collection::OrgUnits, "visitation").unwrap();
        organisation.rename_unit(unit, "Visitation og Hjælpemidler").unwrap();
        let mail = organisation.find(Collection::Addresses, "birlun001@fjordby.example").unwrap();
        organisation.change(Collection::Addresses, mail, json!({"value": "birgit@fjordby.example"})).unwrap();
        (person.to_string(), unit.to_string(), "9888792d-3e90-5184-8746-620beeea47c6".to_owned())
    });
    pipeline.os2sync.forget();

    let dry = pipeline.run_with("--dry-run").with_status(0);
    let shown: Vec<_> = dry
        .records()
        .iter()
        .filter(|line| line["method"] == "POST")
        .map(|line| line["_key"].clone())
        .collect();
    assert_eq!(pipeline.os2sync.seen().len(), 0, "a dry run sends nothing");

    let ran = pipeline.run().with_status(0);
    let mut sent: Vec<_> = writes(&pipeline);
    let mut expected = vec![person, unit, mail];
    assert_eq!(shown.len(), 3);
    sent.sort();
    expected.sort();
    assert_eq!(sent, expected);
    assert_eq!(ran.ends()[0]["counts"]["updated"], 3);
}

#[test]
fn who_is_gone_from_os2mo_is_deleted_and_nobody_else() {
    let pipeline = Pipeline::new("os2sync", "");
    pipeline.run().with_status(0);
    let person = pipeline.os2mo.edit(|organisation| {
        let person = organisation.find(Collection::Employees, "p005").unwrap();
        organisation.remove(Collection::Employees, person).unwrap();
        person.to_string()
    });
    let ran = pipeline.run().with_status(0);
    assert_eq!(ran.ends()[0]["counts"]["deleted"], 1);
    let deleted = pipeline.os2sync.registry().deleted().to_vec();
    assert_eq!(deleted.iter().map(|(_, uuid)| uuid).collect::<Vec<_>>(), [&person]);
}
