//! How a section keeps its secrets, in the words of its settings.

use crate::Kind;
use muster_base::{Error, Exit};
use std::collections::BTreeMap;

/// The settings whose names begin with `vault_` and those of the section `[strongbox]`; the official environment variables
/// of Vault, Conjur and ours stand behind them.
#[derive(Clone, Debug, Default)]
pub struct Options(BTreeMap<String, String>);

impl Options {
    /// These settings; of two with the same name the later one counts.
    pub fn new(settings: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(settings.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect())
    }

    /// Whether `key` belongs to these settings in a section of any system.
    pub fn is_one(key: &str) -> bool {
        key.starts_with("vault_") || key == "env_password"
    }

    /// The setting `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|value| value.trim())
    }

    /// The setting `key`, else the first of the environment `variables` that is set.
    pub(crate) fn or_variable(&self, key: &str, variables: &[&str]) -> Option<String> {
        let variable =
            || variables.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        self.get(key).map(str::to_owned).or_else(variable)
    }

    /// The backend that is set: `vault_backend`, else `$STRONGBOX_BACKEND`, else `backend` of `[strongbox]`.
    pub fn backend(&self) -> Result<Option<Kind>, Error> {
        let own = self.get("vault_backend").map(|value| ("vault_backend", value.to_owned()));
        let variable =
            || self.or_variable("", &["STRONGBOX_BACKEND"]).map(|value| ("STRONGBOX_BACKEND", value));
        let global = || self.get("backend").map(|value| ("backend", value.to_owned()));
        let Some((from, value)) = own.or_else(variable).or_else(global) else { return Ok(None) };
        value.parse().map(Some).map_err(|why| {
            Error::new(Exit::Config, format!("the value '{value}' of '{from}' is wrong: {why}"))
        })
    }

    /// `vault_keys`: the secrets that must come from the backend.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.get("vault_keys").unwrap_or_default().split([' ', '\t', '\n', ',']).filter(|key| !key.is_empty())
    }
}
