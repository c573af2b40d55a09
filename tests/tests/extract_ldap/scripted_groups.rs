//! Groups of a scripted server: members in parts, hidden, of another domain.

use super::all;
use crate::scripted::{extract, user};
use ldap3_proto::proto::LdapResultCode as Code;
use muster_tests::servers::ScriptedLdap;
use muster_tests::servers::scripted_ldap::{Reply, binary_entry, done, entry, page_done};
use serde_json::json;

/// The values `first` to `last` of a large group.
fn members(first: usize, last: usize) -> Vec<Vec<u8>> {
    (first..=last).map(|number| format!("cn=u{number:05},dc=x").into_bytes()).collect()
}

/// A group as Active Directory gives it: an empty `member`, and the first 1500 values under another name.
fn large_group(continuation: fn(&str) -> Vec<Reply>) -> ScriptedLdap {
    ScriptedLdap::searching(move |search, _| match search.attrs.first().map(String::as_str) {
        Some(part) if part.starts_with("member;range=") => continuation(part),
        _ => {
            let attributes = vec![
                ("objectGUID", vec![b"ABCDEFGHIJKLMNOP".to_vec()]),
                ("member", Vec::new()),
                ("member;range=0-1499", members(0, 1499)),
            ];
            vec![binary_entry("CN=All,DC=x", attributes), done(Code::Success, "")]
        }
    })
}

#[test]
fn a_large_group_is_read_in_parts() {
    let server = large_group(|part| {
        let attribute = match part {
            "member;range=1500-*" => ("member;range=1500-2999", members(1500, 2999)),
            "member;range=3000-*" => ("member;range=3000-*", members(3000, 3499)),
            other => panic!("nobody asks for {other}"),
        };
        vec![binary_entry("CN=All,DC=x", vec![attribute]), done(Code::Success, "")]
    });
    let ran = extract(&server).args(["--kind", "group"]).run().with_status(0);
    let record = &ran.records()[0];
    let expected: Vec<String> = (0..3500).map(|number| format!("cn=u{number:05},dc=x")).collect();
    assert_eq!(record["member"], json!(expected));
    // Its sixteen bytes are text by chance.
    assert_eq!(record["_key"], "44434241-4645-4847-494a-4b4c4d4e4f50");
    assert_eq!((record.get("_unknown"), record["_alias"][1].as_str()), (None, Some("cn=all,dc=x")));
    assert_eq!(server.searches()[1].base, "CN=All,DC=x");
}

#[test]
fn members_that_cannot_be_read_are_unknown_and_never_none() {
    let continuations: [fn(&str) -> Vec<Reply>; 4] = [
        |_| vec![done(Code::OperationsError, "range")],
        |_| vec![done(Code::NoSuchObject, "")],
        |_| vec![entry("CN=All,DC=x", &[]), done(Code::Success, "")],
        |_| vec![entry("CN=All,DC=x", &[("member;range=1500-1499", &["cn=a"])]), done(Code::Success, "")],
    ];
    for continuation in continuations {
        let ran = extract(&large_group(continuation)).args(["--kind", "group"]).run().with_status(0);
        let record = &ran.records()[0];
        assert_eq!((record["_unknown"].clone(), record.get("member")), (json!(["/member"]), None));
    }
}

#[test]
fn a_member_of_another_domain_is_a_reference() {
    let server = ScriptedLdap::searching(|search, _| match search.base.as_str() {
        "cn=all,dc=x" => {
            vec![entry("cn=all,dc=x", &[("member", &["cn=u1,dc=x", "cn=u2,dc=y"])]), done(Code::Success, "")]
        }
        "cn=u1,dc=x" => vec![user(1), done(Code::Success, "")],
        _ => vec![done(Code::Referral, "")],
    });
    let ran = extract(&server).args(["--group-dn", "cn=all,dc=x"]).run().with_status(0);
    assert_eq!((all(&ran.records(), "cn"), &ran.ends()[0]["references"]), (vec!["u1"], &json!(1)));
    // Nobody is gone because the server that knows them was not asked.
    assert_eq!(ran.ends()[0]["complete"], false);
}

#[test]
fn a_group_that_must_have_members_and_shows_none_hides_them() {
    let schemas = [
        ("( 2.5.6.9 NAME 'groupOfNames' SUP top STRUCTURAL MUST ( member $ cn ) )", json!(["/member"])),
        ("( 2.5.6.9 NAME 'groupOfNames' SUP top STRUCTURAL MUST cn MAY member )", json!(null)),
        ("( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) )", json!(["/member"])),
    ];
    for (schema, unknown) in schemas {
        let server = ScriptedLdap::searching(move |search, _| match search.base.as_str() {
            "" => vec![entry("", &[("subschemaSubentry", &["cn=schema"])]), done(Code::Success, "")],
            "cn=schema" => vec![entry("cn=schema", &[("objectClasses", &[schema])]), done(Code::Success, "")],
            _ => vec![
                entry("cn=a,dc=x", &[("cn", &["a"]), ("objectClass", &["groupOfNames"])]),
                entry("cn=b,dc=x", &[("cn", &["b"]), ("objectClass", &["group"])]),
                page_done(""),
            ],
        });
        let ran = extract(&server).args(["--kind", "group"]).run().with_status(0);
        let found: Vec<_> = ran.records().iter().map(|record| record["_unknown"].clone()).collect();
        assert_eq!(found, [unknown, json!(null)], "{schema}");
        // Who does not ask for members does not miss them.
        let ran = extract(&server).args(["--kind", "group", "--attrs", "cn"]).run().with_status(0);
        assert!(ran.records().iter().all(|record| record.get("_unknown").is_none()), "{}", ran.stdout);
    }
}
