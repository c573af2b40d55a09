//! Who we are by a ticket, and everything that can be wrong with it.

use super::{Realm, named};
use crate::assert_partial;
use ldap3_proto::proto::{LdapOp, LdapResultCode};
use muster_tests::cli::Cli;
use muster_tests::servers::kerberos::{REALM, client};
use muster_tests::servers::openldap::{ADMIN, READER, SUFFIX, Setup};
use muster_tests::servers::scripted_ldap::bound;
use muster_tests::servers::{Kdc, OpenLdap, ScriptedLdap, put, wait_until};
use std::net::TcpListener;

#[test]
fn the_ticket_says_who_we_are_or_one_of_several() {
    let Some(realm) = Realm::start("", 3) else { return };
    let count = |command: Cli| command.run().with_status(0).records().len();
    assert_eq!(count(realm.extract()), 3);
    // The key left a ticket, of which alone it goes on.
    assert_eq!(count(realm.bare()), 3);
    let as_reader = ["--username", "reader@EXAMPLE.ORG"];
    assert_eq!(count(realm.bare().args(as_reader)), 3);
    let other = realm.bare().args(["--username", "other"]).run().with_status(77);
    assert_partial(&other, "Can't find client principal other@EXAMPLE.ORG");
    // As a service has it: the key, and nothing on disk.
    assert_eq!(count(realm.extract().env("KRB5CCNAME", "MEMORY:")), 3);
    realm.kdc.administrate("delete_principal -force reader");
    // What was given stays good; a new one is not to be had.
    assert_eq!(count(realm.bare()), 3);
    let elsewhere = format!("FILE:{}", realm.kdc.dir().join("elsewhere").display());
    let gone = realm.extract().env("KRB5CCNAME", &elsewhere).run().with_status(77);
    assert_partial(&gone, "the KDC refused us");
}

#[test]
fn who_may_can_act_as_another() {
    let Some(realm) = Realm::start("authz-policy to", 1) else { return };
    realm.ldap.modify(&format!("dn: {READER}\nchangetype: modify\nadd: authzTo\nauthzTo: {ADMIN}\n"));
    let seen = |arguments: &[&str]| {
        let attributes = ["--filter", "(cn=reader)", "--attrs", "cn,userPassword"];
        let ran = realm.extract().args(attributes).args(arguments).run();
        (ran.status, ran.stdout.contains("userPassword"), ran.stderr)
    };
    assert_eq!(seen(&[]), (0, false, String::new()));
    assert_eq!(seen(&["--authzid", &format!("dn:{ADMIN}")]), (0, true, String::new()));
    let (status, _, said) = seen(&["--authzid", &format!("dn:uid=u1,ou=people,{SUFFIX}")]);
    assert_eq!(status, 77, "{said}");
    assert!(said.contains("the server refused the credentials: 50"), "{said}");
}

#[test]
fn without_a_good_ticket_nothing_is_read() {
    // Usually a ticket is good for five minutes more than it says.
    let kdc = Kdc::start("clockskew = 1");
    let Some(realm) = kdc.and_then(|kdc| Realm::with(kdc, "", 1)) else { return };
    let none = realm.bare().run().with_status(77);
    assert_partial(&none, "there is no Kerberos ticket: ");
    assert!(none.stderr.contains("get one with `kinit`"), "{}", none.stderr);
    let missing = realm.bare().env("KRB5_CLIENT_KTNAME", "/none/keytab").run().with_status(77);
    assert_partial(&missing, "there is no Kerberos ticket: ");
    realm.kdc.kinit("reader", realm.keytab.as_ref(), &["-l", "1s"]);
    let expired = || realm.bare().run().stderr.contains("the Kerberos ticket has expired: ");
    wait_until(expired, || false);
    assert_partial(&realm.bare().run().with_status(77), "the Kerberos ticket has expired: ");
}

#[test]
fn keys_that_changed_are_named() {
    let Some(realm) = Realm::start("", 1) else { return };
    let old = realm.kdc.dir().join("old.keytab");
    std::fs::copy(&realm.keytab, &old).unwrap();
    realm.kdc.principal("reader", &[]);
    let ours = realm.bare().env("KRB5_CLIENT_KTNAME", old.to_str().unwrap()).run().with_status(77);
    assert_partial(&ours, "the KDC refused us: ");
    // The server goes on with the key that it has read.
    realm.kdc.administrate("change_password -randkey ldap/localhost");
    let theirs = realm.extract().run().with_status(77);
    assert_partial(&theirs, "the server refused the credentials: 49");
    assert!(theirs.stderr.contains("check which principal the ticket names"), "{}", theirs.stderr);
}

#[test]
fn a_server_that_the_realm_does_not_know_is_named() {
    let Some(realm) = Realm::start("", 1) else { return };
    let unknown = realm.at(&realm.ldap.url()).env("KRB5_CLIENT_KTNAME", &realm.keytab).run().with_status(77);
    assert_partial(&unknown, "the KDC does not know this server: ");
    let numbered = realm.at(&realm.ldap.url()).env("KRB5_CLIENT_KTNAME", &realm.keytab).args(["-v"]).run();
    assert!(numbered.stderr.contains("GSS-API 0xd0000, Kerberos 0x96c73a07"), "{}", numbered.stderr);
    let socket = realm.at(&realm.ldap.socket_url()).run().with_status(78);
    assert_partial(&socket, "Kerberos needs the name of a server");
}

#[test]
fn a_realm_that_cannot_be_asked_is_named() {
    let Some(mut realm) = Realm::start("", 1) else { return };
    let dir = tempfile::tempdir().unwrap();
    let other = put(dir.path(), "krb5.conf", "[libdefaults]\ndns_lookup_kdc = false\n");
    let unknown = realm.extract().env("KRB5_CONFIG", other.to_str().unwrap()).run().with_status(78);
    assert_partial(&unknown, "Kerberos is not set up here: ");
    // Takes the question, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let asks_it = put(dir.path(), "silent.conf", &client(REALM, &address, ""));
    let command = realm.extract().args(["--timeout", "0.5"]).env("KRB5_CONFIG", asks_it.to_str().unwrap());
    assert_partial(&command.run().with_status(69), "the KDC said nothing for 0.5 s");
    realm.kdc.stop();
    assert_partial(&realm.extract().run().with_status(69), "the KDC cannot be reached: ");
}

#[test]
fn a_server_must_show_who_it_is() {
    let Some(realm) = Realm::start("", 1) else { return };
    let false_friend = ScriptedLdap::start(|request| match &request.op {
        LdapOp::BindRequest(_) => bound(LdapResultCode::Success, ""),
        other => panic!("it was believed: {other:?}"),
    });
    let ran = realm.at(&named(&false_friend.url())).env("KRB5_CLIENT_KTNAME", &realm.keytab).run();
    assert_partial(&ran.with_status(76), "it took the bind before it had shown who it is");
}

#[test]
fn what_is_not_installed_is_named() {
    let Some(realm) = Realm::start("", 1) else { return };
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "libgssapi_krb5.so.2", "no library");
    let ran = realm.extract().env("LD_LIBRARY_PATH", dir.path().to_str().unwrap()).run().with_status(78);
    assert_partial(&ran, "Kerberos is not installed here: ");
    let Some(plain) = OpenLdap::start(&Setup::default()) else { return };
    let without_key = realm.at(&named(&plain.url())).env("KRB5_CLIENT_KTNAME", &realm.keytab).run();
    assert_partial(&without_key.with_status(69), "the server failed at the bind: 80 (other): ");
}
