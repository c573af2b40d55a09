//! Secrets that a setting finds by itself: in a variable, in a file.

use muster_base::{Error, Exit, Secret, private};
use std::path::Path;

/// The value of the variable `name`, which the setting `key` names; it must be set.
pub fn from_variable(name: &str, key: &str) -> Result<Secret, Error> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    value.map(Secret::new).ok_or_else(|| {
        Error::new(Exit::Config, format!("the variable {name}, which '{key}' names, is not set"))
    })
}

/// The content of the file at `path`, which the setting `key` names, without its line end; refused where others can read it.
pub fn from_file(path: &Path, key: &str) -> Result<Secret, Error> {
    private::refuse_open(path, &format!("holds the secret '{key}'"))?;
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::new(Exit::Config, format!("cannot read the secret '{key}' from '{}': {error}", path.display()))
    })?;
    Ok(Secret::new(text.trim_end_matches(['\n', '\r'])))
}

/// What `env:NAME` or `file:PATH`, the value of `key`, means; nothing when `value` is neither.
pub fn meant(value: &str, key: &str) -> Option<Result<Secret, Error>> {
    let variable = || value.strip_prefix("env:").map(|name| from_variable(name, key));
    variable().or_else(|| value.strip_prefix("file:").map(|path| from_file(path.as_ref(), key)))
}
