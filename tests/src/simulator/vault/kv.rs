//! The KV engines, and the question which one a path lies in.

use super::{Call, Inside, Options, Version, document, envelope, errors, unsupported};
use crate::simulator::encoding::decoded;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

const CREATED: &str = "2026-05-04T03:02:01.123456789Z";

pub(super) fn answer(options: &Options, inside: &mut Inside, call: &Call) -> Response {
    if let Some(path) = call.path.strip_prefix("sys/internal/ui/mounts/") {
        return mount(options, path);
    }
    let path = decoded(call.path);
    let Some((mount, version)) =
        options.mounts.iter().find(|(mount, _)| path.starts_with(&format!("{mount}/")))
    else {
        return errors(404, &[&format!("no handler for route \"{path}\". route entry not found.")]);
    };
    let path = &path[mount.len() + 1..];
    match version {
        1 => first(inside, call, &format!("{mount}/{path}")),
        _ => match path.split_once('/') {
            Some(("data", path)) => second(options, inside, call, &format!("{mount}/{path}")),
            Some(("metadata", path)) if call.query.contains("list=true") => {
                list(inside, &format!("{mount}/{path}"))
            }
            Some(("metadata", _)) => errors(404, &[]),
            _ => not_versioned(call),
        },
    }
}

/// What version 2 says of paths that only version 1 has.
fn not_versioned(call: &Call) -> Response {
    let subcommand = match call.method {
        Method::GET if call.query.contains("list=true") => "list",
        Method::GET => "get",
        Method::DELETE => "delete",
        _ => "put",
    };
    let warning = format!(
        "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. \
         If using the Vault CLI, use 'vault kv {subcommand}' for this operation."
    );
    let mut body = envelope();
    body["warnings"] = json!([warning]);
    (StatusCode::NOT_FOUND, axum::Json(body)).into_response()
}

fn mount(options: &Options, path: &str) -> Response {
    let found = options.mounts.iter().find(|(mount, _)| path.starts_with(mount.as_str()));
    match found {
        _ if options.mounts_status == 404 => errors(404, &[]),
        Some((mount, version)) if options.mounts_status == 200 => {
            // An engine of version 1 that was never configured has no options at all.
            let engine = if *version == 1 { Value::Null } else { json!({"version": "2"}) };
            document(
                "data",
                json!({"path": format!("{mount}/"), "type": "kv", "options": engine, "local": false}),
            )
        }
        _ => errors(
            403,
            &[&format!(
                "preflight capability check returned 403, please ensure client's policies grant access to path \"{path}/\""
            )],
        ),
    }
}

fn list(inside: &Inside, prefix: &str) -> Response {
    let below = inside.secrets.keys().filter_map(|path| path.strip_prefix(prefix));
    let names: Vec<String> = below
        .map(|rest| rest.split_once('/').map_or(rest.to_owned(), |(folder, _)| format!("{folder}/")))
        .collect();
    if names.is_empty() { errors(404, &[]) } else { document("data", json!({"keys": names})) }
}

fn first(inside: &mut Inside, call: &Call, path: &str) -> Response {
    match call.method {
        Method::GET if call.query.contains("list=true") => list(inside, path),
        Method::GET => match inside.secrets.get(path).and_then(|versions| versions.last()) {
            Some(version) => document("data", version.data.clone()),
            None => errors(404, &[]),
        },
        Method::POST | Method::PUT if call.document.as_object().is_none_or(Map::is_empty) => {
            errors(400, &["missing data fields"])
        }
        Method::POST | Method::PUT => {
            let version = Version { data: call.document.clone(), deleted: false };
            inside.secrets.insert(path.to_owned(), vec![version]);
            StatusCode::NO_CONTENT.into_response()
        }
        Method::DELETE => {
            inside.secrets.remove(path);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => unsupported(),
    }
}

fn metadata(number: usize, deleted: bool) -> Value {
    json!({"created_time": CREATED, "custom_metadata": null, "destroyed": false, "version": number,
           "deletion_time": if deleted { CREATED } else { "" }})
}

fn second(options: &Options, inside: &mut Inside, call: &Call, path: &str) -> Response {
    let versions = inside.secrets.entry(path.to_owned()).or_default();
    let response = match call.method {
        Method::GET => read(versions, call.query),
        Method::POST | Method::PUT => {
            let cas = call.document["options"]["cas"].as_u64();
            if cas.is_some_and(|cas| cas != versions.len() as u64) {
                return errors(400, &["check-and-set parameter did not match the current version"]);
            }
            versions.push(Version { data: call.document["data"].clone(), deleted: false });
            document("data", metadata(versions.len(), false))
        }
        Method::PATCH if !options.patches => unsupported(),
        Method::PATCH => patch(versions, call),
        Method::DELETE => {
            versions.last_mut().into_iter().for_each(|version| version.deleted = true);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => unsupported(),
    };
    inside.secrets.retain(|_, versions| !versions.is_empty());
    response
}

fn read(versions: &[Version], query: &str) -> Response {
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("version=")).and_then(|n| n.parse().ok());
    let number = asked.filter(|number| *number > 0).unwrap_or(versions.len());
    let Some(version) = number.checked_sub(1).and_then(|place| versions.get(place)) else {
        return errors(404, &[]);
    };
    let data = if version.deleted { Value::Null } else { version.data.clone() };
    let response = document("data", json!({"data": data, "metadata": metadata(number, version.deleted)}));
    if version.deleted { (StatusCode::NOT_FOUND, response).into_response() } else { response }
}

fn patch(versions: &mut Vec<Version>, call: &Call) -> Response {
    let content = call.headers.get("content-type").and_then(|value| value.to_str().ok());
    if content != Some("application/merge-patch+json") {
        return errors(415, &["PATCH requires Content-Type of application/merge-patch+json"]);
    }
    let Some(current) = versions.last().filter(|version| !version.deleted) else { return errors(404, &[]) };
    let mut data: Map<String, Value> = current.data.as_object().cloned().unwrap_or_default();
    for (key, value) in call.document["data"].as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(data.shift_remove(key)),
            value => drop(data.insert(key.clone(), value.clone())),
        }
    }
    versions.push(Version { data: data.into(), deleted: false });
    document("data", metadata(versions.len(), false))
}
