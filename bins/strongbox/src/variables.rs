//! The file of `run --variables`: a line is `NAME=value`, and the value may be a reference.

use crate::secret_keys::{is_reference, is_secret};
use muster_base::{Error, Exit, Secret, private};
use muster_secrets::{Reference, plain};
use muster_settings::{Assignment, assignments};
use std::path::Path;
use zeroize::Zeroizing;

/// Name and value of each variable of the file at `path`; `resolve` gives what a reference to a secret means. A file that
/// others can read may hold references, but no secret.
pub fn read(
    path: &Path,
    resolve: impl Fn(&Reference) -> Result<Secret, Error>,
) -> Result<Vec<(String, Secret)>, Error> {
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|error| Error::new(Exit::Io, format!("cannot read '{}': {error}", path.display())))?;
    let found = assignments(&text, &path.display().to_string())?;
    if found.iter().any(is_plain_secret) {
        private::refuse_open(path, "holds secrets")?;
    }
    let resolved = |Assignment { name, value, line }| {
        let value = Secret::new(value);
        let found = resolved(&name, &value, &resolve);
        Ok((name, found.map_err(|error| error.at(format!("{}:{line}", path.display())))?))
    };
    found.into_iter().map(resolved).collect()
}

fn is_plain_secret(assignment: &Assignment) -> bool {
    is_secret(&assignment.name.to_lowercase()) && !is_reference(&assignment.value)
}

fn resolved(
    name: &str,
    value: &Secret,
    resolve: impl Fn(&Reference) -> Result<Secret, Error>,
) -> Result<Secret, Error> {
    if let Some(found) = plain::meant(value.reveal(), name) {
        return found;
    }
    match Reference::parse(value.reveal()) {
        Some(reference) => resolve(&reference?),
        None => Ok(value.clone()),
    }
}
