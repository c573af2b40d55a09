//! HashiCorp Vault: KV engines of version 1 and 2, tokens with leases, AppRole, Kubernetes, wrapping, namespaces.
//!
//! Written from Vault's HTTP API: paths below `/v1/`, `X-Vault-Token`, errors as `{"errors":[…]}`. A lease is counted in
//! uses, not in time: after `uses` requests a token is unknown, as one that has expired is.

mod auth;
mod kv;

use super::server::{Served, serve};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// How this server is set up.
#[derive(Clone)]
pub struct Options {
    /// Mounts of KV engines and their versions.
    pub mounts: BTreeMap<String, u8>,
    /// The namespace in which everything lies.
    pub namespace: Option<String>,
    /// Refuse requests without `X-Vault-Request`, as an agent can.
    pub demands_header: bool,
    /// How `sys/internal/ui/mounts` is answered: 200, 403 where policies hide it, 404 where the server does not know it.
    pub mounts_status: u16,
    /// Whether `PATCH` is known: since 1.9.
    pub patches: bool,
    /// Requests that a token from a login lives for.
    pub uses: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mounts: BTreeMap::from([("secret".to_owned(), 2), ("old".to_owned(), 1)]),
            namespace: None,
            demands_header: false,
            mounts_status: 200,
            patches: true,
            uses: 1000,
        }
    }
}

/// One version of a secret in KV 2; of KV 1 there is one.
#[derive(Clone, Default)]
pub struct Version {
    pub data: Value,
    pub deleted: bool,
}

#[derive(Clone)]
pub struct Token {
    pub uses: usize,
    pub renewable: bool,
    pub ttl: u64,
    pub creation_ttl: u64,
}

#[derive(Default)]
pub struct Inside {
    /// Secrets by `mount/path`.
    pub secrets: BTreeMap<String, Vec<Version>>,
    pub tokens: BTreeMap<String, Token>,
    /// The paths that a token's policy grants, below `/v1/`; a token that is not here may do everything.
    pub policies: BTreeMap<String, Vec<String>>,
    /// Role ids and secret ids of AppRole.
    pub app_roles: BTreeMap<String, String>,
    /// Roles and tokens of Kubernetes.
    pub kubernetes: BTreeMap<String, String>,
    /// Wrapping tokens and the secret ids in them.
    pub wrapped: BTreeMap<String, String>,
    pub sealed: bool,
    pub revoked: usize,
    pub renewed: usize,
    issued: usize,
}

/// A running Vault.
pub struct Vault {
    served: Served,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Clone)]
struct Core {
    options: Options,
    inside: Arc<Mutex<Inside>>,
}

impl Vault {
    /// Start it; `root-token` may do everything.
    pub fn start(options: Options) -> Self {
        let inside = Arc::new(Mutex::new(Inside::default()));
        let root = Token { uses: usize::MAX, renewable: false, ttl: 0, creation_ttl: 0 };
        inside.lock().unwrap().tokens.insert("root-token".to_owned(), root);
        let core = Core { options, inside: inside.clone() };
        let router = Router::new().fallback(answer).with_state(core);
        Self { served: serve(router, 0).unwrap(), inside }
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

    /// Put a secret: `mount/path`, and what it holds.
    pub fn put(&self, path: &str, data: Value) {
        self.inside().secrets.entry(path.to_owned()).or_default().push(Version { data, deleted: false });
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
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some(path) = uri.path().strip_prefix("/v1/") else { return errors(404, &[]) };
    if inside.sealed {
        return errors(503, &["Vault is sealed"]);
    }
    if core.options.demands_header && header("x-vault-request") != "true" {
        return errors(412, &["missing 'X-Vault-Request' header"]);
    }
    if core.options.namespace.as_deref().unwrap_or_default() != header("x-vault-namespace") {
        return errors(403, &["permission denied"]);
    }
    let document: Value = serde_json::from_slice(&body).unwrap_or_default();
    let call = Call { method, path, query: uri.query().unwrap_or_default(), document, headers: &headers };
    if let Some(response) = auth::without_token(&core.options, &mut inside, &call) {
        return response;
    }
    let token = header("x-vault-token").to_owned();
    match inside.tokens.get_mut(&token) {
        Some(known) if known.uses > 0 => known.uses = known.uses.saturating_sub(1),
        _ => return errors(403, &["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]),
    }
    let is_granted = |paths: &Vec<String>| paths.iter().any(|granted| granted == path);
    if is_kv(path) && !inside.policies.get(&token).is_none_or(is_granted) {
        return denied();
    }
    auth::with_token(&mut inside, &call, &token)
        .unwrap_or_else(|| kv::answer(&core.options, &mut inside, &call))
}

struct Call<'a> {
    method: Method,
    path: &'a str,
    query: &'a str,
    document: Value,
    headers: &'a HeaderMap,
}

/// Whether it is a path of an engine, to which policies apply here.
fn is_kv(path: &str) -> bool {
    !path.starts_with("auth/") && !path.starts_with("sys/")
}

fn denied() -> Response {
    errors(403, &["1 error occurred:\n\t* permission denied\n\n"])
}

fn unsupported() -> Response {
    errors(405, &["1 error occurred:\n\t* unsupported operation\n\n"])
}

fn errors(status: u16, errors: &[&str]) -> Response {
    (StatusCode::from_u16(status).unwrap(), axum::Json(json!({"errors": errors}))).into_response()
}

/// The envelope of all answers.
fn envelope() -> Value {
    json!({"request_id": "7f1a", "lease_id": "", "renewable": false, "lease_duration": 0,
        "data": null, "wrap_info": null, "warnings": null, "auth": null, "mount_type": "kv"})
}

fn document(member: &str, value: Value) -> Response {
    let mut envelope = envelope();
    envelope[member] = value;
    axum::Json(envelope).into_response()
}
