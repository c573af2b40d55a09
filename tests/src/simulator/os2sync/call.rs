//! A call as the server's router sees it: path segments, query, headers and body.

use super::options::Options;
use super::registry::How;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use serde_json::Value;

/// One call under `/api`.
pub(super) struct Call {
    pub(super) method: Method,
    /// The path without `/api` and without empty segments, as it was sent.
    pub(super) path: Vec<String>,
    pub(super) query: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    /// The call, or none when the path does not begin with `/api`.
    pub(super) fn new(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Option<Self> {
        let mut path = uri.path().split('/').filter(|segment| !segment.is_empty()).map(str::to_owned);
        path.next().filter(|segment| segment.eq_ignore_ascii_case("api"))?;
        let query = uri.query().unwrap_or_default().to_owned();
        Some(Self { method, path: path.collect(), query, headers, body })
    }

    /// The municipality the call speaks for; none when the key is wrong or there is no CVR: 401.
    pub(super) fn cvr(&self, options: &Options) -> Option<String> {
        let key = self.header("ApiKey");
        if options.api_key.is_some() && options.api_key.as_deref() != key {
            return None;
        }
        let sent = self.header("Cvr").filter(|cvr| cvr.len() == 8 && cvr.bytes().all(|b| b.is_ascii_digit()));
        options.default_cvr.as_deref().or(sent).map(str::to_owned)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body, when it is JSON.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// `priority` and `bypassCache` of the query, the server's defaults for what it does not understand.
    pub(super) fn how(&self) -> How {
        let default = How::default();
        let priority = self.parameter("priority").and_then(|text| text.parse().ok());
        How { priority: priority.unwrap_or(default.priority), bypass_cache: self.flag("bypassCache") }
    }

    /// Whether the query says true here.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.parameter(name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}
