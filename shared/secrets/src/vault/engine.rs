//! One secret in a KV engine: read, changed, and its neighbours listed.

use super::answers::{json, said, warns_of_versions};
use super::detect::ask;
use super::session::{Session, success};
use crate::Change;
use jiff::Timestamp;
use muster_base::{Error, Exit, Secret};
use muster_http::{Answer, Client, Method, Request};
use serde_json::{Map, Value, json as object};
use std::collections::BTreeMap;

/// How often a change is tried again that somebody else's came before.
const CONFLICTS: u32 = 5;

/// What a secret holds.
pub(super) struct Held {
    pub(super) values: BTreeMap<String, Secret>,
    pub(super) updated: Option<Timestamp>,
    /// The number of this version, 0 in KV 1.
    version: u64,
}

/// The engine and the secret in it.
#[derive(Clone)]
pub(super) struct Engine {
    pub(super) mount: String,
    pub(super) path: String,
    pub(super) version: u8,
    /// Whether Vault itself told the version, or only a setting.
    pub(super) is_told: bool,
}

impl Engine {
    /// The engine at `mount` with the secret at `path`, which may begin with that mount.
    pub(super) fn new(mount: &str, path: &str, version: u8, is_told: bool) -> Self {
        let below = path.strip_prefix(mount).unwrap_or(path).trim_matches('/').to_owned();
        Self { mount: mount.to_owned(), path: below, version, is_told }.trimmed()
    }

    /// In version 2, `data/` before the path belongs to the address; somebody may have written it.
    fn trimmed(mut self) -> Self {
        if let (2, Some(path)) = (self.version, self.path.strip_prefix("data/")) {
            self.path = path.to_owned();
        }
        self
    }

    pub(super) fn address(&self, part: &str) -> String {
        match self.version {
            2 => format!("{}/{part}/{}", self.mount, self.path),
            _ => format!("{}/{}", self.mount, self.path),
        }
    }

    /// What the secret holds, in this version or now; nothing when there is none.
    pub(super) async fn read(
        &self,
        session: &Session,
        client: &Client,
        version: Option<u64>,
    ) -> Result<Option<Held>, Error> {
        let mut request = session.request(Method::GET, &self.address("data"))?;
        match version {
            Some(_) if self.version == 1 => {
                return Err(
                    Error::new(Exit::Config, "a KV engine of version 1 keeps one value only").at(&request)
                );
            }
            Some(number) => {
                request.url.query_pairs_mut().append_pair("version", &number.to_string());
            }
            None => (),
        }
        let answer = session.send(client, request.clone()).await?;
        if answer.status == 404 {
            return self.absent(session, client, &answer, &request).await;
        }
        let document = json(&success(answer, &request)?, &request)?;
        let data = if self.version == 2 { &document["data"]["data"] } else { &document["data"] };
        let metadata = &document["data"]["metadata"];
        if self.version == 2 && metadata["version"].as_u64().is_none() {
            return Err(self.other_version(&request));
        }
        let missing = || Error::new(Exit::Protocol, "there is no data in Vault's answer").at(&request);
        let values = data.as_object().ok_or_else(missing)?;
        let value = |(key, value): (&String, &Value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (key.clone(), Secret::new(text))
        };
        let updated = metadata["created_time"].as_str().filter(|_| self.version == 2);
        Ok(Some(Held {
            values: values.iter().filter(|(_, value)| !value.is_null()).map(value).collect(),
            updated: updated.and_then(|time| time.parse().ok()),
            version: metadata["version"].as_u64().unwrap_or_default(),
        }))
    }

    /// A version that was deleted is answered 404 too, but with what is known of it.
    /// Nothing is there only in an engine of the version that was asked for.
    async fn absent(
        &self,
        session: &Session,
        client: &Client,
        answer: &Answer,
        request: &Request,
    ) -> Result<Option<Held>, Error> {
        if self.version == 1 && warns_of_versions(answer) {
            return Err(self.other_version(request));
        }
        let document: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let metadata = &document["data"]["metadata"];
        let Some(version) = metadata["version"].as_u64() else {
            return self.confirm(session, client).await.map(|()| None);
        };
        let done = if metadata["destroyed"].as_bool() == Some(true) { "destroyed" } else { "deleted" };
        let error = Error::new(Exit::Config, format!("version {version} of this secret is {done} in Vault"));
        Err(error
            .at(request)
            .hint(format!("`vault kv undelete -versions={version} {}/{}`", self.mount, self.path)))
    }

    /// The setting says one version, the engine speaks another.
    fn other_version(&self, request: &Request) -> Error {
        let (mount, version) = (&self.mount, self.version);
        let what =
            format!("the KV engine '{mount}' in Vault does not speak as one of version {version} does");
        Error::new(Exit::Config, what).at(request).hint("correct vault_kv_version, or see vault_mount")
    }

    /// Ask Vault, where it says it, whether the version that a setting names is the true one.
    async fn confirm(&self, session: &Session, client: &Client) -> Result<(), Error> {
        if self.is_told {
            return Ok(());
        }
        let (request, told) = ask(session, client, &format!("{}/{}", self.mount, self.path)).await?;
        match told.is_none_or(|(_, version)| version == self.version) {
            true => Ok(()),
            false => Err(self.other_version(&request)),
        }
    }

    /// Change keys of the secret, all at once.
    pub(super) async fn write(
        &self,
        session: &Session,
        client: &Client,
        changes: &[Change],
    ) -> Result<(), Error> {
        self.confirm(session, client).await?;
        if self.version == 2 && self.patch(session, client, changes).await? {
            return Ok(());
        }
        for _ in 0..CONFLICTS {
            let held = self.read_for_change(session, client).await?;
            if self.replace(session, client, &held, changes).await? {
                return Ok(());
            }
        }
        Err(Error::new(Exit::Busy, "others change this secret in Vault all the time").hint("try again later"))
    }

    /// Change only these keys; false where Vault is older than 1.9, the secret is not there yet, or the policies of the
    /// token do not name `patch`.
    async fn patch(&self, session: &Session, client: &Client, changes: &[Change]) -> Result<bool, Error> {
        let data: Map<String, Value> = changes
            .iter()
            .map(|change| {
                (change.key.clone(), change.value.as_ref().map_or(Value::Null, |v| v.reveal().into()))
            })
            .collect();
        let request = session.request(Method::PATCH, &self.address("data"))?;
        let mut request = request.json(&object!({"data": data}))?.repeatable();
        request.headers.retain(|(name, _)| *name != "content-type");
        let request = request.header("content-type", "application/merge-patch+json");
        let answer = session.send(client, request.clone()).await?;
        match answer.status {
            403 | 404 | 405 | 415 => Ok(false),
            _ => success(answer, &request).map(|_| true),
        }
    }

    /// What is there, or an empty beginning: also behind a deleted version, whose number counts.
    async fn read_for_change(&self, session: &Session, client: &Client) -> Result<Held, Error> {
        let request = session.request(Method::GET, &self.address("data"))?;
        let answer = session.send(client, request.clone()).await?;
        if answer.status == 404 && self.version == 1 && warns_of_versions(&answer) {
            return Err(self.other_version(&request));
        }
        if answer.status == 404 {
            let document: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let version = document["data"]["metadata"]["version"].as_u64().unwrap_or_default();
            return Ok(Held { values: BTreeMap::new(), updated: None, version });
        }
        success(answer, &request)?;
        let none = || Error::new(Exit::Busy, "the secret went away in Vault while it was changed");
        self.read(session, client, None).await?.ok_or_else(none)
    }

    /// Put the whole secret; false when somebody else's change came first.
    async fn replace(
        &self,
        session: &Session,
        client: &Client,
        held: &Held,
        changes: &[Change],
    ) -> Result<bool, Error> {
        let mut data: Map<String, Value> =
            held.values.iter().map(|(key, value)| (key.clone(), value.reveal().into())).collect();
        for change in changes {
            match &change.value {
                Some(value) => data.insert(change.key.clone(), value.reveal().into()),
                None => data.shift_remove(&change.key),
            };
        }
        if self.version == 1 && data.is_empty() {
            return self.remove(session, client).await.map(|()| true);
        }
        let document = match self.version {
            2 => object!({"options": {"cas": held.version}, "data": data}),
            _ => Value::Object(data),
        };
        let request = session.request(Method::POST, &self.address("data"))?.json(&document)?;
        let answer = session.send(client, request.clone()).await?;
        if answer.status == 400 && said(&answer).contains("check-and-set") {
            return Ok(false);
        }
        let answer = success(answer, &request)?;
        let is_numbered = || json(&answer, &request).is_ok_and(|body| body["data"]["version"].is_u64());
        match self.version == 1 || is_numbered() {
            true => Ok(true),
            false => Err(self.misplaced(session, client, &request).await),
        }
    }

    /// Take the secret away: version 1 keeps none without keys.
    async fn remove(&self, session: &Session, client: &Client) -> Result<(), Error> {
        let request = session.request(Method::DELETE, &self.address("data"))?;
        let answer = session.send(client, request.clone()).await?;
        success(answer, &request).map(|_| ())
    }

    /// An engine of version 1 took what is meant for version 2 as a secret of its own, `data/…`, where nothing was before:
    /// take it back.
    async fn misplaced(&self, session: &Session, client: &Client, wrote: &Request) -> Error {
        let error = self.other_version(wrote);
        match self.remove(session, client).await {
            Ok(()) => error,
            Err(_) => error.hint(format!(
                "what was written lies at '{}': delete it, and correct vault_kv_version",
                self.address("data")
            )),
        }
    }

    /// The names of the secrets beside this one, folders left out.
    pub(super) async fn names(&self, session: &Session, client: &Client) -> Result<Vec<String>, Error> {
        let mut request = session.request(Method::GET, &self.address("metadata"))?;
        request.url.query_pairs_mut().append_pair("list", "true");
        let answer = session.send(client, request.clone()).await?;
        if answer.status == 404 {
            return match self.version == 1 && warns_of_versions(&answer) {
                true => Err(self.other_version(&request)),
                false => self.confirm(session, client).await.map(|()| Vec::new()),
            };
        }
        let document = json(&success(answer, &request)?, &request)?;
        let names = document["data"]["keys"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(names.filter(|name| !name.ends_with('/')).map(str::to_owned).collect())
    }
}
