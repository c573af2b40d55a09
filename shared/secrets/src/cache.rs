//! What came from a remote backend, kept in the kernel's keyring for as long as `vault_cache` says: so a pipeline of several
//! commands, run every few minutes, asks once.
//!
//! One key holds all secrets of a name, as JSON; the kernel forgets it when its time is up. A machine without that keyring
//! has no cache.

use crate::{File, Found, Kind, Options, kernel};
use jiff::{SignedDuration, Timestamp};
use muster_base::{Error, Exit, Secret};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// Settings, and the variables behind them, that decide what a name means. None of them is a secret.
const PLACES: [(&str, &[&str]); 13] = [
    ("vault_url", &["VAULT_ADDR", "BAO_ADDR", "CONJUR_APPLIANCE_URL"]),
    ("vault_mount", &[]),
    ("vault_path", &[]),
    ("vault_kv_version", &[]),
    ("vault_namespace", &["VAULT_NAMESPACE"]),
    ("vault_auth", &[]),
    ("vault_auth_mount", &[]),
    ("vault_role", &[]),
    ("vault_account", &["CONJUR_ACCOUNT"]),
    ("vault_login", &["CONJUR_AUTHN_LOGIN"]),
    ("vault_service", &[]),
    ("vault_prefix", &[]),
    ("vault_id", &[]),
];

/// What begins the descriptions of the caches that belong to the strongbox at `path`.
fn prefix(path: &Path) -> String {
    format!("muster-cache:{}:", path.display())
}

#[derive(Serialize, Deserialize)]
struct Kept {
    value: Zeroizing<String>,
    updated: Option<Timestamp>,
}

/// The cache of one name in one backend.
pub(crate) struct Cache {
    description: String,
    lifetime: Duration,
}

impl Cache {
    /// The one that `options` ask for, if they do.
    pub(crate) fn new(kind: Kind, name: &str, options: &Options) -> Result<Option<Self>, Error> {
        let Some(text) = options.get("vault_cache").filter(|_| !kind.is_local()) else { return Ok(None) };
        let lifetime = text.parse::<SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
        let lifetime = lifetime.filter(|time| !time.is_zero()).ok_or_else(|| {
            Error::new(Exit::Config, "vault_cache is no time").hint("write a time such as 15m")
        })?;
        // Another address, path or login is another cache.
        let places = PLACES.map(|(key, variables)| options.or_variable(key, variables).unwrap_or_default());
        let description = format!("{}{kind}:{name}:{}", prefix(File::new(options)?.path()), places.join(":"));
        Ok(Some(Self { description, lifetime }))
    }

    /// All of `keys`, or nothing.
    pub(crate) fn read(&self, keys: &[&str]) -> Option<Vec<Option<Found>>> {
        let mut kept = self.kept();
        let found = |key: &&str| {
            let kept = kept.remove(*key)?;
            Some(Found { secret: Secret::new(kept.value.as_str()), updated: kept.updated })
        };
        let found: Vec<Option<Found>> = keys.iter().map(found).collect();
        found.iter().all(Option::is_some).then_some(found)
    }

    /// Keep what was found.
    pub(crate) fn write(&self, keys: &[&str], found: &[Option<Found>]) {
        let kept = |(key, found): (&&str, &Option<Found>)| {
            let found = found.as_ref()?;
            let value = Zeroizing::new(found.secret.reveal().to_owned());
            Some(((*key).to_owned(), Kept { value, updated: found.updated }))
        };
        let kept: BTreeMap<String, Kept> = keys.iter().zip(found).filter_map(kept).collect();
        if let Ok(json) = serde_json::to_vec(&kept).map(Zeroizing::new)
            && let Err(error) = kernel::write(&self.description, &json, Some(self.lifetime))
        {
            tracing::info!("there is no cache: {error}");
        }
    }

    fn kept(&self) -> BTreeMap<String, Kept> {
        let content = kernel::read(&self.description).ok().flatten();
        content.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default()
    }

    /// Forget it.
    pub(crate) fn forget(&self) {
        let _ = kernel::remove(&self.description);
    }
}

/// Forget what is kept of all names.
pub(crate) fn forget_all(path: &Path) -> Result<(), Error> {
    for description in kernel::list(&prefix(path))? {
        kernel::remove(&description)?;
    }
    Ok(())
}
