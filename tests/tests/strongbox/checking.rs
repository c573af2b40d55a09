//! `strongbox check`: every secret that a settings file names.

use crate::stage::Stage;

#[test]
fn each_reference_is_resolved_and_each_plain_secret_named() {
    let stage = Stage::with_settings(
        "[ldap]\npassword = strongbox://ldap/password\n[ldap.old]\nenv_password = LDAP_OLD\n[okta]\napi_token = env:OKTA\n\
         [netbox]\nauth_token = file:token\n[casper]\nusername = x\npassword = canary\n\
         [jasper]\nvault_keys = username password\n[sccm]\npassword = strongbox://nowhere/password\n",
    );
    stage.write("token", "canary\n");
    stage.store("ldap", "password", "canary");
    stage.store("jasper", "username", "canary");
    let ran = stage.strongbox("check --format json").env("LDAP_OLD", "canary").run().with_status(78);
    let lines = ran.lines();
    let seen: Vec<(&str, &str, bool)> = lines
        .iter()
        .map(|line| {
            (line["section"].as_str().unwrap(), line["backend"].as_str().unwrap(), line["ok"] == true)
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("ldap", "file", true),
            ("ldap.old", "env", true),
            ("okta", "env", false),
            ("netbox", "plain file", true),
            ("casper", "plain", false),
            ("jasper", "file", true),
            ("jasper", "file", false),
            ("sccm", "file", false),
        ]
    );
    assert_eq!(lines[4]["at"], "config.ini:11");
    assert!(!ran.stdout.contains("canary") && !ran.stderr.contains("canary"));
    assert!(ran.stderr.contains("8 secrets in 'config.ini', 4 to look at"), "{}", ran.stderr);
}

#[test]
fn all_well_is_0_and_a_plain_secret_alone_is_1() {
    let stage = Stage::with_settings("[ldap]\npassword = strongbox://ldap/password\n");
    stage.store("ldap", "password", "x");
    let ran = stage.strongbox("check").run().with_status(0);
    assert!(ran.stdout.contains("ok, just now"), "{}", ran.stdout);
    stage.write("config.ini", "[ldap]\npassword = x\n");
    let ran = stage.strongbox("check").run().with_status(1);
    assert!(ran.stdout.contains("it stands in the file itself; `strongbox import`"), "{}", ran.stdout);
    stage.strongbox("check --config absent.ini").run().with_status(78);
}
