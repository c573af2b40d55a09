//! Who we are and how we connect: binds, TLS, addresses, and what goes wrong there.

use super::{all, assert_partial, extract};
use muster_tests::cli::Cli;
use muster_tests::servers::OpenLdap;
use muster_tests::servers::openldap::{READER, READER_PASSWORD, SUFFIX, Setup, people};
use std::net::TcpListener;

fn started() -> Option<OpenLdap> {
    OpenLdap::start(&Setup { ldif: people(1), ..Setup::default() })
}

/// The command at `url`, bound as the reader.
fn at(url: &str) -> Cli {
    let arguments = ["--url", url, "--base-dn", SUFFIX, "--username", READER, "--timeout", "20"];
    Cli::new("extract-ldap").args(arguments).env("LDAP_PASSWORD", READER_PASSWORD)
}

#[test]
fn a_wrong_password_is_refused_and_never_shown() {
    let Some(ldap) = started() else { return };
    let ran = extract(&ldap).env("LDAP_PASSWORD", "wrong-canary").args(["-vv"]).run().with_status(77);
    let said = "extract-ldap: the server refused the credentials: 49 (invalidCredentials) (";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert!(!ran.stderr.contains("wrong-canary") && !ran.stdout.contains("wrong-canary"));
    assert_eq!(ran.ends()[0]["complete"], false);
}

#[test]
fn a_name_without_a_password_is_never_sent() {
    let Some(ldap) = started() else { return };
    let arguments = ["--url", &ldap.url(), "--base-dn", SUFFIX, "--username", READER];
    let missing = Cli::new("extract-ldap").args(arguments).run().with_status(78);
    assert_partial(&missing, "there is no secret 'password' for 'ldap'");
    let empty = Cli::new("extract-ldap").args(arguments).file("empty", "");
    let ran = empty.env("LDAP_PASSWORD", "file:empty").run().with_status(78);
    assert!(ran.stderr.contains("is empty"), "{}", ran.stderr);
}

#[test]
fn anonymous_reads_what_anybody_may() {
    let anonymous = |ldap: &OpenLdap| {
        Cli::new("extract-ldap").args(["--url", &ldap.url(), "--base-dn", SUFFIX, "--username", "Anonymous"])
    };
    let setup = Setup { ldif: people(1), access: "access to * by * read", ..Setup::default() };
    let Some(open) = OpenLdap::start(&setup) else { return };
    assert_eq!(all(&anonymous(&open).run().with_status(0).records(), "uid"), ["u1"]);
    let Some(closed) = started() else { return };
    assert_partial(&anonymous(&closed).run().with_status(77), "50 (insufficientAccessRights)");
}

#[test]
fn ldaps_and_starttls_trust_the_named_authority_only() {
    let Some(ldap) = started() else { return };
    let authority = ldap.certificates().authority.to_str().unwrap();
    let directory = ldap.certificates().authority.parent().unwrap().to_str().unwrap();
    for (url, starttls) in [(ldap.tls_url(), "false"), (ldap.url(), "true")] {
        let connect = || at(&url).args(["--starttls", starttls]);
        for trust in [["--cacert-file", authority], ["--cacert-dir", directory]] {
            assert_eq!(connect().args(trust).run().with_status(0).records().len(), 1, "{url} {trust:?}");
        }
        let unchecked = connect().args(["--verify-ssl", "false"]).run().with_status(0);
        assert!(unchecked.stderr.contains("certificate is not checked"), "{}", unchecked.stderr);
        let refused = connect().run().with_status(69);
        assert_partial(&refused, "its certificate is not trusted");
        assert!(refused.stderr.ends_with("the authority that issued the certificate with --cacert-file\n"));
    }
}

#[test]
fn certificates_that_are_not_there_are_wrong_settings() {
    let Some(ldap) = started() else { return };
    let empty = tempfile::tempdir().unwrap();
    let key = ldap.certificates().key.to_str().unwrap();
    for trust in [
        ["--cacert-file", "none.pem"],
        ["--cacert-file", key],
        ["--cacert-dir", "none"],
        ["--cacert-dir", empty.path().to_str().unwrap()],
    ] {
        let ran = at(&ldap.tls_url()).args(trust).run().with_status(78);
        assert_partial(&ran, "cannot use the certificates in");
    }
}

#[test]
fn a_port_that_does_not_speak_tls_is_named() {
    let Some(ldap) = started() else { return };
    let ran = at(&ldap.url().replace("ldap://", "ldaps://")).run().with_status(69);
    assert_partial(&ran, "no encrypted connection to the server");
}

#[test]
fn encryption_that_the_server_wants_is_named() {
    let setup = Setup { bulk: people(1), database: "security simple_bind=128", ..Setup::default() };
    let Some(ldap) = OpenLdap::start(&setup) else { return };
    assert_partial(&at(&ldap.url()).run().with_status(78), "the server wants an encrypted connection: 13");
    let authority = ldap.certificates().authority.to_str().unwrap();
    at(&ldap.url()).args(["--starttls", "--cacert-file", authority]).run().with_status(0);
}

#[test]
fn the_certificate_or_the_local_user_can_say_who_we_are() {
    let mapping = "authz-regexp cn=localhost cn=reader,dc=example,dc=org";
    let setup = Setup { ldif: people(1), global: mapping.to_owned(), ..Setup::default() };
    let Some(ldap) = OpenLdap::start(&setup) else { return };
    let certificates = ldap.certificates();
    let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let ran = Cli::new("extract-ldap")
        .args(["--url", &ldap.tls_url(), "--base-dn", SUFFIX, "--auth", "external"])
        .args(["--cacert-file", &path(&certificates.authority)])
        .args(["--client-cert", &path(&certificates.certificate), "--client-key", &path(&certificates.key)])
        .run()
        .with_status(0);
    assert_eq!(all(&ran.records(), "uid"), ["u1"]);
    let local = ["--url", &ldap.socket_url(), "--base-dn", SUFFIX, "--auth", "external"];
    assert_eq!(all(&Cli::new("extract-ldap").args(local).run().with_status(0).records(), "uid"), ["u1"]);
}

#[test]
fn the_next_server_is_tried_when_one_is_away() {
    let Some(ldap) = started() else { return };
    // A port that was free a moment ago; nobody listens there.
    let away = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = at(&format!("ldap://{away} {}", ldap.url())).run().with_status(0);
    assert_eq!(ran.records().len(), 1);
    assert!(ran.stderr.contains("trying the next server"), "{}", ran.stderr);
    assert!(ran.ends()[0]["scope"].as_str().unwrap().starts_with(&format!("ldap://{away}/")));
    let ran = at(&format!("ldap://{away}")).run().with_status(69);
    assert_partial(&ran, "cannot connect to the server: Connection refused");
}

#[test]
fn a_base_that_is_not_there_is_a_wrong_setting() {
    let Some(ldap) = started() else { return };
    let base = |base: &str| {
        Cli::new("extract-ldap")
            .args(["--url", &ldap.url(), "--base-dn", base, "--username", READER])
            .env("LDAP_PASSWORD", READER_PASSWORD)
            .run()
            .with_status(78)
    };
    assert_partial(
        &base("ou=none,dc=example,dc=org"),
        "there is no entry 'ou=none,dc=example,dc=org', or it is hidden",
    );
    assert_partial(&base("nonsense"), "the server takes 'nonsense' for no distinguished name");
    let ran = Cli::new("extract-ldap").args(["--url", &ldap.url()]).run().with_status(78);
    assert!(ran.stderr.contains("--base-dn is missing; give it, set LDAP_BASE_DN"), "{}", ran.stderr);
}
