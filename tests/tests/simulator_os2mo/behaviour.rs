//! What no recording shows: tokens that expire, filters, refusals, changes while it runs.

use crate::{agent, ask, ask_token, fixtures, fjordby, post, recorded, token};
use muster_tests::simulator::os2mo::{Authentication, Options, Organisation, Os2mo};
use muster_tests::simulator::{Fault, Rule};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

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
fn older_versions_differ_where_they_did() {
    let os2mo = fjordby();
    let query = "{ kles(limit: 1) { objects { current { kle_number { user_key } } } } }";
    let number =
        |version| ask(&os2mo, version, query, json!({}))["data"]["kles"]["objects"][0]["current"].clone();
    assert!(number(22)["kle_number"]["user_key"].is_string());
    assert!(number(23)["kle_number"][0]["user_key"].is_string());
    let root = "{ org_units(filter: {parent: null}) { objects { current { parent { uuid } parent_response { uuid } } } } }";
    let roots =
        |version| ask(&os2mo, version, root, json!({}))["data"]["org_units"]["objects"][0]["current"].clone();
    let organisation =
        json!({"parent": null, "parent_response": {"uuid": "7a0bb6df-da03-4593-ab2b-3c69e0db274d"}});
    assert_eq!(roots(27), organisation);
    assert_eq!(roots(28), json!({"parent": null, "parent_response": null}));
}

#[test]
fn faults_hit_the_queries_they_are_meant_for() {
    let os2mo = fjordby();
    let url = format!("{}/graphql/v25", os2mo.url());
    let query = r#"{"query": "{ employees(limit: 3) { objects { uuid } } }"}"#;
    os2mo.faults.add(Rule::once(Fault::Status(503)).body("employees").after(1));
    let statuses: Vec<u16> = (0..3).map(|_| post(&url, &[], query).0).collect();
    assert_eq!(statuses, [200, 503, 200]);
    os2mo.faults.add(Rule::once(Fault::Cut(20)));
    let mut cut = agent().post(&url).send(query).unwrap();
    assert_eq!(cut.status(), 200);
    let mut body = cut.body_mut().as_reader();
    let mut start = [0; 20];
    body.read_exact(&mut start).unwrap();
    assert_eq!(&start, br#"{"data":{"employees""#);
    assert!(body.read_to_end(&mut Vec::new()).is_err(), "the body is cut");
    assert!(os2mo.seen().iter().all(|seen| seen.body == query));
    let document = json!({"data": null, "errors": [{"message": "canceling statement"}]});
    os2mo.faults.add(Rule::once(Fault::Json(document.clone())));
    assert_eq!(post(&url, &[], query), (200, document));
}

#[test]
fn a_query_in_the_address_is_answered_too() {
    let os2mo = fjordby();
    let url = format!("{}/graphql/v25?query=%7B%20org%20%7B%20name%20%7D%20%7D", os2mo.url());
    let text = agent().get(&url).call().unwrap().body_mut().read_to_string().unwrap();
    assert_eq!(text, r#"{"data":{"org":{"name":"Fjordby Kommune"}}}"#);
    assert_eq!(agent().get(format!("{}/health/live", os2mo.url())).call().unwrap().status(), 204);
    assert_eq!(agent().get(format!("{}/api/o/", os2mo.url())).call().unwrap().status(), 404);
}

#[test]
fn the_simulator_starts_by_hand_and_stops_with_its_input() {
    let mut simulate = Command::new(env!("CARGO_BIN_EXE_simulate"));
    simulate.args(["os2mo", "--persons", "20", "--client-id", "reader", "--client-secret", "secret"]);
    simulate.arg("--until-stdin-closes").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = simulate.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(running.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let (url, top_unit) = line.trim().split_once(' ').unwrap();
    assert_eq!(top_unit, Organisation::generated(1, 20, 40).top_unit.to_string());
    let (_, answer) = post(&format!("{url}/graphql/v30"), &[], r#"{"query": "{ org { uuid } }"}"#);
    assert_eq!(answer["errors"][0]["message"], "User is not authenticated");
    drop(running.stdin.take());
    assert!(running.wait().unwrap().success());
}
