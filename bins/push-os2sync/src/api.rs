//! The calls of OS2sync 4.9 (fact sheet A1, A2): queued writes, live reads, the hierarchy that is read in the background.
//!
//! Every call carries the municipality (`Cvr`) and, where one is configured, the `ApiKey`. Writes are queued and may be
//! repeated: the queue is by uuid. Missing or wrong credentials give 401 with an empty body.

use crate::body::{KIND_USER, ORG_UNIT};
use muster_base::{Error, Exit, Secret};
use muster_delivery::{Held, Holdings};
use muster_http::{Answer, Client, Method, Request, Url, join};
use muster_stream::{Map, Value};
use serde::Deserialize;
use std::time::{Duration, Instant};

/// The hierarchy is asked for again after this, then after twice as long, up to the longest wait.
const FIRST_POLL: Duration = Duration::from_millis(250);
const LONGEST_POLL: Duration = Duration::from_secs(5);
/// `Status` of a soft-deleted user.
const INACTIVE: u8 = 2;

/// One server and one municipality.
pub(crate) struct Api {
    pub(crate) base: Url,
    pub(crate) municipality: String,
    pub(crate) key: Option<Secret>,
    pub(crate) bypass_cache: bool,
    pub(crate) priority: u16,
    /// The longest wait for a hierarchy.
    pub(crate) hierarchy_wait: Duration,
}

/// What `GET /hierarchy/{uuid}` gives.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Hierarchy {
    status: u8,
    result: Option<Tree>,
}

#[derive(Deserialize)]
struct Tree {
    #[serde(rename = "OUs")]
    units: Vec<Node>,
    #[serde(rename = "Users")]
    users: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Node {
    uuid: String,
    name: Option<String>,
    status: Option<u8>,
}

impl Node {
    fn held(self, kind: &'static str) -> Held {
        Held { name: self.name.unwrap_or_default(), ..Held::new(kind, self.uuid.to_lowercase()) }
    }
}

impl Api {
    /// Queue a create-or-update.
    pub(crate) fn upsert(&self, kind: &str, body: &Map) -> Result<Request, Error> {
        let mut url = self.url(&[path(kind)])?;
        url.set_query(Some(&format!("bypassCache={}&priority={}", self.bypass_cache, self.priority)));
        self.request(Method::POST, url).repeatable().json(body)
    }

    /// Queue a soft delete.
    pub(crate) fn delete(&self, kind: &str, key: &str) -> Result<Request, Error> {
        Ok(self.request(Method::DELETE, self.url(&[path(kind), key])?))
    }

    /// Queue a passivation.
    pub(crate) fn passivate(&self, kind: &str, key: &str) -> Result<Request, Error> {
        Ok(self.request(Method::POST, self.url(&[path(kind), "passiver", key])?).repeatable())
    }

    /// Read an object as the registry has it.
    pub(crate) fn read(&self, kind: &str, key: &str) -> Result<Request, Error> {
        Ok(self.request(Method::GET, self.url(&[path(kind), key])?))
    }

    /// All objects of the registry: from the hierarchy, and where the server cannot make one, from its lists of uuids.
    pub(crate) async fn list(&self, client: &Client) -> Result<Holdings, Error> {
        match self.hierarchy(client).await {
            Err(error) if error.exit() != Exit::NoPerm => {
                tracing::warn!("{error}; reading the lists of uuids instead, which have no names");
                let mut all = self.all(client, ORG_UNIT).await?;
                all.extend(self.all(client, KIND_USER).await?);
                Ok(Holdings { objects: all, doubt: None })
            }
            held => Ok(Holdings { objects: held?, doubt: None }),
        }
    }

    /// The active objects of a kind, by uuid alone.
    async fn all(&self, client: &Client, kind: &'static str) -> Result<Vec<Held>, Error> {
        let request = self.request(Method::GET, self.url(&[path(kind), "all"])?);
        let keys: Vec<String> = client.send(&request).await?.success(&request)?.json(&request)?;
        Ok(keys.into_iter().map(|key| Held::new(kind, key.to_lowercase())).collect())
    }

    /// The hierarchy of units and users. It is read in the background and given once; only `Status` 0 is to be trusted.
    async fn hierarchy(&self, client: &Client) -> Result<Vec<Held>, Error> {
        let start = self.request(Method::GET, self.url(&["hierarchy"])?);
        let ticket = client.send(&start).await?.success(&start)?.text();
        let mut fetch = self.request(Method::GET, self.url(&["hierarchy", ticket.trim().trim_matches('"')])?);
        // The answer is gone after the first read, so a second try would wait in vain.
        fetch.repeatable = false;
        let answer = self.ready(client, &fetch).await?;
        let hierarchy: Hierarchy = answer.json(&fetch)?;
        let (0, Some(tree)) = (hierarchy.status, hierarchy.result) else {
            let what = "the server could not read the registry's hierarchy";
            return Err(Error::new(Exit::Unavailable, what).at(&fetch));
        };
        let active = |user: &Node| user.status != Some(INACTIVE);
        let units = tree.units.into_iter().map(|unit| unit.held(ORG_UNIT));
        let users = tree.users.into_iter().filter(active).map(|user| user.held(KIND_USER));
        Ok(units.chain(users).collect())
    }

    /// Ask until there is something else than 404.
    async fn ready(&self, client: &Client, fetch: &Request) -> Result<Answer, Error> {
        let (begun, mut wait) = (Instant::now(), FIRST_POLL);
        loop {
            let answer = client.send(fetch).await?;
            if answer.status != 404 {
                return answer.success(fetch);
            }
            if begun.elapsed() + wait > self.hierarchy_wait {
                let what = format!("no hierarchy within {} seconds", self.hierarchy_wait.as_secs());
                return Err(Error::new(Exit::Unavailable, what).at(fetch));
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_POLL);
        }
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

fn path(kind: &str) -> &'static str {
    if kind == KIND_USER { "user" } else { "orgUnit" }
}

/// A request as a dry run shows it.
pub(crate) fn shown(request: &Request) -> muster_delivery::Request {
    let open = request.headers.iter().map(|(name, value)| (*name, value.clone()));
    let masked = request.credentials.iter().map(|(name, _)| (*name, "***".to_owned()));
    muster_delivery::Request {
        method: request.method.to_string(),
        url: request.url.to_string(),
        headers: open.chain(masked).collect(),
        body: serde_json::from_slice::<Value>(&request.body).ok(),
        keeps: Vec::new(),
    }
}
