//! The simulated OS2mo: it answers as a real one was recorded to, and generates what tests need.

mod behaviour;
mod generated;
mod recorded;
mod service;

use muster_tests::simulator::os2mo::{Options, Organisation, Os2mo};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/os2mo")
}

fn recorded(path: &str) -> Value {
    let path = fixtures().join(path);
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap()
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

fn query(name: &str) -> String {
    std::fs::read_to_string(fixtures().join(format!("queries/{name}.graphql"))).unwrap()
}
