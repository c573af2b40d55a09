//! The SCIM host and the webhooks: `PATCH /scim/v2/Users/{id}` and `POST /chat/{channel}/{webhook}`.

use super::Shared;
use super::call::caller;
use super::organisation::{Organisation, Write};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

const USER_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const MOBILE: &str = "phoneNumbers[type eq \"mobile\"].value";
/// The vendor's limit of a message, in characters.
const LONGEST_MESSAGE: usize = 12_000;

pub(super) async fn answer(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut organisation = shared.lock().unwrap();
    let Ok(document) = serde_json::from_slice::<Value>(&body) else {
        return failed(400, "the body is no JSON");
    };
    let segments: Vec<&str> = uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
    match (method.as_str(), segments.as_slice()) {
        ("POST", ["chat", _, _]) => message(&mut organisation, &document),
        ("PATCH", ["scim", "v2", "Users", id]) if caller(&organisation, &headers).is_some() => {
            patch(&mut organisation, id, document).unwrap_or_else(|(status, why)| failed(status, why))
        }
        ("PATCH", ["scim", "v2", "Users", _]) => failed(401, "unauthorized"),
        _ => failed(404, "not found"),
    }
}

/// A message is taken as it is; nobody asks who sends it.
fn message(organisation: &mut Organisation, document: &Value) -> Response {
    match document["text"].as_str() {
        Some(text) if text.chars().count() <= LONGEST_MESSAGE => {
            organisation.messages.push(text.to_owned());
            StatusCode::OK.into_response()
        }
        _ => StatusCode::BAD_REQUEST.into_response(),
    }
}

fn patch(
    organisation: &mut Organisation,
    id: &str,
    document: Value,
) -> Result<Response, (u16, &'static str)> {
    let strict = organisation.options.strict_scim;
    let schema = document["schemas"][0].as_str().unwrap_or_default();
    if schema != PATCH_SCHEMA && (strict || schema != USER_SCHEMA) {
        return Err((400, "unknown schema"));
    }
    let operations =
        document["Operations"].as_array().filter(|all| !all.is_empty()).ok_or((400, "no Operations"))?;
    let user = organisation.users.iter_mut().find(|user| user.id == id).ok_or((404, "no such user"))?;
    let mut changed = user.clone();
    for operation in operations {
        let op = operation["op"].as_str().unwrap_or_default();
        let (is_replace, is_remove) = match strict {
            true => (op == "replace", op == "remove"),
            false => (op.eq_ignore_ascii_case("replace"), op.eq_ignore_ascii_case("remove")),
        };
        let value = operation["value"].as_str();
        match (operation["path"].as_str(), value) {
            (Some("displayName"), Some(name)) if is_replace && !name.is_empty() => {
                changed.name = name.to_owned()
            }
            (Some(MOBILE), Some(tel)) if is_replace => {
                changed.tel = Some(tel.to_owned()).filter(|tel| !tel.is_empty())
            }
            (Some(MOBILE), _) if is_remove => changed.tel = None,
            _ => return Err((400, "an operation is not supported")),
        }
    }
    *user = changed;
    let shown = json!({ "schemas": [USER_SCHEMA], "id": user.id, "displayName": user.name, "active": user.is_active });
    let mut body = document;
    body["user_id"] = id.into();
    organisation.writes.push(Write { operation: "scim".to_owned(), body });
    Ok(Json(shown).into_response())
}

fn failed(status: u16, why: &str) -> Response {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": status.to_string(), "detail": why,
    });
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}
