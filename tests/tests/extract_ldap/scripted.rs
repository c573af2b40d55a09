//! Against a scripted server: parts of attributes that nobody asked for, limits, cuts, nonsense, other servers.

use super::{all, assert_partial};
use ldap3_proto::proto::{LdapOp, LdapResultCode as Code};
use muster_tests::cli::Cli;
use muster_tests::servers::ScriptedLdap;
use muster_tests::servers::scripted_ldap::{
    Reply, binary_entry, bound, cookie, done, entry, extended, page_done, reference,
};
use serde_json::json;

pub fn extract(server: &ScriptedLdap) -> Cli {
    let arguments = ["--url", &server.url(), "--base-dn", "dc=x", "--username", "anonymous"];
    Cli::new("extract-ldap").args(arguments)
}

fn user(number: usize) -> Reply {
    entry(&format!("cn=u{number},dc=x"), &[("cn", &[&format!("u{number}")])])
}

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
fn pages_get_around_the_limit_of_active_directory_and_its_limit_is_partial() {
    let server = ScriptedLdap::searching(|_, request| {
        let page = |first: usize| (first..first + 1000).map(user);
        match cookie(request).as_deref() {
            None => page(0).chain([done(Code::SizeLimitExceeded, "")]).collect(),
            Some("") => page(0).chain([page_done("a")]).collect(),
            Some("a") => page(1000).chain([page_done("b")]).collect(),
            Some(_) => vec![user(2000), page_done("")],
        }
    });
    assert_eq!(extract(&server).run().with_status(0).records().len(), 2001);
    let ran = extract(&server).args(["--protocol-version", "2"]).run().with_status(4);
    assert_partial(&ran, "the server's size limit cut the read short");
    assert_eq!(ran.records().len(), 1000);
}

#[test]
fn a_limit_or_a_busy_server_between_pages_is_partial() {
    for (code, status, said) in [
        (Code::TimeLimitExceeded, 4, "time limit cut the read short: 3 (timeLimitExceeded): enough"),
        (Code::AdminLimitExceeded, 4, "a limit of the server cut the read short: 11 (adminLimitExceeded)"),
        (Code::Busy, 75, "51 (busy): enough"),
        (Code::Unavailable, 75, "52 (unavailable): enough"),
        (Code::UnwillingToPerform, 69, "53 (unwillingToPerform): enough"),
        (Code::InsufficentAccessRights, 77, "50 (insufficientAccessRights): enough"),
        (Code::Other, 76, "80 (other): enough"),
    ] {
        let server = ScriptedLdap::searching(move |_, request| match cookie(request).as_deref() {
            Some("") => vec![user(1), user(2), page_done("a")],
            _ => vec![user(3), done(code.clone(), "enough")],
        });
        let ran = extract(&server).run().with_status(status);
        assert_partial(&ran, said);
        assert_eq!(all(&ran.records(), "cn"), ["u1", "u2", "u3"]);
    }
}

#[test]
fn a_connection_that_is_cut_is_partial_and_what_came_before_is_written() {
    let between_pages = |_: &_, request: &_| match cookie(request).as_deref() {
        Some("") => vec![user(1), page_done("a")],
        _ => vec![Reply::Close],
    };
    let within_a_page = |_: &_, _: &_| vec![user(1), Reply::Bytes(vec![0x30, 0x50, 2, 1]), Reply::Close];
    for server in [ScriptedLdap::searching(between_pages), ScriptedLdap::searching(within_a_page)] {
        let ran = extract(&server).run().with_status(69);
        assert_partial(&ran, "the connection broke: the server closed it");
        assert_eq!(all(&ran.records(), "cn"), ["u1"]);
    }
}

#[test]
fn a_notice_of_disconnection_ends_the_read() {
    const NOTICE: Option<&str> = Some("1.3.6.1.4.1.1466.20036");
    for (code, status) in [(Code::Unavailable, 75), (Code::ProtocolError, 69)] {
        let server = ScriptedLdap::searching(move |_, _| {
            vec![user(1), Reply::Unasked(extended(code.clone(), "going down", NOTICE)), Reply::Close]
        });
        assert_partial(&extract(&server).run().with_status(status), "the server ended");
    }
}

#[test]
fn nonsense_is_a_broken_protocol_and_no_crash() {
    // What follows a message's number 2, that of the search.
    let message = |rest: &[u8]| {
        let content = [&[2, 1, 2][..], rest].concat();
        [&[0x30, u8::try_from(content.len()).unwrap()][..], &content].concat()
    };
    let cases: Vec<Vec<u8>> = vec![
        b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
        vec![0x30, 0x80],
        vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        vec![0x30, 0x88, 0, 0, 0, 0, 0, 0, 0, 1],
        vec![0x30, 0],
        vec![0x30, 2, 2, 0],
        vec![0x30, 3, 4, 1, 2],
        message(&[]),
        message(&[0x64, 0]),
        message(&[0x64, 2, 4, 9]),
        message(&[0x64, 5, 4, 1, 0xff, 0x30, 0]),
        message(&[0x64, 8, 4, 1, b'a', 0x30, 3, 0x30, 1, 4]),
        message(&[0x64, 10, 4, 1, b'a', 0x30, 5, 0x30, 3, 4, 1, b'b']),
        message(&[0x65, 0]),
        message(&[0x65, 3, 10, 1, 0]),
        message(&[0x65, 7, 10, 5, 1, 1, 1, 1, 1]),
        message(&[0x61, 7, 10, 1, 0, 4, 0, 4, 0]),
        message(&[0x1f, 0x81, 0x01, 0]),
    ];
    for bytes in cases {
        let shown = format!("{bytes:02x?}");
        let server = ScriptedLdap::searching(move |_, _| vec![Reply::Bytes(bytes.clone())]);
        let ran = extract(&server).run();
        assert_eq!(ran.status, 76, "{shown}: {}", ran.stderr);
        assert_partial(&ran, "the server broke the protocol");
    }
    // Sequences in sequences in an attribute, a hundred thousand deep.
    let mut deep = vec![0x30, 0x83];
    let inner: Vec<u8> =
        [2, 1, 2, 0x64, 0x83, 0x03, 0x0d, 0x40].into_iter().chain([0x30, 0].repeat(100_000)).collect();
    deep.extend(&u32::try_from(inner.len()).unwrap().to_be_bytes()[1..]);
    deep.extend(inner);
    let server = ScriptedLdap::searching(move |_, _| vec![Reply::Bytes(deep.clone())]);
    assert_partial(&extract(&server).run().with_status(76), "the server broke the protocol");
}

#[test]
fn an_attribute_twice_is_a_broken_protocol() {
    let server = ScriptedLdap::searching(|_, _| {
        vec![entry("cn=a,dc=x", &[("cn", &["a"]), ("cn", &["b"])]), done(Code::Success, "")]
    });
    assert_partial(&extract(&server).run().with_status(76), "'cn' stands twice in one entry");
}

#[test]
fn references_are_counted_and_not_followed() {
    let server = ScriptedLdap::searching(|_, request| match cookie(request).as_deref() {
        Some("") => vec![user(1), reference("ldap://127.0.0.1:1/dc=y"), page_done("a")],
        _ => vec![reference("ldap://127.0.0.1:1/dc=z"), page_done("")],
    });
    let ran = extract(&server).run().with_status(0);
    let end = &ran.ends()[0];
    assert_eq!((&end["references"], &end["complete"], ran.stderr.as_str()), (&json!(2), &json!(true), ""));
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

#[test]
fn a_refused_bind_says_why() {
    for (text, said) in [
        (
            "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1",
            "check 'username'",
        ),
        ("80090308: LdapErr: DSID-0C0903A9, comment: x, data 533, v1db1", "the account is disabled"),
        ("80090308: LdapErr: DSID-0C0903A9, comment: x, data 775, v1db1", "the account is locked"),
    ] {
        let server = ScriptedLdap::start(move |_| bound(Code::InvalidCredentials, text));
        let ran = extract(&server).run().with_status(77);
        assert_partial(&ran, said);
    }
    let server = ScriptedLdap::start(|_| bound(Code::StrongerAuthRequired, "signing"));
    assert_partial(&extract(&server).run().with_status(78), "use ldaps:// or --starttls");
}

#[test]
fn starttls_is_refused_or_attacked() {
    let refusing = ScriptedLdap::start(|_| {
        vec![Reply::Answer(extended(Code::ProtocolError, "no TLS here", None), vec![])]
    });
    let ran = extract(&refusing).args(["--starttls"]).run().with_status(78);
    assert_partial(&ran, "the server refused StartTLS: 2 no TLS here");
    let attacked = ScriptedLdap::start(|_| {
        // One write, so that both arrive together.
        vec![Reply::Bytes(
            [&[0x30, 12, 2, 1, 1, 0x78, 7, 10, 1, 0, 4, 0, 4, 0][..], b"in the clear"].concat(),
        )]
    });
    let ran = extract(&attacked).args(["--starttls"]).run().with_status(76);
    assert_partial(&ran, "it sent something in the clear behind StartTLS");
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let server = ScriptedLdap::searching(|_, _| Vec::new());
    let ran = extract(&server).args(["--timeout", "0.2"]).run().with_status(69);
    assert_partial(&ran, "the server said nothing for 0.2 s");
}

#[test]
fn another_server_that_holds_the_base_is_named() {
    let server = ScriptedLdap::searching(|_, _| {
        // 10, and the address of the other one.
        vec![Reply::Bytes(
            [&[0x30, 28, 2, 1, 2, 0x65, 23, 10, 1, 10, 4, 0, 4, 0, 0xa3, 14, 4, 12][..], b"ldap://other"]
                .concat(),
        )]
    });
    let ran = extract(&server).run().with_status(78);
    assert_partial(&ran, "'dc=x' is not held by this server");
    assert!(ran.stderr.ends_with("ask ldap://other\n"), "{}", ran.stderr);
}

#[test]
fn plain_connections_to_other_hosts_warn() {
    // Nobody is asked: the port is closed, and the address that of documentation.
    let ran = Cli::new("extract-ldap")
        .args(["--url", "ldap://0.0.0.0:1", "--base-dn", "dc=x", "--username", "cn=a"])
        .env("LDAP_PASSWORD", "canary")
        .run()
        .with_status(69);
    assert!(
        ran.stderr.contains("warning: password and data travel unencrypted to ldap://0.0.0.0:1"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_stream_of_messages_that_are_not_asked_for_is_survived() {
    let server = ScriptedLdap::start(|request| match &request.op {
        LdapOp::SearchRequest(_) => {
            // An answer to a request that was given up long ago.
            let stray = Reply::Bytes(vec![0x30, 12, 2, 1, 99, 0x65, 7, 10, 1, 0, 4, 0, 4, 0]);
            vec![stray, user(1), page_done("")]
        }
        _ => bound(Code::Success, ""),
    });
    assert_eq!(extract(&server).run().with_status(0).records().len(), 1);
}
