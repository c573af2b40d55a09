//! The control path for shells: look at the registry, work the queue off, change its options, put objects
//! in place.
//!
//!     curl $URL/simulator/registry
//!     curl -X POST $URL/simulator/settle
//!     curl -X PATCH -d '{"hierarchy_fails":true}' $URL/simulator/options                    (names as in Options)
//!     curl -d '{"Uuid":"…","Name":"Town hall"}' $URL/simulator/units       (one object or a list; also /users)

use super::entry::Kind;
use super::look::dump;
use super::registry::Registry;
use axum::body::Bytes;
use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use serde_json::Value;
use std::sync::{Arc, Mutex};

type Shared = State<Arc<Mutex<Registry>>>;

/// The routes, without their state.
pub(super) fn control() -> axum::Router<Arc<Mutex<Registry>>> {
    axum::Router::new()
        .route("/simulator/registry", get(look))
        .route("/simulator/settle", post(settle))
        .route("/simulator/options", patch(change))
        .route("/simulator/units", post(|state: Shared, body: Bytes| place(state, Kind::Unit, body)))
        .route("/simulator/users", post(|state: Shared, body: Bytes| place(state, Kind::User, body)))
}

async fn look(State(registry): Shared) -> Json<Value> {
    let mut registry = registry.lock().unwrap();
    registry.settle_if_immediate();
    Json(dump(&registry))
}

async fn settle(State(registry): Shared) {
    registry.lock().unwrap().settle();
}

async fn change(State(registry): Shared, body: Bytes) -> Response {
    let mut registry = registry.lock().unwrap();
    let members = serde_json::from_slice(&body).map_err(|error| error.to_string());
    match members.and_then(|members| registry.options.with(members)) {
        Ok(options) => {
            registry.options = options;
            StatusCode::OK.into_response()
        }
        Err(why) => (StatusCode::BAD_REQUEST, format!("{why}\n")).into_response(),
    }
}

async fn place(State(registry): Shared, kind: Kind, body: Bytes) -> StatusCode {
    let objects = match serde_json::from_slice(&body) {
        Ok(Value::Array(objects)) => objects,
        Ok(object) => vec![object],
        Err(_) => return StatusCode::BAD_REQUEST,
    };
    let mut registry = registry.lock().unwrap();
    let placed = objects.iter().all(|object| registry.place(kind, object));
    if placed { StatusCode::OK } else { StatusCode::BAD_REQUEST }
}
