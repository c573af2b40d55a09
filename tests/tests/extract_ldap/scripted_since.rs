//! `--since` against a scripted server: cookies that are refused, servers that say too little, or take turns.

use crate::scripted::extract;
use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::LdapResultCode as Code;
use muster_tests::cli::Ran;
use muster_tests::servers::ScriptedLdap;
use muster_tests::servers::scripted_ldap::{Reply, binary_entry, done, entry, page_done};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

const UUID: &str = "00112233-4455-6677-8899-aabbccddeeff";

/// A server with content synchronisation and one entry, which is there the first time it is read; whether later says
/// `stays`. How a second synchronisation ends says `again`.
fn synchronising(stays: bool, again: fn() -> Vec<Reply>) -> ScriptedLdap {
    let reads = AtomicUsize::new(0);
    ScriptedLdap::searching(move |search, request| {
        if search.base.is_empty() {
            let control = ("supportedControl", &["1.3.6.1.4.1.4203.1.9.1.1"][..]);
            return vec![entry("", &[control]), done(Code::Success, "")];
        }
        let old = request.ctrl.iter().find_map(|control| match control {
            LdapControl::SyncRequest { cookie, .. } => Some(cookie.clone()),
            _ => None,
        });
        let Reply::Answer(end, _) = done(Code::Success, "") else { unreachable!() };
        let cookie = LdapControl::SyncDone { cookie: Some(b"c1".to_vec()), refresh_deletes: true };
        match old {
            Some(Some(_)) => again(),
            // Nothing matches what is asked only for the sake of the cookie.
            Some(None) => vec![Reply::Answer(end, vec![cookie])],
            None if stays || reads.fetch_add(1, Ordering::Relaxed) == 0 => {
                vec![entry("cn=u1,dc=x", &[("entryUUID", &[UUID])]), page_done("")]
            }
            None => vec![page_done("")],
        }
    })
}

fn second_run(stays: bool, again: fn() -> Vec<Reply>) -> Ran {
    let server = synchronising(stays, again);
    let dir = tempfile::tempdir().unwrap();
    let run = || extract(&server).args(["--since", "seen"]).in_dir(dir.path()).run().with_status(0);
    run();
    std::fs::rename(dir.path().join("seen.next"), dir.path().join("seen")).unwrap();
    run()
}

#[test]
fn a_cookie_that_is_refused_reads_everything() {
    let refusals: [fn() -> Vec<Reply>; 3] = [
        // e-syncRefreshRequired, 4096.
        || vec![Reply::Bytes(vec![0x30, 13, 2, 1, 2, 0x65, 8, 10, 2, 16, 0, 4, 0, 4, 0])],
        || vec![done(Code::UnavailableCriticalExtension, "")],
        || vec![done(Code::ProtocolError, "")],
    ];
    for refusal in refusals {
        let ran = second_run(true, refusal);
        assert_eq!(
            (ran.ends()[0]["form"].as_str().unwrap(), ran.records().len()),
            ("state", 1),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.contains("everything is read: the server does not go on"), "{}", ran.stderr);
    }
}

#[test]
fn a_database_that_cannot_be_synchronised_is_read_whole() {
    // The server knows the control, this database does not.
    let server = ScriptedLdap::searching(|search, request| {
        let is_synchronisation =
            request.ctrl.iter().any(|control| matches!(control, LdapControl::SyncRequest { .. }));
        match search.base.as_str() {
            "" => {
                let control = ("supportedControl", &["1.3.6.1.4.1.4203.1.9.1.1"][..]);
                vec![entry("", &[control]), done(Code::Success, "")]
            }
            _ if is_synchronisation => vec![done(Code::UnavailableCriticalExtension, "not here")],
            _ => vec![entry("cn=u1,dc=x", &[("entryUUID", &[UUID])]), page_done("")],
        }
    });
    let dir = tempfile::tempdir().unwrap();
    let ran = extract(&server).args(["--since", "seen"]).in_dir(dir.path()).run().with_status(0);
    assert_eq!((ran.ends()[0]["form"].as_str().unwrap(), ran.records().len()), ("state", 1));
    assert!(
        ran.stderr.contains("does not tell of changes here") && ran.stderr.contains("not here"),
        "{}",
        ran.stderr
    );
    assert!(!dir.path().join("seen.next").exists());
}

#[test]
fn what_a_server_does_not_tell_is_looked_for() {
    // Success, a new cookie, and no word on deletions or on what is present; not even a cookie.
    let silent: [fn() -> Vec<Reply>; 2] = [
        || {
            let Reply::Answer(end, _) = done(Code::Success, "") else { unreachable!() };
            let cookie = LdapControl::SyncDone { cookie: Some(b"c2".to_vec()), refresh_deletes: false };
            vec![Reply::Answer(end, vec![cookie])]
        },
        || {
            let Reply::Answer(end, _) = done(Code::Success, "") else { unreachable!() };
            vec![Reply::Answer(end, vec![LdapControl::SyncDone { cookie: None, refresh_deletes: true }])]
        },
    ];
    for again in silent {
        let ran = second_run(true, again);
        assert_eq!((ran.ends()[0]["form"].as_str().unwrap(), ran.records().len()), ("changes", 0));
        let ran = second_run(false, again);
        assert_eq!(ran.records(), [json!({ "_op": "delete", "_kind": "user", "_key": UUID })]);
    }
}

/// A server of a domain that has two: the first `same` connections reach the one, all others the other.
fn taking_turns(same: usize) -> ScriptedLdap {
    let asked = AtomicUsize::new(0);
    ScriptedLdap::searching(move |search, _| match search.base.as_str() {
        "" => {
            let name = if asked.fetch_add(1, Ordering::Relaxed) < same { "cn=dc1" } else { "cn=dc2" };
            vec![
                entry(
                    "",
                    &[("dsServiceName", &[name]), ("highestCommittedUSN", &["7"]), ("dnsHostName", &["dc"])],
                ),
                done(Code::Success, ""),
            ]
        }
        "cn=dc1" | "cn=dc2" => {
            let settings = ("invocationId", vec![b"ABCDEFGHIJKLMNOP".to_vec()]);
            vec![binary_entry(&search.base, vec![settings]), done(Code::Success, "")]
        }
        _ => {
            let attributes = vec![("objectGUID", vec![b"QRSTUVWXYZABCDEF".to_vec()])];
            vec![binary_entry("cn=u1,dc=x", attributes), page_done("")]
        }
    })
}

#[test]
fn change_numbers_of_servers_that_take_turns_are_not_mixed() {
    let dir = tempfile::tempdir().unwrap();
    let run = |server: &ScriptedLdap| extract(server).args(["--since", "seen"]).in_dir(dir.path()).run();
    let ran = run(&taking_turns(1)).with_status(75);
    assert!(ran.stderr.contains("the address stands for several servers"), "{}", ran.stderr);
    assert!(ran.ends()[0]["complete"] == false && !dir.path().join("seen.next").exists());
    run(&taking_turns(9)).with_status(0);
    assert!(dir.path().join("seen.next").exists());
}

#[test]
fn a_server_that_tells_of_no_changes_is_read_whole() {
    let server = ScriptedLdap::searching(|search, _| match search.base.as_str() {
        "" => vec![entry("", &[("vendorName", &["x"])]), done(Code::Success, "")],
        _ => vec![entry("cn=u1,dc=x", &[("cn", &["u1"])]), page_done("")],
    });
    let dir = tempfile::tempdir().unwrap();
    let ran = extract(&server).args(["--since", "seen"]).in_dir(dir.path()).run().with_status(0);
    assert_eq!((ran.ends()[0]["form"].as_str().unwrap(), ran.records().len()), ("state", 1));
    assert!(!dir.path().join("seen.next").exists());
}
