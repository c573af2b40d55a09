//! How it reads: pages, side by side, narrowed, authenticated, every version of the interface.

use super::{assert_partial, extract, fixtures, fjordby, guarded, start};
use muster_tests::cli::Cli;
use muster_tests::simulator::os2mo::{Authentication, Options, Organisation, Os2mo};
use muster_tests::simulator::{Fault, Rule};

#[test]
fn units_and_persons_are_a_complete_segment_each() {
    let ran = extract(&fjordby()).run().with_status(0);
    let ends = ran.ends();
    let kinds: Vec<_> = ends.iter().map(|end| end["by_kind"].to_string()).collect();
    assert_eq!(kinds, [r#"{"org_unit":34}"#, r#"{"person":200}"#]);
    assert!(ends.iter().all(|end| end["complete"] == true && end["form"] == "state"));
    assert_eq!(ran.stderr, "");
}

#[test]
fn parents_come_before_their_units() {
    let ran = extract(&fjordby()).args(["--kind", "org_unit"]).run().with_status(0);
    let units = ran.records();
    let place = |uuid: &serde_json::Value| units.iter().position(|unit| unit["uuid"] == *uuid).unwrap();
    let below: Vec<_> = units.iter().filter(|unit| !unit["parent_uuid"].is_null()).collect();
    assert_eq!(below.len(), 32);
    assert!(below.iter().all(|unit| place(&unit["parent_uuid"]) < place(&unit["uuid"])));
}

#[test]
fn the_size_of_pages_changes_nothing() {
    let os2mo = fjordby();
    let whole = extract(&os2mo).run().with_status(0);
    let in_pages = extract(&os2mo).args(["--page-size", "7", "--parallel", "1"]).run().with_status(0);
    assert_eq!(whole.records(), in_pages.records());
}

#[test]
fn short_and_empty_pages_do_not_end_a_read() {
    let os2mo = fjordby();
    let whole = extract(&os2mo).run().with_status(0);
    os2mo.edit(|organisation| organisation.sparse_pages = true);
    assert_eq!(extract(&os2mo).args(["--page-size", "20"]).run().with_status(0).records(), whole.records());
}

#[test]
fn an_empty_server_gives_empty_complete_segments() {
    let empty = Organisation::empty(uuid::Uuid::from_u128(7), "Tom Kommune", "2026-11-21".parse().unwrap());
    let ran = extract(&start(empty)).run().with_status(0);
    assert_eq!(ran.ends().iter().map(|end| end["records"].clone()).collect::<Vec<_>>(), [0, 0]);
}

#[test]
fn every_version_of_the_interface_gives_the_same_records() {
    let os2mo = fjordby();
    let expected = extract(&os2mo).run().with_status(0).records();
    for version in 21..=30 {
        let ran = extract(&os2mo).args(["--graphql-version", &version.to_string()]).run().with_status(0);
        assert_eq!(ran.records(), expected, "version {version}");
    }
}

#[test]
fn a_top_unit_narrows_units_and_persons_to_its_subtree() {
    let os2mo = fjordby();
    let it = "28132c2e-1fbb-556a-b240-7bf04ac9d8b0";
    let ran = extract(&os2mo).args(["--top-unit", it]).run().with_status(0);
    let records = ran.records();
    let (units, persons): (Vec<_>, Vec<_>) = records.iter().partition(|record| record["_kind"] == "org_unit");
    let below = |unit: &serde_json::Value| {
        unit["uuid"] == it || unit["ancestors"].as_array().unwrap().iter().any(|above| above["uuid"] == it)
    };
    assert!(units.len() > 1 && units.iter().all(|unit| below(unit)));
    let works_below = |person: &serde_json::Value| {
        person["engagements"].as_array().unwrap().iter().any(|engagement| below(&engagement["org_unit"]))
    };
    assert!(persons.len() > 1 && persons.iter().all(|person| works_below(person)));
    assert!(
        ran.ends().iter().all(|end| end["scope"].as_str().unwrap().contains(it) && end["complete"] == true)
    );
}

#[test]
fn an_unknown_top_unit_is_an_error_and_not_an_empty_municipality() {
    let ran = extract(&fjordby())
        .args(["--top-unit", "00000000-0000-4000-8000-000000000000"])
        .run()
        .with_status(78);
    assert_partial(&ran, "the server has no current unit 00000000-0000-4000-8000-000000000000");
}

#[test]
fn a_limit_makes_each_segment_incomplete() {
    let ran = extract(&fjordby()).args(["--limit", "3"]).run().with_status(0);
    assert_eq!(ran.records().len(), 6);
    assert!(ran.ends().iter().all(|end| end["complete"] == false));
    assert_eq!(ran.ends()[1]["error"], "only 3 of 200 records were asked for");
}

#[test]
fn at_most_four_requests_are_under_way_and_few_are_needed() {
    let os2mo = start(Organisation::generated(3, 1000, 100));
    extract(&os2mo).args(["--page-size", "200"]).run().with_status(0);
    let requests = os2mo.seen().len();
    // 1,000 persons have some 3,500 addresses, 1,100 accounts and 1,100 engagements.
    assert!((20..60).contains(&requests), "{requests} requests");
}

#[test]
fn a_keycloak_client_gets_a_token_and_renews_it() {
    let os2mo = guarded();
    let ran = extract(&os2mo)
        .args(["--client-id", "reader"])
        .env("OS2MO_CLIENT_SECRET", "canary")
        .run()
        .with_status(0);
    assert_eq!(ran.records().len(), 234);
    let asked =
        |os2mo: &Os2mo| os2mo.seen().iter().filter(|seen| seen.path_and_query.contains("/token")).count();
    assert_eq!(asked(&os2mo), 1);

    // The server forgets the token in the middle of the read.
    os2mo.forget();
    let message = serde_json::json!({"data": null, "errors": [{"message": "User is not authenticated"}]});
    os2mo.faults.add(Rule::once(Fault::Json(message)).path("/graphql").body("query Employees"));
    let ran = extract(&os2mo)
        .args(["--client-id", "reader"])
        .env("OS2MO_CLIENT_SECRET", "canary")
        .run()
        .with_status(0);
    assert_eq!(ran.records().len(), 234);
    assert_eq!(asked(&os2mo), 2);
}

#[test]
fn a_session_token_from_the_old_settings_file_is_sent() {
    let session = "3e2b4f0e-0000-4000-8000-000000000001";
    let authentication =
        Authentication { sessions: vec![session.parse().unwrap()], ..Authentication::new("x", "y") };
    let options = Options { authentication: Some(authentication), ..Options::default() };
    let os2mo = Os2mo::start(Organisation::recorded(fixtures()), options).unwrap();
    let settings = format!(r#"{{"mora.base": "{}", "crontab.SAML_TOKEN": "{session}"}}"#, os2mo.url());
    let ran =
        Cli::new("extract-os2mo").file("settings.json", &settings).args(["--config", "settings.json"]).run();
    let ran = ran.with_status(0);
    assert_eq!(ran.records().len(), 234);
    assert!(ran.stderr.contains("the secret 'session' stands in a plain file"));
    assert!(!ran.stderr.contains(session) && !ran.stdout.contains(session));
}

#[test]
fn same_answers_same_bytes() {
    let os2mo = fjordby();
    let lines = |text: &str| {
        text.lines().filter(|line| !line.contains("_end")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lines(&extract(&os2mo).run().stdout), lines(&extract(&os2mo).run().stdout));
}
