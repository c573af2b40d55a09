//! How a section keeps its secrets, in the words of its settings.

use crate::{Kind, plain};
use muster_base::{Error, Exit, Secret, private};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Settings of one section: which of its secrets must come from the backend, and under which name.
const OF_SECTIONS: [&str; 3] = ["vault_alias", "vault_keys", "env_password"];

/// Settings of a section or, for all, of `[strongbox]`: where secrets are kept and how that is reached.
pub const SETTINGS: &[(&str, &str)] = &[
    (
        "vault_backend",
        "Where secrets are kept: file, keyring, keyutils, vault or cyberark [default: on this machine]",
    ),
    (
        "vault_cache",
        "For how long the kernel's keyring keeps what came from vault or cyberark, as in 15m [default: not]",
    ),
    ("vault_url", "Address of Vault or Conjur; better stored than written here, as what opens them"),
    ("vault_token", "Token of Vault, API key of Conjur (secret)"),
    ("vault_auth", "Login: token, approle, kubernetes or jwt; at Conjur token or jwt [default: token]"),
    ("vault_auth_mount", "Where the login is mounted"),
    ("vault_role_id", "Id for approle"),
    ("vault_secret_id", "Secret id for approle (secret)"),
    ("vault_wrapped_secret_id", "The same as it comes wrapped, good for one use (secret)"),
    ("vault_role", "Role for kubernetes and jwt"),
    ("vault_jwt_file", "File with the signed token of this service [default: that of a Kubernetes pod]"),
    ("vault_service", "Service id of Conjur's authn-jwt"),
    ("vault_namespace", "Namespace of Vault"),
    ("vault_mount", "Where the KV engine is mounted [default: secret]"),
    ("vault_path", "Path of the secret there [default: its name]"),
    ("vault_kv_version", "1 or 2 [default: found out]"),
    ("vault_account", "Account of Conjur [default: the name]"),
    ("vault_login", "Login at Conjur [default: admin]"),
    ("vault_id", "Id of a variable of Conjur, with {name} and {key} in it"),
    ("vault_prefix", "What stands before {name}/{key} in the id of a variable of Conjur"),
    ("vault_hosts", "Hosts to which a server that stands by may redirect"),
    ("vault_verify_ssl", "Check the certificate of Vault or Conjur [default: true]"),
    ("vault_cacert_file", "PEM file with the authorities to trust for it beside the system's"),
    ("vault_cacert_dir", "Directory of such files"),
    ("vault_user_pem_file", "PEM file with our own certificate and its key, where it asks for one"),
    ("vault_timeout", "Longest wait for its answer, in seconds [default: 60]"),
    ("vault_retries", "Tries after the first [default: 2]"),
];

/// Those of them that open a backend by themselves.
const SECRET: [&str; 3] = ["vault_token", "vault_secret_id", "vault_wrapped_secret_id"];

/// These settings and those of the section `[strongbox]`; the official environment variables of Vault, Conjur and ours stand
/// behind them.
#[derive(Clone, Debug, Default)]
pub struct Options {
    settings: BTreeMap<String, String>,
    /// The file that they stand in.
    path: Option<PathBuf>,
}

impl Options {
    /// These settings; of two with the same name the later one counts.
    pub fn new(settings: impl IntoIterator<Item = (String, String)>) -> Self {
        let settings = settings.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect();
        Self { settings, path: None }
    }

    /// The same from the file at `path`: a secret in it is told of, and refused where others can read it.
    pub fn of_file(self, path: Option<&Path>) -> Self {
        Self { path: path.map(Path::to_owned), ..self }
    }

    /// Whether `key` belongs to these settings in a section of any system.
    pub fn is_one(key: &str) -> bool {
        Self::keys_of_all().any(|known| known == key)
    }

    /// Their keys.
    pub fn keys_of_all() -> impl Iterator<Item = &'static str> {
        OF_SECTIONS.into_iter().chain(SETTINGS.iter().map(|(key, _)| *key))
    }

    /// These settings, with one more before them.
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.settings.insert(key.to_owned(), value.into());
        self
    }

    /// The setting `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.settings.get(key).map(|value| value.trim())
    }

    /// The setting `key`, else the first of the environment `variables` that is set; of what `env:NAME` and `file:PATH` mean
    /// the content.
    pub(crate) fn opening(&self, key: &str, variables: &[&str]) -> Result<Option<Secret>, Error> {
        let Some(value) = self.or_variable(key, variables) else { return Ok(None) };
        if let Some(meant) = plain::meant(&value, key) {
            return meant.map(Some);
        }
        if let Some(path) = self.path.as_ref().filter(|_| SECRET.contains(&key) && self.get(key).is_some()) {
            private::refuse_open(path, &format!("holds the secret '{key}'"))?;
            tracing::warn!(
                "the secret '{key}' stands in a plain file ({}); `{key} = file:PATH` or `env:NAME` keeps it out",
                path.display()
            );
        }
        Ok(Some(Secret::new(value)))
    }

    /// The setting `key`, which is true or false.
    pub(crate) fn boolean(&self, key: &str) -> Result<Option<bool>, Error> {
        let Some(value) = self.get(key) else { return Ok(None) };
        match value.to_lowercase().as_str() {
            "1" | "yes" | "true" | "on" | "y" => Ok(Some(true)),
            "0" | "no" | "false" | "off" | "n" => Ok(Some(false)),
            _ => Err(Error::new(Exit::Config, format!("'{key}' is neither 'true' nor 'false'"))),
        }
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
