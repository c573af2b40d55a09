//! From a real directory to the simulated Swit: the whole pipeline, as the script in scripts/pipelines runs it.

use crate::town::{PEOPLE, Town, path, team_dn};
use muster_tests::servers::openldap::{Setup, person, person_dn};

#[test]
fn a_directory_is_provisioned_changed_and_provisioned_again() {
    let Some(town) = Town::start() else { return };
    town.run(&[]).with_status(0);
    let swit = town.swit.organisation();
    assert_eq!((swit.users.len(), swit.teams.len()), (PEOPLE + 1, 40 + 2));
    assert_eq!(path(&swit, "t3-15"), "t0-3 / t1-7 / t2-3 / t3-15".replace("t1-7 / t2-3", "t1-3 / t2-3"));
    assert_eq!(swit.members("t0-1").len(), PEOPLE / 40 + 1);
    town.run(&[]).with_status(0);
    assert_eq!(town.operations(), [""; 0]);
    let order = swit.children("t0-0");

    // A rename, a phone, a leaver, two teams that swap places, a moved and a renamed team, a deleted one with a survivor.
    let dn = person_dn;
    let replaced = |dn: &str, what: &str, value: &str| {
        format!("dn: {dn}\nchangetype: modify\nreplace: {what}\n{what}: {value}\n\n")
    };
    let member = |group: &str, verb: &str, of: &str| {
        format!("dn: {}\nchangetype: modify\n{verb}: member\nmember: {of}\n\n", team_dn(group))
    };
    let gone = |dn: &str| format!("dn: {dn}\nchangetype: delete\n\n");
    town.ldap.modify(
        &[
            replaced(&dn("u1"), "displayName", "Berit Berg"),
            replaced(&dn("u2"), "mobile", "+46 2"),
            gone(&dn("u3")),
            // t3-0 and t2-0 swap: t2-0 lies in t1-0, t3-0 in t2-0.
            member("t2-0", "delete", &team_dn("t3-0")),
            member("t1-0", "delete", &team_dn("t2-0")),
            member("t1-0", "add", &team_dn("t3-0")),
            member("t3-0", "add", &team_dn("t2-0")),
            // t1-1 moves to another team.
            member("t0-1", "delete", &team_dn("t1-1")),
            member("t0-2", "add", &team_dn("t1-1")),
            replaced(&team_dn("t1-2"), "description", "described"),
            format!("dn: {}\nchangetype: modrdn\nnewrdn: cn=Renamed\ndeleteoldrdn: 1\n\n", team_dn("t1-2")),
            // t2-5 goes, what is in it stays.
            gone(&team_dn("t2-5")),
        ]
        .concat(),
    );
    let ran = town.run(&[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let swit = town.swit.organisation();
    assert_eq!(swit.user("u1@example.org").unwrap().name, "Berit Berg");
    assert_eq!(swit.user("u2@example.org").unwrap().tel.as_deref(), Some("+462"));
    assert!(!town.is_active("u3") && !swit.members("t0-3").contains(&"u3@example.org".to_owned()));
    assert_eq!(path(&swit, "t2-0"), "t0-0 / t1-0 / t3-0 / t2-0");
    assert_eq!(path(&swit, "t1-1"), "t0-2 / t1-1");
    assert!(swit.team("Renamed").is_some() && swit.team("t1-2").is_none() && swit.team("t2-5").is_none());
    assert_eq!(path(&swit, "t3-5"), "t3-5");
    assert_eq!(swit.teams.len(), 41, "none is made twice");
    town.run(&[]).with_status(0);
    assert_eq!(town.operations(), [""; 0], "{}", ran.stderr);

    // The leaver returns, and somebody loses the address: nothing becomes of that one.
    town.ldap.modify(&format!(
        "{}{}",
        person("u3").replacen("\n", "\nchangetype: add\n", 1),
        format_args!("dn: {}\nchangetype: modify\ndelete: mail\n\n", dn("u4"))
    ));
    town.run(&[]).with_status(1);
    assert!(town.is_active("u3") && town.is_active("u4"));
    assert!(town.swit.organisation().members("t1-0").contains(&"u4@example.org".to_owned()));

    // Who has no address and then leaves, leaves Swit, too.
    town.ldap.modify(&gone(&dn("u4")));
    town.run(&[]).with_status(0);
    assert!(!town.is_active("u4"));
    assert!(!town.swit.organisation().members("t1-0").contains(&"u4@example.org".to_owned()));

    // Somebody sorts the teams by hand: they come back into the order of the directory.
    town.swit.change(|swit| swit.teams.reverse());
    town.run(&[]).with_status(0);
    assert!(town.operations().iter().all(|name| name == "team.sort") && !town.operations().is_empty());
    assert_eq!(town.swit.organisation().children("t0-0"), order);
    town.run(&[]).with_status(0);
    assert_eq!(town.operations(), [""; 0]);
}

#[test]
fn a_group_whose_members_cannot_be_read_loses_none() {
    // Whoever says that a group is secret hides its members from the reader, not the group.
    let access = "access to filter=(description=secret) attrs=member by * none";
    let Some(town) = Town::with(Setup { access, ..Setup::default() }) else { return };
    town.run(&[]).with_status(0);
    let members = town.swit.organisation().members("t0-1");
    assert!(!members.is_empty());
    let description = |dn: &str, verb: &str| {
        format!("dn: {dn}\nchangetype: modify\n{verb}: description\ndescription: secret\n\n")
    };
    town.ldap.modify(&description(&team_dn("t0-1"), "add"));
    let ran = town.run(&[]).with_status(0);
    assert!(ran.stderr.contains("are hidden from this user"), "{}", ran.stderr);
    assert_eq!(town.operations(), [""; 0], "{}", ran.stderr);
    assert_eq!(town.swit.organisation().members("t0-1"), members);
    town.ldap.modify(&description(&team_dn("t0-1"), "delete"));
    town.run(&[]).with_status(0);
    assert_eq!(town.operations(), [""; 0]);
}
