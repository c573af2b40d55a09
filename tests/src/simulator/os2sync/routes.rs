//! The operations under `/api`, and `/manage/health`.

use super::answers::{broken, empty, json, refused, registry_down, text};
use super::call::Call;
use super::check::refusal;
use super::entry::{Kind, Operation, Write};
use super::fields;
use super::registry::{How, Registry, uuid_of};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// The priority of a delete by cleanup.
const CLEANUP: How = How { priority: 12, bypass_cache: false };

/// Everything that is not of the control path: routes match in any case, with or without a slash at the end.
pub(super) async fn answer(
    State(registry): State<Arc<Mutex<Registry>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method == Method::GET && uri.path().trim_end_matches('/').eq_ignore_ascii_case("/manage/health") {
        return empty();
    }
    let Some(call) = Call::new(method, &uri, headers, body) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut registry = registry.lock().unwrap();
    let Some(cvr) = call.cvr(&registry.options) else { return StatusCode::UNAUTHORIZED.into_response() };
    route(&mut registry, &call, &cvr)
}

fn route(registry: &mut Registry, call: &Call, cvr: &str) -> Response {
    let lower: Vec<String> = call.path.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let kind = lower.first().and_then(|segment| Kind::of(segment));
    match (kind, call.method.as_str(), lower.as_slice()) {
        (Some(kind), "POST", [_]) => post(registry, call, kind, cvr),
        (Some(kind), "POST", [_, "cleanup"]) => cleanup(registry, call, kind, cvr),
        (Some(kind), "POST", [_, "passiver", _]) => {
            queue(registry, call, kind, Operation::Passivate, &call.path[2], cvr)
        }
        (Some(kind), "DELETE", [_, _]) => queue(registry, call, kind, Operation::Delete, &call.path[1], cvr),
        (Some(_), "GET", [_]) => refused("uuid is null or empty"),
        (Some(kind), "GET", [_, "all"]) => read(registry, |r| json(r.active(kind).map(uuid_of).collect())),
        (Some(kind), "GET", [_, _]) => read(registry, |r| one(r, kind, &call.path[1])),
        (None, "GET", ["hierarchy"]) => start_hierarchy(registry, call),
        (None, "GET", ["hierarchy", uuid]) => fetch_hierarchy(registry, uuid),
        (None, "GET", ["dtrid"]) => read(registry, |r| json(r.users_with_dtr_id())),
        (Some(_), _, [_] | [_, _]) => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Queue a create-or-update and give the object back as it was parsed.
fn post(registry: &mut Registry, call: &Call, kind: Kind, cvr: &str) -> Response {
    let Some(body) = call.json() else { return broken() };
    let Some(object) = fields::read(&body, kind.fields()) else { return broken() };
    if let Some(reason) = refusal(kind, &object) {
        return refused(reason);
    }
    let write = write(call, kind, Operation::Update, &uuid_of(&object), body);
    registry.accept(write, object.clone(), call.how(), cvr);
    json(object)
}

fn queue(
    registry: &mut Registry,
    call: &Call,
    kind: Kind,
    operation: Operation,
    uuid: &str,
    cvr: &str,
) -> Response {
    registry.accept(write(call, kind, operation, uuid, Value::Null), Value::Null, How::default(), cvr);
    empty()
}

/// Queue a delete of everything that the body does not name, compared with regard to case.
fn cleanup(registry: &mut Registry, call: &Call, kind: Kind, cvr: &str) -> Response {
    let Some(body) = call.json() else { return broken() };
    let Ok(keep) = serde_json::from_value::<Vec<String>>(body.clone()) else { return broken() };
    read(registry, |registry| {
        let known: Vec<String> = registry.active(kind).map(uuid_of).collect();
        registry.writes.push(write(call, kind, Operation::Cleanup, "", body));
        if !call.flag("dryrun") {
            for uuid in known.iter().filter(|uuid| !keep.contains(uuid)) {
                registry.enqueue(kind, Operation::Delete, uuid, Value::Null, CLEANUP, cvr);
            }
        }
        json(keep.into_iter().filter(|uuid| !known.contains(uuid)).collect())
    })
}

fn write(call: &Call, kind: Kind, operation: Operation, uuid: &str, body: Value) -> Write {
    let (method, query) = (call.method.to_string(), call.query.clone());
    Write { method, operation, kind, uuid: uuid.to_owned(), query, body }
}

/// A live read: first the queue when it is `immediate`, then the registry when it is up.
fn read(registry: &mut Registry, answer: impl FnOnce(&mut Registry) -> Response) -> Response {
    registry.settle_if_immediate();
    if registry.options.registry_down { registry_down() } else { answer(registry) }
}

fn one(registry: &Registry, kind: Kind, uuid: &str) -> Response {
    let Some(object) = registry.objects(kind).get(uuid) else { return StatusCode::NOT_FOUND.into_response() };
    if object["Status"] != 1 && registry.options.deleted_is_404 {
        return StatusCode::NOT_FOUND.into_response();
    }
    let fields = kind.fields().iter().map(|(name, _)| ((*name).to_owned(), object[name].clone()));
    json(Value::Object(fields.collect()))
}

fn start_hierarchy(registry: &mut Registry, call: &Call) -> Response {
    registry.settle_if_immediate();
    let only_units = call.header("onlyOUs").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    text(StatusCode::OK, registry.start_hierarchy(only_units))
}

fn fetch_hierarchy(registry: &mut Registry, uuid: &str) -> Response {
    match registry.fetch_hierarchy(uuid) {
        Some(answer) => json(answer),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
