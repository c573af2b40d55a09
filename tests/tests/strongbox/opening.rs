//! What opens a remote backend: the settings of the section and of `[strongbox]`, certificates, slips in them.

use crate::stage::Stage;
use muster_tests::servers::Certificates;
use muster_tests::simulator::vault::{Options, Vault};
use muster_tests::tls::TlsFront;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;

fn vault() -> Vault {
    let vault = Vault::start(Options::default());
    vault.put("secret/ldap", json!({"password": "of-the-vault"}));
    vault
}

/// A settings file for the Vault at `url` with a token and these lines.
fn stage(url: &str, lines: &str) -> Stage {
    Stage::with_settings(&format!("[ldap]\nvault_backend = vault\nvault_url = {url}\n{lines}"))
}

const GET: &str = "get --connector ldap --key password";

#[test]
fn a_token_may_be_referred_to() {
    let vault = vault();
    for reference in ["env:TOKEN_OF_VAULT", "file:token"] {
        let stage = stage(&vault.url(), &format!("vault_token = {reference}\n"));
        stage.write("token", "root-token\n");
        let ran = stage.strongbox(GET).env("TOKEN_OF_VAULT", "root-token").run().with_status(0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("of-the-vault", ""), "{reference}");
    }
    let stage = stage(&vault.url(), "vault_token = env:TOKEN_OF_VAULT\n");
    let ran = stage.strongbox(GET).run().with_status(78);
    let told = "the variable TOKEN_OF_VAULT, which 'vault_token' names, is not set";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}

#[test]
fn a_token_in_the_file_is_told_of_and_refused_where_others_can_read_it() {
    let vault = vault();
    let stage = stage(&vault.url(), "vault_token = root-token\n");
    let ran = stage.strongbox(GET).run().with_status(0);
    assert!(
        ran.stderr.contains("warning: the secret 'vault_token' stands in a plain file (config.ini)"),
        "{}",
        ran.stderr
    );
    std::fs::set_permissions(stage.path("config.ini"), PermissionsExt::from_mode(0o644)).unwrap();
    let ran = stage.strongbox(GET).run().with_status(78);
    assert!(
        ran.stderr.contains("holds the secret 'vault_token'") && ran.stderr.contains("chmod 600"),
        "{}",
        ran.stderr
    );
}

#[test]
fn whom_to_trust_and_who_we_are_is_said_as_for_other_servers() {
    let (vault, dir) = (vault(), tempfile::tempdir().unwrap());
    let certificates = Certificates::create(dir.path());
    let front = TlsFront::start(&vault.url(), &certificates, true);
    let trusted = dir.path().join("trusted");
    std::fs::create_dir(&trusted).unwrap();
    std::fs::copy(&certificates.authority, trusted.join("fjordby.pem")).unwrap();
    let stage = |lines: &str| {
        let stage =
            stage(&front.url(), &format!("vault_token = env:TOKEN\nvault_user_pem_file = us.pem\n{lines}"));
        let both = [&certificates.certificate, &certificates.key];
        stage.write("us.pem", &both.map(|path| std::fs::read_to_string(path).unwrap()).concat());
        stage
    };
    let get = |lines: &str| stage(lines).strongbox(GET).env("TOKEN", "root-token").run();
    get("").with_status(69);
    assert_eq!(
        get(&format!("vault_cacert_file = {}\n", certificates.authority.display())).stdout,
        "of-the-vault"
    );
    assert_eq!(get(&format!("vault_cacert_dir = {}\n", trusted.display())).stdout, "of-the-vault");
    assert_eq!(get("vault_verify_ssl = no\n").stdout, "of-the-vault");
    let by_variable = stage("");
    let get = by_variable.strongbox(GET).env("TOKEN", "root-token");
    assert_eq!(get.env("VAULT_CAPATH", trusted.to_str().unwrap()).run().stdout, "of-the-vault");
}

#[test]
fn a_slip_does_not_switch_the_check_of_certificates_off() {
    let vault = vault();
    for (line, told) in [
        ("vault_verify_ssl = treu", "'vault_verify_ssl' is neither 'true' nor 'false'"),
        ("vault_retries = often", "'often' is no count of tries for a secret"),
    ] {
        let ran =
            stage(&vault.url(), line).strongbox(GET).env("VAULT_TOKEN", "root-token").run().with_status(78);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    }
}

#[test]
fn a_slip_in_a_key_is_told_of() {
    let stage = Stage::with_settings(
        "[ldap]\nvault_kyes = password\n[strongbox]\nvault_backnd = file\nkeyfile = x\n",
    );
    let ran = stage.command("extract-ldap").args(["--show-settings"]).run().with_status(0);
    let told = "warning: nobody knows the setting 'vault_kyes' (config.ini:2); did you mean 'vault_keys'?";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    let ran = stage.strongbox("--show-settings").run().with_status(0);
    for (key, near) in [("vault_backnd", "vault_backend"), ("keyfile", "key_file")] {
        assert!(
            ran.stderr.contains(&format!("'{key}'")) && ran.stderr.contains(&format!("'{near}'?")),
            "{}",
            ran.stderr
        );
    }
}
