//! Control paths to change the organisation from a shell while the simulator runs.
//!
//! `curl -X PATCH -d '{"name":"Byudvikling"}' $URL/simulator/org_units/<uuid>`, `curl -X DELETE $URL/simulator/<collection>/<uuid>`,
//! `curl -d '{"given_name":"Ida","surname":"Dahl"}' $URL/simulator/employees`; members `from` and `to` are first and last day.
//! `curl -X PUT -d '{"text":"Havnegade 1, 9999 Fjordby"}' $URL/simulator/dar/<value>` (or `"unknown"`, `"failing"`),
//! `curl -X PUT -d '"down"' $URL/simulator/dar` (or `"up"`, `"unreachable"`), `curl -X PUT -d '"2027-01-01"' $URL/simulator/today`.

use super::collection::Collection;
use super::organisation::{Dar, DarService, Organisation};
use super::routes::Shared;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{patch, post, put};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) fn control(shared: Shared) -> Router {
    Router::new()
        .route("/simulator/today", put(today))
        .route("/simulator/dar", put(service))
        .route("/simulator/dar/{value}", put(dar))
        .route("/simulator/{collection}", post(add))
        .route("/simulator/{collection}/{uuid}", patch(change).delete(remove))
        .with_state(shared)
}

async fn add(State(shared): State<Shared>, Path(collection): Path<String>, body: Bytes) -> Response {
    edited(&shared, &body, |organisation, members| {
        let uuid = organisation.add(named(&collection)?, members)?;
        Ok(json!({"uuid": uuid}))
    })
}

async fn change(
    State(shared): State<Shared>,
    Path((collection, uuid)): Path<(String, Uuid)>,
    body: Bytes,
) -> Response {
    edited(&shared, &body, |organisation, members| {
        organisation.change(named(&collection)?, uuid, members).map(|()| json!({"uuid": uuid}))
    })
}

async fn remove(State(shared): State<Shared>, Path((collection, uuid)): Path<(String, Uuid)>) -> Response {
    edited(&shared, b"null", |organisation, _| {
        organisation.remove(named(&collection)?, uuid).map(|()| json!({"uuid": uuid}))
    })
}

async fn today(State(shared): State<Shared>, body: Bytes) -> Response {
    edited(&shared, &body, |organisation, day| {
        let day = day.as_str().unwrap_or_default();
        organisation.today = day.parse().map_err(|_| format!("'{day}' is not a date"))?;
        Ok(json!({"today": day}))
    })
}

async fn dar(State(shared): State<Shared>, Path(value): Path<String>, body: Bytes) -> Response {
    edited(&shared, &body, |organisation, says| {
        let dar = match (says.as_str(), says["text"].as_str()) {
            (Some("unknown"), _) => Dar::Unknown,
            (Some("failing"), _) => Dar::Failing,
            (_, Some(text)) => Dar::Text(text.to_owned()),
            _ => return Err("wanted: {\"text\": …}, \"unknown\" or \"failing\"".into()),
        };
        organisation.set_dar(&value, dar);
        Ok(json!({"value": value}))
    })
}

async fn service(State(shared): State<Shared>, body: Bytes) -> Response {
    edited(&shared, &body, |organisation, state| {
        organisation.dar_service = match state.as_str() {
            Some("up") => DarService::Up,
            Some("down") => DarService::Down,
            Some("unreachable") => DarService::Unreachable,
            _ => return Err("wanted: \"up\", \"down\" or \"unreachable\"".into()),
        };
        Ok(state)
    })
}

fn named(collection: &str) -> Result<Collection, String> {
    Collection::named(collection).ok_or_else(|| format!("there is no collection '{collection}'"))
}

/// The answer to a change with the JSON document `body`; 400 and the reason when it cannot be made.
fn edited(
    shared: &Shared,
    body: &[u8],
    edit: impl FnOnce(&mut Organisation, Value) -> Result<Value, String>,
) -> Response {
    let mut organisation = shared.organisation.write().unwrap();
    let document = serde_json::from_slice(body).map_err(|error| error.to_string());
    match document.and_then(|document| edit(&mut organisation, document)) {
        Ok(answer) => (StatusCode::OK, format!("{answer}\n")).into_response(),
        Err(reason) => (StatusCode::BAD_REQUEST, format!("{reason}\n")).into_response(),
    }
}
