//! The calls under `/api/v1_1`.

use super::objects::{echoed, read};
use super::registry::{Kind, Registry};
use super::{Build, Options};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// Everything that is not of the control path; a slash at the end is allowed.
pub(super) async fn answer(
    State(registry): State<Arc<Mutex<Registry>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut registry = registry.lock().unwrap();
    let path: Vec<String> =
        uri.path().split('/').filter(|part| !part.is_empty()).map(str::to_lowercase).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let ["api", "v1_1", kind @ ("user" | "orgunit"), rest @ ..] = path.as_slice() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if registry.options.build == Build::Docker && !has_cvr(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let kind = if *kind == "user" { Kind::User } else { Kind::Unit };
    let in_query = uri.query().and_then(|query| query.strip_prefix("uuid="));
    // Each build knows one way to name an object; the other is another address, or nothing at all.
    let named = match (registry.options.build, rest) {
        (Build::Docker, [uuid]) => Some(*uuid),
        (Build::Docker, []) => None,
        (Build::Windows, []) => in_query,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match (method.as_str(), named) {
        ("POST", None) => post(&mut registry, kind, &body),
        ("DELETE", Some(uuid)) => delete(&mut registry, kind, uuid),
        ("GET", Some(uuid)) => get(&registry, kind, uuid),
        ("GET", None) => Json(registry.objects(kind).keys().collect::<Vec<_>>()).into_response(),
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

fn has_cvr(headers: &HeaderMap) -> bool {
    let cvr = headers.get("CVR").and_then(|value| value.to_str().ok()).unwrap_or_default();
    cvr.len() == 8 && cvr.bytes().all(|byte| byte.is_ascii_digit())
}

fn refused() -> Response {
    StatusCode::BAD_REQUEST.into_response()
}

fn post(registry: &mut Registry, kind: Kind, body: &[u8]) -> Response {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return refused() };
    let Some(object) = read(kind, &body) else { return refused() };
    let echo = echoed(kind, &object);
    registry.upsert(kind, body, object);
    Json(echo).into_response()
}

fn delete(registry: &mut Registry, kind: Kind, uuid: &str) -> Response {
    if Uuid::parse_str(uuid).is_err() {
        return refused();
    }
    let was_there = registry.delete(kind, uuid);
    if !was_there && registry.options.unknown_delete_is_404 {
        return StatusCode::NOT_FOUND.into_response();
    }
    match kind {
        Kind::User => Json(json!(uuid)).into_response(),
        Kind::Unit => StatusCode::OK.into_response(),
    }
}

fn get(registry: &Registry, kind: Kind, uuid: &str) -> Response {
    match (registry.get(kind, uuid), &registry.options) {
        (Some(object), _) => Json(echoed(kind, object)).into_response(),
        (None, Options { build: Build::Docker, .. }) => StatusCode::NOT_FOUND.into_response(),
        (None, _) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
