//! An existing config.ini of the connector: every command of ours that has a section there reads it, as it is and after
//! its secrets were taken out of it.

use crate::stage::Stage;
use ldap3_proto::proto::{LdapBindCred, LdapOp, LdapResultCode};
use muster_tests::servers::scripted_ldap::{ScriptedLdap, bound};
use std::sync::mpsc::channel;

/// The connector's example, and sections that its documentation shows besides.
const EXAMPLE: &str = include_str!("../../cases/map/import-example-file/config.ini");
const MORE: &str = "
[airwatch]
enable = False
url = https://apidev.awmdm.example.org
username = user@example.org
password = change-me
api_token = the-airwatch-token
sync_field = 24DCF85294E411E38A52066B556BA4EE

[bamboohr]
enable = False
url = https://api.bamboohr.com/api/gateway.php
system_name = oomnitza
api_token = bamboo-token
default_role = 25
default_position = Employee

[casper]
enable = False
url = https://jss.example.org:8443
username = reader
password = change-me
group_name =
verify_ssl = True
sync_type = computers
sync_field = 24DCF85294E411E38A52066B556BA4EE

[okta]
enable = False
url = https://example-admin.okta.com
api_token = okta-token
default_role = 25
default_position = Employee
deprovisioned = false

[onelogin]
enable = False
url = https://api.us.onelogin.com/api/1/users
client_id = reader
client_secret = change-me
default_role = 25
default_position = Employee

[zendesk]
enable = False
system_name = oomnitza
username = user@example.org
api_token = zendesk-token
load_organizations = False
default_role = 25
default_position = Employee
";

/// What `map --import` has to say of a section: no setting that it does not know.
const EXPECTED: [&str; 3] = [
    "is not enabled: the connector did not run it",
    "web page is not in the file",
    "is a managed integration",
];

/// The file, with a password for the two directories.
fn config() -> String {
    let with_password = EXAMPLE.replace("dc=com\npassword = \n", "dc=com\npassword = of-the-reader\n");
    assert_eq!(with_password.matches("of-the-reader").count(), 2);
    with_password + MORE
}

fn sections(config: &str) -> impl Iterator<Item = &str> {
    let names = config.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']'));
    names.filter(|name| *name != "oomnitza")
}

/// The spec of each section, with what was said of it.
fn specs(stage: &Stage, config: &str) -> Vec<(String, String)> {
    let import = |section| {
        let arguments = ["--import", "config.ini", "--section", section];
        let ran = stage.command("map").args(arguments).run().with_status(0);
        (ran.stdout, ran.stderr)
    };
    sections(config).map(import).collect()
}

fn shown(stage: &Stage, section: &str) -> String {
    let ran = stage.command("extract-ldap").args(["--section", section, "--show-settings"]).run();
    assert_eq!(ran.stderr, "", "{section}");
    ran.with_status(0).stdout
}

#[test]
fn every_section_is_read_without_a_word_too_many() {
    let config = config();
    let stage = Stage::with_settings(&config);
    for section in ["ldap", "ldap_assets"] {
        let shown = shown(&stage, section);
        assert!(shown.contains("base_dn = dc=example,dc=com") && shown.contains("password = ***"), "{shown}");
        let ran = stage.command("extract-ldap").args(["--section", section]).run().with_status(78);
        assert!(ran.stderr.contains(&format!("'{section}' is switched off (config.ini:")), "{}", ran.stderr);
    }
    for (spec, said) in specs(&stage, &config) {
        assert!(spec.contains("\"maps\""), "{spec}");
        for line in said.lines() {
            assert!(EXPECTED.iter().any(|expected| line.contains(expected)), "{line}");
        }
    }
    // Commands without a section there have nothing to say of it.
    for name in
        ["extract-os2mo", "extract-os2sync", "extract-swit", "push-os2sync", "push-swit", "push-stsorgsync"]
    {
        let ran = stage.command(name).args(["--show-settings"]).run().with_status(0);
        assert_eq!(ran.stderr, "", "{name}");
    }
    stage.strongbox("check").run().with_status(1);
}

#[test]
fn after_the_import_all_is_as_before() {
    let config = config();
    let stage = Stage::with_settings(&config);
    let settings = || ["ldap", "ldap_assets"].map(|section| shown(&stage, section));
    let before = (specs(&stage, &config), settings());
    stage.strongbox("import").run().with_status(0);
    assert!(!stage.read("config.ini").contains("of-the-reader"));
    assert_eq!((specs(&stage, &config), settings()), before);
    let ran = stage.strongbox("check --format json").run().with_status(0);
    assert!(ran.lines().len() > 20 && ran.lines().iter().all(|line| line["ok"] == true), "{}", ran.stdout);
}

#[test]
fn after_the_import_the_directory_gets_its_password() {
    let stage = Stage::with_settings(&config());
    stage.strongbox("import").run().with_status(0);
    for section in ["ldap", "ldap_assets"] {
        let (sender, seen) = channel();
        let server = ScriptedLdap::start(move |request| {
            if let LdapOp::BindRequest(bind) = &request.op
                && let LdapBindCred::Simple(password) = &bind.cred
            {
                let _ = sender.send((bind.dn.clone(), password.clone()));
            }
            bound(LdapResultCode::InvalidCredentials, "")
        });
        let arguments = ["--section", section, "--url", &server.url()];
        let ran = stage.command("extract-ldap").args(arguments).env("LDAP_ENABLED", "yes").run();
        assert!(!ran.with_status(77).stderr.contains("warning"));
        let reader = "cn=read-only-admin,dc=example,dc=com".to_owned();
        assert_eq!(seen.recv().unwrap(), (reader, "of-the-reader".to_owned()));
    }
}
