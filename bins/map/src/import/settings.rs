//! Settings that fields take their values from, as settings of the spec. A secret's value is never written.

use super::integration::Integration;
use super::section::Section;
use super::spec;
use serde_json::{Value, json};

/// Parts of names that secrets have in every integration.
const SECRET: [&str; 6] = ["password", "secret", "token", "authorization", "api_key", "private_key"];

/// Beginnings of values that stand for a secret kept elsewhere.
const REFERENCES: [&str; 3] = ["strongbox:", "env:", "file:"];

/// Whether the setting `name` of a section is a secret.
pub(super) fn is_secret(name: &str, section: &Section<'_>, integration: &Integration) -> bool {
    let in_vault = section
        .get("vault_keys")
        .is_some_and(|entry| entry.value.split_whitespace().any(|key| key.eq_ignore_ascii_case(name)));
    let is_reference = section
        .get(name)
        .is_some_and(|entry| REFERENCES.iter().any(|beginning| entry.value.starts_with(beginning)));
    let named =
        SECRET.iter().any(|part| name.contains(part)) || integration.secrets.iter().any(|s| s == name);
    in_vault || is_reference || named
}

/// Declare the setting `name` in the spec, with the value that stands in the section as its default.
pub(super) fn declare(
    name: &str,
    section: &Section<'_>,
    integration: &Integration,
    field: &str,
    made: &mut spec::Made,
) {
    let is_new = !made.settings.contains_key(name);
    let default = match section.get(name) {
        _ if is_secret(name, section, integration) => {
            if is_new {
                tracing::warn!(
                    "{field}: the setting '{name}' is a secret, its value is left out of the spec"
                );
            }
            Value::Null
        }
        Some(entry) => entry.value.trim().into(),
        None => {
            if is_new {
                tracing::warn!("{field}: [{}] has no setting '{name}', so it is null", section.name);
            }
            Value::Null
        }
    };
    made.settings.insert(name.to_owned(), json!({ "type": "string", "default": default }));
}
