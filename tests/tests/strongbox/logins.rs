//! Ways to log in to Vault: each is used once and given back; a token is renewed while it lives.

use crate::stage::Stage;
use crate::vault::{SETTINGS, asked, filled, stage};
use muster_tests::simulator::vault::{Options, Token};

#[test]
fn app_role_logs_in_once_and_gives_its_token_back() {
    let vault = filled(Options::default());
    vault.inside().app_roles.insert("role".to_owned(), "secret-id".to_owned());
    let stage = Stage::with_settings(SETTINGS);
    stage.store("strongbox", "vault_url", &vault.url());
    stage.store("ldap", "vault_role_id", "role");
    stage.store("ldap", "vault_secret_id", "secret-id");
    stage.strongbox("check").run().with_status(0);
    assert_eq!((asked(&vault, "POST", "/v1/auth/approle/login"), vault.inside().revoked), (1, 1));
    assert_eq!(vault.inside().tokens.len(), 1, "only the root token is left");
    stage.store("ldap", "vault_secret_id", "wrong-canary");
    let ran = stage.strongbox("get --connector ldap --key password").run().with_status(77);
    assert!(ran.stderr.contains("refuses the login: invalid role or secret ID"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("canary"), "{}", ran.stderr);
}

#[test]
fn a_wrapped_secret_id_is_unwrapped_once_and_kept() {
    let vault = filled(Options::default());
    vault.inside().app_roles.insert("role".to_owned(), "inner".to_owned());
    vault.inside().wrapped.insert("wrapping".to_owned(), "inner".to_owned());
    let token = Token { uses: 1, renewable: false, ttl: 60, creation_ttl: 60 };
    vault.inside().tokens.insert("wrapping".to_owned(), token);
    let stage = Stage::with_settings(SETTINGS);
    stage.store("ldap", "vault_url", &vault.url());
    stage.store("ldap", "vault_role_id", "role");
    stage.store("ldap", "vault_wrapped_secret_id", "wrapping");
    assert_eq!(stage.get("ldap", "password"), "pässword");
    assert_eq!(stage.get("ldap", "password"), "pässword");
    assert_eq!(asked(&vault, "POST", "/v1/sys/wrapping/unwrap"), 1);
    let kept = stage.strongbox("list --connector ldap --backend file").run().with_status(0).stdout;
    assert!(kept.contains("vault_secret_id") && !kept.contains("wrapped"), "{kept}");
}

#[test]
fn a_pod_logs_in_with_its_account() {
    let vault = filled(Options::default());
    vault.inside().kubernetes.insert("muster".to_owned(), "signed.by.kubernetes".to_owned());
    let stage = Stage::with_settings(&format!("{SETTINGS}vault_role = muster\nvault_jwt_file = jwt\n"));
    stage.write("jwt", "signed.by.kubernetes\n");
    stage.store("ldap", "vault_url", &vault.url());
    assert_eq!(stage.get("ldap", "password"), "pässword");
    assert_eq!(vault.inside().revoked, 1);
    stage.write("jwt", "canary.of.somebody");
    let ran = stage.strongbox("get --connector ldap --key password").run().with_status(77);
    assert!(!ran.stderr.contains("canary"), "{}", ran.stderr);
}

#[test]
fn a_token_that_ends_on_the_way_is_replaced_by_a_login() {
    let vault = filled(Options { uses: 1, ..Options::default() });
    vault.inside().app_roles.insert("role".to_owned(), "secret-id".to_owned());
    let stage = Stage::with_settings(SETTINGS);
    stage.store("ldap", "vault_url", &vault.url());
    stage.store("ldap", "vault_role_id", "role");
    stage.store("ldap", "vault_secret_id", "secret-id");
    assert_eq!(stage.get("ldap", "password"), "pässword");
    assert!(asked(&vault, "POST", "/v1/auth/approle/login") > 1);
}

#[test]
fn a_given_token_is_renewed_when_half_of_its_time_is_over() {
    let vault = filled(Options::default());
    for (name, ttl, renewed) in [("young", 3000, 0), ("old", 1000, 1)] {
        let token = Token { uses: 100, renewable: true, ttl, creation_ttl: 3600 };
        vault.inside().tokens.insert(name.to_owned(), token);
        assert_eq!(stage(&vault, SETTINGS, name).get("ldap", "password"), "pässword");
        assert_eq!(vault.inside().renewed, renewed, "{name}");
    }
}
