//! Keys that stand in the sections of many systems, as the Oomnitza connector's files have them.

use crate::{Layers, file::DEFAULT};
use muster_base::{Error, Exit};

/// Keys of a source's section that the other commands of its pipeline read, or the house itself.
const ELSEWHERE: &[&str] = &[
    "default_position",
    "default_role",
    "dont_overwrite",
    "enable",
    "enabled",
    "env_password",
    "insert_only",
    "is_custom",
    "only_if_filled",
    "recordfilter",
    "sync_field",
    "test_run",
    "update_only",
    "use_server_map",
    "vault_alias",
    "vault_backend",
    "vault_keys",
];

/// Keys without effect, and what there is instead.
const RETIRED: &[(&str, &str)] = &[
    ("connector_bulk_mode", "--parallel of the push says how much goes side by side"),
    ("ssl_protocol", "TLS 1.2 or newer is spoken, whatever it says"),
];

/// Whether another command, or the house, reads `key`.
pub(crate) fn is_elsewhere(key: &str) -> bool {
    ELSEWHERE.contains(&key) || key.starts_with("mapping.")
}

/// What there is instead of `key`, if it has lost its effect.
pub(crate) fn instead_of(key: &str) -> Option<&'static str> {
    RETIRED.iter().find(|(retired, _)| *retired == key).map(|(_, instead)| *instead)
}

impl Layers {
    /// Refuse a section that is switched off: `enable = False`, or nothing behind `enable`. Where the key is not written at
    /// all, the section is on; the environment (`LDAP_ENABLED`) wins over the file.
    pub fn check_enabled(&self) -> Result<(), Error> {
        match self.switch() {
            Some((value, place)) if !is_true(&value) => {
                Err(Error::new(Exit::Config, format!("'{}' is switched off", self.section))
                    .at(place)
                    .hint("write 'enable = True' there, or name another section with --section"))
            }
            _ => Ok(()),
        }
    }

    /// What is behind `enable`, and where that stands: in the environment, in the section, or in `[DEFAULT]`.
    fn switch(&self) -> Option<(String, String)> {
        let variables = ["enable", "enabled"].map(|key| self.variable(key));
        let given = variables.into_iter().find_map(|name| Some((std::env::var(&name).ok()?, name)));
        given.or_else(|| {
            let of = |section: &str| {
                self.file.entries().iter().rfind(|entry| entry.section == section && entry.key == "enable")
            };
            let entry = of(&self.section).or_else(|| of(DEFAULT))?;
            Some((entry.value.clone(), self.file.place(entry)))
        })
    }
}

/// The connector's true words; whatever else stands there means no.
fn is_true(text: &str) -> bool {
    ["1", "yes", "true", "on"].contains(&text.trim().to_lowercase().as_str())
}
