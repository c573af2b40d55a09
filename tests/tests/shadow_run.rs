//! The page *Coming from the OS2 exporters* of muster(7), typed word by word against the simulators.

use muster_tests::cli::{Cli, Ran, root};
use muster_tests::pages::blocks;
use muster_tests::simulator::os2mo::{self, Authentication, Organisation, Os2mo};
use muster_tests::simulator::os2sync::{Operation, Options, Os2sync};
use serde_json::{Value, json};

const SESSION: &str = "3e2b4f0e-0000-4000-8000-000000000001";
const STRANGER: &str = "00000005-0000-4000-8000-00000000000a";
const LEFT: &str = "00000006-0000-4000-8000-00000000000a";

/// What the page says to type: the examples marked so.
fn typed(mark: &str) -> Vec<String> {
    let page = std::fs::read_to_string(root().join("man/muster.7")).unwrap();
    let all: Vec<String> =
        blocks(&page).into_iter().filter(|block| block.what == mark).map(|block| block.text).collect();
    assert!(!all.is_empty(), "{mark}");
    all
}

/// A municipality with the settings file of the exporter, and a registry with two users whom OS2mo does not have.
struct Town {
    os2mo: Os2mo,
    os2sync: Os2sync,
    dir: tempfile::TempDir,
}

impl Town {
    fn new() -> Self {
        let authentication = Authentication {
            sessions: vec![SESSION.parse().unwrap()],
            ..Authentication::new("nobody", "canary")
        };
        let options = os2mo::Options { authentication: Some(authentication), ..os2mo::Options::default() };
        let os2mo = Os2mo::start(Organisation::generated(3, 60, 12), options).unwrap();
        let os2sync = Os2sync::start(Options { hierarchy_polls: 0, ..Options::default() });
        let top = os2mo.organisation().top_unit;
        os2sync.place_unit(&json!({ "Uuid": top, "Name": "Gammelt navn" }));
        for uuid in [STRANGER, LEFT] {
            let position = json!({ "Name": "Vikar", "OrgUnitUuid": top });
            let user =
                json!({ "Uuid": uuid, "UserId": "x", "Person": { "Name": "Ane" }, "Positions": [position] });
            os2sync.place_user(&user);
        }
        Self { os2mo, os2sync, dir: tempfile::tempdir().unwrap() }
    }

    fn settings(&self) -> String {
        json!({
            "crontab.RUN_OS2SYNC": true,
            "crontab.SAML_TOKEN": SESSION,
            "mora.base": self.os2mo.url(),
            "municipality.cvr": "12345678",
            "os2sync.api_url": self.os2sync.api_url(),
            "os2sync.autowash": true,
            "os2sync.hash_cache": "hash_cache",
            "os2sync.top_unit_uuid": self.os2mo.organisation().top_unit,
            "os2sync.xfer_cpr": true,
        })
        .to_string()
    }

    /// Type `lines`, with the folder of this test in place of that of the exporter.
    fn types(&self, lines: &str) -> Ran {
        let lines = lines.replace("/opt/dipex/settings.json", "settings.json");
        let cli = Cli::shell(&lines).file("settings.json", &self.settings());
        for file in std::fs::read_dir(cli.dir.path()).unwrap().map(Result::unwrap) {
            std::fs::rename(file.path(), self.dir.path().join(file.file_name())).unwrap();
        }
        cli.in_dir(self.dir.path()).env("OS2MO_TODAY", &self.os2mo.organisation().today.to_string()).run()
    }

    fn writes(&self) -> usize {
        self.os2sync.registry().writes().len()
    }

    fn deleted(&self) -> Vec<String> {
        let registry = self.os2sync.registry();
        let deletes = registry.writes().iter().filter(|write| write.operation == Operation::Delete);
        let mut uuids: Vec<String> = deletes.map(|write| write.uuid.clone()).collect();
        uuids.sort();
        uuids
    }
}

/// The last line of what `diff --format text` says.
fn said(ran: &Ran) -> &str {
    ran.stdout.lines().last().unwrap_or_default()
}

#[test]
fn a_shadow_run_sends_nothing_and_after_the_first_run_there_is_no_difference() {
    let town = Town::new();
    let [shadow, first] = &typed("typed")[..] else { panic!("two blocks to type") };
    let ran = town.types(shadow).with_status(1);
    assert_eq!(town.writes(), 0);
    let requests: Vec<Value> =
        ran.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let posts = requests.iter().filter(|line| line["method"] == "POST").count();
    assert!(posts > 40 && requests.iter().all(|line| line["method"] != "DELETE"), "{}", ran.stdout);
    assert!(said(&ran).contains("1 to update, 2 to delete"), "{}", said(&ran));

    let cache = json!({ format!("/user/{LEFT}"): "c1b2f2a0" }).to_string();
    std::fs::write(town.dir.path().join("hash_cache"), cache).unwrap();
    let first = format!("export MUSTER_CONFIG=settings.json\n{first}");
    let refused = town.types(&first).with_status(3);
    assert_eq!(town.writes(), 0);
    let approve = refused.stderr.split_once("--approve ").expect("the line that approves").1;
    let approve = approve.split(|c: char| c.is_whitespace() || c == '`').next().unwrap();
    town.types(&first.replace("push-os2sync", &format!("push-os2sync --approve {approve}"))).with_status(0);
    assert_eq!(town.deleted(), [STRANGER, LEFT]);
    let ran = town.types(shadow).with_status(0);
    assert!(said(&ran).starts_with("0 to create, 0 to update, 0 to delete"), "{}", said(&ran));
}

#[test]
fn where_users_are_accounts_there_is_no_difference_either() {
    let town = Town::new();
    let (shadow, accounts) = (&typed("typed")[0], &typed("typed accounts")[0]);
    let shadow = shadow
        .replace("--spec os2sync", "--spec os2sync-accounts")
        .replace("--dry-run", "--ledger os2sync.ledger");
    town.types(&shadow);
    assert!(town.writes() > 40);
    let ran = town.types(&format!("export MUSTER_CONFIG=settings.json\n{accounts}")).with_status(1);
    assert!(said(&ran).starts_with("0 to create, 0 to update, 2 to delete"), "{}", said(&ran));
}
