//! Secrets: from the environment, from the file as a value or a reference, or from the strongbox. Never from an argument.

use crate::{Entry, Layers};
use muster_base::{Error, Exit, Secret, private};
use muster_secrets::{Change, Reference, plain};

/// The setting of old files that names the variable of a section's password.
const ENV_PASSWORD: &str = "env_password";

/// Gives a command its secrets.
pub struct Secrets<'a>(&'a Layers);

impl<'a> Secrets<'a> {
    /// The secrets of these layers.
    pub fn new(layers: &'a Layers) -> Self {
        Self(layers)
    }

    /// The secret `key`, if there is one.
    ///
    /// An environment variable wins; then the section's backend for what `vault_keys` lists, which must be there; then
    /// the file; then the strongbox on this machine. A value `strongbox://NAME/KEY` is that secret, `env:NAME` the value
    /// of that variable, `file:PATH` the content of that file without its line end. A secret written in the file itself
    /// works, with a warning; a file that others can read is refused.
    pub fn find(&self, key: &str) -> Result<Option<Secret>, Error> {
        let variable = self.0.variable(key);
        if let Some(value) = variable_named(&variable) {
            let found = self.resolved(value.reveal(), key).map_err(|error| error.at(&variable))?;
            return Ok(Some(found.unwrap_or(value)));
        }
        let strongbox = self.0.strongbox();
        if strongbox.options().keys().any(|listed| listed == key) {
            return self.listed(key).map(Some);
        }
        let env_password = self.0.entry(ENV_PASSWORD).filter(|_| key == "password");
        if let Some(entry) = env_password {
            return plain::from_variable(&entry.value, key)
                .map(Some)
                .map_err(|error| error.at(self.0.file.place(entry)));
        }
        match self.0.entry(key) {
            Some(entry) => self.of_entry(entry, key).map(Some),
            None => self.kept(key),
        }
    }

    /// The secret `key`, which must be there.
    pub fn get(&self, key: &str) -> Result<Secret, Error> {
        self.find(key)?.ok_or_else(|| self.missing(key))
    }

    /// The secret `key` as the strongbox on this machine has it now, whatever environment and file say.
    pub fn kept(&self, key: &str) -> Result<Option<Secret>, Error> {
        Ok(self.0.strongbox().find_kept(key)?.map(|found| found.secret))
    }

    /// Change secrets of this section in the strongbox on this machine: in the encrypted file all at once, durable when
    /// this returns.
    pub fn keep(&self, changes: &[Change]) -> Result<(), Error> {
        let strongbox = self.0.strongbox();
        strongbox.write(strongbox.local_kind()?, changes)
    }

    /// A secret that `vault_keys` lists: it must be there.
    pub(crate) fn listed(&self, key: &str) -> Result<Secret, Error> {
        let found = self.0.strongbox().find(key)?;
        found.map(|found| found.secret).filter(|secret| !secret.reveal().is_empty()).ok_or_else(|| {
            let error = self.missing(key);
            match self.0.entry("vault_keys") {
                Some(entry) => error.at(self.0.file.place(entry)),
                None => error,
            }
        })
    }

    fn of_entry(&self, entry: &Entry, key: &str) -> Result<Secret, Error> {
        let place = self.0.file.place(entry);
        if let Some(secret) = self.resolved(&entry.value, key).map_err(|error| error.at(&place))? {
            return Ok(secret);
        }
        if let Some(path) = self.0.file.path_of(entry) {
            private::refuse_open(path, &format!("holds the secret '{key}'"))?;
            tracing::warn!(
                "the secret '{key}' stands in a plain file ({place}); `{key} = file:PATH` or `env:NAME` keeps it out"
            );
        }
        Ok(Secret::new(entry.value.clone()))
    }

    /// The secret that a reference names; nothing when `value` is none.
    fn resolved(&self, value: &str, key: &str) -> Result<Option<Secret>, Error> {
        if let Some(meant) = plain::meant(value, key) {
            return meant.map(Some);
        }
        match Reference::parse(value) {
            Some(reference) => self.0.resolve(&reference?).map(Some),
            None => Ok(None),
        }
    }

    fn missing(&self, key: &str) -> Error {
        let name = self.0.strongbox().name();
        Error::new(Exit::Config, format!("there is no secret '{key}' for '{}'", self.0.section)).hint(
            format!(
                "store it with `strongbox --connector {name} --key {key}`, or set {}",
                self.0.declaration.variable(key)
            ),
        )
    }
}

fn variable_named(name: &str) -> Option<Secret> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).map(Secret::new)
}
