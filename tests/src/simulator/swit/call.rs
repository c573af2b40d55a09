//! One call of the API: operation, parameters, and who calls.

use super::organisation::Organisation;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use serde_json::{Map, Value};

/// What was called.
pub(super) struct Call {
    pub(super) method: Method,
    /// Such as `team.create`.
    pub(super) operation: String,
    /// The body of a POST, the query of a GET.
    pub(super) input: Map<String, Value>,
}

/// Why a call is not answered.
pub(super) enum NoCall {
    NotFound,
    NoJson,
}

impl Call {
    pub(super) fn new(method: Method, uri: &Uri, body: &Bytes) -> Result<Self, NoCall> {
        let operation = uri.path().strip_prefix("/v1/api/").ok_or(NoCall::NotFound)?.to_owned();
        let input = if method == Method::GET {
            let query = uri.query().unwrap_or_default().as_bytes();
            url::form_urlencoded::parse(query)
                .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
                .collect()
        } else {
            serde_json::from_slice(body).map_err(|_| NoCall::NoJson)?
        };
        Ok(Self { method, operation, input })
    }

    /// A text that is there and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.input.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A count: a number, or a text that is one.
    pub(super) fn count(&self, name: &str) -> Option<usize> {
        self.text(name).and_then(|text| text.parse().ok())
    }

    /// A list of texts; none when it is no list.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        let items = self.input.get(name)?.as_array()?;
        items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
    }
}

/// Whether the caller is a bot; none when the token is not valid.
pub(super) fn caller(organisation: &Organisation, headers: &HeaderMap) -> Option<bool> {
    let header = headers.get("authorization")?.to_str().ok()?;
    organisation.tokens.get(header.strip_prefix("Bearer ")?).copied()
}
