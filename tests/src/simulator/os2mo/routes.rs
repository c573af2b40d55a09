//! The paths of an OS2mo server and of its token endpoint.

use super::authentication::Gate;
use super::context::Context;
use super::graphql::{Answer, SDL, answer};
use super::organisation::Organisation;
use super::service;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// What all handlers share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) organisation: Arc<RwLock<Organisation>>,
    pub(super) gate: Arc<Gate>,
}

pub(super) fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/graphql", get(|| async { Redirect::temporary("/graphql/v30") }))
        .route("/graphql/{version}", post(posted).get(asked))
        .route("/graphql/{version}/schema.graphql", get(|| async { SDL }))
        .route("/auth/realms/{realm}/protocol/openid-connect/token", post(token))
        .route("/version/", get(version))
        .route("/health/live", get(|| async { StatusCode::NO_CONTENT }))
        .route("/health/ready", get(|| async { StatusCode::NO_CONTENT }))
        .route("/health/", get(|| async { Json(json!({"dataset": true, "dar": true})) }))
        .merge(service::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(|| async {
            (StatusCode::METHOD_NOT_ALLOWED, Json(json!({"detail": "Method Not Allowed"})))
        })
        .with_state(shared)
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({"detail": "Not Found"}))).into_response()
}

async fn version() -> Json<Value> {
    Json(json!({"mo_hash": null, "mo_version": null, "lora_version": null}))
}

async fn token(State(shared): State<Shared>, Path(realm): Path<String>, form: Bytes) -> Response {
    let form: HashMap<String, String> = url::form_urlencoded::parse(&form).into_owned().collect();
    let (status, body) = shared.gate.token(&realm, &form);
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

async fn posted(
    State(shared): State<Shared>,
    Path(version): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(version) = served(&version) else { return not_found().await };
    let Ok(request) = serde_json::from_slice::<Value>(&body) else {
        return (StatusCode::BAD_REQUEST, "Unable to parse request body as JSON").into_response();
    };
    execute(shared, version, headers, request).await
}

/// `GET ?query=`, with the variables as JSON text.
async fn asked(
    State(shared): State<Shared>,
    Path(version): Path<String>,
    headers: HeaderMap,
    RawQuery(given): RawQuery,
) -> Response {
    let Some(version) = served(&version) else { return not_found().await };
    let given = given.unwrap_or_default();
    let mut request = json!({});
    for (name, value) in url::form_urlencoded::parse(given.as_bytes()) {
        let is_document = name == "variables";
        let value = if is_document { serde_json::from_str(&value).unwrap_or_default() } else { json!(value) };
        request[name.as_ref()] = value;
    }
    execute(shared, version, headers, request).await
}

/// The number in `v25`, when that version is served.
fn served(version: &str) -> Option<u32> {
    let number = version.strip_prefix('v')?.parse().ok()?;
    (21..=30).contains(&number).then_some(number)
}

async fn execute(shared: Shared, version: u32, headers: HeaderMap, request: Value) -> Response {
    let Some(query) = request["query"].as_str().map(str::to_owned) else {
        return (StatusCode::BAD_REQUEST, "No GraphQL query found in the request").into_response();
    };
    let named = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = named("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let Ok(roles) = shared.gate.roles(bearer, named("session")) else {
        return written(&Answer::refusal("User is not authenticated"));
    };
    // A large page takes long: not in the threads that accept connections.
    let run = move || {
        let organisation = shared.organisation.read().unwrap();
        let context = Context { organisation: &organisation, version, roles: roles.as_deref() };
        written(&answer(&context, &query, request["operationName"].as_str(), request["variables"].clone()))
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn written(answer: &Answer) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], serde_json::to_vec(answer).unwrap()).into_response()
}
