//! Against a real Samba domain controller: what Active Directory has that others have not. One domain for all of it.

use super::{all, assert_partial};
use muster_tests::cli::{Cli, Ran};
use muster_tests::servers::Samba;
use muster_tests::servers::samba::{ADMIN, ADMIN_PASSWORD, BASE, dn, group, user};
use serde_json::{Value, json};
use std::path::Path;

fn extract(samba: &Samba) -> Cli {
    let arguments = ["--url", &samba.url(), "--base-dn", BASE, "--username", ADMIN];
    Cli::new("extract-ldap").args(arguments).env("LDAP_PASSWORD", ADMIN_PASSWORD)
}

fn domain() -> String {
    let mut ldif: String = (0..40).map(|number| user(&format!("u{number:02}"))).collect();
    ldif += &format!(
        "dn: CN=PC1,CN=Computers,{BASE}\nobjectClass: computer\nsAMAccountName: PC1$\nuserAccountControl: 4096\n\
         operatingSystem: Windows 11\n\n"
    );
    ldif += &format!("dn: OU=Staff,{BASE}\nobjectClass: organizationalUnit\n\n");
    ldif += &user("s1").replace("CN=Users", "OU=Staff");
    ldif += &user("larsen\\, ane").replace("sAMAccountName: larsen\\, ane", "sAMAccountName: ane");
    ldif += &group("inner", ["u01", "u02"]);
    ldif + &group("outer", ["u00", "inner", "larsen\\, ane"])
}

fn found<'a>(records: &'a [Value], account: &str) -> &'a Value {
    records.iter().find(|record| record["sAMAccountName"] == account).unwrap()
}

#[test]
fn a_domain_is_read() {
    let Some(mut samba) = Samba::start(&domain()) else { return };
    values_are_decoded(&samba);
    groups_and_computers_are_kinds_of_their_own(&samba);
    every_way_in_works_and_wrong_passwords_do_not(&samba);
    parts_of_an_attribute_that_were_asked_for_are_completed(&samba);
    changes_are_followed_by_their_numbers(&samba);
    let Some(tickets) = samba.kinit() else { return };
    assert_eq!(a_ticket_opens_it(&samba, &tickets), 0);
    samba.demand_signing();
    assert_partial(&extract(&samba).run().with_status(78), "the server wants an encrypted connection: 8");
    // It allows no layer below TLS, and demands one.
    assert_eq!(a_ticket_opens_it(&samba, &tickets), 78);
}

fn values_are_decoded(samba: &Samba) {
    let ran = extract(samba).args(["--page-size", "7"]).run().with_status(0);
    let records = ran.records();
    // The 40, one in a unit, Ane, and those that a domain begins with; no computers.
    assert_eq!(records.len(), 46, "{:?}", all(&records, "sAMAccountName"));
    let record = found(&records, "u01");
    let key = record["_key"].as_str().unwrap();
    assert_eq!((record["objectGUID"].as_str(), key.len()), (Some(key), 36));
    assert!(record["objectSid"].as_str().unwrap().starts_with("S-1-5-21-"), "{record}");
    assert_eq!((&record["userAccountControl"], &record["enabled"]), (&json!(514), &json!(false)));
    assert_eq!(record["accountFlags"], json!(["ACCOUNTDISABLE", "NORMAL_ACCOUNT"]));
    assert_eq!((&record["accountExpires"], &record["pwdLastSet"]), (&Value::Null, &Value::Null));
    assert!(
        record["whenCreated"].as_str().unwrap().ends_with('Z')
            && record["whenCreated"].as_str().unwrap().contains('T')
    );
    assert_eq!(record["memberOf"], json!([dn("inner")]));
    assert_eq!(found(&records, "Administrator")["enabled"], true);
    let search = |filter: &str| extract(samba).args(["--filter", filter]).run().with_status(0).records();
    let disabled = "(&(objectClass=user)(sAMAccountName=u0*)(userAccountControl:1.2.840.113556.1.4.803:=2))";
    assert_eq!(search(disabled).len(), 10);
    let in_chain = format!("(memberOf:1.2.840.113556.1.4.1941:={})", dn("outer"));
    assert_eq!(search(&in_chain).len(), 5);
}

fn groups_and_computers_are_kinds_of_their_own(samba: &Samba) {
    let read = |how: &str| {
        let ran = extract(samba).args(["--kind", "group", "--nested", how]).run().with_status(0);
        found(&ran.records(), "outer")["member"].clone()
    };
    let ane = dn("larsen\\, ane");
    assert_eq!(read("keep"), json!([dn("inner"), ane, dn("u00")]));
    assert_eq!(read("flatten"), json!([ane, dn("u00"), dn("u01"), dn("u02")]));
    let ran = extract(samba).args(["--kind", "asset"]).run().with_status(0);
    let pc = found(&ran.records(), "PC1$").clone();
    assert_eq!((&pc["_kind"], &pc["operatingSystem"]), (&json!("asset"), &json!("Windows 11")));
    let arguments = ["--group-dn", &dn("outer"), "--nested", "flatten"];
    let ran = extract(samba).args(arguments).run().with_status(0);
    let mut names = all(&ran.records(), "sAMAccountName").into_iter().map(str::to_owned).collect::<Vec<_>>();
    names.sort();
    assert_eq!(names, ["ane", "u00", "u01", "u02"]);
    // The end of a search from the root refers to the other partitions.
    let ran = extract(samba).args(["--filter", "(sAMAccountName=ane)"]).run().with_status(0);
    assert!(ran.ends()[0]["references"].as_u64().unwrap() > 0, "{}", ran.stdout);
}

fn every_way_in_works_and_wrong_passwords_do_not(samba: &Samba) {
    let bind = |name: &str, password: &str| {
        let arguments = ["--url", &samba.url(), "--base-dn", BASE, "--limit", "1", "--username", name];
        Cli::new("extract-ldap").args(arguments).env("LDAP_PASSWORD", password).run()
    };
    for name in [ADMIN, "CORP\\administrator", &dn("Administrator")] {
        assert_eq!(bind(name, ADMIN_PASSWORD).with_status(0).records().len(), 1, "{name}");
    }
    assert_partial(&bind(ADMIN, "wrong").with_status(77), "data 52e");
    assert_partial(&bind("anonymous", "").with_status(77), "set 'username' and the secret 'password'");
    let authority = samba.certificates().authority.to_str().unwrap();
    for arguments in
        [["--url", &samba.tls_url(), "--starttls=false"], ["--url", &samba.url(), "--starttls=true"]]
    {
        let rest = ["--base-dn", BASE, "--username", ADMIN, "--cacert-file", authority, "--limit", "1"];
        let ran =
            Cli::new("extract-ldap").args(arguments).args(rest).env("LDAP_PASSWORD", ADMIN_PASSWORD).run();
        assert_eq!(ran.with_status(0).records().len(), 1);
    }
}

/// With a ticket the domain is read without TLS; how it goes with it.
fn a_ticket_opens_it(samba: &Samba, tickets: &[(&str, String)]) -> i32 {
    let at = |url: &str| {
        let arguments = ["--url", url, "--base-dn", BASE, "--auth", "gssapi", "--page-size", "7", "-vv"];
        let command = Cli::new("extract-ldap").args(arguments);
        let command = command.args(["--cacert-file", samba.certificates().authority.to_str().unwrap()]);
        tickets.iter().fold(command, |command, (name, value)| command.env(name, value)).run()
    };
    let sealed = at(&samba.url()).with_status(0);
    assert_eq!(sealed.records().len(), 46, "{}", sealed.stderr);
    assert!(sealed.stderr.contains("offered, 4 chosen"), "{}", sealed.stderr);
    let secured = at(&samba.tls_url());
    assert!(secured.stderr.contains("offered, 1 chosen"), "{}", secured.stderr);
    let is_hinted = secured.stderr.contains("use ldap:// without --starttls");
    assert_eq!((secured.records().len() == 46, is_hinted), (secured.status == 0, secured.status == 78));
    secured.status
}

fn parts_of_an_attribute_that_were_asked_for_are_completed(samba: &Samba) {
    let arguments = ["--kind", "group", "--group-filter", "(cn=outer)", "--attrs", "member;range=0-1"];
    let ran = extract(samba).args(arguments).run().with_status(0);
    assert_eq!(ran.records()[0]["member"].as_array().unwrap().len(), 3, "{}", ran.stdout);
}

fn run(samba: &Samba, dir: &Path) -> Ran {
    let filter = "(&(objectClass=user)(mail=*))";
    let ran = extract(samba).args(["--since", "seen", "--filter", filter]).in_dir(dir).run().with_status(0);
    std::fs::rename(dir.join("seen.next"), dir.join("seen")).unwrap();
    ran
}

fn changes_are_followed_by_their_numbers(samba: &Samba) {
    let dir = tempfile::tempdir().unwrap();
    let first = run(samba, dir.path());
    assert_eq!((first.ends()[0]["form"].as_str(), first.records().len()), (Some("state"), 42));
    let change = |name: &str, what: &str| format!("dn: {}\nchangetype: {what}\n\n", dn(name));
    samba.modify(&change("u10", "modify\nreplace: sn\nsn: Holm"));
    samba.modify(&change("u11", "delete"));
    // Left the filter, and left for another container.
    samba.modify(&change("u12", "modify\ndelete: mail"));
    samba.modify(&change(
        "u13",
        &format!("modrdn\nnewrdn: CN=u13\ndeleteoldrdn: 1\nnewsuperior: CN=Computers,{BASE}"),
    ));
    samba.modify(&user("u99"));
    let second = run(samba, dir.path());
    assert_eq!(second.ends()[0]["form"], "changes", "{}", second.stderr);
    let records = second.records();
    let mut sns = all(&records, "sn");
    sns.sort_unstable();
    assert_eq!(sns, ["Holm", "u13", "u99"]);
    let mut gone: Vec<&str> = records
        .iter()
        .filter(|line| line["_op"] == "delete")
        .filter_map(|line| line["_key"].as_str())
        .collect();
    gone.sort_unstable();
    let all_of_them = first.records();
    let mut expected: Vec<&str> =
        ["u11", "u12"].iter().map(|name| found(&all_of_them, name)["_key"].as_str().unwrap()).collect();
    expected.sort_unstable();
    assert_eq!(gone, expected);
    let quiet = run(samba, dir.path());
    assert_eq!((quiet.ends()[0]["form"].as_str(), quiet.records().len()), (Some("changes"), 0));
    names_and_memberships_are_followed(samba, dir.path());
    another_server_reads_everything(samba, dir.path());
}

/// The entries themselves do not change: a unit above one, and a group that has the other.
fn names_and_memberships_are_followed(samba: &Samba, dir: &Path) {
    samba.modify(&format!("dn: OU=Staff,{BASE}\nchangetype: modrdn\nnewrdn: OU=Crew\ndeleteoldrdn: 1\n\n"));
    samba.modify(&format!("dn: {}\nchangetype: modify\nadd: member\nmember: {}\n\n", dn("inner"), dn("u20")));
    let ran = run(samba, dir);
    let records = ran.records();
    let mut names = all(&records, "sAMAccountName");
    names.sort_unstable();
    assert_eq!(
        (ran.ends()[0]["form"].as_str(), names),
        (Some("changes"), vec!["s1", "u20"]),
        "{}",
        ran.stdout
    );
    assert_eq!(found(&records, "s1")["dn"], format!("CN=s1,OU=Crew,{BASE}"));
    assert_eq!(found(&records, "u20")["memberOf"], json!([dn("inner")]));
    assert_eq!(run(samba, dir).records().len(), 0);
}

fn another_server_reads_everything(samba: &Samba, dir: &Path) {
    let seen = dir.join("seen");
    let text = std::fs::read_to_string(&seen).unwrap();
    for (from, to, said) in [
        ("\"server\":\"", "\"server\":\"other ", "the last run asked another server"),
        ("\"highest\":", "\"highest\":9", "the change numbers of the server went back"),
    ] {
        std::fs::write(&seen, text.replace(from, to)).unwrap();
        let ran = run(samba, dir);
        assert_eq!(ran.ends()[0]["form"], "state");
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}
