//! `extract-os2mo | map | push-os2sync` as one pipeline, from the simulated OS2mo to the simulated OS2sync.

mod breaking;
mod leaving;
mod payloads;
mod repeating;
mod unknown;

use muster_tests::cli::{Cli, Ran};
use muster_tests::simulator::os2mo::{Options, Organisation, Os2mo};
use muster_tests::simulator::os2sync::{self, Os2sync};
use std::path::Path;

/// The top unit of the recorded organisation.
const TOP: &str = "a8b26d0c-7268-56d3-9a49-7f2ecdad54a3";

fn fjordby() -> Os2mo {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/os2mo");
    Os2mo::start(Organisation::recorded(fixtures), Options::default()).unwrap()
}

fn os2sync() -> Os2sync {
    // Henvendelsessteder are on here: a payload is to be seen whole.
    Os2sync::start(os2sync::Options { disable_contact_places: false, ..os2sync::Options::default() })
}

/// One municipality's pipeline: a settings file, a ledger, the two systems.
struct Pipeline {
    os2mo: Os2mo,
    os2sync: Os2sync,
    dir: tempfile::TempDir,
    spec: &'static str,
}

impl Pipeline {
    /// A pipeline by `spec`, with these lines in section `[os2sync]` of its settings file.
    fn new(spec: &'static str, settings: &str) -> Self {
        let (os2mo, os2sync, dir) = (fjordby(), os2sync(), tempfile::tempdir().unwrap());
        let today = os2mo.organisation().today;
        let config = format!(
            "[os2mo]\nurl = {}\ntoday = {today}\nretry_wait = 0\nretries = 1\n\n\
             [os2sync]\napi_url = {}\nmunicipality = 12345678\nretry_wait = 0\ntop_unit_uuid = {TOP}\n{settings}",
            os2mo.url(),
            os2sync.api_url()
        );
        std::fs::write(dir.path().join("config.ini"), config).unwrap();
        Self { os2mo, os2sync, dir, spec }
    }

    /// Run it; its status is that of the last command that did not end with 0, all statuses stand in the last line of
    /// standard error.
    fn run(&self) -> Ran {
        self.run_with("")
    }

    /// Run it with further arguments for the push.
    fn run_with(&self, arguments: &str) -> Ran {
        let line = format!(
            "set -o pipefail; extract-os2mo | map --spec {} --rejects map.rejects | push-os2sync --ledger ledger --rejects \
             push.rejects {arguments}",
            self.spec
        );
        Cli::shell(&line).in_dir(self.dir.path()).run()
    }
}
