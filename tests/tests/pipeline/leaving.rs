//! Who leaves OS2mo leaves OS2sync; whom the pipeline can no longer judge stays.

use super::Pipeline;
use muster_tests::simulator::os2mo::{Collection, Organisation};
use muster_tests::simulator::os2sync::Kind;
use uuid::Uuid;

/// The engagements that `is_meant` picks.
fn engagements(organisation: &Organisation, member: &str, of: Uuid) -> Vec<Uuid> {
    let all = organisation.objects(Collection::Engagements);
    let has = |uuid: &Uuid| {
        let current = organisation.current(Collection::Engagements, *uuid);
        current.and_then(|state| state.text(member)).is_some_and(|text| text == of.to_string())
    };
    all.keys().filter(|uuid| has(uuid)).copied().collect()
}

#[test]
fn a_person_who_vanished_is_deleted() {
    let pipeline = Pipeline::new("os2sync", "");
    pipeline.run().with_status(0);
    let person = pipeline.os2mo.edit(|organisation| {
        let person = organisation.find(Collection::Employees, "p005").unwrap();
        organisation.remove(Collection::Employees, person).unwrap();
        person
    });
    let ran = pipeline.run().with_status(0);
    assert_eq!(pipeline.os2sync.registry().deleted(), [(Kind::User, person.to_string())]);
    assert_eq!(ran.ends()[0]["counts"]["deleted"], 1);
    pipeline.os2sync.forget();
    pipeline.run().with_status(0);
    assert!(pipeline.os2sync.registry().writes().is_empty());
}

#[test]
fn a_person_without_a_position_is_deleted_and_comes_back_with_one() {
    let pipeline = Pipeline::new("os2sync", "");
    pipeline.run().with_status(0);
    let users = pipeline.os2sync.registry().users().len();
    let (person, held) = pipeline.os2mo.edit(|organisation| {
        let person = organisation.find(Collection::Employees, "p005").unwrap();
        let mut held = Vec::new();
        for engagement in engagements(organisation, "employee_uuid", person) {
            held.push(organisation.current(Collection::Engagements, engagement).unwrap().members.clone());
            organisation.remove(Collection::Engagements, engagement).unwrap();
        }
        (person, held)
    });
    pipeline.run().with_status(0);
    assert_eq!(pipeline.os2sync.registry().deleted(), [(Kind::User, person.to_string())]);
    pipeline.os2mo.edit(|organisation| {
        for mut members in held {
            members.insert("from".to_owned(), organisation.today.to_string().into());
            organisation.add(Collection::Engagements, members.into()).unwrap();
        }
    });
    pipeline.run().with_status(0);
    assert_eq!(pipeline.os2sync.registry().users().len(), users);
}

#[test]
fn a_person_in_a_unit_that_was_not_read_stays_and_so_does_the_unit() {
    let pipeline = Pipeline::new("os2sync", "");
    pipeline.run().with_status(0);
    let users = pipeline.os2sync.registry().users().len();
    let unit = pipeline.os2mo.edit(|organisation| {
        let unit = organisation.find(Collection::OrgUnits, "hr").unwrap();
        assert!(!engagements(organisation, "org_unit_uuid", unit).is_empty());
        organisation.remove(Collection::OrgUnits, unit).unwrap();
        unit
    });
    let ran = pipeline.run();
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert_eq!(pipeline.os2sync.registry().users().len(), users, "{}", ran.stderr);
    assert!(
        pipeline.os2sync.registry().deleted().is_empty(),
        "the unit {unit} has people whom nobody could judge"
    );
}
