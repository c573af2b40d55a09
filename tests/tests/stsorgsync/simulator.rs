//! The simulator itself, asked as any client would ask it.

use super::*;
use muster_tests::simulator::stsorgsync::Kind;

/// Status and body of a call; the body as JSON when it is JSON.
fn call(town: &Town, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let url = format!("{}/{path}", town.stsorgsync.api_url());
    let request = ureq::http::Request::builder().method(method).uri(url).header("CVR", "12345678");
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let mut answer = agent.run(request.body(body).unwrap()).unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn object(mut line: Value) -> Value {
    let members = line.as_object_mut().unwrap();
    let key = members.shift_remove("_key").unwrap();
    members.shift_remove("_kind");
    members.insert("Uuid".into(), key);
    line
}

#[test]
fn what_is_posted_can_be_read_listed_and_deleted() {
    let town = Town::new();
    assert_eq!(call(&town, "POST", "orgunit/", Some(object(unit(1, None)))).0, 200);
    let (status, echo) = call(&town, "POST", "user", Some(object(user(100, &[1]))));
    assert_eq!((status, &echo["Uuid"]), (200, &json!(uuid(100))));
    assert_eq!(call(&town, "GET", "user", None), (200, json!([uuid(100)])));
    assert_eq!(call(&town, "GET", &format!("user/{}", uuid(100)), None).1["UserId"], uuid(100));
    assert_eq!(call(&town, "DELETE", &format!("user/{}", uuid(100)), None), (200, json!(uuid(100))));
    assert_eq!(call(&town, "GET", &format!("user/{}", uuid(100)), None).0, 404);
    assert_eq!(call(&town, "DELETE", &format!("user/{}", uuid(100)), None).0, 200);
}

#[test]
fn every_refusal_is_400_without_a_word() {
    let town = Town::new();
    let mut bad = vec![json!(7), json!({})];
    for member in ["UserId", "Person", "Positions", "Uuid"] {
        let mut user = object(user(100, &[1]));
        user.as_object_mut().unwrap().shift_remove(member);
        bad.push(user);
    }
    let mut long = object(user(100, &[1]));
    long["Person"]["Name"] = json!("å".repeat(101));
    bad.push(long);
    for body in bad {
        assert_eq!(call(&town, "POST", "user", Some(body.clone())), (400, json!("")), "{body}");
    }
    assert!(town.stsorgsync.registry().users().is_empty());
}

#[test]
fn names_are_matched_in_any_case_and_an_address_without_value_is_absent() {
    let town = Town::new();
    let unit = json!({ "uuid": uuid(1), "NAME": "Enhed", "Email": { "Value": "" }, "phone": { "value": "1" }, "Url": "x" });
    assert_eq!(call(&town, "POST", "orgunit", Some(unit)).0, 200);
    let registry = town.stsorgsync.registry();
    let stored = registry.get(Kind::Unit, &uuid(1)).unwrap();
    assert_eq!(*stored, json!({ "Uuid": uuid(1), "Name": "Enhed", "Phone": { "Value": "1" } }));
}

#[test]
fn the_windows_service_names_objects_in_the_query() {
    let town = Town::windows();
    assert_eq!(call(&town, "POST", "orgunit", Some(object(unit(1, None)))).0, 200);
    assert_eq!(call(&town, "GET", &format!("orgunit?uuid={}", uuid(1)), None).1["Name"], "Enhed 1");
    assert_eq!(call(&town, "GET", &format!("orgunit?uuid={}", uuid(2)), None).0, 500);
    assert_eq!(call(&town, "DELETE", &format!("orgunit/{}", uuid(1)), None).0, 404);
    assert_eq!(call(&town, "DELETE", &format!("orgunit?uuid={}", uuid(1)), None).0, 200);
    assert!(town.stsorgsync.registry().units().is_empty());
}

#[test]
fn a_unit_that_is_not_there_fails_behind_the_queue() {
    let town = Town::new();
    assert_eq!(call(&town, "POST", "user", Some(object(user(100, &[9])))).0, 200);
    let registry = town.stsorgsync.registry();
    assert_eq!((registry.users().len(), registry.failures().len()), (0, 1));
}
