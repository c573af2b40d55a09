//! Whole settings files and environments: the commands run with them as they are.

use super::*;
use muster_tests::simulator::os2mo::{self, Organisation, Os2mo};
use muster_tests::simulator::os2sync::{self, Os2sync};

/// A whole settings file of the first generation, other programs' keys included.
fn settings_json(os2mo: &Os2mo, os2sync: &Os2sync) -> String {
    json!({
        "municipality.name": "Fjordby Kommune",
        "municipality.cvr": "12345678",
        "mora.base": os2mo.url(),
        "mox.base": "http://localhost:8080",
        "integrations.ad.settings": { "search_base": "OU=x" },
        "os2sync.api_url": os2sync.api_url(),
        "os2sync.top_unit_uuid": os2mo.organisation().top_unit,
        "os2sync.xfer_cpr": true,
        "os2sync.hash_cache": "/opt/docker/os2mo/queries/os2sync_hash_cache",
        "os2sync.log_file": "/var/log/os2sync.log",
        "os2sync.log_level": 10,
        "os2sync.phone_scope_classes": [],
        "os2sync.email_scope_classes": [],
        "os2sync.ignored.unit_levels": [],
        "os2sync.ignored.unit_types": [],
        "os2sync.templates": { "person.name": "{{ name }}" },
        "os2sync.sync_managers": false,
        "os2sync.use_lc_db": false,
        "os2sync.ca_verify_os2mo": true,
        "os2sync.ca_verify_os2sync": true,
    })
    .to_string()
}

const PIPELINE: &str =
    "extract-os2mo --today $TODAY | map --spec os2sync | push-os2sync --ledger ledger && extract-os2sync";

fn systems() -> (Os2mo, Os2sync) {
    let os2mo = Os2mo::start(Organisation::generated(3, 30, 8), os2mo::Options::default()).unwrap();
    (os2mo, Os2sync::start(os2sync::Options { hierarchy_polls: 0, ..os2sync::Options::default() }))
}

fn users(ran: &Ran) -> usize {
    ran.records().iter().filter(|line| line["_kind"] == "user").count()
}

#[test]
fn a_whole_settings_file_drives_all_four_commands() {
    let (os2mo, os2sync) = systems();
    let ran = Cli::shell(PIPELINE)
        .file("settings.json", &settings_json(&os2mo, &os2sync))
        .env("MUSTER_CONFIG", "settings.json")
        .env("TODAY", &os2mo.organisation().today.to_string())
        .run()
        .with_status(0);
    assert!(users(&ran) > 10, "{}", ran.stderr);
    assert!(!ran.stderr.contains("nobody knows"), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("has no effect").count(), 4, "{}", ran.stderr);
}

#[test]
fn the_environment_of_each_later_exporter_drives_all_four_commands() {
    for (url, top, cpr) in [
        ("MO_URL", "OS2SYNC_TOP_UNIT_UUID", "OS2SYNC_XFER_CPR"),
        ("FASTRAMQPI__MO_URL", "TOP_UNIT_UUID", "SYNC_CPR"),
    ] {
        let (os2mo, os2sync) = systems();
        let ran = Cli::shell(PIPELINE)
            .env("TODAY", &os2mo.organisation().today.to_string())
            .env("MUNICIPALITY", "12345678")
            .env("OS2SYNC_API_URL", &os2sync.api_url())
            .env(url, &os2mo.url())
            .env(top, &os2mo.organisation().top_unit.to_string())
            .env(cpr, "true")
            .run()
            .with_status(0);
        assert!(users(&ran) > 10, "{}", ran.stderr);
        assert!(os2sync.registry().users().iter().any(|user| user["Person"]["Cpr"].is_string()));
    }
}
