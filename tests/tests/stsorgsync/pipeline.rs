//! `extract-os2mo | map | push-stsorgsync`, from the simulated OS2mo to the simulated STSOrgSync.

use super::*;
use muster_tests::simulator::os2mo::{self, Collection, Organisation, Os2mo};
use muster_tests::simulator::stsorgsync::Kind;
use muster_tests::simulator::{Fault, Rule};
use std::path::Path;

/// The top unit of the recorded organisation, and a unit two levels below it.
pub(super) const TOP: &str = "a8b26d0c-7268-56d3-9a49-7f2ecdad54a3";
const IT: &str = "28132c2e-1fbb-556a-b240-7bf04ac9d8b0";

/// One municipality as the exporter was set up for it: its `settings.ini`, a ledger, the two systems.
pub(super) struct Pipeline {
    pub(super) os2mo: Os2mo,
    pub(super) town: Town,
}

impl Pipeline {
    /// With these further lines in the settings file.
    pub(super) fn new(settings: &str) -> Self {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/os2mo");
        let os2mo = Os2mo::start(Organisation::recorded(fixtures), os2mo::Options::default()).unwrap();
        let town = Town::new();
        let text = format!(
            "[settings]\nMOX_LOG_LEVEL = 20\nOS2MO_SERVICE_URL = {}/service\nOS2MO_TOP_UNIT_UUID = {TOP}\n\
             STSORGSYNC_API_URL = {}\nSTSORGSYNC_MUNICIPALITY = 12345678\n{settings}",
            os2mo.url(),
            town.stsorgsync.api_url()
        );
        std::fs::write(town.dir.path().join("settings.ini"), text).unwrap();
        Self { os2mo, town }
    }

    pub(super) fn run(&self) -> Ran {
        self.run_with("", "")
    }

    /// With further arguments for the extract and for the push.
    pub(super) fn run_with(&self, extract: &str, push: &str) -> Ran {
        let line = format!(
            "set -o pipefail; extract-os2mo --retry-wait 0 --retries 1 {extract} | map --spec stsorgsync |
             push-stsorgsync --ledger ledger --retry-wait 0 {push}"
        );
        Cli::shell(&line).in_dir(self.town.dir.path()).run()
    }

    fn writes(&self) -> usize {
        self.town.stsorgsync.seen().iter().filter(|seen| seen.method != "GET").count()
    }
}

#[test]
fn a_second_run_sends_nothing() {
    let pipeline = Pipeline::new("");
    pipeline.run().with_status(0);
    let registry = pipeline.town.stsorgsync.registry();
    assert_eq!((registry.units().len(), registry.users().len()), (32, 172));
    assert!(registry.failures().is_empty(), "{:?}", registry.failures());
    pipeline.town.stsorgsync.forget();
    let ran = pipeline.run().with_status(0);
    assert!(pipeline.town.stsorgsync.seen().is_empty());
    assert_eq!(count(&ran, "unchanged"), 204);
}

#[test]
fn by_graphql_the_same_is_sent() {
    let pipeline = Pipeline::new("");
    pipeline.run().with_status(0);
    pipeline.town.stsorgsync.forget();
    let today = pipeline.os2mo.organisation().today;
    let ran = pipeline.run_with(&format!("--api graphql --today {today}"), "").with_status(0);
    assert_eq!((pipeline.writes(), count(&ran, "unchanged")), (0, 204));
}

#[test]
fn who_is_gone_or_without_a_position_is_deleted() {
    let pipeline = Pipeline::new("");
    let empty = json!({ "name": "Tom enhed", "user_key": "tom", "parent_uuid": IT, "from": "2020-01-01" });
    let unit = pipeline.os2mo.edit(|organisation| organisation.add(Collection::OrgUnits, empty).unwrap());
    pipeline.run().with_status(0);
    let (person, idle) = pipeline.os2mo.edit(|organisation| {
        let person = organisation.find(Collection::Employees, "p005").unwrap();
        organisation.remove(Collection::Employees, person).unwrap();
        let idle = organisation.find(Collection::Employees, "p007").unwrap();
        let engagements: Vec<_> = organisation
            .objects(Collection::Engagements)
            .iter()
            .filter(|(_, states)| {
                states.iter().any(|state| state.text("employee_uuid") == Some(&idle.to_string()))
            })
            .map(|(uuid, _)| *uuid)
            .collect();
        for engagement in engagements {
            organisation.remove(Collection::Engagements, engagement).unwrap();
        }
        organisation.remove(Collection::OrgUnits, unit).unwrap();
        (person, idle)
    });
    let ran = pipeline.run().with_status(0);
    let registry = pipeline.town.stsorgsync.registry();
    for (kind, uuid) in [(Kind::User, person), (Kind::User, idle), (Kind::Unit, unit)] {
        assert!(registry.deleted().contains(&(kind, uuid.to_string())), "{uuid}: {}", ran.stderr);
    }
    assert_eq!(registry.deleted().len(), 3);
}

#[test]
fn a_read_that_fails_deletes_nobody() {
    let pipeline = Pipeline::new("");
    pipeline.run().with_status(0);
    let faults = [
        (Fault::Status(401), "/service/"),
        (Fault::Status(500), "/e/?"),
        (Fault::Cut(2000), "/e/?"),
        (Fault::Status(404), "/e/?"),
    ];
    for (fault, path) in faults {
        pipeline.os2mo.faults.clear();
        pipeline.os2mo.faults.add(Rule::always(fault).path(path));
        assert_ne!(pipeline.run().status, 0);
        assert!(pipeline.town.stsorgsync.registry().deleted().is_empty());
    }
}

#[test]
fn a_unit_goes_only_when_nobody_in_it_is_unknown() {
    let pipeline = Pipeline::new("");
    pipeline.run().with_status(0);
    pipeline.os2mo.edit(|organisation| {
        let unit = organisation.find(Collection::OrgUnits, "filtreret-barn").unwrap();
        organisation.remove(Collection::OrgUnits, unit).unwrap();
    });
    let ran = pipeline.run();
    assert!(ran.stderr.contains("engagements are in units that were not read"), "{}", ran.stderr);
    assert!(pipeline.town.stsorgsync.registry().deleted().is_empty());
}

#[test]
fn a_server_that_suddenly_has_no_units_loses_nobody() {
    let pipeline = Pipeline::new("");
    pipeline.run().with_status(0);
    pipeline.town.stsorgsync.forget();
    let nothing = Fault::Json(json!({"total": 0, "offset": 0, "items": []}));
    pipeline.os2mo.faults.add(Rule::always(nothing).path("/ou/?"));
    assert_ne!(pipeline.run().status, 0);
    assert!(pipeline.town.stsorgsync.seen().is_empty());
}

#[test]
fn picked_units_are_sent_and_nobody_is_deleted() {
    let pipeline = Pipeline::new("");
    pipeline.run().with_status(0);
    pipeline.os2mo.edit(|organisation| {
        let unit = organisation.find(Collection::OrgUnits, "it").unwrap();
        organisation.rename_unit(unit, "It og Data").unwrap();
        let other = organisation.find(Collection::OrgUnits, "hr").unwrap();
        organisation.rename_unit(other, "Personale").unwrap();
    });
    pipeline.town.stsorgsync.forget();
    let ran = pipeline.run_with(&format!("--unit {IT}"), "").with_status(4);
    assert_eq!((count(&ran, "found"), count(&ran, "updated"), count(&ran, "deleted")), (3, 1, 0));
    let registry = pipeline.town.stsorgsync.registry();
    assert_eq!((registry.units().len(), registry.users().len()), (32, 172));
    assert!(registry.deleted().is_empty());
    assert_eq!(registry.get(Kind::Unit, IT).unwrap()["Name"], "It og Data");
}

#[test]
fn picked_units_come_into_an_empty_registry_in_order() {
    let pipeline = Pipeline::new("");
    pipeline.run_with(&format!("--unit {IT}"), "").with_status(4);
    let registry = pipeline.town.stsorgsync.registry();
    assert_eq!((registry.units().len(), registry.users().len(), registry.failures().len()), (3, 0, 0));
}
