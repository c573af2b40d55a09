//! Kerberos: a real KDC, OpenLDAP with a keytab, and everything that can be wrong between them.

use super::{all, assert_partial};
use ldap3_proto::proto::{LdapOp, LdapResultCode};
use muster_tests::cli::Cli;
use muster_tests::servers::kerberos::client;
use muster_tests::servers::openldap::{ADMIN, READER, SUFFIX, Setup, people};
use muster_tests::servers::scripted_ldap::bound;
use muster_tests::servers::{Kdc, OpenLdap, ScriptedLdap, find, free_port, program, put, wait_until};

/// What every directory here says of itself, and whom it takes a ticket for.
const DIRECTORY: &str = "sasl-host localhost
sasl-realm EXAMPLE.ORG
authz-regexp uid=reader,cn=gssapi,cn=auth cn=reader,dc=example,dc=org
authz-regexp uid=admin,cn=gssapi,cn=auth cn=admin,dc=example,dc=org
";

/// A KDC, and a directory that it knows, with these further lines in the global section.
struct Realm {
    kdc: Kdc,
    ldap: OpenLdap,
    keytab: String,
}

impl Realm {
    fn start(global: &str, count: usize) -> Option<Self> {
        let kdc = Kdc::start()?;
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
        let ran = realm.extract().arg("-vv").run().with_status(0);
        let records = ran.records();
        assert_eq!((records.len(), ran.ends()[0]["complete"].as_bool()), (2_500, Some(true)));
        assert!(all(&records, "uid").contains(&"u2500"));
        assert!(ran.stderr.contains(chosen), "{properties}: {}", ran.stderr);
    }
}
