//! Kerberos: a real KDC, OpenLDAP with a keytab, and everything that can be wrong between them.

use super::{all, assert_partial};
use ldap3_proto::proto::{LdapOp, LdapResultCode};
use muster_tests::cli::Cli;
use muster_tests::servers::openldap::{ADMIN, READER, SUFFIX, Setup, people};
use muster_tests::servers::scripted_ldap::bound;
use muster_tests::servers::{Kdc, OpenLdap, ScriptedLdap, program, put, wait_until};
use muster_tests::tls::TlsFront;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// What every directory here says of itself, and whom it takes a ticket for.
const DIRECTORY: &str = "sasl-host localhost
sasl-realm EXAMPLE.ORG
authz-regexp uid=([^,]*),.*cn=gssapi,cn=auth cn=$1,dc=example,dc=org
";

/// A KDC, and a directory that it knows, with these further lines in the global section.
struct Realm {
    kdc: Kdc,
    ldap: OpenLdap,
    keytab: String,
}

impl Realm {
    fn start(global: &str, count: usize) -> Option<Self> {
        Self::with(Kdc::start("")?, global, count)
    }

    fn with(kdc: Kdc, global: &str, count: usize) -> Option<Self> {
        let ldap = Self::directory(&kdc, global, count)?;
        let keytab = kdc.principal("reader", &[]).display().to_string();
        Some(Self { kdc, ldap, keytab })
    }

    fn directory(kdc: &Kdc, global: &str, count: usize) -> Option<OpenLdap> {
        let mechanism = format!("/usr/lib/{}-linux-gnu/sasl2/libgssapiv2.so", std::env::consts::ARCH);
        if !std::path::Path::new(&mechanism).exists() {
            program("libgssapiv2.so", "libsasl2-modules-gssapi-mit")?;
        }
        let keytab = kdc.principal("ldap/localhost", &[]);
        let mut environment = kdc.environment();
        environment.push(("KRB5_KTNAME", keytab.display().to_string()));
        let global = format!("{DIRECTORY}{global}");
        OpenLdap::start(&Setup { bulk: people(count), global, environment, ..Setup::default() })
    }

    /// The command at `url`, with what the KDC gave us so far.
    fn at(&self, url: &str) -> Cli {
        let arguments = ["--url", url, "--base-dn", SUFFIX, "--auth", "gssapi", "--timeout", "20"];
        let command = Cli::new("extract-ldap").args(arguments);
        self.kdc.environment().iter().fold(command, |command, (name, value)| command.env(name, value))
    }

    /// The command, without a ticket.
    fn bare(&self) -> Cli {
        self.at(&named(&self.ldap.url()))
    }

    /// The command with the key of the reader.
    fn extract(&self) -> Cli {
        self.bare().env("KRB5_CLIENT_KTNAME", &self.keytab)
    }
}

/// `url` with the name that stands in principals.
fn named(url: &str) -> String {
    url.replace("127.0.0.1", "localhost")
}

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
