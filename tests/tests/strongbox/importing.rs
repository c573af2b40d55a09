//! `strongbox import`: an existing config.ini of the Oomnitza connector.

use crate::stage::{Stage, names};
use std::os::unix::fs::PermissionsExt;

/// Every section of the connector's example, with odd places and forms of secrets.
const CONFIG: &str = include_str!("config.ini");

#[test]
fn secrets_become_references_and_all_else_stays_byte_by_byte() {
    let stage = Stage::with_settings(CONFIG);
    let ran = stage.strongbox("import --format json").run().with_status(0);
    let after = stage.read("config.ini");
    let taken: Vec<usize> = ran
        .lines()
        .iter()
        .map(|line| line["at"].as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap())
        .collect();
    assert!(taken.len() > 25, "{}", taken.len());
    for (number, (before, after)) in CONFIG.lines().zip(after.lines()).enumerate() {
        // Up to the one value that goes on over several lines, lines keep their numbers.
        if after.contains("[multiline]") {
            break;
        }
        match taken.contains(&(number + 1)) {
            true => assert!(after.contains("strongbox://"), "{after}"),
            false => assert_eq!(before, after),
        }
    }
    for secret in [
        "ThePassword",
        "change-me",
        "34567",
        "supErs3cr3T",
        "saas-api-token",
        "p;w ;not a comment",
        "second line",
    ] {
        assert!(!after.contains(secret), "{secret}");
    }
    assert!(after.ends_with("behind = it\n"), "{after}");
    assert!(after.contains("password =\n"), "an empty value stays empty");
    assert!(after.contains("auth_token = strongbox://netbox/auth_token ; made in May\n"), "a comment stays");
    assert!(after.contains("password\t=\tstrongbox://cats/password\n"), "blanks stay");
    let kept: Vec<String> =
        names(stage.folder.path()).into_iter().filter(|name| name.contains("before")).collect();
    assert_eq!(kept, ["config.ini.before-import"]);
    assert_eq!(stage.read("config.ini.before-import"), CONFIG);
    let mode = std::fs::metadata(stage.path("config.ini.before-import")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_was_taken_is_what_the_file_meant() {
    let stage = Stage::with_settings(CONFIG);
    stage.strongbox("import").run().with_status(0);
    assert_eq!(stage.get("oomnitza", "password"), "ThePassword");
    assert_eq!(stage.get("ldap.Contractors", "password"), "50% of; it");
    assert_eq!(stage.get("cats", "password"), "of an alias");
    assert_eq!(stage.get("repeated", "password"), "the last one counts");
    assert_eq!(stage.get("multiline", "client_secret"), "first line\n  second line");
    let inputs: serde_json::Value = serde_json::from_str(&stage.get("managed.10", "local_inputs")).unwrap();
    assert_eq!(inputs["password"], "supErs3cr3T");
    let ran = stage.strongbox("check --format json").run().with_status(78);
    let failed = ran.lines().into_iter().filter(|line| line["ok"] != true);
    let places: Vec<String> =
        failed.map(|line| format!("{}/{}", line["section"], line["key"]).replace('"', "")).collect();
    let never_set = ["ldap.old/password", "okta/api_token", "zendesk/api_token", "zendesk/password"];
    assert_eq!(places, never_set, "all that was in the file is there");
}

#[test]
fn a_second_import_finds_nothing_and_changes_nothing() {
    let stage = Stage::with_settings(CONFIG);
    stage.strongbox("import").run().with_status(0);
    let after = stage.read("config.ini");
    let ran = stage.strongbox("import").run().with_status(0);
    assert_eq!((ran.stdout.as_str(), stage.read("config.ini")), ("", after));
    assert!(!stage.path("config.ini.before-import.1").exists());
}

#[test]
fn a_dry_run_tells_and_does_nothing() {
    let stage = Stage::with_settings(CONFIG);
    let ran = stage.strongbox("import --dry-run --connector oomnitza").run().with_status(0);
    assert!(
        ran.stdout.starts_with("oomnitza ") && ran.stdout.contains("strongbox://oomnitza/password"),
        "{}",
        ran.stdout
    );
    assert_eq!(names(stage.folder.path()), ["config.ini"]);
    assert_eq!(stage.read("config.ini"), CONFIG);
}

#[test]
fn a_store_that_cannot_be_written_leaves_the_file_as_it_was() {
    let stage = Stage::with_settings(CONFIG);
    stage.strongbox("init --passphrase").stdin("locked").run().with_status(0);
    stage.strongbox("import").run().with_status(77);
    assert_eq!(stage.read("config.ini"), CONFIG);
    assert!(!stage.path("config.ini.before-import").exists());
}

#[test]
fn json_settings_are_refused_and_links_are_followed() {
    let stage = Stage::new();
    stage.write("settings.json", r#"{"os2mo.client_secret": "x"}"#);
    let ran = stage.strongbox("import --config settings.json").run().with_status(64);
    assert!(ran.stderr.contains("config.ini only"), "{}", ran.stderr);
    stage.write("real.ini", "[ldap]\npassword = x\n");
    std::os::unix::fs::symlink("real.ini", stage.path("link.ini")).unwrap();
    stage.strongbox("import --config link.ini").run().with_status(0);
    assert_eq!(stage.read("real.ini"), "[ldap]\npassword = strongbox://ldap/password\n");
    assert!(std::fs::symlink_metadata(stage.path("link.ini")).unwrap().is_symlink());
}
