//! What cannot be read is kept as OS2sync has it, and costs no requests while nothing else changes.

use super::Pipeline;
use muster_tests::simulator::os2mo::{Collection, DarService};

const HR: &str = "4894d1c6-8e18-5fca-9994-066eba76eb1d";

fn post(pipeline: &Pipeline) -> String {
    pipeline.os2sync.registry().unit(HR).unwrap()["Post"].as_str().unwrap().to_owned()
}

fn requests(pipeline: &Pipeline) -> usize {
    pipeline.os2sync.forget();
    pipeline.run().with_status(0);
    pipeline.os2sync.seen().len()
}

#[test]
fn an_outage_of_the_address_register_changes_nothing_and_sends_nothing() {
    let pipeline = Pipeline::new("os2sync", "");
    pipeline.run().with_status(0);
    assert_eq!(post(&pipeline), "Skolevænget 57, 9999 Fjordby");

    pipeline.os2mo.edit(|organisation| organisation.dar_service = DarService::Unreachable);
    assert_eq!(requests(&pipeline), 0, "requests while the register is out of reach");

    // A unit that changes meanwhile is sent, with the address that OS2sync has.
    pipeline.os2mo.edit(|organisation| {
        let hr = organisation.find(Collection::OrgUnits, "hr").unwrap();
        organisation.rename_unit(hr, "HR og Trivsel").unwrap();
    });
    assert_eq!(requests(&pipeline), 2, "one GET, one POST");
    assert_eq!(pipeline.os2sync.registry().unit(HR).unwrap()["Name"], "HR og Trivsel");
    assert_eq!(post(&pipeline), "Skolevænget 57, 9999 Fjordby");

    pipeline.os2mo.edit(|organisation| organisation.dar_service = DarService::Up);
    assert_eq!(requests(&pipeline), 0, "requests when the register is back with the same texts");
}
