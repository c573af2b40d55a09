//! How it fails: an end that says so, one line of words, the right status; never fewer records as if they were all.

use super::*;
use muster_tests::simulator::{Fault, Rule};

#[test]
fn refused_credentials() {
    let os2sync = registry(Options { api_key: Some("canary".to_owned()), ..quick() }, 1);
    for ran in [extract(&os2sync).run(), extract(&os2sync).env("OS2SYNC_API_KEY", "wrong-canary").run()] {
        assert_partial(&ran.with_status(77), "the server refused the credentials: 401");
    }
    extract(&os2sync).env("OS2SYNC_API_KEY", "canary").run().with_status(0);
    let forbidden = registry(quick(), 1);
    forbidden.faults().add(Rule::always(Fault::Status(403)));
    assert_partial(&extract(&forbidden).run().with_status(77), "403");
}

#[test]
fn a_hierarchy_that_failed_is_not_trusted() {
    let os2sync = registry(Options { hierarchy_fails: true, ..quick() }, 1);
    let ran = extract(&os2sync).run().with_status(69);
    assert_partial(&ran, "the server could not read the registry's hierarchy");
    assert_eq!(ran.records(), [] as [Value; 0]);
    assert_partial(&extract(&os2sync).args(["--kind", "org_unit"]).run().with_status(69), "hierarchy");
}

#[test]
fn a_hierarchy_that_never_comes_is_given_up() {
    let os2sync = registry(Options { hierarchy_polls: usize::MAX, ..quick() }, 1);
    assert_partial(&extract(&os2sync).run().with_status(75), "no hierarchy within 1s");
}

#[test]
fn a_hierarchy_without_its_users_is_not_trusted() {
    let os2sync = registry(quick(), 3);
    let without_users = json!({ "Status": 0, "Result": { "OUs": [], "Users": [] } });
    os2sync.faults().add(Rule::always(Fault::Json(without_users)).path("/hierarchy/"));
    let ran = extract(&os2sync).run().with_status(76);
    assert_partial(&ran, "the hierarchy has no users, the registry has 3");
}

#[test]
fn a_hierarchy_of_users_without_units_is_not_trusted() {
    let os2sync = registry(quick(), 3);
    let without_units = json!({ "Status": 0, "Result": { "OUs": [], "Users": [{ "Uuid": uuid(100) }] } });
    os2sync.faults().add(Rule::always(Fault::Json(without_units)).path("/hierarchy/"));
    assert_partial(&extract(&os2sync).run().with_status(76), "the hierarchy has users, but no units");
}

#[test]
fn a_result_of_another_shape_broke_the_protocol() {
    for result in [json!({ "Status": 0, "Result": { "OUs": [] } }), json!([]), json!({ "Result": null })] {
        let os2sync = registry(quick(), 1);
        os2sync.faults().add(Rule::always(Fault::Json(result)).path("/hierarchy/"));
        assert_partial(&extract(&os2sync).run().with_status(76), "not the JSON that was expected");
    }
}

#[test]
fn a_result_cut_on_its_way_is_asked_for_anew_once() {
    let os2sync = registry(quick(), 3);
    os2sync.faults().add(Rule::once(Fault::Cut(20)).path("/hierarchy/"));
    assert_eq!(extract(&os2sync).run().with_status(0).records().len(), 6);
    os2sync.faults().add(Rule::always(Fault::Cut(20)).path("/hierarchy/"));
    let ran = extract(&os2sync).run().with_status(69);
    assert_partial(&ran, "the answer was cut off");
    assert_eq!(ran.records(), [] as [Value; 0]);
}

#[test]
fn a_busy_server_is_asked_again() {
    for fault in [Fault::TooManyRequests(Some(0)), Fault::TooManyRequests(None), Fault::Status(503)] {
        let os2sync = registry(quick(), 3);
        os2sync.faults().add(Rule { times: 2, ..Rule::always(fault.clone()) });
        assert_eq!(extract(&os2sync).run().with_status(0).records().len(), 6);
        os2sync.faults().add(Rule { times: 3, ..Rule::always(fault).path("/user/").after(1) });
        assert_eq!(extract(&os2sync).args(["--full"]).run().with_status(0).records().len(), 6);
    }
}

#[test]
fn nothing_listens() {
    let ran = Cli::new("extract-os2sync")
        .args(["--api-url", "http://127.0.0.1:1/api", "--municipality", "12345678", "--retries", "0"])
        .run()
        .with_status(69);
    assert_partial(&ran, "cannot connect to the server");
}

#[test]
fn wrong_settings_are_named() {
    let run = |arguments: &[&str]| Cli::new("extract-os2sync").args(arguments).run();
    assert!(run(&[]).with_status(78).stderr.contains("--municipality"));
    assert!(run(&["--municipality", "1"]).with_status(64).stderr.contains("eight digits"));
    let ran = run(&["--municipality", "12345678", "--api-url", "stub"]).with_status(78);
    assert!(ran.stderr.contains("'stub', which is no server; set --api-url"), "{}", ran.stderr);
    let ran = run(&["--municipality", "12345678", "--not-stored", "Emial"]).with_status(64);
    assert!(ran.stderr.contains("did you mean 'Email'?"), "{}", ran.stderr);
}
