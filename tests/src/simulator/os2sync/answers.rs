//! The answers as the server's web framework words them.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

/// 200 without a body.
pub(super) fn empty() -> Response {
    StatusCode::OK.into_response()
}

pub(super) fn json(document: Value) -> Response {
    Json(document).into_response()
}

pub(super) fn text(status: StatusCode, text: impl Into<String>) -> Response {
    (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], text.into()).into_response()
}

/// 400 with a text.
pub(super) fn refused(reason: impl Into<String>) -> Response {
    text(StatusCode::BAD_REQUEST, reason)
}

/// The text of any read while the registry is down.
pub(super) fn registry_down() -> Response {
    refused("The national registry cannot be reached")
}

/// The page for a body that could not be read: the controller gets null and falls over it.
pub(super) fn broken() -> Response {
    let page = "<!DOCTYPE html>\n<html><head><title>Internal Server Error</title></head>\
                <body><h1>An unhandled exception occurred while processing the request.</h1>\
                <p>NullReferenceException: Object reference not set to an instance of an object.</p></body></html>\n";
    (StatusCode::INTERNAL_SERVER_ERROR, Html(page)).into_response()
}
