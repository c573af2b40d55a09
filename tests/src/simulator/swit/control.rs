//! The control path for shells: look at the organisation, let tokens expire.
//!
//!     curl $URL/simulator/organisation
//!     curl -X POST $URL/simulator/expire

use super::Shared;
use super::organisation::Organisation;
use super::shape::{team_object, user_object};
use axum::Router;
use axum::extract::{Json, State};
use axum::routing::{get, post};
use serde_json::{Value, json};

pub(super) fn control(organisation: Shared) -> Router {
    Router::new()
        .route("/simulator/organisation", get(look))
        .route("/simulator/expire", post(expire))
        .with_state(organisation)
}

async fn look(State(shared): State<Shared>) -> Json<Value> {
    Json(dump(&shared.lock().unwrap()))
}

async fn expire(State(shared): State<Shared>) {
    shared.lock().unwrap().expire_tokens();
}

fn dump(organisation: &Organisation) -> Value {
    let users: Vec<Value> = organisation.users.iter().map(|user| user_object(organisation, user)).collect();
    let teams: Vec<Value> = organisation.teams.iter().map(|team| team_object(organisation, team)).collect();
    json!({
        "users": users, "teams": teams, "messages": organisation.messages,
        "writes": organisation.writes.iter().map(|write| &write.operation).collect::<Vec<_>>(),
    })
}
