//! The pipeline with --since: what is read, and when the file for the next run moves on.

use crate::town::{PEOPLE, Town, path, team_dn};
use muster_tests::servers::openldap::{Setup, person_dn};
use muster_tests::simulator::{Fault, Rule};

fn read(town: &Town, name: &str) -> Vec<u8> {
    std::fs::read(town.state.path().join(name)).unwrap()
}

fn change(dn: &str, verb: &str, attribute: &str, value: &str) -> String {
    format!("dn: {dn}\nchangetype: modify\n{verb}: {attribute}\n{attribute}: {value}\n\n")
}

/// Let the last whole read be so many days ago.
fn age(town: &Town, days: u32) {
    let file = town.state.path().join("full");
    let ran =
        std::process::Command::new("touch").args(["-d", &format!("{days} days ago")]).arg(file).status();
    assert!(ran.unwrap().success());
}

#[test]
fn everything_is_read_once_a_week_and_puts_right_what_was_changed_in_swit() {
    let Some(town) = Town::start() else { return };
    town.run(&["--since"]).with_status(0);
    town.swit.change(|swit| {
        swit.user_mut("u1@example.org").unwrap().name = "By Hand".to_owned();
        swit.place_user("Stranger", "stranger@example.org", 30);
    });
    let every_day = |town: &Town| {
        town.swit.forget();
        town.script(&["--since"]).env("MUSTER_MAX_FOREIGN", "1").run().with_status(0)
    };
    for days in [0, 3, 6] {
        age(&town, days);
        every_day(&town);
        assert_eq!(town.operations(), [""; 0], "after {days} days");
    }
    age(&town, 7);
    every_day(&town);
    assert_eq!(town.operations(), ["scim", "organization.user.deactivate"]);
    assert!(!town.is_active("stranger"));
    // That was the read of this week.
    town.swit.change(|swit| swit.user_mut("u1@example.org").unwrap().name = "By Hand".to_owned());
    town.run(&["--since"]).with_status(0);
    assert_eq!(town.operations(), [""; 0]);
}

#[test]
fn other_settings_of_map_are_for_everybody() {
    let Some(town) = Town::start() else { return };
    town.run(&["--since"]).with_status(0);
    let by_hand =
        || town.swit.change(|swit| swit.user_mut("u1@example.org").unwrap().name = "By Hand".to_owned());
    by_hand();
    for expected in [&["scim"][..], &[]] {
        town.swit.forget();
        town.script(&["--since"]).env("SWIT_CLEAR_PHONES", "true").run().with_status(0);
        assert_eq!(town.operations(), expected);
        by_hand();
    }
}

#[test]
fn a_weekly_read_that_fails_is_made_again() {
    let Some(town) = Town::start() else { return };
    town.run(&["--since"]).with_status(0);
    town.swit.change(|swit| swit.user_mut("u1@example.org").unwrap().name = "By Hand".to_owned());
    age(&town, 8);
    town.script(&["--since"]).env("LDAP_URL", "ldap://127.0.0.1:1").run().with_status(69);
    town.run(&["--since"]).with_status(0);
    assert_eq!(town.operations(), ["scim"]);
}

#[test]
fn what_map_rejects_does_not_hold_the_file_back() {
    let Some(town) = Town::start() else { return };
    town.run(&["--since"]).with_status(0);
    town.ldap.modify(&format!("dn: {}\nchangetype: modify\ndelete: mail\n\n", person_dn("u4")));
    let seen = read(&town, "since");
    town.run(&["--since"]).with_status(1);
    assert_ne!(read(&town, "since"), seen);
    town.ldap.modify(&change(&person_dn("u5"), "replace", "mobile", "+47 5"));
    town.run(&["--since"]).with_status(0);
    assert_eq!(town.operations(), ["scim"]);
    // An address makes a new change of it.
    town.ldap.modify(&change(&person_dn("u4"), "add", "mail", "u4@example.org"));
    town.ldap.modify(&change(&person_dn("u4"), "replace", "mobile", "+47 4"));
    town.run(&["--since"]).with_status(0);
    assert_eq!(town.swit.organisation().user("u4@example.org").unwrap().tel.as_deref(), Some("+474"));
}

#[test]
fn a_dry_run_moves_no_file() {
    let Some(town) = Town::start() else { return };
    town.run(&["--since", "--dry-run"]).with_status(0);
    assert!(!town.state.path().join("since").exists() && town.operations().is_empty());
    town.run(&["--since"]).with_status(0);
    let seen = read(&town, "since");
    town.ldap.modify(&change(&person_dn("u5"), "replace", "mobile", "+47 5"));
    let shown = town.run(&["--since", "--dry-run"]).with_status(0);
    assert!(shown.stdout.contains("/Users/") && read(&town, "since") == seen, "{}", shown.stdout);
    town.run(&["--since"]).with_status(0);
    assert_eq!(town.operations(), ["scim"]);
}

#[test]
fn a_second_run_at_once_is_told_so() {
    let Some(town) = Town::start() else { return };
    town.run(&["--since"]).with_status(0);
    let lock = town.state.path().join("lock");
    let script = muster_tests::cli::root().join("scripts/pipelines/ldap-to-swit");
    let line = format!("flock {} {} --since", lock.display(), script.display());
    let ran = muster_tests::cli::Cli::shell(&line)
        .env("STATE_DIRECTORY", town.state.path().to_str().unwrap())
        .run();
    assert!(ran.with_status(75).stderr.contains("another run goes on"));
}

#[test]
fn a_team_that_moves_is_followed_although_its_own_entry_stays() {
    for session_log in [0, 1000] {
        let Some(town) = Town::with(Setup { session_log, ..Setup::default() }) else { return };
        town.run(&["--since"]).with_status(0);
        let members = town.swit.organisation().members("t1-1");
        // Only the lists of the teams above change; memberOf of t1-1 follows.
        town.ldap.modify(
            &[
                change(&team_dn("t0-1"), "delete", "member", &team_dn("t1-1")),
                change(&team_dn("t0-2"), "add", "member", &team_dn("t1-1")),
            ]
            .concat(),
        );
        town.run(&["--since"]).with_status(0);
        assert_eq!(path(&town.swit.organisation(), "t1-1"), "t0-2 / t1-1", "session log {session_log}");
        // Nobody in it was read this time.
        assert_eq!(town.swit.organisation().members("t1-1"), members);
        town.run(&["--since"]).with_status(0);
        assert_eq!(town.operations(), [""; 0]);
    }
}

#[test]
fn people_whose_unit_is_renamed_stay_in_their_teams() {
    let Some(town) = Town::start() else { return };
    town.run(&["--since"]).with_status(0);
    let suffix = muster_tests::servers::openldap::SUFFIX;
    town.ldap
        .modify(&format!("dn: ou=people,{suffix}\nchangetype: modrdn\nnewrdn: ou=crew\ndeleteoldrdn: 1\n\n"));
    town.run(&["--since"]).with_status(0);
    assert_eq!(town.operations(), [""; 0]);
    // The group names somebody by a name that only the last run brought.
    let members = town.swit.organisation().members("t0-1");
    town.ldap.modify(&change(&team_dn("t0-1"), "add", "member", &format!("uid=u9,ou=crew,{suffix}")));
    town.run(&["--since"]).with_status(0);
    assert_eq!(town.operations(), ["team.user.add"]);
    assert_eq!(town.swit.organisation().members("t0-1").len(), members.len() + 1);
}

#[test]
fn only_what_changed_is_read_when_asked_and_a_failed_run_is_read_again() {
    let Some(town) = Town::start() else { return };
    town.run(&["--since"]).with_status(0);
    assert_eq!(town.swit.organisation().users.len(), PEOPLE + 1);
    assert!(town.state.path().join("since").exists());
    town.ldap.modify(&format!(
        "dn: {}\nchangetype: modify\nreplace: mobile\nmobile: +47 7\n\ndn: {}\nchangetype: modify\ndelete: member\nmember: {}\n\n",
        person_dn("u7"),
        team_dn("t0-0"),
        person_dn("u40")
    ));
    let seen = read(&town, "since");
    for path in ["organization.info", "/scim"] {
        // Once nothing is done, once one of two objects.
        town.swit.faults().add(Rule::always(Fault::Status(500)).path(path));
        town.swit.scim_faults().add(Rule::always(Fault::Status(500)).path(path));
        let failed = town.script(&["--since"]).env("SWIT_RETRIES", "0").run();
        assert_eq!(failed.status, 69, "{}", failed.stderr);
        assert_eq!(read(&town, "since"), seen, "a push that failed moves the file on");
        assert_ne!(read(&town, "since.next"), seen);
        town.swit.faults().clear();
        town.swit.scim_faults().clear();
    }
    let ran = town.run(&["--since"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let swit = town.swit.organisation();
    assert_eq!(swit.user("u7@example.org").unwrap().tel.as_deref(), Some("+477"));
    assert!(!swit.members("t0-0").contains(&"u40@example.org".to_owned()));
    assert!(swit.users.iter().all(|user| user.is_active));
    town.run(&["--since"]).with_status(0);
    assert_eq!(town.operations(), [""; 0]);
}
