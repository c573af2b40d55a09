//! Which version a KV engine of Vault has: told by Vault, shown by its answers, or set; never guessed for a write.

use crate::stage::Stage;
use crate::vault::{SETTINGS, asked, filled, stage};
use muster_tests::cli::Ran;
use muster_tests::simulator::vault::{Options, Token, Vault};
use muster_tests::simulator::{Fault, Rule};
use serde_json::json;

/// The two engines: mount, version, and the password that each holds for `ldap`.
const ENGINES: [(&str, u8, &str); 2] = [("secret", 2, "pässword"), ("old", 1, "of version 1")];

/// A vault whose version may not be asked for, which says so with `status`.
fn silent(status: u16) -> Vault {
    filled(Options { mounts_status: status, ..Options::default() })
}

fn settings(mount: &str, more: &str) -> String {
    format!(
        "[ldap]\nvault_backend = vault\nvault_mount = {mount}\n{more}[netbox]\nvault_backend = vault\nvault_mount = {mount}\n{more}"
    )
}

/// With what opens the vault kept for all names.
fn stage_of(vault: &Vault, mount: &str, more: &str, token: &str) -> Stage {
    let stage = stage(vault, &settings(mount, more), token);
    stage.store("strongbox", "vault_url", &vault.url());
    stage.store("strongbox", "vault_token", token);
    stage
}

fn set(stage: &Stage, connector: &str, value: &str) -> Ran {
    stage.strongbox(&format!("set --connector {connector} --key password")).stdin(value).run()
}

/// That nothing was changed: no request that writes, and the same two secrets.
fn assert_untouched(vault: &Vault) {
    let seen = vault.served().seen();
    let writes: Vec<_> =
        seen.iter().filter(|seen| seen.method != "GET").map(|seen| &seen.path_and_query).collect();
    assert!(writes.is_empty(), "{writes:?}");
    let inside = vault.inside();
    assert_eq!(inside.secrets.keys().collect::<Vec<_>>(), ["old/ldap", "secret/ldap"]);
}

#[test]
fn version_1_is_read_where_the_mount_is_of_that_version() {
    let vault = filled(Options::default());
    let stage = stage(&vault, &format!("{SETTINGS}vault_mount = old\n"), "root-token");
    assert_eq!(stage.get("ldap", "password"), "of version 1");
    assert_eq!(asked(&vault, "GET", "/v1/old/ldap"), 1);
}

#[test]
fn who_may_not_ask_for_the_version_finds_it_by_reading() {
    for status in [403, 404] {
        for (mount, _, password) in ENGINES {
            let vault = silent(status);
            let stage = stage_of(&vault, mount, "", "root-token");
            assert_eq!(stage.get("ldap", "password"), password);
            set(&stage, "ldap", "new").with_status(0);
            assert_eq!(stage.get("ldap", "password"), "new");
            assert_eq!(stage.get("ldap", "username"), "reader", "the other keys stay");
            assert_eq!(vault.inside().secrets.len(), 2, "nothing lies under another path");
        }
    }
}

#[test]
fn a_policy_for_one_path_alone_is_enough() {
    for (mount, version, password) in ENGINES {
        let vault = silent(403);
        let part = if version == 2 { "data/" } else { "" };
        let token = Token { uses: 1000, renewable: false, ttl: 0, creation_ttl: 0 };
        vault.inside().tokens.insert("narrow".to_owned(), token);
        vault.inside().policies.insert("narrow".to_owned(), vec![format!("{mount}/{part}ldap")]);
        let stage = stage_of(&vault, mount, "", "narrow");
        assert_eq!(stage.get("ldap", "password"), password);
        set(&stage, "ldap", "new").with_status(0);
        assert_eq!(stage.get("ldap", "password"), "new");
        let ran = stage.strongbox("get --connector netbox --key password").run().with_status(77);
        assert!(ran.stderr.contains("its policies forbid this"), "{}", ran.stderr);
    }
}

#[test]
fn where_nothing_tells_the_version_nothing_is_written() {
    for status in [403, 404] {
        // Version 2 tells itself by its warning, unless the policy hides the path of version 1.
        for (mount, part) in [("secret", "data/"), ("old", "")] {
            let vault = silent(status);
            let token = Token { uses: 1000, renewable: false, ttl: 0, creation_ttl: 0 };
            vault.inside().tokens.insert("narrow".to_owned(), token);
            vault.inside().policies.insert("narrow".to_owned(), vec![format!("{mount}/{part}netbox")]);
            let stage = stage_of(&vault, mount, "", "narrow");
            let ran = stage.strongbox("get --connector netbox --key password").run().with_status(78);
            assert!(ran.stderr.contains("there is no secret 'password' for 'netbox'"), "{}", ran.stderr);
            let ran = set(&stage, "netbox", "canary").with_status(78);
            assert!(
                ran.stderr.contains(&format!(
                    "which version the KV engine '{mount}' has; set vault_kv_version to 1 or 2"
                )),
                "{}",
                ran.stderr
            );
            assert!(ran.stderr.lines().count() == 1 && !ran.stderr.contains("canary"), "{}", ran.stderr);
            assert_untouched(&vault);
        }
    }
}

#[test]
fn a_first_secret_goes_where_the_setting_says() {
    for (mount, version, _) in ENGINES {
        let vault = silent(403);
        let stage = stage_of(&vault, mount, &format!("vault_kv_version = {version}\n"), "root-token");
        set(&stage, "netbox", "first").with_status(0);
        assert_eq!(stage.get("netbox", "password"), "first");
        let data = vault.inside().secrets[&format!("{mount}/netbox")][0].data.clone();
        assert_eq!(data, json!({"password": "first"}));
        assert_eq!(vault.inside().secrets.len(), 3);
    }
}

#[test]
fn a_setting_that_is_wrong_writes_nothing_and_is_named() {
    for status in [200, 403, 404] {
        for (mount, wrong) in [("secret", 1), ("old", 2)] {
            let vault = silent(status);
            let stage = stage_of(&vault, mount, &format!("vault_kv_version = {wrong}\n"), "root-token");
            let words =
                format!("the KV engine '{mount}' in Vault does not speak as one of version {wrong} does");
            for connector in ["ldap", "netbox"] {
                let ran = set(&stage, connector, "canary").with_status(78);
                assert!(
                    ran.stderr.contains(&words) && ran.stderr.contains("correct vault_kv_version"),
                    "{}",
                    ran.stderr
                );
                let kept: Vec<_> = vault.inside().secrets.keys().cloned().collect();
                assert_eq!(kept, ["old/ldap", "secret/ldap"], "what went astray is taken back");
            }
            if status == 200 || wrong == 1 {
                let ran = stage.strongbox("get --connector ldap --key password").run().with_status(78);
                assert!(ran.stderr.contains(&words), "{}", ran.stderr);
            }
        }
    }
}

#[test]
fn a_server_that_fails_while_it_is_asked_is_not_guessed_at() {
    for (status, path) in [(200, "sys/internal"), (403, "/secret/data/ldap")] {
        let vault = silent(status);
        let stage = stage_of(&vault, "secret", "", "root-token");
        vault.served().faults.add(Rule { times: 1, ..Rule::always(Fault::Status(500)).path(path) });
        let ran = set(&stage, "ldap", "canary").with_status(69);
        assert!(ran.stderr.contains("Vault failed: 500"), "{}", ran.stderr);
        assert_untouched(&vault);
    }
}

#[test]
fn an_engine_of_another_kind_is_named() {
    let vault = filled(Options::default());
    let stage = stage_of(&vault, "secret", "", "root-token");
    let pki = json!({"data": {"type": "pki", "path": "secret/", "options": null}});
    vault.served().faults.add(Rule::always(Fault::Json(pki)).path("sys/internal"));
    let ran = set(&stage, "ldap", "x").with_status(78);
    assert!(ran.stderr.contains("the engine is 'pki'"), "{}", ran.stderr);
    assert_untouched(&vault);
}

#[test]
fn the_last_key_of_a_secret_can_be_taken_away() {
    for (mount, ..) in ENGINES {
        let vault = filled(Options::default());
        let stage = stage_of(&vault, mount, "", "root-token");
        set(&stage, "netbox", "first").with_status(0);
        stage.strongbox("delete --connector netbox --key password").run().with_status(0);
        stage.strongbox("get --connector netbox --key password").run().with_status(78);
        set(&stage, "netbox", "second").with_status(0);
        assert_eq!(stage.get("netbox", "password"), "second");
    }
}
