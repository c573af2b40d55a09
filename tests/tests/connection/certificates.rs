//! Whom a command trusts, and what it shows of itself.

use crate::{assert_refused, extract, os2mo};
use muster_tests::servers::Certificates;
use muster_tests::tls::TlsFront;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Our certificate and key in one file, as a server's administrator hands it out.
pub fn identity(certificates: &Certificates, dir: &Path, mode: u32) -> PathBuf {
    let path = dir.join("us.pem");
    let both =
        [&certificates.certificate, &certificates.key].map(|path| std::fs::read_to_string(path).unwrap());
    std::fs::write(&path, both.concat()).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    path
}

#[test]
fn an_unknown_authority_is_refused_and_the_way_to_trust_it_named() {
    let (os2mo, dir) = (os2mo(), tempfile::tempdir().unwrap());
    let front = TlsFront::start(&os2mo.url(), &Certificates::create(dir.path()), false);
    assert_refused(extract(&front.url()).run(), 69, "--cacert-file");
    assert!(os2mo.seen().is_empty());
}

#[test]
fn an_authority_is_trusted_by_file_and_by_directory() {
    let (os2mo, dir) = (os2mo(), tempfile::tempdir().unwrap());
    let certificates = Certificates::create(dir.path());
    let front = TlsFront::start(&os2mo.url(), &certificates, false);
    let authority = certificates.authority.to_str().unwrap();
    extract(&front.url()).args(["--cacert-file", authority]).run().with_status(0);

    let trusted = dir.path().join("trusted");
    std::fs::create_dir(&trusted).unwrap();
    std::fs::write(trusted.join("README"), "the authorities of Fjordby").unwrap();
    let told = extract(&front.url()).args(["--cacert-dir", trusted.to_str().unwrap()]).run();
    assert_refused(told, 78, "no file in it holds one");
    std::fs::copy(authority, trusted.join("fjordby.pem")).unwrap();
    extract(&front.url()).args(["--cacert-dir", trusted.to_str().unwrap()]).run().with_status(0);
}

#[test]
fn a_certificate_is_not_checked_when_the_settings_say_so() {
    let (os2mo, dir) = (os2mo(), tempfile::tempdir().unwrap());
    let front = TlsFront::start(&os2mo.url(), &Certificates::create(dir.path()), false);
    let ran = extract(&front.url()).args(["--verify-ssl", "false"]).run().with_status(0);
    assert!(ran.stderr.contains("is not checked"), "{}", ran.stderr);
}

#[test]
fn a_server_that_asks_who_we_are_is_told() {
    let (os2mo, dir) = (os2mo(), tempfile::tempdir().unwrap());
    let certificates = Certificates::create(dir.path());
    let front = TlsFront::start(&os2mo.url(), &certificates, true);
    let trusting = || extract(&front.url()).args(["--cacert-file", certificates.authority.to_str().unwrap()]);
    assert_eq!(trusting().run().with_status(69).records(), Vec::<serde_json::Value>::new());
    let us = identity(&certificates, dir.path(), 0o600);
    trusting().args(["--user-pem-file", us.to_str().unwrap()]).run().with_status(0);
}

#[test]
fn a_key_that_others_can_read_and_one_that_is_none_are_refused() {
    let (os2mo, dir) = (os2mo(), tempfile::tempdir().unwrap());
    let certificates = Certificates::create(dir.path());
    let us = identity(&certificates, dir.path(), 0o640);
    let open = extract(&os2mo.url()).args(["--user-pem-file", us.to_str().unwrap()]);
    assert_refused(open.run(), 78, "chmod 600");
    let without_key = extract(&os2mo.url()).args(["--user-pem-file", "half.pem"]);
    let certificate = std::fs::read_to_string(&certificates.certificate).unwrap();
    assert_refused(without_key.file("half.pem", &certificate).run(), 78, "its unencrypted key");
    assert!(os2mo.seen().is_empty());
}
