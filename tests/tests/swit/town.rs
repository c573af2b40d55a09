//! A directory of a few hundred people in teams on four levels, a simulated Swit, and the pipeline between them.

use crate::fixture::UNHURRIED;
use muster_tests::cli::{Cli, Ran, root};
use muster_tests::servers::OpenLdap;
use muster_tests::servers::openldap::{READER, READER_PASSWORD, SUFFIX, Setup, group, person, person_dn};
use muster_tests::simulator::swit::{ACCESS_TOKEN, Options, Organisation, Swit};
use std::path::Path;

pub const PEOPLE: usize = 300;
/// Teams on each of four levels.
const LEVELS: [usize; 4] = [4, 8, 12, 16];

pub struct Town {
    pub ldap: OpenLdap,
    pub swit: Swit,
    pub state: tempfile::TempDir,
}

pub fn team_dn(cn: &str) -> String {
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
    pub fn start() -> Option<Self> {
        Self::with(Setup { session_log: 1000, ..Setup::default() })
    }

    /// With a directory that is set up so; its entries are ours.
    pub fn with(setup: Setup) -> Option<Self> {
        let people: String = (1..=PEOPLE)
            .map(|number| {
                person(&format!("u{number}")).trim_end().to_owned() + &format!("\nmobile: +45 {number}\n\n")
            })
            .collect();
        let ldap = OpenLdap::start(&Setup { ldif: people + &teams(), ..setup })?;
        Some(Self { ldap, swit: Swit::start(Options::default()), state: tempfile::tempdir().unwrap() })
    }

    pub fn script(&self, arguments: &[&str]) -> Cli {
        pipeline(&self.swit, self.state.path(), arguments)
            .env("LDAP_URL", &self.ldap.url())
            .env("LDAP_USER", READER)
            .env("LDAP_PASSWORD", READER_PASSWORD)
            .env("LDAP_SEARCH_BASE", SUFFIX)
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.swit.forget();
        self.script(arguments).run()
    }

    pub fn operations(&self) -> Vec<String> {
        let mut names: Vec<String> = self.swit.writes().into_iter().map(|write| write.operation).collect();
        names.dedup();
        names
    }

    pub fn is_active(&self, uid: &str) -> bool {
        self.swit.organisation().user(&format!("{uid}@example.org")).unwrap().is_active
    }
}

pub fn path(swit: &Organisation, name: &str) -> String {
    swit.path(swit.team(name).unwrap_or_else(|| panic!("no team {name}")))
}

/// The script of the pipeline to `swit`, for a directory that is still to be named.
pub fn pipeline(swit: &Swit, state: &Path, arguments: &[&str]) -> Cli {
    let script = root().join("scripts/pipelines/ldap-to-swit");
    Cli::shell(&format!("exec {} \"$@\"", script.display()))
        .args(["pipeline"])
        .args(arguments)
        .env("STATE_DIRECTORY", state.to_str().unwrap())
        .env("SWIT_BASE_URL", &swit.url())
        .env("SWIT_SCIM_URL", &swit.scim_url())
        .env("SWIT_ACCESS_TOKEN", ACCESS_TOKEN)
        .env("SWIT_RETRY_WAIT", "0")
        .env("SWIT_RATE", UNHURRIED)
        .env("SWIT_MAX_DELETES", "50")
}
