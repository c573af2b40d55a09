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

    /// These settings, with one more before them.
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
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

    /// The backend that is set: `vault_backend`, else `$STRONGBOX_BACKEND`.
    pub fn backend(&self) -> Result<Option<Kind>, Error> {
        let Some(value) = self.or_variable("vault_backend", &["STRONGBOX_BACKEND"]) else { return Ok(None) };
        value.parse().map(Some).map_err(|why| {
            Error::new(Exit::Config, format!("the backend '{value}' is wrong: {why}"))
                .hint("correct vault_backend, or STRONGBOX_BACKEND")
        })
    }

    /// `vault_keys`: the secrets that must come from the backend.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.get("vault_keys").unwrap_or_default().split([' ', '\t', '\n', ',']).filter(|key| !key.is_empty())
    }
}
