//! Faults to switch on while a simulator runs: refusals, server errors, time-outs, cut connections, slow answers.
//!
//! From a test: `served.faults.add(Rule::always(Fault::Status(503)))`. From a shell:
//! `curl -d '{"fault":{"status":503},"path":"/graphql","skip":2,"times":1}' $URL/simulator/faults`, and
//! `curl -X DELETE $URL/simulator/faults` switches all of them off.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Json, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, LOCATION, RETRY_AFTER};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::{StreamExt, stream};
use serde::Deserialize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What goes wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Answer with this status and an empty body.
    Status(u16),
    /// Answer 429 with this `Retry-After` in seconds, without one when it is null.
    TooManyRequests(Option<u64>),
    /// Answer this status with this text.
    Text(u16, String),
    /// Answer 307 with this `Location`.
    Redirect(String),
    /// Answer 200 with this JSON document.
    Json(serde_json::Value),
    /// Never answer.
    Silence,
    /// Do what is asked, and never answer.
    Mute,
    /// Send the head and so many bytes of the true answer's body, then cut the connection.
    Cut(usize),
    /// Wait so many milliseconds, then answer truly.
    Slow(u64),
}

/// A fault, and which requests it hits.
#[derive(Clone, Debug, Deserialize)]
pub struct Rule {
    pub fault: Fault,
    /// Hit only requests whose path and query contain this text.
    #[serde(default)]
    pub path: String,
    /// Hit only requests whose body contains this text.
    #[serde(default)]
    pub body: String,
    /// Let so many matching requests pass first.
    #[serde(default)]
    pub skip: usize,
    /// Hit so many requests, then no more; absent: all.
    #[serde(default = "always")]
    pub times: usize,
    /// Hit so many of a hundred, the same ones for the same order of requests; absent: all.
    #[serde(default = "all")]
    pub percent: u8,
    /// Requests that this rule was asked about.
    #[serde(skip)]
    pub asked: u64,
}

fn always() -> usize {
    usize::MAX
}

fn all() -> u8 {
    100
}

impl Rule {
    /// Every request from now on.
    pub fn always(fault: Fault) -> Self {
        Self {
            fault,
            path: String::new(),
            body: String::new(),
            skip: 0,
            times: always(),
            percent: all(),
            asked: 0,
        }
    }

    /// Only the next matching request.
    pub fn once(fault: Fault) -> Self {
        Self { times: 1, ..Self::always(fault) }
    }

    /// Only requests whose path and query contain `text`.
    pub fn path(self, text: &str) -> Self {
        Self { path: text.to_owned(), ..self }
    }

    /// Only requests whose body contains `text`.
    pub fn body(self, text: &str) -> Self {
        Self { body: text.to_owned(), ..self }
    }

    /// Only so many of a hundred.
    pub fn percent(self, percent: u8) -> Self {
        Self { percent, ..self }
    }

    /// Not the first `count` matching requests.
    pub fn after(self, count: usize) -> Self {
        Self { skip: count, ..self }
    }

    fn hits(&mut self, path: &str, body: &[u8]) -> bool {
        let in_body = self.body.is_empty() || String::from_utf8_lossy(body).contains(&self.body);
        if !path.contains(&self.path) || !in_body || self.times == 0 {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        self.asked += 1;
        // The high bits of a multiplication by 2^64 over the golden ratio are spread evenly.
        if (self.asked.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % 100 >= u64::from(self.percent) {
            return false;
        }
        self.times = self.times.saturating_sub(1);
        true
    }
}

/// The faults of one server; clones share them.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<Rule>>>);

impl Faults {
    /// Switch `rule` on; of several that match a request the first decides.
    pub fn add(&self, rule: Rule) {
        self.0.lock().unwrap().push(rule);
    }

    /// Switch all off.
    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    fn next(&self, path: &str, body: &[u8]) -> Option<Fault> {
        self.0.lock().unwrap().iter_mut().find_map(|rule| rule.hits(path, body).then(|| rule.fault.clone()))
    }
}

/// The control path.
pub(super) fn control(faults: Faults) -> Router {
    // The body is taken as it comes: curl calls it a form.
    let add = |State(faults): State<Faults>, body: Bytes| async move {
        match serde_json::from_slice(&body) {
            Ok(rule) => {
                faults.add(rule);
                StatusCode::OK.into_response()
            }
            Err(error) => (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
        }
    };
    let clear = |State(faults): State<Faults>| async move { faults.clear() };
    Router::new().route("/simulator/faults", post(add).delete(clear)).with_state(faults)
}

/// The layer that lets faults happen.
pub(super) async fn apply(State(faults): State<Faults>, request: Request, next: Next) -> Response {
    let path = request.uri().path_and_query().map(|p| p.to_string()).unwrap_or_default();
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let fault = faults.next(&path, &body);
    let request = Request::from_parts(head, Body::from(body));
    match fault {
        None => next.run(request).await,
        Some(Fault::Status(status)) => (status_of(status), "").into_response(),
        Some(Fault::Text(status, text)) => (status_of(status), text).into_response(),
        Some(Fault::Redirect(location)) => {
            (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, location)]).into_response()
        }
        Some(Fault::Json(document)) => Json(document).into_response(),
        Some(Fault::TooManyRequests(None)) => StatusCode::TOO_MANY_REQUESTS.into_response(),
        Some(Fault::TooManyRequests(Some(seconds))) => {
            (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds.to_string())]).into_response()
        }
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::Mute) => {
            next.run(request).await;
            std::future::pending().await
        }
        Some(Fault::Cut(bytes)) => cut(next.run(request).await, bytes).await,
        Some(Fault::Slow(milliseconds)) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            next.run(request).await
        }
    }
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// `answer` with the connection cut after so many bytes of its body, which the head announces whole.
async fn cut(answer: Response, bytes: usize) -> Response {
    let (mut head, body) = answer.into_parts();
    let whole = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.insert(CONTENT_LENGTH, whole.len().max(bytes + 1).into());
    let part = whole.slice(..bytes.min(whole.len()));
    // Head and bytes are sent while the end is waited for; an error at once would cut before both.
    let broken = async {
        tokio::task::yield_now().await;
        Err(std::io::Error::other("cut"))
    };
    let pieces = stream::iter([Ok::<Bytes, std::io::Error>(part)]).chain(stream::once(broken));
    Response::from_parts(head, Body::from_stream(pieces))
}
