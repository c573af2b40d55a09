//! CyberArk Conjur: accounts, logins with API keys, access tokens that end, variables with versions.
//!
//! Written from Conjur's REST API. An id is one path segment: a server that splits a path at `/` before it decodes finds
//! `prod%2Faws` only when it was encoded. A token's eight minutes are counted in uses.

use super::encoding::decoded;
use super::server::{Served, serve};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// How this server is set up.
#[derive(Clone)]
pub struct Options {
    /// The one account.
    pub account: String,
    /// Requests that an access token lives for.
    pub uses: usize,
    /// Whether `Accept-Encoding: base64` is understood.
    pub encodes: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { account: "ldap".to_owned(), uses: 1000, encodes: true }
    }
}

#[derive(Default)]
pub struct Inside {
    /// Logins and their API keys.
    pub logins: BTreeMap<String, String>,
    /// Variables and their values, oldest first; one without values is declared only.
    pub variables: BTreeMap<String, Vec<Vec<u8>>>,
    /// Variables that no login may read.
    pub forbidden: BTreeSet<String>,
    tokens: BTreeMap<String, usize>,
    pub issued: usize,
}

/// A running Conjur.
pub struct Conjur {
    served: Served,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Clone)]
struct Core {
    options: Options,
    inside: Arc<Mutex<Inside>>,
}

impl Conjur {
    /// Start it; `admin` has the API key `conjur-api-key`.
    pub fn start(options: Options) -> Self {
        let inside = Arc::new(Mutex::new(Inside::default()));
        inside.lock().unwrap().logins.insert("admin".to_owned(), "conjur-api-key".to_owned());
        let core = Core { options, inside: inside.clone() };
        Self { served: serve(Router::new().fallback(answer).with_state(core), 0).unwrap(), inside }
    }

    pub fn url(&self) -> String {
        self.served.url()
    }

    pub fn served(&self) -> &Served {
        &self.served
    }

    pub fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    /// Give a variable one more value.
    pub fn put(&self, id: &str, value: &str) {
        self.inside().variables.entry(id.to_owned()).or_default().push(value.as_bytes().to_vec());
    }
}

async fn answer(
    State(core): State<Core>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut inside = core.inside.lock().unwrap();
    let segments: Vec<String> = uri.path().split('/').skip(1).map(decoded).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let account = core.options.account.as_str();
    match (&method, segments.as_slice()) {
        (&Method::POST, ["authn", of, login, "authenticate"]) if *of == account => {
            authenticate(&core.options, &mut inside, login, &headers, &body)
        }
        (&Method::POST, ["authn" | "authn-jwt", ..]) => StatusCode::UNAUTHORIZED.into_response(),
        _ if !is_known(&mut inside, &headers) => StatusCode::UNAUTHORIZED.into_response(),
        (&Method::GET, ["secrets"]) => {
            batch(&core.options, &inside, uri.query().unwrap_or_default(), &headers)
        }
        (&Method::GET, ["secrets", of, "variable", id]) if *of == account => {
            one(&inside, account, id, uri.query().unwrap_or_default())
        }
        (&Method::POST, ["secrets", of, "variable", id]) if *of == account => {
            write(&mut inside, account, id, &body)
        }
        (&Method::GET, ["resources", of, "variable"]) if *of == account => {
            resources(&inside, account, uri.query().unwrap_or_default())
        }
        _ => error(404, "not_found", "Path not found"),
    }
}

fn error(status: u16, code: &str, message: &str) -> Response {
    let body = json!({"error": {"code": code, "message": message, "target": "id", "details": {}}});
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

fn authenticate(
    options: &Options,
    inside: &mut Inside,
    login: &str,
    headers: &HeaderMap,
    key: &[u8],
) -> Response {
    if inside.logins.get(login).is_none_or(|known| known.as_bytes() != key) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    inside.issued += 1;
    let token = json!({"protected": "eyJhbGciOiJjb25qdXIub3JnL3Nsb3NpbG8vdjIifQ==", "payload": format!("{login}-{}", inside.issued),
                       "signature": "c2lnbmF0dXJl"})
    .to_string();
    inside.tokens.insert(BASE64_STANDARD.encode(&token), options.uses);
    let wants_base64 = headers.get("accept-encoding").is_some_and(|value| value == "base64");
    match wants_base64 && options.encodes {
        true => ([("content-encoding", "base64")], BASE64_STANDARD.encode(token)).into_response(),
        false => ([("content-type", "application/json")], token).into_response(),
    }
}

/// `Authorization: Token token="…"`, with the quotes.
fn is_known(inside: &mut Inside, headers: &HeaderMap) -> bool {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = header.strip_prefix("Token token=\"").and_then(|rest| rest.strip_suffix('"'));
    match token.and_then(|token| inside.tokens.get_mut(token)).filter(|uses| **uses > 0) {
        Some(uses) => {
            *uses -= 1;
            true
        }
        None => false,
    }
}

fn value<'a>(
    inside: &'a Inside,
    account: &str,
    id: &str,
    version: Option<usize>,
) -> Result<&'a [u8], Box<Response>> {
    if inside.forbidden.contains(id) {
        return Err(Box::new(error(403, "forbidden", "Forbidden")));
    }
    let message = || format!("CONJ00076E Variable {account}:variable:{id} is empty or not found.");
    let missing = || Box::new(error(404, "not_found", &message()));
    let values = inside.variables.get(id).ok_or_else(missing)?;
    let place = version.unwrap_or(values.len()).checked_sub(1).ok_or_else(missing)?;
    values.get(place).map(Vec::as_slice).ok_or_else(missing)
}

fn one(inside: &Inside, account: &str, id: &str, query: &str) -> Response {
    let version =
        query.split('&').find_map(|pair| pair.strip_prefix("version=")).and_then(|n| n.parse().ok());
    let plain = |value: &[u8]| ([("content-type", "text/plain")], value.to_vec()).into_response();
    value(inside, account, id, version).map_or_else(|error| *error, plain)
}

fn batch(options: &Options, inside: &Inside, query: &str, headers: &HeaderMap) -> Response {
    let Some(ids) = query.strip_prefix("variable_ids=") else {
        return error(422, "argument_error", "variable_ids");
    };
    let account = options.account.as_str();
    let is_encoded = options.encodes && headers.get("accept-encoding").is_some_and(|value| value == "base64");
    let mut found = serde_json::Map::new();
    // The query is split before it is decoded: a comma in an id is %2C.
    for full in ids.split(',').map(decoded) {
        let prefix = format!("{account}:variable:");
        let Some(id) = full.strip_prefix(&prefix) else { return error(404, "not_found", &full) };
        let bytes = match value(inside, account, id, None) {
            Ok(bytes) => bytes,
            Err(response) => return *response,
        };
        let text = match is_encoded {
            true => BASE64_STANDARD.encode(bytes),
            false => match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => {
                    return error(406, "not_acceptable", "CONJ00073E Issue encoding secret into JSON format");
                }
            },
        };
        found.insert(full.clone(), Value::from(text));
    }
    match is_encoded {
        true => ([("content-encoding", "base64")], axum::Json(found)).into_response(),
        false => axum::Json(found).into_response(),
    }
}

fn write(inside: &mut Inside, account: &str, id: &str, body: &[u8]) -> Response {
    match inside.variables.get_mut(id) {
        None => error(404, "not_found", &format!("Variable '{id}' not found in account '{account}'")),
        Some(_) if body.is_empty() => error(422, "argument_error", "'value' may not be empty"),
        Some(values) => {
            values.push(body.to_vec());
            StatusCode::CREATED.into_response()
        }
    }
}

fn resources(inside: &Inside, account: &str, query: &str) -> Response {
    let number = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(name));
        pair.and_then(|number| number.parse::<usize>().ok())
    };
    let (limit, offset) = (number("limit=").unwrap_or(1000), number("offset=").unwrap_or(0));
    let page = inside.variables.keys().skip(offset).take(limit);
    let shown: Vec<Value> = page.map(|id| json!({"id": format!("{account}:variable:{id}")})).collect();
    axum::Json(shown).into_response()
}
