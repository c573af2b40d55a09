//! `extract-ldap` against OpenLDAP, Samba and a scripted server.

use muster_tests::servers::OpenLdap;
use muster_tests::servers::openldap::{Setup, group, people, person_dn};

#[test]
fn starts() {
    let Some(ldap) =
        OpenLdap::start(&Setup { ldif: people(3) + &group("g", [person_dn("u1")]), ..Setup::default() })
    else {
        return;
    };
    assert!(ldap.search(&["(uid=u1)", "memberOf"]).contains("cn=g,ou=groups"));
}
