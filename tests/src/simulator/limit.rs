//! A limit of requests in a time, as servers have it: what is above it is refused with 429 and counted.
//!
//! From a test: `served.limit.set(Limited::new(100, Duration::from_secs(1)))`. From a shell:
//! `curl -d '{"requests":100,"milliseconds":1000,"retry_after":true}' $URL/simulator/limit`; `curl $URL/simulator/limit`
//! gives the counts, `curl -X DELETE $URL/simulator/limit` lifts the limit.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Json, Request, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// So many requests in so many milliseconds.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Limited {
    pub requests: u32,
    pub milliseconds: u32,
    /// Count by windows that begin one after the other; else by a bucket of so many, filled again all the time.
    #[serde(default)]
    pub windows: bool,
    /// Say when to come again, in whole seconds.
    #[serde(default)]
    pub retry_after: bool,
}

impl Limited {
    /// A bucket, without `Retry-After`.
    pub fn new(requests: u32, time: Duration) -> Self {
        let milliseconds = u32::try_from(time.as_millis()).unwrap();
        Self { requests, milliseconds, windows: false, retry_after: false }
    }
}

struct Counted {
    by: Limited,
    left: f64,
    at: Instant,
    taken: usize,
    refused: usize,
}

impl Counted {
    /// Whether a request is above the limit; for how many seconds from now, at least.
    fn refuse(&mut self, now: Instant) -> Option<u64> {
        let (requests, time) =
            (f64::from(self.by.requests), Duration::from_millis(u64::from(self.by.milliseconds)));
        let passed = now.duration_since(self.at);
        let wait = if self.by.windows {
            let begun = u32::try_from(passed.as_nanos() / time.as_nanos().max(1)).unwrap_or(u32::MAX);
            if begun > 0 {
                (self.left, self.at) = (requests, self.at + time * begun);
            }
            self.at + time - now
        } else {
            self.left = (self.left + requests * passed.as_secs_f64() / time.as_secs_f64()).min(requests);
            self.at = now;
            time / self.by.requests.max(1)
        };
        if self.left < 1.0 {
            self.refused += 1;
            return Some(wait.as_secs() + 1);
        }
        self.left -= 1.0;
        self.taken += 1;
        None
    }
}

/// The limit of one server, none at first; clones share it.
#[derive(Clone, Default)]
pub struct Limit(Arc<Mutex<Option<Counted>>>);

impl Limit {
    /// Begin to count by `limited`.
    pub fn set(&self, limited: Limited) {
        let left = f64::from(limited.requests);
        *self.0.lock().unwrap() =
            Some(Counted { by: limited, left, at: Instant::now(), taken: 0, refused: 0 });
    }

    /// Lift it.
    pub fn lift(&self) {
        *self.0.lock().unwrap() = None;
    }

    /// Requests within the limit, and requests that were refused.
    pub fn counts(&self) -> (usize, usize) {
        self.0.lock().unwrap().as_ref().map_or((0, 0), |counted| (counted.taken, counted.refused))
    }

    fn refusal(&self) -> Option<Response> {
        let mut counted = self.0.lock().unwrap();
        let counted = counted.as_mut()?;
        let seconds = counted.refuse(Instant::now())?;
        Some(match counted.by.retry_after {
            true => (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds.to_string())]).into_response(),
            false => StatusCode::TOO_MANY_REQUESTS.into_response(),
        })
    }
}

/// The control path.
pub(super) fn control(limit: Limit) -> Router {
    let set = |State(limit): State<Limit>, body: Bytes| async move {
        match serde_json::from_slice(&body) {
            Ok(limited) => {
                limit.set(limited);
                StatusCode::OK.into_response()
            }
            Err(error) => (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
        }
    };
    let counts = |State(limit): State<Limit>| async move {
        let (taken, refused) = limit.counts();
        Json(json!({ "taken": taken, "refused": refused }))
    };
    let lift = |State(limit): State<Limit>| async move { limit.lift() };
    Router::new().route("/simulator/limit", post(set).get(counts).delete(lift)).with_state(limit)
}

/// The layer that refuses.
pub(super) async fn apply(State(limit): State<Limit>, request: Request, next: Next) -> Response {
    match limit.refusal() {
        Some(refusal) => refusal,
        None => next.run(request).await,
    }
}
