//! The answers: `data` around successes, and two shapes of errors.

use super::options::Shape;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What an operation says: `Ok` with its data, or a status and why.
pub(super) type Said = Result<Success, (u16, String)>;

pub(super) enum Success {
    /// 200 with `{"data": …}`.
    Data(Value),
    /// 204 without a body.
    Nothing,
}

pub(super) fn refused<T>(status: u16, why: impl Into<String>) -> Result<T, (u16, String)> {
    Err((status, why.into()))
}

pub(super) fn answer(said: Said, shape: Shape) -> Response {
    match said {
        Ok(Success::Data(data)) => Json(json!({ "data": data })).into_response(),
        Ok(Success::Nothing) => StatusCode::NO_CONTENT.into_response(),
        Err((status, message)) => failure(status, &message, shape),
    }
}

pub(super) fn failure(status: u16, message: &str, shape: Shape) -> Response {
    let what = json!({ "code": status, "message": message });
    let body = if shape == Shape::Older { json!({ "error": what }) } else { what };
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}
