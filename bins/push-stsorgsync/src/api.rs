//! The calls of STSOrgSync's API v1_1: queued writes, live and slow reads.
//!
//! The Windows service takes the uuid in the query, later builds in the path. The header `CVR` is asked for by the docker
//! build alone. Writes are queued by uuid and may be repeated.

use crate::members::USER;
use muster_base::Error;
use muster_http::{Client, Method, Request, Url, join};
use muster_stream::Map;

/// Where a call names the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum UuidStyle {
    // No doc comments here: with them, the help would take four lines an option.
    Path,
    Query,
}

/// One server, and one municipality at it.
pub(crate) struct Api {
    pub(crate) base: Url,
    pub(crate) municipality: Option<String>,
    pub(crate) style: UuidStyle,
}

impl Api {
    /// Queue a create-or-update.
    pub(crate) fn upsert(&self, kind: &str, body: &Map) -> Result<Request, Error> {
        Ok(self.request(Method::POST, join(&self.base, [path(kind)])?).json(body)?.repeatable())
    }

    /// Queue a delete.
    pub(crate) fn delete(&self, kind: &str, key: &str) -> Result<Request, Error> {
        Ok(self.request(Method::DELETE, self.object(kind, key)?))
    }

    /// Read an object as the registry has it.
    pub(crate) fn read(&self, kind: &str, key: &str) -> Result<Request, Error> {
        Ok(self.request(Method::GET, self.object(kind, key)?))
    }

    /// The uuids of all objects of a kind.
    pub(crate) async fn list(&self, client: &Client, kind: &str) -> Result<Vec<String>, Error> {
        let request = self.request(Method::GET, join(&self.base, [path(kind)])?);
        let keys: Vec<String> = client.send(&request).await?.success(&request)?.json(&request)?;
        Ok(keys.into_iter().map(|key| key.to_lowercase()).collect())
    }

    fn object(&self, kind: &str, key: &str) -> Result<Url, Error> {
        match self.style {
            UuidStyle::Path => join(&self.base, [path(kind), key]),
            UuidStyle::Query => {
                let mut url = join(&self.base, [path(kind)])?;
                url.query_pairs_mut().append_pair("uuid", key);
                Ok(url)
            }
        }
    }

    fn request(&self, method: Method, url: Url) -> Request {
        let request = Request::new(method, url);
        match &self.municipality {
            Some(cvr) => request.header("CVR", cvr),
            None => request,
        }
    }
}

fn path(kind: &str) -> &'static str {
    if kind == USER { "user" } else { "orgunit" }
}
