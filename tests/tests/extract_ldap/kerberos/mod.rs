//! Kerberos: a real KDC, and OpenLDAP with a keytab.

mod layers;
mod tickets;

use muster_tests::cli::Cli;
use muster_tests::servers::openldap::{SUFFIX, Setup, people};
use muster_tests::servers::{Kdc, OpenLdap, program};

/// What every directory here says of itself, and whom it takes a ticket for.
const DIRECTORY: &str = "sasl-realm EXAMPLE.ORG
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
        let host = if global.contains("sasl-host") { "" } else { "sasl-host localhost\n" };
        let global = format!("{DIRECTORY}{host}{global}");
        OpenLdap::start(&Setup { bulk: people(count), global, environment, ..Setup::default() })
    }

    /// The command at `url`, with what the KDC gave us so far.
    fn at(&self, url: &str) -> Cli {
        let arguments = ["--url", url, "--base-dn", SUFFIX, "--auth", "gssapi"];
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
