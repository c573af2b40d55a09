//! Against a scripted server: parts of attributes that nobody asked for, limits, cuts, nonsense, other servers.

use super::{all, assert_partial};
use ldap3_proto::proto::{LdapOp, LdapResultCode as Code};
use muster_tests::cli::Cli;
use muster_tests::servers::ScriptedLdap;
use muster_tests::servers::scripted_ldap::{
    Reply, bound, cookie, done, entry, extended, page_done, reference,
};
use serde_json::json;

pub fn extract(server: &ScriptedLdap) -> Cli {
    let arguments = ["--url", &server.url(), "--base-dn", "dc=x", "--username", "anonymous"];
    Cli::new("extract-ldap").args(arguments)
}

pub fn user(number: usize) -> Reply {
    entry(&format!("cn=u{number},dc=x"), &[("cn", &[&format!("u{number}")])])
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
