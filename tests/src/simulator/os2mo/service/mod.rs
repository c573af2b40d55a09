//! The REST API `/service`: lists of persons and units, one unit with all above it, the details of both.
//!
//! Every path ends in `/` but `details/<what>`; another spelling is no endpoint. Dates are days, `to` is the last included
//! one. `details` of an object that is not there are empty, not 404.

mod details;
mod lists;
mod shapes;
mod units;

use super::collection::Collection;
use super::organisation::Organisation;
use super::routes::Shared;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// The role that every reader needs besides those of the collections.
pub(super) const ROLE: &str = "service_api";

/// An answer that is none: status and body.
type Refused = (u16, Value);

/// One call: what it may see, and what it asks for.
struct Call<'a> {
    organisation: &'a Organisation,
    roles: Option<&'a [String]>,
    query: HashMap<String, String>,
}

impl Call<'_> {
    /// Refuse unless the reader may see `collection`: a missing role is an internal failure here.
    fn may(&self, collection: Collection) -> Result<(), Refused> {
        self.has(collection.role())
    }

    fn has(&self, role: &str) -> Result<(), Refused> {
        match self.roles {
            Some(roles) if !roles.iter().any(|had| had == role) => {
                Err(failure("No policy approved the access"))
            }
            _ => Ok(()),
        }
    }

    fn asked(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }
}

/// The paths of the API.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/service/o/", answering(|call, _| lists::organisations(call)))
        .route("/service/o/{org}/e/", answering(lists::persons))
        .route("/service/o/{org}/ou/", answering(lists::units))
        .route("/service/o/{org}/it/", answering(lists::systems))
        .route("/service/o/{org}/f/{facet}/", answering(lists::classes))
        .route("/service/e/{uuid}/", answering(lists::person))
        .route("/service/ou/{uuid}/", answering(units::unit))
        .route(
            "/service/e/{uuid}/details/",
            answering(|call, path| details::kinds(call, path, "employee_uuid")),
        )
        .route(
            "/service/ou/{uuid}/details/",
            answering(|call, path| details::kinds(call, path, "org_unit_uuid")),
        )
        .route(
            "/service/e/{uuid}/details/{what}",
            answering(|call, path| details::list(call, path, "employee_uuid")),
        )
        .route(
            "/service/ou/{uuid}/details/{what}",
            answering(|call, path| details::list(call, path, "org_unit_uuid")),
        )
        .route("/service/{*path}", get(|| async { no_endpoint() }))
}

fn answering(
    answer: fn(&Call<'_>, &HashMap<String, String>) -> Result<Value, Refused>,
) -> axum::routing::MethodRouter<Shared> {
    get(
        move |State(shared): State<Shared>,
              Path(path): Path<HashMap<String, String>>,
              RawQuery(query): RawQuery,
              headers: HeaderMap| async move {
            let roles = match roles(&shared, &headers) {
                Ok(roles) => roles,
                Err(refused) => return written(Err(refused)),
            };
            let query = query.unwrap_or_default();
            let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            // Only this thread waits for the organisation, not those that accept connections.
            let run = move || {
                let organisation = shared.organisation.read().unwrap();
                let call = Call { organisation: &organisation, roles: roles.as_deref(), query };
                written(answer(&call, &path))
            };
            tokio::task::spawn_blocking(run).await.unwrap()
        },
    )
}

fn roles(shared: &Shared, headers: &HeaderMap) -> Result<Option<Vec<String>>, Refused> {
    let named = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = named("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let roles = shared.gate.roles(bearer, named("session")).map_err(|()| match bearer {
        Some(token) if token.starts_with("token-") => {
            (401, json!({"status": "Unauthorized", "msg": "Signature has expired"}))
        }
        Some(_) => (401, json!({"status": "Unauthorized", "msg": "Not enough segments"})),
        None => (401, json!("Not authenticated")),
    })?;
    match &roles {
        Some(had) if !had.iter().any(|role| role == ROLE) => {
            Err((403, json!({"status": "Forbidden", "msg": "The Service API is gone"})))
        }
        _ => Ok(roles),
    }
}

fn written(answer: Result<Value, Refused>) -> Response {
    match answer {
        Ok(body) => Json(body).into_response(),
        Err((status, body)) => (StatusCode::from_u16(status).unwrap(), Json(body)).into_response(),
    }
}

fn no_endpoint() -> Response {
    let body = json!({
        "error": true, "description": "No such endpoint.", "status": 404, "error_key": "E_NO_SUCH_ENDPOINT",
    });
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

/// An internal failure.
fn failure(description: &str) -> Refused {
    (500, json!({"error": true, "description": description, "status": 500, "error_key": "E_UNKNOWN"}))
}

fn not_found(description: &str, key: &str) -> Value {
    json!({"error": true, "description": description, "status": 404, "error_key": key})
}

/// The uuid in the path, or what the server says to something else.
fn uuid(path: &HashMap<String, String>, name: &str) -> Result<Uuid, Refused> {
    path[name].parse().map_err(|_| wrong_uuid("path", "id"))
}

fn wrong_uuid(place: &str, name: &str) -> Refused {
    let errors =
        json!([{"loc": [place, name], "msg": "value is not a valid uuid", "type": "type_error.uuid"}]);
    let body = json!({
        "error": true, "description": "Invalid input.", "status": 400, "error_key": "E_INVALID_INPUT",
        "request": null, "errors": errors,
    });
    (400, body)
}
