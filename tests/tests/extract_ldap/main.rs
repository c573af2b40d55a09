//! `extract-ldap` against OpenLDAP, Samba and a scripted server.

mod access;
mod groups;
mod kerberos;
mod openldap;
mod samba;
mod scripted;
mod scripted_groups;
mod scripted_since;
mod since;

use muster_tests::cli::{Cli, assert_partial};
use muster_tests::servers::OpenLdap;
use muster_tests::servers::openldap::{READER, READER_PASSWORD, SUFFIX};
use serde_json::Value;

/// The command reading `ldap` as its reader.
fn extract(ldap: &OpenLdap) -> Cli {
    let arguments = ["--url", &ldap.url(), "--base-dn", SUFFIX, "--username", READER];
    Cli::new("extract-ldap").args(arguments).env("LDAP_PASSWORD", READER_PASSWORD)
}

/// What the records have for `member`.
fn all<'a>(records: &'a [Value], member: &str) -> Vec<&'a str> {
    records.iter().filter_map(|record| record[member].as_str()).collect()
}
