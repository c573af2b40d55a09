//! Both interfaces of a server give the same records, but for what the older one does not say.

use super::service::by_service;
use super::*;
use muster_tests::simulator::os2mo::Collection;
use serde_json::json;

/// Take what `_unknown` of `by` names out of a record: nobody says anything of it.
fn without(record: &Value, by: &Value) -> Value {
    let mut record = record.clone();
    for pointer in by["_unknown"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        if let Some(Value::Object(parent)) = record.pointer_mut(parent) {
            parent.shift_remove(name);
        }
    }
    record.as_object_mut().unwrap().shift_remove("_unknown");
    record
}

fn assert_same(os2mo: &Os2mo, arguments: &[&str]) {
    let graphql = extract(os2mo).args(arguments).run().with_status(0).records();
    let service = by_service(os2mo).args(arguments).run().with_status(0).records();
    let keys = |records: &[Value]| -> Vec<String> {
        records.iter().map(|record| record["_key"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(keys(&graphql), keys(&service));
    for (theirs, ours) in graphql.iter().zip(&service) {
        let (theirs, ours) = (without(&without(theirs, ours), theirs), without(&without(ours, theirs), ours));
        assert!(theirs == ours, "\nGraphQL {theirs}\nservice {ours}");
    }
}

#[test]
fn the_records_are_those_of_graphql_but_for_what_the_api_does_not_say() {
    assert_same(&fjordby(), &[]);
    assert_same(&start(Organisation::generated(7, 60, 20)), &[]);
    assert_same(&fjordby(), &["--top-unit", "c8da3874-9c41-5c3b-8f0d-402d0591c4d0"]);
}

/// The organisation with what happens to data in years: classes, systems and persons that are gone though others name them,
/// empty texts, objects that ended yesterday, end today or begin tomorrow.
fn weathered(mut organisation: Organisation) -> Organisation {
    let today = organisation.today;
    let (yesterday, tomorrow) = (today.yesterday().unwrap(), today.tomorrow().unwrap());
    let key = |organisation: &Organisation, collection, key| organisation.find(collection, key).unwrap();
    for class in ["Secret", "jf3", "Ekstern", "kle_indsigt", "niv2", "EmailAlias"] {
        let class = key(&organisation, Collection::Classes, class);
        organisation.end(Collection::Classes, class, yesterday).unwrap();
    }
    let system = key(&organisation, Collection::Itsystems, "SD");
    organisation.end(Collection::Itsystems, system, yesterday).unwrap();
    let every = |organisation: &Organisation, collection, nth: usize| -> Vec<uuid::Uuid> {
        organisation.objects(collection).keys().copied().step_by(nth).collect()
    };
    for (collection, member) in [
        (Collection::Employees, "surname"),
        (Collection::OrgUnits, "name"),
        (Collection::Classes, "name"),
        (Collection::Addresses, "value"),
    ] {
        for uuid in every(&organisation, collection, 17) {
            organisation.change(collection, uuid, json!({ member: "" })).unwrap();
        }
    }
    for collection in [Collection::Engagements, Collection::Itusers] {
        for uuid in every(&organisation, collection, 19) {
            organisation
                .change(collection, uuid, json!({ "from": tomorrow.to_string(), "to": null }))
                .unwrap();
        }
    }
    for (nth, day) in [(7, yesterday), (11, today), (13, tomorrow)] {
        for collection in [
            Collection::Engagements,
            Collection::Itusers,
            Collection::Managers,
            Collection::Kles,
            Collection::Addresses,
        ] {
            let begun = |uuid: &uuid::Uuid| {
                organisation
                    .states(collection, *uuid)
                    .iter()
                    .all(|state| state.from.is_none_or(|from| from <= day))
            };
            let begun: Vec<uuid::Uuid> =
                every(&organisation, collection, nth).into_iter().filter(begun).collect();
            for uuid in begun {
                organisation.end(collection, uuid, day).unwrap();
            }
        }
    }
    organisation
}

#[test]
fn in_a_weathered_municipality_the_records_are_the_same_too() {
    let os2mo = start(weathered(Organisation::generated(11, 240, 50)));
    assert_same(&os2mo, &[]);
    // The oddities are there.
    let records = by_service(&os2mo).run().with_status(0).records();
    let text = records.iter().map(Value::to_string).collect::<String>();
    assert!(text.contains(r#""user_key":null,"name":null,"scope":null"#), "a class that is gone");
    assert!(text.contains(r#""user_key":null,"name":null}"#), "an IT system that is gone");
    assert!(text.contains(r#""is_current":false"#) && text.contains(r#""employee_uuid":null"#));
    assert!(records.iter().any(|record| record["name"] == ""));
}

#[test]
fn what_is_made_of_both_is_the_same() {
    let os2mo = start(weathered(Organisation::generated(12, 120, 30)));
    let top = os2mo.organisation().top_unit.to_string();
    let mapped = |cli: Cli, spec: &str| {
        let records = cli.run().with_status(0).stdout;
        let map = Cli::new("map").args(["--spec", spec, "--set", &format!("top_unit_uuid={top}")]);
        map.stdin(records).run().records()
    };
    for spec in ["os2sync", "stsorgsync"] {
        let by_graphql = mapped(extract(&os2mo), spec);
        assert!(by_graphql.len() > 100, "{spec}");
        assert!(by_graphql == mapped(by_service(&os2mo), spec), "{spec}");
    }
}
