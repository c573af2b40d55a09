//! A plain HTTP client, and the objects that most tests begin with.

use muster_tests::simulator::os2sync::{Options, Os2sync};
use serde_json::{Value, json};
use ureq::http::Request;

pub(crate) const TOP: &str = "10000000-0000-0000-0000-00000000000a";
pub(crate) const BELOW: &str = "20000000-0000-0000-0000-00000000000b";
pub(crate) const OTHER: &str = "30000000-0000-0000-0000-00000000000c";
pub(crate) const USER: &str = "40000000-0000-0000-0000-00000000000d";
pub(crate) const UNKNOWN: &str = "50000000-0000-0000-0000-00000000000e";
pub(crate) const KLE: &str = "60000000-0000-0000-0000-00000000000f";

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

/// Send exactly these headers to `url`.
pub(crate) fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let agent = ureq::Agent::new_with_config(config);
    let mut answer = match body {
        "" => agent.run(request.body(()).unwrap()).unwrap(),
        _ => agent.run(request.body(body).unwrap()).unwrap(),
    };
    let content_type = answer.headers().get("content-type").map(|t| t.to_str().unwrap().to_owned());
    let text = answer.body_mut().read_to_string().unwrap();
    Answer { status: answer.status().as_u16(), content_type: content_type.unwrap_or_default(), text }
}

/// Send as a municipality; `path` begins behind `/api`.
pub(crate) fn call(os2sync: &Os2sync, method: &str, path: &str, body: &str) -> Answer {
    let headers = [("Cvr", "12345678"), ("Content-Type", "application/json")];
    send(method, &format!("{}{path}", os2sync.api_url()), &headers, body)
}

pub(crate) fn get(os2sync: &Os2sync, path: &str) -> Answer {
    call(os2sync, "GET", path, "")
}

pub(crate) fn post(os2sync: &Os2sync, path: &str, body: &Value) -> Answer {
    call(os2sync, "POST", path, &body.to_string())
}

/// Post, expect it to be queued, and work the queue off.
pub(crate) fn push(os2sync: &Os2sync, path: &str, body: &Value) {
    let answer = post(os2sync, path, body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    os2sync.settle();
}

pub(crate) fn delete(os2sync: &Os2sync, path: &str) -> Answer {
    call(os2sync, "DELETE", path, "")
}

pub(crate) fn top() -> Value {
    json!({ "Uuid": TOP, "Name": "Kommune" })
}

pub(crate) fn unit(uuid: &str) -> Value {
    json!({ "Uuid": uuid, "Name": "Borgerservice", "ParentOrgUnitUuid": TOP })
}

pub(crate) fn user() -> Value {
    json!({
        "Uuid": USER,
        "UserId": "anna",
        "Positions": [{ "Name": "Leder", "OrgUnitUuid": BELOW }],
        "Person": { "Name": "Anna Andersen" },
    })
}

/// `object` with one member changed.
pub(crate) fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

/// `object` without a member.
pub(crate) fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name);
    object
}

/// A server whose registry holds the top unit and two below, which somebody else made.
pub(crate) fn started(options: Options) -> Os2sync {
    let os2sync = Os2sync::start(options);
    os2sync.place_unit(&top());
    os2sync.place_unit(&unit(BELOW));
    os2sync.place_unit(&unit(OTHER));
    os2sync
}

/// The same, with settings as installed.
pub(crate) fn plain() -> Os2sync {
    started(Options::default())
}
