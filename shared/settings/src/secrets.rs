//! Secrets: from the environment, or from the file as a value or a reference. Never from an argument.

use crate::Layers;
use muster_base::{Error, Exit, Secret};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Gives a command its secrets.
pub struct Secrets<'a>(&'a Layers);

impl<'a> Secrets<'a> {
    /// The secrets of these layers.
    pub fn new(layers: &'a Layers) -> Self {
        Self(layers)
    }

    /// The secret `key`, if there is one.
    ///
    /// An environment variable wins over the file. A value `env:NAME` is the value of that variable, `file:PATH` the
    /// content of that file without its line end. A secret written in the file itself works, with a warning; a file that
    /// others can read is refused.
    pub fn find(&self, key: &str) -> Result<Option<Secret>, Error> {
        let variable = self.0.declaration.variable(key);
        if let Some(value) = std::env::var(&variable).ok().filter(|value| !value.is_empty()) {
            return resolved(&value, key, &variable)
                .map(|found| Some(found.unwrap_or_else(|| Secret::new(value))));
        }
        let Some(entry) = self.0.entry(key) else { return Ok(None) };
        let place = self.0.file.place(entry);
        if let Some(secret) = resolved(&entry.value, key, &place)? {
            return Ok(Some(secret));
        }
        if let Some(path) = &self.0.file.path {
            refuse_open(path, key)?;
        }
        tracing::warn!(
            "the secret '{key}' stands in a plain file ({place}); `{key} = file:PATH` or `env:NAME` keeps it out"
        );
        Ok(Some(Secret::new(entry.value.clone())))
    }

    /// The secret `key`, which must be there.
    pub fn get(&self, key: &str) -> Result<Secret, Error> {
        self.find(key)?.ok_or_else(|| {
            let section = &self.0.section;
            Error::new(Exit::Config, format!("there is no secret '{key}' for '{section}'")).hint(format!(
                "set {} or '{key} = file:PATH' in [{section}]",
                self.0.declaration.variable(key)
            ))
        })
    }
}

/// The secret that a reference names; nothing when `value` is none.
fn resolved(value: &str, key: &str, place: &str) -> Result<Option<Secret>, Error> {
    if let Some(name) = value.strip_prefix("env:") {
        let missing = || {
            Error::new(Exit::Config, format!("the variable {name}, which '{key}' names, is not set"))
                .at(place)
        };
        return std::env::var(name).map(|value| Some(Secret::new(value))).map_err(|_| missing());
    }
    if let Some(path) = value.strip_prefix("file:") {
        return from_file(Path::new(path), key).map(Some).map_err(|error| error.at(place));
    }
    if value.starts_with("strongbox://") {
        return Err(Error::new(Exit::Config, format!("no secret store answers for '{key}'"))
            .at(place)
            .hint("use env:NAME or file:PATH"));
    }
    Ok(None)
}

fn from_file(path: &Path, key: &str) -> Result<Secret, Error> {
    if !is_credential(path) {
        refuse_open(path, key)?;
    }
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::new(Exit::Config, format!("cannot read the secret '{key}' from '{}': {error}", path.display()))
    })?;
    Ok(Secret::new(text.trim_end_matches(['\n', '\r'])))
}

/// Whether systemd keeps `path` for this service alone. What its mode shows as the group's access there may be the mask
/// of an access list, by which the service's user reads it.
fn is_credential(path: &Path) -> bool {
    std::env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|dir| !dir.is_empty() && path.starts_with(dir))
}

fn refuse_open(path: &Path, key: &str) -> Result<(), Error> {
    let open = std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.mode() & 0o077 != 0);
    if !open {
        return Ok(());
    }
    Err(Error::new(
        Exit::Config,
        format!("others can read '{}', which holds the secret '{key}'", path.display()),
    )
    .hint(format!("`chmod 600 {}`", path.display())))
}
