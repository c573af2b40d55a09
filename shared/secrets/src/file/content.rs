//! What the encrypted file holds: JSON, `{"version":1,"secrets":{name:{key:{"value":…,"updated":…}}}}`.

use crate::{Change, Found, Listed};
use jiff::Timestamp;
use muster_base::{Error, Exit, Secret};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The form that is written here; a newer one is not read.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    version: u32,
    secrets: BTreeMap<String, BTreeMap<String, Kept>>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    value: Zeroizing<String>,
    updated: Timestamp,
}

impl Default for Content {
    fn default() -> Self {
        Self { version: VERSION, secrets: BTreeMap::new() }
    }
}

impl Content {
    /// What `json` says. An error does not quote it.
    pub(super) fn read(json: &[u8]) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Form {
            version: u32,
        }
        let damaged = |_| Error::new(Exit::Data, "the strongbox does not hold what a strongbox holds");
        let form: Form = serde_json::from_slice(json).map_err(damaged)?;
        if form.version > VERSION {
            let what = format!("the strongbox has form {}, this muster knows {VERSION}", form.version);
            return Err(Error::new(Exit::Data, what).hint("use the newer muster that wrote it"));
        }
        serde_json::from_slice(json).map_err(damaged)
    }

    /// As JSON. The buffer is large enough from the start: one that grows would leave copies behind.
    pub(super) fn written(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let secrets = self.secrets.iter().flat_map(|(name, keys)| keys.iter().map(move |kept| (name, kept)));
        // Escaped, a character takes up to six bytes.
        let size: usize =
            secrets.map(|(name, (key, kept))| 6 * (name.len() + key.len() + kept.value.len()) + 128).sum();
        let mut json = Zeroizing::new(Vec::with_capacity(size + 128));
        serde_json::to_writer(&mut *json, self)
            .map_err(|_| Error::new(Exit::Bug, "the strongbox cannot be written as JSON"))?;
        Ok(json)
    }

    pub(super) fn find(&self, name: &str, key: &str) -> Option<Found> {
        let kept = self.secrets.get(name)?.get(key)?;
        Some(Found { secret: Secret::new(kept.value.as_str()), updated: Some(kept.updated) })
    }

    pub(super) fn change(&mut self, name: &str, changes: &[Change]) {
        let keys = self.secrets.entry(name.to_owned()).or_default();
        for change in changes {
            match &change.value {
                Some(value) => {
                    let value = Zeroizing::new(value.reveal().to_owned());
                    keys.insert(change.key.clone(), Kept { value, updated: Timestamp::now() });
                }
                None => drop(keys.remove(&change.key)),
            }
        }
        self.secrets.retain(|_, keys| !keys.is_empty());
    }

    pub(super) fn list(&self, only: Option<&str>) -> Vec<Listed> {
        let wanted = self.secrets.iter().filter(|(name, _)| only.is_none_or(|only| only == name.as_str()));
        let listed = wanted.flat_map(|(name, keys)| {
            keys.iter().map(move |(key, kept)| Listed {
                name: name.clone(),
                key: key.clone(),
                updated: Some(kept.updated),
            })
        });
        listed.collect()
    }
}
