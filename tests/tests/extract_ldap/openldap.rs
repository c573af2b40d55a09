//! Against a real OpenLDAP: records, pages, limits, TLS, groups.

use super::{all, assert_partial, extract};
use muster_tests::cli::Cli;
use muster_tests::servers::OpenLdap;
use muster_tests::servers::openldap::{
    ADMIN, ADMIN_PASSWORD, READER, SUFFIX, Setup, group, people, person_dn,
};

fn started(ldif: String) -> Option<OpenLdap> {
    OpenLdap::start(&Setup { ldif, ..Setup::default() })
}

#[test]
fn users_and_groups_are_records_with_their_references() {
    let Some(ldap) = started(people(3) + &group("dev", [person_dn("u1"), person_dn("u2")])) else { return };
    let ran = extract(&ldap).args(["--kind", "user", "--kind", "group"]).run().with_status(0);
    println!("{}", ran.stdout);
    assert_eq!(all(&ran.records(), "uid"), ["u1", "u2", "u3"]);
}
