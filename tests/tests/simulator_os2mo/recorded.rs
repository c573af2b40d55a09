//! Every recorded query and error, compared with the recorded answer.

use crate::{ask, fixtures, fjordby, post, query, recorded, token};
use muster_tests::simulator::os2mo::{Authentication, DarService, Options, Organisation, Os2mo};
use serde_json::{Value, json};

const NOW: &str = "2026-11-21T00:00:00+01:00";

/// The digits before the colon of a cursor are the server's own.
fn without_digits(mut answer: Value) -> Value {
    let data = answer.get_mut("data").and_then(Value::as_object_mut);
    for collection in data.into_iter().flat_map(|data| data.values_mut()) {
        if let Some(Value::String(cursor)) = collection.pointer_mut("/page_info/next_cursor") {
            *cursor = cursor.split_once(':').unwrap().1.to_owned();
        }
    }
    answer
}

/// Where two documents differ first, for a short message.
fn difference(path: String, ours: &Value, theirs: &Value) -> Option<String> {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) if a.keys().all(|k| b.contains_key(k)) && a.len() == b.len() => {
            a.iter().find_map(|(key, value)| difference(format!("{path}/{key}"), value, &b[key]))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(i, (a, b))| difference(format!("{path}/{i}"), a, b))
        }
        _ if ours == theirs => None,
        _ => Some(format!("{path}: ours {}, recorded {}", short(ours), short(theirs))),
    }
}

fn short(value: &Value) -> String {
    let errors = value.get("errors").map(|errors| format!("{:.300}", errors.to_string())).unwrap_or_default();
    format!("{errors} {:.500}", value.to_string())
}

fn assert_same(name: &str, ours: Value, theirs: Value) {
    if let Some(difference) = difference(String::new(), &without_digits(ours), &without_digits(theirs)) {
        panic!("{name}{difference}");
    }
}

#[test]
fn every_recorded_query_is_answered_as_recorded() {
    let os2mo = fjordby();
    let mut count = 0;
    for entry in std::fs::read_dir(fixtures().join("queries")).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        if ["persons_nested", "unit_validities"].contains(&name.as_str()) {
            continue;
        }
        let mut variables = json!({"limit": 1000, "cursor": null, "now": NOW});
        if name == "units_nested" {
            variables["limit"] = json!(100);
        }
        let answer = ask(&os2mo, 25, &query(&name), variables);
        assert_same(&name, answer, recorded(&format!("graphql/v25/{name}.json")));
        count += 1;
    }
    assert_eq!(count, 16);
}

#[test]
fn pages_of_nested_persons_are_answered_as_recorded() {
    let os2mo = fjordby();
    let mut cursor = Value::Null;
    for page in 1..=2 {
        let variables = json!({"limit": 20, "cursor": cursor, "from": NOW, "to": null});
        let answer = ask(&os2mo, 25, &query("persons_nested"), variables);
        cursor = answer["data"]["employees"]["page_info"]["next_cursor"].clone();
        let name = format!("persons_nested.page{page}");
        assert_same(&name, answer, recorded(&format!("graphql/v25/{name}.json")));
    }
}

#[test]
fn a_chain_of_pages_is_answered_as_recorded() {
    let os2mo = fjordby();
    let query = "query Q($limit: int, $cursor: Cursor) { org_units(limit: $limit, cursor: $cursor) \
                 { objects { uuid } page_info { next_cursor } } }";
    let mut cursor = Value::Null;
    for page in 1..=3 {
        let answer = ask(&os2mo, 25, query, json!({"limit": 15, "cursor": cursor}));
        let theirs = recorded(&format!("graphql/v25/paging/org_units.limit15.page{page}.json"));
        // The recorded cursor of the page before is understood as well.
        cursor = theirs["data"]["org_units"]["page_info"]["next_cursor"].clone();
        assert_same(&format!("page{page}"), answer, theirs);
    }
    assert_eq!(cursor, Value::Null);
}

#[test]
fn validities_of_units_follow_the_version() {
    let os2mo = fjordby();
    for version in [25, 28, 29, 30] {
        let theirs = recorded(&format!("graphql/v{version}/unit_validities.json"));
        let objects = theirs["data"]["org_units"]["objects"].as_array().unwrap();
        let uuids: Vec<&Value> = objects.iter().map(|object| &object["uuid"]).collect();
        let answer = ask(&os2mo, version, &query("unit_validities"), json!({"uuids": uuids}));
        assert_same(&format!("v{version}"), answer, theirs);
    }
}

#[test]
fn every_recorded_error_is_answered_as_recorded() {
    for entry in std::fs::read_dir(fixtures().join("errors")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        // Those of the REST API are in service.rs.
        if name.starts_with("rest_") {
            continue;
        }
        let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let is_guarded = name.ends_with("_token") || name.contains("role_missing");
        let authentication = is_guarded.then(|| Authentication::new("reader", "secret"));
        let options = Options { authentication, ..Options::default() };
        let os2mo = Os2mo::start(Organisation::recorded(fixtures()), options).unwrap();
        match name.as_str() {
            "graphql_dar_http_error" => os2mo.edit(|o| o.dar_service = DarService::Down),
            "graphql_dar_unreachable" => os2mo.edit(|o| o.dar_service = DarService::Unreachable),
            _ => {}
        }
        let mut bearer = "Bearer wrong".to_owned();
        if let Some(roles) = case["request"]["token_roles"].as_array() {
            os2mo.set_roles(roles.iter().filter_map(Value::as_str));
            bearer = format!("Bearer {}", token(&os2mo));
        }
        if case["request"]["token_expired"] == json!(true) {
            os2mo.expire_tokens();
        }
        let headers: &[(&str, &str)] = match name.as_str() {
            "graphql_no_token" => &[],
            _ => &[("authorization", &bearer)],
        };
        let body = match &case["request"]["body"] {
            Value::String(text) => text.clone(),
            document => document.to_string(),
        };
        let url = format!("{}{}", os2mo.url(), case["request"]["path"].as_str().unwrap());
        let (status, mut answer) = post(&url, headers, &body);
        let mut theirs = case["body"].clone();
        // The parser's place of a variable's misuse and of an argument differ from ours.
        if ["graphql_bad_cursor", "graphql_bad_variable_type", "graphql_missing_variable"]
            .contains(&name.as_str())
        {
            for body in [&mut answer, &mut theirs] {
                body["errors"][0].as_object_mut().unwrap().remove("locations");
            }
        }
        assert_eq!(json!(status), case["status"], "{name}");
        assert_same(&name, answer, theirs);
    }
}
