//! Picked units: with all above them, without anybody else, and never as if they were all.

use super::*;
use serde_json::json;

const IT: &str = "28132c2e-1fbb-556a-b240-7bf04ac9d8b0";
const BORGM: &str = "00b9e9c0-6932-50a3-95ba-6544705fd369";
const TOP: &str = "a8b26d0c-7268-56d3-9a49-7f2ecdad54a3";
const HR: &str = "4894d1c6-8e18-5fca-9994-066eba76eb1d";
const OUTSIDE: &str = "c8da3874-9c41-5c3b-8f0d-402d0591c4d0";

/// The command by both interfaces.
fn both(os2mo: &Os2mo) -> [Cli; 2] {
    let cli = || Cli::new("extract-os2mo").args(["--url", &os2mo.url(), "--retry-wait", "0"]);
    [cli().args(["--api", "graphql"]), cli().args(["--api", "service"])]
}

fn keys(ran: &Ran) -> Vec<Value> {
    ran.records().iter().map(|record| record["_key"].clone()).collect()
}

#[test]
fn units_come_with_all_above_them() {
    for cli in both(&fjordby()) {
        let ran = cli.args(["--unit", IT]).run().with_status(0);
        assert_eq!(keys(&ran), [TOP, BORGM, IT]);
        assert!(ran.records().iter().all(|record| record["_kind"] == "org_unit"));
    }
}

#[test]
fn the_segment_is_partial_and_the_only_one() {
    for cli in both(&fjordby()) {
        let ran = cli.args(["--unit", IT, "--unit", HR]).run().with_status(0);
        let ends = ran.ends();
        assert_eq!((ends.len(), &ends[0]["complete"]), (1, &json!(false)));
        assert!(ends[0]["scope"].as_str().unwrap().ends_with("/?kind=org_unit"));
        assert!(ends[0]["error"].as_str().unwrap().contains("only 2 units and those above them"));
    }
}

#[test]
fn the_top_unit_ends_the_way_up() {
    for cli in both(&fjordby()) {
        let ran = cli.args(["--unit", IT, "--top-unit", BORGM]).run().with_status(0);
        assert_eq!(keys(&ran), [BORGM, IT]);
    }
}

#[test]
fn a_unit_outside_the_top_unit_or_unknown_is_an_error() {
    for (unit, why) in
        [(OUTSIDE, "is not below the top unit"), ("00000000-0000-4000-8000-000000000001", "no current unit")]
    {
        for cli in both(&fjordby()) {
            let ran = cli.args(["--unit", unit, "--top-unit", TOP]).run().with_status(78);
            assert_partial(&ran, why);
        }
    }
}

#[test]
fn persons_cannot_be_had_with_picked_units() {
    let ran = extract(&fjordby()).args(["--unit", IT, "--kind", "person"]).run().with_status(64);
    assert!(ran.stderr.contains("--unit gives no persons"), "{}", ran.stderr);
}

#[test]
fn only_what_is_picked_is_asked_for() {
    let os2mo = fjordby();
    let [_, service] = both(&os2mo);
    service.args(["--unit", IT]).run().with_status(0);
    let asked = |part: &str| os2mo.seen().iter().filter(|seen| seen.path_and_query.contains(part)).count();
    let units = os2mo.seen().iter().filter(|seen| seen.path_and_query.starts_with("/service/ou/")).count();
    assert_eq!((asked("/details/kle"), asked("/e/?"), units), (3, 0, 1 + 3 * 4));
}
