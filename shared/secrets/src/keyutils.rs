//! The kernel's keyring as a backend: secrets that live until the machine restarts.

use crate::{Backend, Change, Found, Listed, kernel};
use muster_base::{Error, Exit, Secret};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Begins the description of every key of ours: `muster:name:key`, name and key percent-encoded.
const PREFIX: &str = "muster:";

pub(crate) struct Keyutils;

fn description(name: &str, key: &str) -> String {
    let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    format!("{PREFIX}{}:{}", encoded(name), encoded(key))
}

fn listed(description: &str) -> Option<Listed> {
    let (name, key) = description.strip_prefix(PREFIX)?.split_once(':')?;
    let decoded = |text| percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned());
    Some(Listed { name: decoded(name)?, key: decoded(key)?, updated: None })
}

impl Backend for Keyutils {
    fn read(&self, name: &str, keys: &[&str]) -> Result<Vec<Option<Found>>, Error> {
        let read = |key: &&str| {
            let Some(content) = kernel::read(&description(name, key))? else { return Ok(None) };
            let text = std::str::from_utf8(&content).map_err(|_| {
                Error::new(
                    Exit::Data,
                    format!("the secret '{key}' of '{name}' in the kernel's keyring is no text"),
                )
            })?;
            Ok(Some(Found { secret: Secret::new(text), updated: None }))
        };
        keys.iter().map(read).collect()
    }

    fn write(&self, name: &str, changes: &[Change]) -> Result<(), Error> {
        for change in changes {
            let description = description(name, &change.key);
            match &change.value {
                Some(value) => kernel::write(&description, value.reveal().as_bytes(), None)?,
                None => drop(kernel::remove(&description)?),
            }
        }
        Ok(())
    }

    fn list(&self, name: Option<&str>) -> Result<Vec<Listed>, Error> {
        let mut found: Vec<Listed> = kernel::list(PREFIX)?.iter().filter_map(|text| listed(text)).collect();
        found.retain(|listed| name.is_none_or(|name| name == listed.name));
        found.sort();
        Ok(found)
    }
}
