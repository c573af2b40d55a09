//! From a real directory to the simulated Swit: the whole pipeline, as the script in scripts/pipelines runs it.

use muster_tests::cli::{Cli, Ran, root};
use muster_tests::servers::OpenLdap;
use muster_tests::servers::openldap::{READER, READER_PASSWORD, SUFFIX, Setup, group, person, person_dn};
use muster_tests::simulator::swit::{ACCESS_TOKEN, Options, Organisation, Swit};
use muster_tests::simulator::{Fault, Rule};

const PEOPLE: usize = 300;
/// Teams on each of four levels.
const LEVELS: [usize; 4] = [4, 8, 12, 16];

struct Town {
    ldap: OpenLdap,
    swit: Swit,
    state: tempfile::TempDir,
}

fn team_dn(cn: &str) -> String {
    format!("cn={cn},ou=groups,{SUFFIX}")
}

/// The team `number` of a level lies in team `number % count` of the level above.
fn teams() -> String {
    let mut all = Vec::new();
    let mut first = 0;
    for (level, count) in LEVELS.into_iter().enumerate() {
        for number in 0..count {
            let index = first + number;
            let people = (1..=PEOPLE).filter(|id| id % 40 == index).map(|id| person_dn(&format!("u{id}")));
            let below = LEVELS.get(level + 1).copied().unwrap_or_default();
            let below = (0..below)
                .filter(|below| below % count == number)
                .map(|below| team_dn(&format!("t{}-{below}", level + 1)));
            all.push(group(&format!("t{level}-{number}"), people.chain(below)));
        }
        first += count;
    }
    // The deepest first, so that the directory knows whom a group names.
    all.into_iter().rev().collect()
}

impl Town {
    fn start() -> Option<Self> {
        let people: String = (1..=PEOPLE)
            .map(|number| {
                person(&format!("u{number}")).trim_end().to_owned() + &format!("\nmobile: +45 {number}\n\n")
            })
            .collect();
        let ldap =
            OpenLdap::start(&Setup { ldif: people + &teams(), session_log: 1000, ..Setup::default() })?;
        Some(Self { ldap, swit: Swit::start(Options::default()), state: tempfile::tempdir().unwrap() })
    }

    fn script(&self, arguments: &[&str]) -> Cli {
        let script = root().join("scripts/pipelines/ldap-to-swit");
        Cli::shell(&format!("exec {} \"$@\"", script.display()))
            .args(["pipeline"])
            .args(arguments)
            .env("STATE_DIRECTORY", self.state.path().to_str().unwrap())
            .env("LDAP_URL", &self.ldap.url())
            .env("LDAP_USER", READER)
            .env("LDAP_PASSWORD", READER_PASSWORD)
            .env("LDAP_SEARCH_BASE", SUFFIX)
            .env("SWIT_BASE_URL", &self.swit.url())
            .env("SWIT_SCIM_URL", &self.swit.scim_url())
            .env("SWIT_ACCESS_TOKEN", ACCESS_TOKEN)
            .env("SWIT_RETRY_WAIT", "0")
            .env("SWIT_MAX_DELETES", "50")
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.swit.forget();
        self.script(arguments).run()
    }

    fn operations(&self) -> Vec<String> {
        let mut names: Vec<String> = self.swit.writes().into_iter().map(|write| write.operation).collect();
        names.dedup();
        names
    }

    fn is_active(&self, uid: &str) -> bool {
        self.swit.organisation().user(&format!("{uid}@example.org")).unwrap().is_active
    }
}

fn path(swit: &Organisation, name: &str) -> String {
    swit.path(swit.team(name).unwrap_or_else(|| panic!("no team {name}")))
}

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
    assert!(ran.status <= 1, "{}", ran.stderr);
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
}

#[test]
fn a_read_that_broke_off_takes_nobody_away() {
    let Some(town) = Town::start() else { return };
    town.run(&[]).with_status(0);
    town.swit.forget();
    let ran = town.script(&[]).env("LDAP_LIMIT", "50").run();
    assert_eq!(ran.status, 4, "{}", ran.stderr);
    assert_eq!(town.operations(), [""; 0], "{}", ran.stderr);
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
    town.swit.faults().add(Rule::always(Fault::Status(500)).path("organization.info"));
    let failed = town.script(&["--since"]).env("SWIT_RETRIES", "0").run();
    assert_eq!(failed.status, 69, "{}", failed.stderr);
    town.swit.faults().clear();
    let ran = town.run(&["--since"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let swit = town.swit.organisation();
    assert_eq!(swit.user("u7@example.org").unwrap().tel.as_deref(), Some("+477"));
    assert!(!swit.members("t0-0").contains(&"u40@example.org".to_owned()));
    assert!(swit.users.iter().all(|user| user.is_active));
    town.run(&["--since"]).with_status(0);
    assert_eq!(town.operations(), [""; 0]);
}
