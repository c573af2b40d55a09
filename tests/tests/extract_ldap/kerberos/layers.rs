//! What protects a connection behind the bind.

use super::{Realm, named};
use crate::{all, assert_partial};
use muster_tests::servers::openldap::{group, person_dn};
use muster_tests::tls::TlsFront;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

#[test]
fn a_layer_protects_what_no_tls_does() {
    for (properties, chosen) in [
        ("", "0x7 of 65536 bytes offered, 4 chosen"),
        ("sasl-secprops minssf=56,maxbufsize=70000", "0x4 of 70000 bytes offered, 4 chosen"),
        ("sasl-secprops maxssf=1,maxbufsize=4096", "0x3 of 4096 bytes offered, 2 chosen"),
        ("sasl-secprops maxssf=0", "0x1 of 0 bytes offered, 1 chosen"),
    ] {
        let Some(realm) = Realm::start(properties, 2_500) else { return };
        let ran = realm.extract().args(["-vv"]).run().with_status(0);
        let records = ran.records();
        assert_eq!((records.len(), ran.ends()[0]["complete"].as_bool()), (2_500, Some(true)));
        assert!(all(&records, "uid").contains(&"u2500"));
        assert!(ran.stderr.contains(chosen), "{properties}: {}", ran.stderr);
    }
}

#[test]
fn tls_takes_the_place_of_a_layer_and_is_bound_to_the_ticket() {
    let Some(realm) = Realm::start("sasl-cbinding tls-endpoint", 1) else { return };
    let authority = realm.ldap.certificates().authority.to_str().unwrap();
    for (url, starttls) in [(realm.ldap.tls_url(), "false"), (realm.ldap.url(), "true")] {
        let arguments = ["--starttls", starttls, "--cacert-file", authority, "-vv"];
        let command = realm.at(&named(&url)).args(arguments).env("KRB5_CLIENT_KTNAME", &realm.keytab);
        let ran = command.run().with_status(0);
        assert_eq!(all(&ran.records(), "uid"), ["u1"]);
        assert!(ran.stderr.contains("offered, 1 chosen"), "{}", ran.stderr);
    }
}

#[test]
fn a_layer_that_the_server_wants_is_taken_below_tls() {
    let Some(realm) = Realm::start("sasl-secprops minssf=56", 1) else { return };
    let certificates = realm.ldap.certificates();
    let front = TlsFront::start(&realm.ldap.url().replace("ldap", "http"), certificates, false);
    let authority = ["--cacert-file", certificates.authority.to_str().unwrap(), "-vv"];
    let command = realm.at(&named(&front.url().replace("https", "ldaps"))).args(authority);
    let ran = command.env("KRB5_CLIENT_KTNAME", &realm.keytab).run().with_status(0);
    assert_eq!(ran.records().len(), 1);
    assert!(ran.stderr.contains("0x4 of 65536 bytes offered, 4 chosen"), "{}", ran.stderr);
}

#[test]
fn only_what_nothing_encrypts_warns() {
    for (properties, warnings) in [("", 0), ("sasl-secprops maxssf=1", 1), ("sasl-secprops maxssf=0", 1)] {
        let Some(realm) = Realm::start(&format!("sasl-host 0.0.0.0\n{properties}"), 1) else { return };
        // This machine, but by an address that does not say so.
        let keytab = realm.kdc.dir().join("ldap-localhost.keytab");
        realm.kdc.administrate("add_principal -randkey ldap/0.0.0.0");
        realm.kdc.administrate(&format!("ktadd -k {} ldap/0.0.0.0", keytab.display()));
        realm.ldap.modify(&group("staff", [person_dn("u1")]));
        // The members are asked for on a second connection.
        let command = realm.at(&realm.ldap.url().replace("127.0.0.1", "0.0.0.0"));
        let command = command.args(["--group-dn", "cn=staff,ou=groups,dc=example,dc=org"]);
        let ran = command.env("KRB5_CLIENT_KTNAME", &realm.keytab).run().with_status(0);
        assert_eq!(all(&ran.records(), "uid"), ["u1"]);
        assert_eq!(ran.stderr.matches("data travels unencrypted").count(), warnings, "{}", ran.stderr);
    }
}

/// A way to `behind` on which one bit of the answers is changed, far behind the handshake.
fn tampering(behind: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ldap://localhost:{}", listener.local_addr().unwrap().port());
    let behind = behind.trim_start_matches("ldap://").to_owned();
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut server = TcpStream::connect(behind).unwrap();
        let (mut asked, mut asking) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut asked, &mut asking));
        let mut beginning = vec![0; 100_000];
        let first = std::io::copy(&mut (&mut server).take(50_000), &mut client).unwrap();
        let read = server.read(&mut beginning).unwrap();
        assert_eq!(first, 50_000);
        beginning[0] ^= 0x80;
        let _ = client.write_all(&beginning[..read]);
        let _ = std::io::copy(&mut server, &mut client);
    });
    url
}

#[test]
fn what_was_changed_on_the_way_is_not_believed() {
    for properties in ["", "sasl-secprops maxssf=1"] {
        let Some(realm) = Realm::start(properties, 2_500) else { return };
        let command = realm.at(&tampering(&realm.ldap.url())).env("KRB5_CLIENT_KTNAME", &realm.keytab);
        assert_partial(
            &command.run().with_status(76),
            "the server broke the protocol: it was changed on the way",
        );
    }
}
