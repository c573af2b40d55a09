//! HashiCorp Vault as a backend: both engines, every login, and every refusal told apart.

use crate::stage::Stage;
use muster_tests::servers::Certificates;
use muster_tests::simulator::vault::{Options, Vault};
use muster_tests::simulator::{Fault, Rule};
use muster_tests::tls::TlsFront;
use serde_json::json;

pub const SETTINGS: &str = "[ldap]\nvault_backend = vault\nvault_keys = username password\n";

/// A strongbox that knows the address of `vault` in the form of the old documentation, and a token.
pub fn stage(vault: &Vault, settings: &str, token: &str) -> Stage {
    let stage = Stage::with_settings(settings);
    stage.store("ldap", "vault_url", &format!("{}/v1/secret/ldap", vault.url()));
    stage.store("ldap", "vault_token", token);
    stage
}

/// How often each address was asked for.
pub fn asked(vault: &Vault, method: &str, path: &str) -> usize {
    let seen = vault.served().seen();
    seen.iter().filter(|seen| seen.method == method && seen.path_and_query == path).count()
}

pub fn filled(options: Options) -> Vault {
    let vault = Vault::start(options);
    vault.put("secret/ldap", json!({"username": "reader", "password": "pässword", "port": 636}));
    vault.put("old/ldap", json!({"username": "reader", "password": "of version 1"}));
    vault
}

#[test]
fn version_2_is_found_out_and_one_request_brings_all_keys() {
    let vault = filled(Options::default());
    let stage = stage(&vault, SETTINGS, "root-token");
    assert_eq!(stage.get("ldap", "password"), "pässword");
    assert_eq!(stage.get("ldap", "port"), "636");
    vault.served().forget();
    let ran = stage.strongbox("check --format json").run().with_status(0);
    assert!(ran.lines().len() == 2 && ran.lines().iter().all(|line| line["ok"] == true), "{}", ran.stdout);
    assert_eq!(ran.lines()[0]["updated"], "2026-05-04T03:02:01.123456789Z");
    assert_eq!(asked(&vault, "GET", "/v1/secret/data/ldap"), 1);
    assert_eq!(asked(&vault, "GET", "/v1/sys/internal/ui/mounts/secret/ldap"), 1);
}

#[test]
fn the_path_can_be_another_one_and_may_name_data() {
    let vault = filled(Options::default());
    vault.put("secret/teams/people/ad", json!({"password": "of a team"}));
    for path in ["teams/people/ad", "data/teams/people/ad"] {
        let stage = stage(&vault, &format!("{SETTINGS}vault_path = {path}\n"), "root-token");
        assert_eq!(stage.get("ldap", "password"), "of a team");
    }
}

#[test]
fn an_older_version_can_be_had_and_a_deleted_one_is_not_merely_missing() {
    let vault = filled(Options::default());
    vault.put("secret/ldap", json!({"username": "reader", "password": "newer"}));
    let stage = stage(&vault, SETTINGS, "root-token");
    let ran = stage
        .strongbox("run -- sh -c")
        .args(["printf %s \"$OLD\""])
        .env("OLD", "strongbox://ldap/password?version=1")
        .run()
        .with_status(0);
    assert_eq!(ran.stdout, "pässword");
    vault.inside().secrets.get_mut("secret/ldap").unwrap().last_mut().unwrap().deleted = true;
    let ran = stage.strongbox("get --connector ldap --key password").run().with_status(78);
    assert!(
        ran.stderr.contains("version 2 of this secret is deleted") && ran.stderr.contains("undelete"),
        "{}",
        ran.stderr
    );
    let ran = stage
        .strongbox("get --connector ldap.other --key password --backend vault")
        .env("VAULT_ADDR", &vault.url());
    let ran = ran.env("VAULT_TOKEN", "root-token").run().with_status(78);
    assert!(ran.stderr.contains("there is no secret 'password' for 'ldap.other'"), "{}", ran.stderr);
}

#[test]
fn namespaces_and_the_header_of_an_agent_are_sent() {
    let options =
        Options { namespace: Some("admin/it".to_owned()), demands_header: true, ..Options::default() };
    let vault = filled(options);
    let with = stage(&vault, &format!("{SETTINGS}vault_namespace = admin/it\n"), "root-token");
    assert_eq!(with.get("ldap", "password"), "pässword");
    let without = stage(&vault, SETTINGS, "root-token");
    without.strongbox("get --connector ldap --key password").run().with_status(77);
    let variable =
        without.strongbox("get --connector ldap --key password").env("VAULT_NAMESPACE", "admin/it");
    assert_eq!(variable.run().with_status(0).stdout, "pässword");
}

#[test]
fn every_refusal_has_its_own_words_and_exit() {
    let vault = filled(Options::default());
    let get = |stage: &Stage| stage.strongbox("get --connector ldap --key password").run();
    let said = |stage: &Stage, status: i32, words: &str| {
        let ran = get(stage).with_status(status);
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        assert!(!ran.stderr.contains("canary"), "{}", ran.stderr);
    };
    said(&stage(&vault, SETTINGS, "token-canary"), 77, "the token is wrong or has ended");
    let stage = stage(&vault, SETTINGS, "root-token");
    vault.inside().sealed = true;
    said(&stage, 69, "Vault is sealed");
    vault.inside().sealed = false;
    for (fault, status, words) in [
        (Fault::Status(500), 69, "Vault failed: 500"),
        (
            Fault::Text(400, r#"{"errors":["bad"]}"#.to_owned()),
            76,
            "Vault does not accept the request: 400: bad",
        ),
        (Fault::Text(200, "canary, no JSON".to_owned()), 76, "Vault's answer is not JSON"),
        (Fault::Cut(5), 69, "cut off"),
    ] {
        vault.served().faults.add(Rule::always(fault).path("secret/"));
        said(&stage, status, words);
        vault.served().faults.clear();
    }
    stage.store("ldap", "vault_url", "http://127.0.0.1:1");
    said(&stage, 69, "cannot connect");
    stage.store("ldap", "vault_url", "canary");
    said(&stage, 78, "the address of Vault is no http address");
}

#[test]
fn a_node_that_lags_behind_is_asked_again() {
    let vault = filled(Options::default());
    let stage = stage(&vault, SETTINGS, "root-token");
    let lag = Fault::Text(412, r#"{"errors":["required index state not present"]}"#.to_owned());
    vault.served().faults.add(Rule { times: 2, ..Rule::always(lag).path("data/ldap") });
    assert_eq!(stage.get("ldap", "password"), "pässword");
}

#[test]
fn what_is_written_changes_only_its_key() {
    for (options, mount) in [
        (Options::default(), "secret"),
        (Options { patches: false, ..Options::default() }, "secret"),
        (Options::default(), "old"),
    ] {
        let vault = filled(options);
        let stage = stage(&vault, &format!("{SETTINGS}vault_mount = {mount}\n"), "root-token");
        stage.strongbox("--connector ldap --key password").stdin("new\n").run().with_status(0);
        assert_eq!(stage.get("ldap", "password"), "new");
        assert_eq!(stage.get("ldap", "username"), "reader");
        stage.strongbox("delete --connector ldap --key password").run().with_status(0);
        stage.strongbox("get --connector ldap --key password").run().with_status(78);
        assert_eq!(stage.get("ldap", "username"), "reader");
    }
}

#[test]
fn a_first_secret_is_created_and_names_can_be_listed() {
    let vault = filled(Options::default());
    let stage = stage(&vault, "[netbox]\nvault_backend = vault\n", "root-token");
    stage.store("strongbox", "vault_url", &vault.url());
    stage.store("strongbox", "vault_token", "root-token");
    stage.strongbox("--connector netbox --key auth_token").stdin("t").run().with_status(0);
    assert_eq!(stage.get("netbox", "auth_token"), "t");
    let listed =
        stage.strongbox("list --connector netbox --backend vault --format json").run().with_status(0);
    assert_eq!(listed.lines()[0]["key"], "auth_token");
    let all = stage.strongbox("list --connector netbox --backend vault").run().with_status(0).stdout;
    assert!(!all.contains(" t "), "{all}");
}

#[test]
fn a_rotation_keeps_the_old_value_until_it_is_confirmed() {
    let vault = filled(Options::default());
    let stage = stage(&vault, SETTINGS, "root-token");
    stage.strongbox("rotate --connector ldap --key password").stdin("second").run().with_status(0);
    assert_eq!(stage.get("ldap", "password"), "second");
    let previous = stage.strongbox("get --connector ldap --key password --previous").run().with_status(0);
    assert_eq!(previous.stdout, "pässword");
    stage.strongbox("rotate --connector ldap --key password --confirm").run().with_status(0);
    stage.strongbox("get --connector ldap --key password --previous").run().with_status(78);
}

#[test]
fn the_token_follows_no_redirect_to_another_host() {
    let (standby, active) = (filled(Options::default()), filled(Options::default()));
    let stage = stage(&standby, SETTINGS, "root-token");
    let router = axum::Router::new().fallback({
        let to = active.url();
        move |uri: axum::http::Uri| async move {
            axum::response::Redirect::temporary(&format!("{to}{}", uri.path())).into_response()
        }
    });
    use axum::response::IntoResponse;
    let redirecting = muster_tests::simulator::serve(router, 0).unwrap();
    stage.store("ldap", "vault_url", &redirecting.url());
    let ran = stage.strongbox("get --connector ldap --key password").run().with_status(76);
    assert!(ran.stderr.contains("redirects to another origin"), "{}", ran.stderr);
    assert_eq!(active.served().seen().len(), 0, "nothing reached the other host");
    let host = active.url().replace("http://", "");
    stage.write("config.ini", &format!("{SETTINGS}vault_hosts = {host}\n"));
    assert_eq!(stage.get("ldap", "password"), "pässword");
}

#[test]
fn an_authority_is_trusted_when_a_setting_names_it() {
    let (vault, folder) = (filled(Options::default()), tempfile::tempdir().unwrap());
    let certificates = Certificates::create(folder.path());
    let front = TlsFront::start(&vault.url(), &certificates, true);
    let stage = stage(&vault, SETTINGS, "root-token");
    stage.store("ldap", "vault_url", &front.url());
    let ran = stage.strongbox("get --connector ldap --key password").run().with_status(69);
    assert!(ran.stderr.contains("with vault_cacert_file"), "{}", ran.stderr);
    let us =
        [&certificates.certificate, &certificates.key].map(|path| std::fs::read_to_string(path).unwrap());
    stage.write("us.pem", &us.concat());
    let authority = certificates.authority.display();
    stage.write(
        "config.ini",
        &format!("{SETTINGS}vault_cacert_file = {authority}\nvault_user_pem_file = us.pem\n"),
    );
    assert_eq!(stage.get("ldap", "password"), "pässword");
}

#[test]
fn a_cache_asks_once_for_several_commands_until_it_is_forgotten() {
    let vault = filled(Options::default());
    let stage = Stage::with_settings(&format!("{SETTINGS}vault_cache = 10m\nvault_url = {}\n", vault.url()));
    stage.store("ldap", "vault_token", "root-token");
    let reads = || asked(&vault, "GET", "/v1/secret/data/ldap");
    stage.strongbox("check").run().with_status(0);
    if stage.strongbox("-v check").run().stderr.contains("there is no cache") {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"));
        return println!("skipped: there is no kernel keyring here");
    }
    assert_eq!((stage.get("ldap", "password").as_str(), reads()), ("pässword", 1));
    stage.strongbox("--connector ldap --key password").stdin("new").run().with_status(0);
    assert_eq!(stage.get("ldap", "password"), "new");
    stage.strongbox("lock").run().with_status(0);
    let before = reads();
    assert_eq!((stage.get("ldap", "password").as_str(), reads()), ("new", before + 1));
    // Another token may not see it.
    stage.store("ldap", "vault_token", "of-nobody");
    stage.strongbox("get --connector ldap --key password").run().with_status(77);
    stage.store("ldap", "vault_token", "root-token");
    let before = reads();
    assert_eq!((stage.get("ldap", "password").as_str(), reads()), ("new", before + 1));
    stage.strongbox("lock").run().with_status(0);
}
