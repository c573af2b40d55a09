//! The control path for shells: look at the registry, put objects in place.
//!
//!     curl $URL/simulator/registry
//!     curl -d '{"Uuid":"…","Name":"Town hall"}' $URL/simulator/orgunits       (also /users)

use super::registry::{Kind, Registry};
use axum::body::Bytes;
use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

type Shared = State<Arc<Mutex<Registry>>>;

/// The routes, without their state.
pub(super) fn control() -> axum::Router<Arc<Mutex<Registry>>> {
    axum::Router::new()
        .route("/simulator/registry", get(look))
        .route("/simulator/orgunits", post(|state: Shared, body: Bytes| place(state, Kind::Unit, body)))
        .route("/simulator/users", post(|state: Shared, body: Bytes| place(state, Kind::User, body)))
}

async fn look(State(registry): Shared) -> Json<Value> {
    let registry = registry.lock().unwrap();
    Json(json!({
        "users": registry.users(),
        "units": registry.units(),
        "deleted": registry.deleted(),
        "failures": registry.failures(),
        "requests": registry.writes(),
    }))
}

async fn place(State(registry): Shared, kind: Kind, body: Bytes) -> StatusCode {
    match serde_json::from_slice(&body) {
        Ok(object @ Value::Object(_)) => {
            registry.lock().unwrap().place(kind, object);
            StatusCode::OK
        }
        _ => StatusCode::BAD_REQUEST,
    }
}
