//! What is to be said of a section beside its mapping: what the connector took from elsewhere, and keys nobody knows.

use super::integration::Integration;
use super::section::Section;
use muster_settings::value;

/// Keys that every integration has.
const COMMON: [&str; 19] = [
    "enable",
    "recordfilter",
    "verify_ssl",
    "cacert_file",
    "cacert_dir",
    "ssl_protocol",
    "use_server_map",
    "only_if_filled",
    "dont_overwrite",
    "insert_only",
    "update_only",
    "sync_field",
    "vault_keys",
    "vault_backend",
    "vault_alias",
    "user_pem_file",
    "connector_bulk_mode",
    "test_run",
    "is_custom",
];

/// Keys of older releases, and what replaces them.
const OLD: [(&str, &str); 3] = [
    ("normal_position", "write mapping.POSITION"),
    ("is_sso", "nothing replaces it"),
    ("env_password", "extractors take `password = env:NAME`"),
];

/// Say what is to be said.
pub(super) fn of_section(section: &Section<'_>, integration: &Integration) {
    let name = section.name;
    let is_on = section.get("enable").is_some_and(|entry| is_true(&entry.value));
    if !is_on && !integration.is_managed() {
        tracing::warn!("[{name}] is not enabled: the connector did not run it");
    }
    of_the_web_page(section, integration);
    for entry in section.entries().filter(|entry| !entry.key.starts_with("mapping.")) {
        let (key, place) = (&entry.key, section.place(entry));
        if let Some((_, instead)) = OLD.iter().find(|(old, _)| old == key) {
            tracing::warn!("'{key}' is of an older release: {instead} ({place})");
        } else if matches!(key.as_str(), "only_if_filled" | "dont_overwrite") {
            tracing::warn!("'{key}' has had no effect since release 2; it is left out ({place})");
        } else if !is_known(key, section, integration) {
            let known = COMMON.into_iter().chain(integration.settings.iter().map(String::as_str));
            let near = value::nearest(key, known).map(|near| format!("; did you mean '{near}'?"));
            tracing::warn!("nobody knows the key '{key}' ({place}){}", near.unwrap_or_default());
        }
    }
}

/// The part of the mapping that is made in Oomnitza and only there.
fn of_the_web_page(section: &Section<'_>, integration: &Integration) {
    if integration.is_managed() {
        tracing::warn!(
            "[{}] is a managed integration: its mapping, and whether it is of users or assets, stands in Oomnitza; add \
             the fields of `push-oomnitza --get-mapping` by hand",
            section.name
        );
        return;
    }
    let is_off = section.get("use_server_map").is_some_and(|entry| !is_true(&entry.value));
    if integration.web_mapping && !is_off {
        let named = integration.mapping_name.as_ref().map(|name| format!(" '{name}'")).unwrap_or_default();
        tracing::warn!(
            "the mapping{named} that was made in Oomnitza's web page is not in the file: if there is one, add its fields \
             by hand, as `push-oomnitza --get-mapping` prints them"
        );
    }
}

fn is_known(key: &str, section: &Section<'_>, integration: &Integration) -> bool {
    let is = |name: &String| name == key;
    let in_vault = || {
        section.get("vault_keys").is_some_and(|entry| entry.value.split_whitespace().any(|name| name == key))
    };
    COMMON.contains(&key)
        || integration.settings.iter().any(is)
        || integration.secrets.iter().any(is)
        || in_vault()
}

fn is_true(value: &str) -> bool {
    value::boolean(value).unwrap_or_default()
}
