//! `extract-ldap` against OpenLDAP, Samba and a scripted server.

mod access;
mod kerberos;
mod openldap;
mod samba;
mod scripted;
mod scripted_since;
mod since;

use muster_tests::cli::{Cli, Ran};
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

/// That a failed read says so in its last line, in one line of words and in its status.
fn assert_partial(ran: &Ran, why: &str) {
    let end = ran.ends().pop().unwrap();
    assert_eq!(end["complete"], false, "{end}");
    assert!(end["error"].as_str().unwrap().contains(why), "{end}");
    assert_eq!(ran.stderr.lines().filter(|line| !line.contains("warning")).count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains(why), "{}", ran.stderr);
}
