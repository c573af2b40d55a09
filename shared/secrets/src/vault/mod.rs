//! HashiCorp Vault and OpenBao: one secret of a KV engine, version 1 or 2, holds all keys of a name.
//!
//! `vault_mount` (default `secret`) and `vault_path` (default the name) say where the secret lies; `detect.rs` finds the
//! version out. Version 2 is changed key by key with `PATCH` (Vault 1.9), else as a whole under its check-and-set; version 1
//! knows only the whole, and no check. Logins are in `session.rs`.

mod answers;
mod detect;
mod engine;
mod session;

use crate::reference::versioned;
use crate::remote::{Remote, Variables, address};
use crate::{Backend, Change, Found, Listed, Options};
use detect::{Detected, detect};
use engine::{Engine, Held};
use muster_base::{Error, Exit};
use session::Session;
pub(crate) use session::{Credentials, Login};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use tokio::sync::Mutex;

const VARIABLES: Variables = Variables {
    ca_file: "VAULT_CACERT",
    ca_dir: &["VAULT_CAPATH"],
    skip_verify: "VAULT_SKIP_VERIFY",
    timeout: "VAULT_CLIENT_TIMEOUT",
    retries: "VAULT_MAX_RETRIES",
};

pub(crate) struct Vault {
    remote: Remote,
    session: Session,
    options: Options,
    /// The engine behind each path that was asked for.
    engines: Mutex<BTreeMap<String, Engine>>,
}

impl Vault {
    pub(crate) fn new(url: &str, credentials: Credentials, options: &Options) -> Result<Self, Error> {
        let mut base = address(url, "Vault")?;
        base.set_path(bare(base.path()).to_owned().as_str());
        base.set_query(None);
        let remote = Remote::new(options, &VARIABLES)?;
        let session = Session::new(base, credentials, options);
        Ok(Self { remote, session, options: options.clone(), engines: Mutex::default() })
    }

    fn path(&self, name: &str) -> String {
        let mount = self.mount();
        let path = self.options.get("vault_path").unwrap_or(name).trim_matches('/');
        format!("{mount}/{path}")
    }

    fn mount(&self) -> &str {
        self.options.get("vault_mount").unwrap_or("secret").trim_matches('/')
    }

    async fn detected(&self, name: &str) -> Result<Detected, Error> {
        let path = self.path(name);
        let mut engines = self.engines.lock().await;
        if let Some(engine) = engines.get(&path) {
            return Ok(Detected::Known(engine.clone()));
        }
        let version = self.options.get("vault_kv_version").map(|version| match version {
            "1" => Ok(1),
            "2" => Ok(2),
            _ => Err(Error::new(Exit::Config, "vault_kv_version is neither 1 nor 2")),
        });
        let (session, client) = (&self.session, &self.remote.client);
        let detected = detect(session, client, &path, self.mount(), version.transpose()?).await?;
        if let Detected::Known(engine) = &detected {
            engines.insert(path, engine.clone());
        }
        Ok(detected)
    }

    /// The engine of `name`, which must be known.
    async fn engine(&self, name: &str) -> Result<Engine, Error> {
        self.detected(name).await?.known(self.mount())
    }

    /// What the secret of `name` holds, in this version or now.
    async fn held(&self, name: &str, version: Option<u64>) -> Result<Option<Held>, Error> {
        match self.detected(name).await? {
            Detected::Known(engine) => engine.read(&self.session, &self.remote.client, version).await,
            Detected::Empty => Ok(None),
        }
    }

    async fn keys(&self, name: &str) -> Result<Vec<Listed>, Error> {
        let Some(held) = self.held(name, None).await? else { return Ok(Vec::new()) };
        let listed = |key: &String| Listed { name: name.to_owned(), key: key.clone(), updated: held.updated };
        Ok(held.values.keys().map(listed).collect())
    }
}

impl Backend for Vault {
    fn read(&self, name: &str, keys: &[&str]) -> Result<Vec<Option<Found>>, Error> {
        self.remote.wait(async {
            let mut versions = BTreeMap::new();
            let mut found = Vec::new();
            for wanted in keys {
                let (key, version) = versioned(wanted)?;
                let held = match versions.entry(version) {
                    Entry::Occupied(held) => held.into_mut(),
                    Entry::Vacant(place) => place.insert(self.held(name, version).await?),
                };
                found.push(held.as_ref().and_then(|held| {
                    let secret = held.values.get(key)?.clone();
                    Some(Found { secret, updated: held.updated })
                }));
            }
            Ok(found)
        })
    }

    fn write(&self, name: &str, changes: &[Change]) -> Result<(), Error> {
        self.remote
            .wait(async { self.engine(name).await?.write(&self.session, &self.remote.client, changes).await })
    }

    fn list(&self, name: Option<&str>) -> Result<Vec<Listed>, Error> {
        self.remote.wait(async {
            if let Some(name) = name {
                return self.keys(name).await;
            }
            let names = self.engine("").await?.names(&self.session, &self.remote.client).await?;
            let mut listed = Vec::new();
            for name in names {
                listed.extend(self.keys(&name).await?);
            }
            Ok(listed)
        })
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        // A token that we logged in for ends with us; one that lives on until its lease ends is no failure.
        if self.session.is_to_be_revoked() {
            let _ = self.remote.wait(self.session.revoke(&self.remote.client));
        }
    }
}

/// The path of an address without the `/v1/…` that the documentation of the Oomnitza connector puts behind it.
fn bare(path: &str) -> &str {
    let end = path.find("/v1/").or_else(|| path.strip_suffix("/v1").map(str::len));
    &path[..end.unwrap_or(path.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_address_are_the_same() {
        for path in ["/v1/secret/ldap", "/v1/", "/v1", ""] {
            assert_eq!(bare(path), "", "{path}");
        }
        assert_eq!(bare("/vault/v1/secret/x"), "/vault");
        assert_eq!(bare("/vault"), "/vault");
    }
}
