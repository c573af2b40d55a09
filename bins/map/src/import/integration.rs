//! What the connector knows of each system: its kind of records, its settings, its default mapping. Data, from the sheets.

use super::section::{Section, near};
use muster_base::{Error, Exit};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

macro_rules! shipped {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!("defaults/", $name, ".json")))),*] };
}

const SHIPPED: [(&str, &str); 37] = shipped![
    "airwatch",
    "azuredevices",
    "azureusers",
    "bamboohr",
    "casper",
    "chef",
    "chromebooks",
    "csv_assets",
    "csv_users",
    "dell_asset_order_status",
    "dnac_network_devices",
    "fortimanager",
    "google_mobile_devices",
    "insight",
    "jasper",
    "json_assets",
    "json_users",
    "kace",
    "ldap",
    "ldap_assets",
    "managed",
    "meraki_network_devices",
    "merakism",
    "mobileiron",
    "munki_report",
    "netbox",
    "okta",
    "onelogin",
    "open_audit",
    "sccm",
    "servicenow",
    "simplemdm",
    "tanium",
    "vcenter",
    "workday",
    "workspaceone_devicesoftware",
    "zendesk",
];

/// What a file in `defaults/` says.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Integration {
    pub(super) about: String,
    /// The kind of its records: `user` or `asset`.
    pub(super) kind: String,
    /// The name of its mapping in Oomnitza.
    #[serde(default)]
    pub(super) mapping_name: Option<String>,
    /// Whether it has a mapping in Oomnitza.
    #[serde(default = "yes")]
    pub(super) web_mapping: bool,
    /// What differs for a value of a setting.
    #[serde(default)]
    variants: BTreeMap<String, BTreeMap<String, Variant>>,
    pub(super) settings: Vec<String>,
    pub(super) secrets: Vec<String>,
    /// The default mapping.
    #[serde(default)]
    pub(super) fields: Map<String, Value>,
    /// Fields that are added when the file does not name them.
    #[serde(default)]
    pub(super) absent: Map<String, Value>,
    /// The default converters, by source.
    #[serde(default)]
    pub(super) converters: BTreeMap<String, String>,
    /// Where sources lie that are not at the top of a record.
    #[serde(default)]
    pub(super) below: Option<Below>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Variant {
    mapping_name: String,
    absent: Map<String, Value>,
}

/// Sources other than these lie below a member.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Below {
    pub(super) member: String,
    pub(super) unless: Vec<String>,
}

fn yes() -> bool {
    true
}

impl Integration {
    /// The integration that a section is of, in the variant that its settings ask for.
    pub(super) fn find(section: &Section<'_>) -> Result<Self, Error> {
        let name = section.integration();
        let Some((_, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == name) else {
            return Err(Error::new(Exit::Config, format!("there is no integration '{name}'"))
                .at(format!("[{}] of {}", section.name, section.file_name))
                .hint(near(name, SHIPPED.iter().map(|(name, _)| *name))));
        };
        let mut found: Self = serde_json::from_str(text)
            .map_err(|error| Error::new(Exit::Bug, format!("defaults/{name}.json: {error}")))?;
        for (key, values) in std::mem::take(&mut found.variants) {
            let value = section.get(&key).map(|entry| entry.value.as_str()).unwrap_or_default();
            if let Some((_, variant)) = values.into_iter().find(|(name, _)| name == value) {
                found.mapping_name = Some(variant.mapping_name);
                found.absent = variant.absent;
            }
        }
        Ok(found)
    }

    /// Whether its mapping and kind are known only to Oomnitza.
    pub(super) fn is_managed(&self) -> bool {
        self.kind.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_defaults_can_be_read() {
        for (name, text) in SHIPPED {
            let read: Result<Integration, _> = serde_json::from_str(text);
            assert!(read.is_ok(), "{name}: {read:?}");
        }
    }
}
