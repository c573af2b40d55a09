//! Groups of a real OpenLDAP: their members as users, groups in groups.

use super::{all, assert_partial, extract};
use crate::openldap::{group_dn, named, sorted, started};
use muster_tests::servers::OpenLdap;
use muster_tests::servers::openldap::{SUFFIX, Setup, group, people, person_dn};
use serde_json::json;

#[test]
fn members_by_name_are_found_with_the_member_filter() {
    let posix = format!(
        "dn: {}\nobjectClass: posixGroup\ncn: unix\ngidNumber: 7\nmemberUid: u2\nmemberUid: *\nmemberUid: gone\n\n",
        group_dn("unix")
    );
    let Some(ldap) = started(people(3) + &posix) else { return };
    let ran = extract(&ldap)
        .args(["--groups-dn", &json!([group_dn("unix")]).to_string(), "--group-members-attr", "memberUid"])
        .args(["--group-member-filter", "(uid={})"])
        .run()
        .with_status(0);
    assert_eq!(all(&ran.records(), "uid"), ["u2"]);
    assert!(ran.stderr.contains("2 members of the groups are no entries that match"), "{}", ran.stderr);
}

#[test]
fn members_of_several_groups_come_once_and_only_those_that_match() {
    let ldif = people(4)
        + &group("a", [person_dn("u1"), person_dn("u2"), format!("ou=people,{SUFFIX}")])
        + &group("b", [person_dn("u2"), person_dn("u4")]);
    let Some(ldap) = started(ldif) else { return };
    let groups = json!([group_dn("a"), group_dn("b")]).to_string();
    let arguments = ["--groups-dn", &groups, "--group-dn", "cn=ignored,dc=example,dc=org"];
    let ran = extract(&ldap).args(arguments).run().with_status(0);
    assert_eq!(all(&ran.records(), "uid"), ["u1", "u2", "u4"]);
    assert!(ran.ends()[0]["scope"].as_str().unwrap().ends_with("member-kind=user"));
}

#[test]
fn a_group_that_cannot_be_read_is_a_failed_read() {
    let hidden = "access to dn.base=\"cn=dev,ou=groups,dc=example,dc=org\" attrs=member by * none";
    let ldif = people(1) + &group("dev", [person_dn("u1")]);
    let Some(ldap) = OpenLdap::start(&Setup { ldif: ldif.clone(), ..Setup::default() }) else { return };
    let ran = extract(&ldap).args(["--group-dn", &group_dn("none")]).run().with_status(78);
    assert_partial(
        &ran,
        "cannot read the group 'cn=none,ou=groups,dc=example,dc=org': there is no such entry",
    );
    let setup = Setup { ldif, access: hidden, ..Setup::default() };
    let Some(ldap) = OpenLdap::start(&setup) else { return };
    let ran = extract(&ldap).args(["--group-dn", &group_dn("dev")]).run().with_status(78);
    assert_partial(&ran, "it has no attribute 'member', or it is hidden; check 'group_members_attr'");
}

#[test]
fn nested_groups_stay_or_are_flattened_circles_and_all() {
    let ldif = people(4)
        + &group("inner", [person_dn("u3"), person_dn("u1")])
        + &group("outer", [person_dn("u1"), group_dn("inner")])
        + &format!(
            "dn: {}\nchangetype: modify\nadd: member\nmember: {}\n\n",
            group_dn("inner"),
            group_dn("outer")
        );
    let Some(ldap) = started(ldif) else { return };
    let read = |how: &str| {
        let ran = extract(&ldap).args(["--kind", "group", "--nested", how]).run().with_status(0);
        named(&ran.records(), "outer")["member"].clone()
    };
    assert_eq!(read("keep"), json!([group_dn("inner"), person_dn("u1")]));
    assert_eq!(read("flatten"), json!([person_dn("u1"), person_dn("u3")]));
    let members = |how: &str| {
        let arguments = ["--group-dn", &group_dn("outer"), "--nested", how];
        let records = extract(&ldap).args(arguments).run().with_status(0).records();
        sorted(all(&records, "uid")).join(" ")
    };
    assert_eq!((members("keep").as_str(), members("flatten").as_str()), ("u1", "u1 u3"));
}

#[test]
fn groups_of_other_classes_and_hidden_ones_are_flattened_or_unknown() {
    let unique = format!(
        "dn: {}\nobjectClass: groupOfUniqueNames\ncn: unique\nuniqueMember: {}\nuniqueMember: {}\n\n",
        group_dn("unique"),
        person_dn("u3"),
        group_dn("plain")
    );
    let ldif = people(3)
        + &group("plain", [person_dn("u1"), person_dn("u2")])
        + &unique
        + &group("outer", [group_dn("unique")]);
    let hidden = "access to dn.base=\"cn=plain,ou=groups,dc=example,dc=org\" attrs=member by * none";
    for (access, members) in [("", Some([person_dn("u1"), person_dn("u2"), person_dn("u3")])), (hidden, None)]
    {
        let Some(ldap) = OpenLdap::start(&Setup { ldif: ldif.clone(), access, ..Setup::default() }) else {
            return;
        };
        let ran = extract(&ldap).args(["--kind", "group", "--nested", "flatten"]).run().with_status(0);
        let records = ran.records();
        for (cn, attribute) in [("unique", "uniqueMember"), ("outer", "member")] {
            let record = named(&records, cn);
            match &members {
                Some(members) => assert_eq!(record[attribute], json!(members), "{cn}"),
                None => assert_eq!(record["_unknown"], json!([format!("/{attribute}")]), "{cn}"),
            }
        }
        let of_group = extract(&ldap).args(["--group-dn", &group_dn("outer"), "--nested", "flatten"]).run();
        match members {
            Some(_) => assert_eq!(sorted(all(&of_group.with_status(0).records(), "uid")), ["u1", "u2", "u3"]),
            None => assert_partial(&of_group.with_status(76), "its members are hidden from this user"),
        }
    }
}
