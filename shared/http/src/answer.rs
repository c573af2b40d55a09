//! What came back, and what its status means.

use crate::Request;
use muster_base::{Error, Exit, text};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The value of `Retry-After`, as a wait from now.
    pub retry_after: Option<Duration>,
    /// The value of `Location`.
    pub location: Option<String>,
    /// The value of `Content-Encoding`, when it is none that was undone here.
    pub encoding: Option<String>,
    /// The body, decompressed.
    pub body: Vec<u8>,
    /// How long it took, from the first byte sent to the last one read.
    pub took: Duration,
}

impl Answer {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The answer itself when its status is 2xx, else the error that the status means.
    pub fn success(self, request: &Request) -> Result<Self, Error> {
        if self.is_success() { Ok(self) } else { Err(self.failure(request)) }
    }

    /// The error that a status other than 2xx means.
    pub fn failure(&self, request: &Request) -> Error {
        let exit = match self.status {
            401 | 403 => Exit::NoPerm,
            408 | 425 | 429 | 503 => Exit::Busy,
            500.. => Exit::Unavailable,
            _ => Exit::Protocol,
        };
        let what = match self.status {
            401 | 403 => "the server refused the credentials",
            408 | 425 | 429 | 503 => "the server is busy",
            500.. => "the server failed",
            404 => "the server does not know this address",
            300..=399 => "the server redirected where it must not",
            _ => "the server refused the request",
        };
        Error::new(exit, format!("{what}: {}{}", self.status_line(), self.shown_body())).at(request)
    }

    /// The body as JSON; `request` names the place when it is not.
    pub fn json<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| self.not_json(request, &error))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether the body is a page for people: the mark of a proxy, or of an address where something else answers.
    pub fn is_page(&self) -> bool {
        self.text().trim_start().starts_with('<')
    }

    /// Whether the body is the JSON object that was sent, to a server that gives it back: its member `name`, in any case, is
    /// `value`, in any case.
    pub fn echoes(&self, name: &str, value: &str) -> bool {
        let Ok(echo) = serde_json::from_slice::<serde_json::Map<String, Value>>(&self.body) else {
            return false;
        };
        let said =
            echo.iter().find(|(said, _)| said.eq_ignore_ascii_case(name)).and_then(|(_, said)| said.as_str());
        said.is_some_and(|said| said.eq_ignore_ascii_case(value))
    }

    /// The JSON object that was asked for, whose member `name` is `value`, in any case. What else somebody answers with 200
    /// (a login, a proxy's word) must not be taken for an object that says nothing.
    pub fn object<T: DeserializeOwned>(
        &self,
        name: &str,
        value: &str,
        request: &Request,
    ) -> Result<T, Error> {
        match self.echoes(name, value) {
            true => self.json(request),
            false => Err(Error::new(
                Exit::Protocol,
                format!("the answer is not the object that was asked for{}", self.shown_body()),
            )
            .at(request)),
        }
    }

    fn not_json(&self, request: &Request, error: &serde_json::Error) -> Error {
        Error::new(
            Exit::Protocol,
            format!("the answer is not the JSON that was expected: {error}{}", self.shown_body()),
        )
        .at(request)
    }

    fn status_line(&self) -> String {
        let name =
            reqwest::StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        format!("{} {}", self.status, name.unwrap_or_default()).trim_end().to_owned()
    }

    fn shown_body(&self) -> String {
        match text::cut(&self.text()) {
            body if body.is_empty() => body,
            body => format!(": {body}"),
        }
    }
}
