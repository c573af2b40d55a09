//! The simulated OS2mo against the recorded answers of a real one.

use muster_tests::simulator::os2mo::{Authentication, Collection, DarService, Options, Organisation, Os2mo};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

const NOW: &str = "2026-11-21T00:00:00+01:00";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/os2mo")
}

fn recorded(path: &str) -> Value {
    let path = fixtures().join(path);
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

fn query(name: &str) -> String {
    std::fs::read_to_string(fixtures().join(format!("queries/{name}.graphql"))).unwrap()
}

fn fjordby() -> Os2mo {
    Os2mo::start(Organisation::recorded(fixtures()), Options::default()).unwrap()
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

/// Status and body of a POST, the body as JSON when it is JSON.
fn post(url: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
    let mut request = agent().post(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut answer = request.send(body).unwrap();
    let text = answer.body_mut().with_config().limit(u64::MAX).read_to_string().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn ask(os2mo: &Os2mo, version: u32, query: &str, variables: Value) -> Value {
    let url = format!("{}/graphql/v{version}", os2mo.url());
    let (status, answer) = post(&url, &[], &json!({"query": query, "variables": variables}).to_string());
    assert_eq!(status, 200, "{answer}");
    answer
}

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

/// A token for the client `reader`.
fn token(os2mo: &Os2mo) -> String {
    let (status, answer) = ask_token(os2mo, "secret");
    assert_eq!(status, 200, "{answer}");
    answer["access_token"].as_str().unwrap().to_owned()
}

fn ask_token(os2mo: &Os2mo, secret: &str) -> (u16, Value) {
    let url = format!("{}/realms/mo/protocol/openid-connect/token", os2mo.auth_url());
    let form = format!("grant_type=client_credentials&client_id=reader&client_secret={secret}");
    post(&url, &[("content-type", "application/x-www-form-urlencoded")], &form)
}

#[test]
fn tokens_are_issued_accepted_and_expire() {
    let authentication = Authentication::new("reader", "secret");
    let options = Options { authentication: Some(authentication), ..Options::default() };
    let os2mo = Os2mo::start(Organisation::recorded(fixtures()), options).unwrap();
    let url = format!("{}/graphql/v25", os2mo.url());
    let asked = |headers: &[(&str, &str)]| post(&url, headers, r#"{"query": "{ org { uuid } }"}"#).1;
    let refused = json!({"data": null, "errors": [{"message": "User is not authenticated"}]});

    let wrong = recorded("auth/token_error.json");
    assert_eq!(ask_token(&os2mo, "wrong"), (401, wrong["body"].clone()));
    let (_, answer) = ask_token(&os2mo, "secret");
    let members = |document: &Value| document.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&answer), members(&recorded("auth/token_response.json")));
    assert_eq!(answer["expires_in"], 300);

    let bearer = format!("Bearer {}", token(&os2mo));
    assert_eq!(asked(&[]), refused);
    assert_eq!(
        asked(&[("authorization", &bearer)])["data"]["org"]["uuid"],
        "7a0bb6df-da03-4593-ab2b-3c69e0db274d"
    );
    os2mo.expire_tokens();
    assert_eq!(asked(&[("authorization", &bearer)]), refused);

    let session = "0f3ef6a1-7b2a-4d4e-9d6b-000000000001";
    assert_eq!(asked(&[("session", session)]), refused);
    os2mo.change_authentication(|known| known.sessions = vec![session.parse().unwrap()]);
    assert!(asked(&[("session", session)])["data"]["org"]["uuid"].is_string());

    os2mo.change_authentication(|known| known.expires_in = Duration::ZERO);
    let bearer = format!("Bearer {}", token(&os2mo));
    assert_eq!(asked(&[("authorization", &bearer)]), refused);
}

#[test]
fn a_filter_or_field_that_is_not_simulated_is_refused() {
    let os2mo = fjordby();
    for query in [
        "{ employees(filter: {query: \"Ib\"}) { objects { uuid } } }",
        "{ employees(filter: {registration_time: \"2026-01-01\"}) { objects { uuid } } }",
        "{ org_units(filter: {descendant: {uuids: []}}) { objects { uuid } } }",
        "{ associations { objects { uuid } } }",
        "{ addresses(limit: 1) { objects { current { href } } } }",
        "{ employees(limit: 1) { objects { registrations { start } } } }",
    ] {
        let answer = ask(&os2mo, 25, query, json!({}));
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.starts_with("the simulator does not know"), "{query}: {answer}");
    }
}

#[test]
fn filters_find_what_they_mean() {
    let os2mo = fjordby();
    let count = |query: &str| {
        let answer = ask(&os2mo, 25, query, json!({}));
        let data = answer["data"].as_object().unwrap_or_else(|| panic!("{answer}"));
        data.values().next().unwrap()["objects"].as_array().unwrap().len()
    };
    let top = "a8b26d0c-7268-56d3-9a49-7f2ecdad54a3";
    assert_eq!(count("{ org_units { objects { uuid } } }"), 34);
    assert_eq!(
        count(&format!(
            "{{ org_units(filter: {{ancestor: {{uuids: [\"{top}\"]}}}}) {{ objects {{ uuid }} }} }}"
        )),
        32
    );
    assert_eq!(count("{ org_units(filter: {parent: null}) { objects { uuid } } }"), 2);
    assert_eq!(count("{ org_units(filter: {from_date: null, to_date: null}) { objects { uuid } } }"), 36);
    assert_eq!(count("{ managers(filter: {employee: null}) { objects { uuid } } }"), 1);
    assert_eq!(count("{ employees(filter: {uuids: []}) { objects { uuid } } }"), 0);
    assert_eq!(count("{ employees(limit: 0) { objects { uuid } } }"), 0);
    assert_eq!(count("{ employees(limit: -1) { objects { uuid } } }"), 0);
    assert_eq!(count("{ persons(filter: {user_keys: [\"p010\", \"p011\"]}) { objects { uuid } } }"), 2);
    let intranet = "{ itusers(filter: {itsystem: {user_keys: [\"INTRA\"]}}) { objects { uuid } } }";
    assert_eq!(count(intranet), 3);
}

#[test]
fn a_change_from_a_shell_is_seen_at_once() {
    let os2mo = fjordby();
    let unit = "28132c2e-1fbb-556a-b240-7bf04ac9d8b0";
    let name = || {
        let query = format!(
            "{{ org_units(filter: {{uuids: [\"{unit}\"]}}) {{ objects {{ current {{ name }} }} }} }}"
        );
        ask(&os2mo, 25, &query, json!({}))["data"]["org_units"]["objects"].clone()
    };
    let url = format!("{}/simulator/org_units/{unit}", os2mo.url());
    agent().patch(&url).send(r#"{"name": "Digitalisering"}"#).unwrap();
    assert_eq!(name(), json!([{"current": {"name": "Digitalisering"}}]));
    assert_eq!(agent().patch(&url).send(r#"{"nmae": "x"}"#).unwrap().status(), 400);
    agent().patch(&url).send(r#"{"to": "2026-11-20"}"#).unwrap();
    assert_eq!(name(), json!([]));
    agent().delete(&url).call().unwrap();
    assert_eq!(agent().delete(&url).call().unwrap().status(), 400);
    let person = json!({"given_name": "Ida", "surname": "Dahl", "cpr_number": "6101010001"}).to_string();
    let (status, added) = post(&format!("{}/simulator/employees", os2mo.url()), &[], &person);
    assert_eq!(status, 200, "{added}");
    let uuid = added["uuid"].as_str().unwrap().parse().unwrap();
    os2mo.edit(|organisation| organisation.rename_person(uuid, "Ida", "Lund").unwrap());
    let query = format!(
        "{{ employees(filter: {{uuids: [\"{uuid}\"]}}) {{ objects {{ current {{ name nickname }} }} }} }}"
    );
    let answer = ask(&os2mo, 25, &query, json!({}));
    assert_eq!(
        answer["data"]["employees"]["objects"],
        json!([{"current": {"name": "Ida Lund", "nickname": ""}}])
    );
    assert_eq!(os2mo.seen().len(), 3, "the control paths are not counted");
}

#[test]
fn pages_give_each_generated_object_once() {
    let organisation = Organisation::generated(7, 300, 50);
    let os2mo = Os2mo::start(organisation.clone(), Options::default()).unwrap();
    for collection in Collection::ALL {
        let mut found = Vec::new();
        let mut cursor = Value::Null;
        loop {
            let name = collection.name();
            let answer =
                ask(&os2mo, 25, &query(&format!("flat_{name}")), json!({"limit": 37, "cursor": cursor}));
            assert_eq!(answer.get("errors"), None);
            let page = &answer["data"][name];
            let objects = page["objects"].as_array().unwrap();
            found.extend(objects.iter().map(|object| object["uuid"].as_str().unwrap().to_owned()));
            assert!(objects.iter().all(|object| object["uuid"] == object["current"]["uuid"]));
            cursor = page["page_info"]["next_cursor"].clone();
            if cursor.is_null() {
                break;
            }
        }
        let uuids = organisation.objects(collection).keys();
        let current = uuids.filter(|uuid| organisation.current(collection, **uuid).is_some());
        assert_eq!(found, current.map(|uuid| uuid.to_string()).collect::<Vec<_>>());
    }
}

#[test]
fn the_same_seed_gives_the_same_organisation() {
    let all = |seed| {
        let organisation = Organisation::generated(seed, 60, 20);
        Collection::ALL.map(|collection| organisation.objects(collection).clone())
    };
    assert!(all(1) == all(1));
    assert!(all(1) != all(2));
}
