//! `--since` with OpenLDAP: what changed, what is gone, and when everything is read instead.

use super::{all, extract};
use muster_tests::cli::{Cli, Ran};
use muster_tests::servers::OpenLdap;
use muster_tests::servers::openldap::{SUFFIX, Setup, people, person, person_dn};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A run in `dir`, which ends as it should, and the rename that a pipeline does after its push.
fn run(ldap: &OpenLdap, dir: &Path, arguments: &[&str]) -> Ran {
    let ran = since(ldap, dir).args(arguments).run().with_status(0);
    std::fs::rename(dir.join("seen.next"), dir.join("seen")).unwrap();
    ran
}

fn since(ldap: &OpenLdap, dir: &Path) -> Cli {
    extract(ldap).args(["--since", "seen"]).in_dir(dir)
}

fn form(ran: &Ran) -> String {
    ran.ends()[0]["form"].as_str().unwrap().to_owned()
}

/// The keys that the stream says are gone.
fn deleted(ran: &Ran) -> Vec<String> {
    let lines = ran.records().into_iter().filter(|line| line["_op"] == "delete");
    lines.map(|line| line["_key"].as_str().unwrap().to_owned()).collect()
}

fn key_of(ran: &Ran, uid: &str) -> String {
    let record = ran.records().into_iter().find(|record| record["uid"] == uid).unwrap();
    record["_key"].as_str().unwrap().to_owned()
}

fn started(session_log: u32) -> Option<OpenLdap> {
    OpenLdap::start(&Setup { ldif: people(5), session_log, ..Setup::default() })
}

fn mail(uid: &str, mail: &str) -> String {
    format!("dn: {}\nchangetype: modify\nreplace: mail\nmail: {mail}\n\n", person_dn(uid))
}

fn delete(uid: &str) -> String {
    format!("dn: {}\nchangetype: delete\n\n", person_dn(uid))
}

fn changes_and_deletions(session_log: u32) {
    let Some(ldap) = started(session_log) else { return };
    let dir = tempfile::tempdir().unwrap();
    let first = run(&ldap, dir.path(), &[]);
    assert_eq!((form(&first).as_str(), first.records().len()), ("state", 5));

    let quiet = run(&ldap, dir.path(), &[]);
    assert_eq!((form(&quiet).as_str(), quiet.records().len()), ("changes", 0), "{}", quiet.stdout);

    ldap.modify(&mail("u2", "two@example.org"));
    ldap.modify(&delete("u3"));
    ldap.modify(&person("u6"));
    let second = run(&ldap, dir.path(), &[]);
    assert_eq!(form(&second), "changes");
    let mut mails = all(&second.records(), "mail").into_iter().map(str::to_owned).collect::<Vec<_>>();
    mails.sort();
    assert_eq!(mails, ["two@example.org", "u6@example.org"]);
    assert_eq!(deleted(&second), [key_of(&first, "u3")]);
    assert_eq!(second.ends()[0]["complete"], true);

    ldap.modify(&delete("u6"));
    let third = run(&ldap, dir.path(), &[]);
    assert_eq!(deleted(&third), [key_of(&second, "u6")]);
    assert_eq!(third.records().len(), 1);
}

#[test]
fn changes_and_deletions_are_told_without_a_session_log() {
    changes_and_deletions(0);
}

#[test]
fn changes_and_deletions_are_told_with_a_session_log() {
    changes_and_deletions(1000);
}

#[test]
fn who_leaves_the_filter_is_gone_and_who_comes_back_is_there() {
    for session_log in [0, 1000] {
        let Some(ldap) = started(session_log) else { return };
        let dir = tempfile::tempdir().unwrap();
        let filter = ["--filter", "(mail=*@example.org)"];
        let first = run(&ldap, dir.path(), &filter);
        ldap.modify(&mail("u4", "four@example.net"));
        let second = run(&ldap, dir.path(), &filter);
        assert_eq!(deleted(&second), [key_of(&first, "u4")], "session log {session_log}: {}", second.stdout);
        assert_eq!(second.records().len(), 1);
        ldap.modify(&mail("u4", "four@example.org"));
        let third = run(&ldap, dir.path(), &filter);
        assert_eq!(all(&third.records(), "mail"), ["four@example.org"]);
    }
}

#[test]
fn another_filter_or_attribute_list_reads_everything() {
    let Some(ldap) = started(0) else { return };
    for arguments in [&["--filter", "(uid=*)"][..], &["--attrs", "uid,mail"], &["--lists"]] {
        let dir = tempfile::tempdir().unwrap();
        run(&ldap, dir.path(), &[]);
        let ran = run(&ldap, dir.path(), arguments);
        assert_eq!((form(&ran).as_str(), ran.records().len()), ("state", 5), "{arguments:?}");
        assert!(
            ran.stderr.contains("everything is read: the last run read something else"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn a_damaged_file_reads_everything_and_one_that_others_can_read_is_refused() {
    let Some(ldap) = started(0) else { return };
    let dir = tempfile::tempdir().unwrap();
    run(&ldap, dir.path(), &[]);
    let seen = dir.path().join("seen");
    let text = std::fs::read_to_string(&seen).unwrap();
    assert_eq!(std::fs::metadata(&seen).unwrap().permissions().mode() & 0o777, 0o600);
    // A shorter name than these can come about in Base64.
    assert!(!text.contains("uid=") && !text.contains("@example"), "names stand in the file: {text}");

    std::fs::write(&seen, &text[..text.len() / 2]).unwrap();
    let ran = run(&ldap, dir.path(), &[]);
    assert_eq!(form(&ran), "state");
    assert!(ran.stderr.contains("'seen' is damaged"), "{}", ran.stderr);

    std::fs::set_permissions(&seen, PermissionsExt::from_mode(0o640)).unwrap();
    let ran = since(&ldap, dir.path()).run().with_status(78);
    assert!(ran.stderr.contains("others can read or write 'seen'; `chmod 600 seen`"), "{}", ran.stderr);
}

#[test]
fn a_failed_read_leaves_no_file_for_the_next_run() {
    let setup = Setup { ldif: people(30), reader_limit: "20", size_limit: "20", ..Setup::default() };
    let Some(ldap) = OpenLdap::start(&setup) else { return };
    let dir = tempfile::tempdir().unwrap();
    let ran = since(&ldap, dir.path()).run().with_status(4);
    assert_eq!(ran.ends()[0]["complete"], false);
    assert!(ran.stderr.contains("size limit"), "{}", ran.stderr);
    assert!(!dir.path().join("seen.next").exists());
}

#[test]
fn users_and_groups_are_of_one_form() {
    let Some(ldap) = started(0) else { return };
    let dir = tempfile::tempdir().unwrap();
    let kinds = ["--kind", "user", "--kind", "group"];
    run(&ldap, dir.path(), &kinds);
    ldap.modify(&muster_tests::servers::openldap::group("dev", [person_dn("u1")]));
    let ran = run(&ldap, dir.path(), &kinds);
    let forms: Vec<String> = ran.ends().iter().map(|end| end["form"].as_str().unwrap().to_owned()).collect();
    assert_eq!(forms, ["changes", "changes"]);
    // With it came a membership.
    assert_eq!(all(&ran.records(), "cn"), ["Ane u1", "dev"]);
}

#[test]
fn members_of_groups_and_flattened_groups_cannot_be_followed() {
    let Some(ldap) = started(0) else { return };
    let dir = tempfile::tempdir().unwrap();
    for arguments in [["--group-dn", "cn=dev,ou=groups,dc=example,dc=org"], ["--nested", "flatten"]] {
        let ran = since(&ldap, dir.path()).args(arguments).run().with_status(78);
        assert!(ran.stderr.contains("--since cannot follow"), "{}", ran.stderr);
    }
}

#[test]
fn the_limit_of_searches_without_pages_is_one_of_changes_only() {
    for session_log in [0, 1000] {
        let setup = Setup { ldif: people(30), size_limit: "20", session_log, ..Setup::default() };
        let Some(ldap) = OpenLdap::start(&setup) else { return };
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(run(&ldap, dir.path(), &["--page-size", "10"]).records().len(), 30);
        ldap.modify(&mail("u2", "two@example.org"));
        ldap.modify(&delete("u3"));
        let ran = run(&ldap, dir.path(), &["--page-size", "10"]);
        assert_eq!((form(&ran).as_str(), ran.records().len()), ("changes", 2), "{}", ran.stdout);
    }
}

fn unit(name: &str) -> String {
    format!("dn: ou={name},{SUFFIX}\nobjectClass: organizationalUnit\nou: {name}\n\n")
}

#[test]
fn who_lies_in_a_unit_that_is_renamed_or_leaves_the_base_is_followed() {
    for session_log in [0, 1000] {
        let ldif = unit("staff") + &people(2).replace("ou=people", "ou=staff") + &person("u3");
        let Some(ldap) = OpenLdap::start(&Setup { ldif, session_log, ..Setup::default() }) else { return };
        let (wide, narrow) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let below = ["--user-ous", "staff, people"];
        let first = run(&ldap, wide.path(), &[]);
        run(&ldap, narrow.path(), &below);
        ldap.modify(&format!(
            "dn: ou=staff,{SUFFIX}\nchangetype: modrdn\nnewrdn: ou=crew\ndeleteoldrdn: 1\n\n"
        ));
        ldap.modify(&unit("staff"));
        let mut dns = all(&run(&ldap, wide.path(), &[]).records(), "dn")
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>();
        dns.sort();
        assert_eq!(dns, [format!("uid=u1,ou=crew,{SUFFIX}"), format!("uid=u2,ou=crew,{SUFFIX}")]);
        let mut gone = deleted(&run(&ldap, narrow.path(), &below));
        gone.sort();
        let mut expected = [key_of(&first, "u1"), key_of(&first, "u2")];
        expected.sort();
        assert_eq!(gone, expected);
    }
}

#[test]
fn who_goes_from_one_unit_to_another_is_not_gone() {
    let ldif = unit("partners") + &people(2);
    let Some(ldap) = OpenLdap::start(&Setup { ldif, ..Setup::default() }) else { return };
    let both = ["people, partners", "partners, people"];
    for units in both {
        let dir = tempfile::tempdir().unwrap();
        run(&ldap, dir.path(), &["--user-ous", units]);
        let (from, to) = if units == both[0] { ("people", "partners") } else { ("partners", "people") };
        ldap.modify(&format!(
            "dn: uid=u1,ou={from},{SUFFIX}\nchangetype: modrdn\nnewrdn: uid=u1\ndeleteoldrdn: 1\nnewsuperior: ou={to},{SUFFIX}\n\n"
        ));
        let ran = run(&ldap, dir.path(), &["--user-ous", units]);
        assert_eq!(all(&ran.records(), "dn"), [format!("uid=u1,ou={to},{SUFFIX}")], "{}", ran.stdout);
        assert!(deleted(&ran).is_empty(), "{}", ran.stdout);
    }
}

#[test]
fn a_new_membership_is_a_change_of_the_member() {
    let ldif = people(3) + &muster_tests::servers::openldap::group("dev", [person_dn("u1")]);
    let Some(ldap) = OpenLdap::start(&Setup { ldif, ..Setup::default() }) else { return };
    let dir = tempfile::tempdir().unwrap();
    run(&ldap, dir.path(), &[]);
    ldap.modify(&format!(
        "dn: cn=dev,ou=groups,{SUFFIX}\nchangetype: modify\nadd: member\nmember: {}\n\n",
        person_dn("u2")
    ));
    let ran = run(&ldap, dir.path(), &[]);
    assert_eq!((form(&ran).as_str(), all(&ran.records(), "uid")), ("changes", vec!["u2"]));
    assert_eq!(run(&ldap, dir.path(), &[]).records().len(), 0);
}
