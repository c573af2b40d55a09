//! What is sent: method, URL, headers, body.

use muster_base::{Error, Exit, Secret};
use reqwest::Method;
use serde::Serialize;
use std::fmt;
use url::Url;

/// A request that can be sent more than once.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole address, query included.
    pub url: Url,
    /// Headers that may be shown.
    pub headers: Vec<(&'static str, String)>,
    /// Headers that must not be shown: credentials.
    pub credentials: Vec<(&'static str, Secret)>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether sending it twice does no more than sending it once.
    pub repeatable: bool,
    /// Hosts (`host`, or `host:port` where the port is not the usual one) that a redirect may lead to beside the request's
    /// own. They get the credentials, too.
    pub allow_hosts: Vec<String>,
}

impl Request {
    /// A request without body; a GET, PUT or DELETE counts as repeatable, others do not.
    pub fn new(method: Method, url: Url) -> Self {
        let repeatable = method.is_idempotent();
        Self {
            method,
            url,
            headers: Vec::new(),
            credentials: Vec::new(),
            body: Vec::new(),
            repeatable,
            allow_hosts: Vec::new(),
        }
    }

    /// A GET.
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// A POST.
    pub fn post(url: Url) -> Self {
        Self::new(Method::POST, url)
    }

    /// With a JSON body.
    pub fn json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        self.body = serde_json::to_vec(body).map_err(|error| Error::new(Exit::Bug, error.to_string()))?;
        Ok(self.header("content-type", "application/json"))
    }

    /// With one more header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With one more header that is never shown.
    pub fn credential(mut self, name: &'static str, value: Secret) -> Self {
        self.credentials.push((name, value));
        self
    }

    /// Say that sending it twice does no more than sending it once: a query, an upsert.
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }
}

/// Method and URL, as an error names the place.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

/// `base` with `segments` behind its path, each encoded as one segment; empty, `.` and `..` are refused.
pub fn join<'a>(base: &Url, segments: impl IntoIterator<Item = &'a str>) -> Result<Url, Error> {
    let mut url = base.clone();
    let Ok(mut path) = url.path_segments_mut() else {
        return Err(Error::new(Exit::Config, format!("'{base}' is no address of a server")));
    };
    path.pop_if_empty();
    for segment in segments {
        if matches!(segment, "" | "." | "..") {
            return Err(Error::new(Exit::Data, format!("'{segment}' cannot stand in an address")));
        }
        path.push(segment);
    }
    drop(path);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(base: &str, segments: &[&str]) -> Result<String, Error> {
        join(&Url::parse(base).unwrap(), segments.iter().copied()).map(String::from)
    }

    #[test]
    fn a_value_is_one_segment() {
        assert_eq!(
            joined("https://a.example/x/", &["y", "z/?#ø"]).unwrap(),
            "https://a.example/x/y/z%2F%3F%23%C3%B8"
        );
    }

    #[test]
    fn a_value_cannot_climb() {
        for segment in ["", ".", ".."] {
            assert!(joined("https://a.example/x", &[segment]).is_err());
        }
    }
}
