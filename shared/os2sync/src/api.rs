//! The calls of OS2sync 4.9 (fact sheet A1, A2): queued writes, live reads.
//!
//! Every call carries the municipality (`Cvr`) and, where one is configured, the `ApiKey`. Writes are queued and may be
//! repeated: the queue is by uuid. Missing or wrong credentials give 401 with an empty body.

use crate::Kind;
use muster_base::{Error, Secret};
use muster_http::{Client, Method, Request, Url, join};
use muster_stream::Map;
use std::time::Duration;

/// One server and one municipality.
pub struct Api {
    /// The address, with `/api` at its end.
    pub base: Url,
    /// The CVR number.
    pub municipality: String,
    /// The key that the server asks for, if it does.
    pub key: Option<Secret>,
    /// The longest wait for a hierarchy.
    pub hierarchy_wait: Duration,
}

impl Api {
    /// Queue a create-or-update, at `priority` (lower goes first). With `bypass_cache` also one that the server takes for
    /// the same as the last.
    pub fn upsert(
        &self,
        kind: Kind,
        body: &Map,
        bypass_cache: bool,
        priority: u16,
    ) -> Result<Request, Error> {
        let mut url = self.url(&[kind.path()])?;
        url.set_query(Some(&format!("bypassCache={bypass_cache}&priority={priority}")));
        self.request(Method::POST, url).repeatable().json(body)
    }

    /// Queue a soft delete.
    pub fn delete(&self, kind: Kind, key: &str) -> Result<Request, Error> {
        Ok(self.request(Method::DELETE, self.url(&[kind.path(), key])?))
    }

    /// Queue a passivation.
    pub fn passivate(&self, kind: Kind, key: &str) -> Result<Request, Error> {
        Ok(self.request(Method::POST, self.url(&[kind.path(), "passiver", key])?).repeatable())
    }

    /// Read an object as the registry has it.
    pub fn read(&self, kind: Kind, key: &str) -> Result<Request, Error> {
        Ok(self.request(Method::GET, self.url(&[kind.path(), key])?))
    }

    /// The uuids of the active objects of a kind, in lower case.
    pub async fn uuids(&self, client: &Client, kind: Kind) -> Result<Vec<String>, Error> {
        let request = self.request(Method::GET, self.url(&[kind.path(), "all"])?);
        let uuids: Vec<String> = client.send(&request).await?.success(&request)?.json(&request)?;
        Ok(uuids.into_iter().map(|uuid| uuid.to_lowercase()).collect())
    }

    pub(crate) fn get(&self, segments: &[&str]) -> Result<Request, Error> {
        Ok(self.request(Method::GET, self.url(segments)?))
    }

    fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        join(&self.base, segments.iter().copied())
    }

    fn request(&self, method: Method, url: Url) -> Request {
        let request = Request::new(method, url).header("Cvr", &self.municipality);
        match &self.key {
            Some(key) => request.credential("ApiKey", key.clone()),
            None => request,
        }
    }
}
