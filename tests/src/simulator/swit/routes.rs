//! The operations under `/v1/api`.

use super::answers::{Said, Success, answer as said, failure, refused};
use super::call::{Call, NoCall, caller};
use super::organisation::{Organisation, Write};
use super::{Shared, people, teams};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Operations that a bot's token does not reach.
const NOT_FOR_BOTS: &[&str] = &["organization.user.create", "team.sort"];

pub(super) async fn answer(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut organisation = shared.lock().unwrap();
    let shape = organisation.options.shape;
    let call = match Call::new(method, &uri, &body) {
        Ok(call) => call,
        Err(NoCall::NotFound) => return failure(404, "no such operation", shape),
        Err(NoCall::NoJson) => return failure(400, "the body is no JSON object", shape),
    };
    if organisation.expires_before.as_ref() == Some(&call.operation) {
        organisation.expires_before = None;
        organisation.expire_tokens();
    }
    let Some(is_bot) = caller(&organisation, &headers) else { return failure(401, "unauthorized", shape) };
    if is_bot && NOT_FOR_BOTS.contains(&call.operation.as_str()) {
        return failure(403, "bot tokens are not accepted", shape);
    }
    if call.method == Method::POST && is_too_much(&mut organisation) {
        return (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "1")]).into_response();
    }
    let outcome = route(&mut organisation, &call);
    if outcome.is_ok() && call.method == Method::POST {
        let body = Value::Object(call.input);
        organisation.writes.push(Write { operation: call.operation, body });
    }
    said(outcome, shape)
}

fn route(organisation: &mut Organisation, call: &Call) -> Said {
    match (call.method.as_str(), call.operation.as_str()) {
        ("GET", "organization.user.list") => people::list(organisation, call),
        ("GET", "user.team.list") => teams::list(organisation, call),
        ("GET", "organization.info") => {
            Ok(Success::Data(json!({ "id": "22011703233609ORG", "name": "Example", "subdomain": "example" })))
        }
        ("GET", "user.info") => Ok(Success::Data(json!({ "user_id": organisation.users[0].id }))),
        ("POST", "organization.user.create") => people::create(organisation, call),
        ("POST", "organization.user.activate") => people::set_active(organisation, call, true),
        ("POST", "organization.user.deactivate") => people::set_active(organisation, call, false),
        ("POST", "organization.user.remove") => people::remove(organisation, call),
        ("POST", "team.create") => teams::create(organisation, call),
        ("POST", "team.update") => teams::update(organisation, call),
        ("POST", "team.delete") => teams::delete(organisation, call),
        ("POST", "team.sort") => teams::sort(organisation, call),
        ("POST", "team.user.add") => teams::members(organisation, call, true),
        ("POST", "team.user.remove") => teams::members(organisation, call, false),
        ("POST", "team.user.primary.update") => teams::primary(organisation, call),
        _ => refused(404, "no such operation"),
    }
}

/// Whether the writes of the last second are as many as may be.
fn is_too_much(organisation: &mut Organisation) -> bool {
    let Some(limit) = organisation.options.writes_a_second else { return false };
    let now = Instant::now();
    organisation.recent.retain(|write| now.duration_since(*write) < Duration::from_secs(1));
    if organisation.recent.len() >= limit {
        return true;
    }
    organisation.recent.push_back(now);
    false
}
