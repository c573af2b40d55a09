//! How it fails: one line of words, an end that says so, the right status; never fewer records as if they were all.

use super::{assert_partial, extract, fjordby, guarded};
use muster_tests::cli::Cli;
use muster_tests::simulator::os2mo::all_roles;
use muster_tests::simulator::{Fault, Rule};
use serde_json::json;
use std::io::Read;

#[test]
fn no_token_is_refused_credentials() {
    let ran = extract(&guarded()).run().with_status(77);
    assert_partial(&ran, "User is not authenticated");
    assert!(
        ran.stderr.ends_with("check client id and client secret, or the session token\n"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_wrong_client_secret_is_named_without_being_shown() {
    let os2mo = guarded();
    let ran =
        extract(&os2mo).args(["--client-id", "reader"]).env("OS2MO_CLIENT_SECRET", "wrong-canary").run();
    let ran = ran.with_status(77);
    assert_partial(&ran, "no token for the client 'reader'");
    assert!(!ran.stderr.contains("wrong-canary"));
}

#[test]
fn a_missing_client_secret_says_where_to_put_it() {
    let ran = extract(&guarded()).args(["--client-id", "reader"]).run().with_status(78);
    assert_eq!(
        ran.stderr,
        "extract-os2mo: there is no secret 'client_secret' for 'os2mo'; store it with \
         `strongbox --connector os2mo --key client_secret`, or set OS2MO_CLIENT_SECRET\n"
    );
}

#[test]
fn a_missing_role_is_a_failed_read_and_is_named() {
    let os2mo = guarded();
    os2mo.set_roles(all_roles().iter().map(String::as_str).filter(|role| *role != "read_engagement"));
    let ran = extract(&os2mo)
        .args(["--client-id", "reader"])
        .env("OS2MO_CLIENT_SECRET", "canary")
        .run()
        .with_status(77);
    assert_partial(&ran, "No policy approved the access");
    assert!(ran.stderr.ends_with("give the client the role read_engagement\n"), "{}", ran.stderr);
}

#[test]
fn errors_beside_data_are_a_failed_read() {
    let os2mo = fjordby();
    let objects = json!([{"uuid": "00edc0ae-9402-5587-8f4f-0a46a61dee7c", "current": null}]);
    let answer = json!({
        "data": {"employees": {"objects": objects, "page_info": {"next_cursor": null}}},
        "errors": [{"message": "canceling statement due to statement timeout", "path": ["employees"]}]
    });
    os2mo.faults.add(Rule::once(Fault::Json(answer)).body("query Employees"));
    let ran = extract(&os2mo).run().with_status(76);
    assert_partial(
        &ran,
        "the server could not answer for employees: canceling statement due to statement timeout",
    );
    assert_eq!(ran.records().len(), 0);
}

#[test]
fn a_busy_or_failing_server_is_asked_again() {
    for fault in [Fault::Status(500), Fault::Status(503), Fault::TooManyRequests(Some(0)), Fault::Cut(10)] {
        let os2mo = fjordby();
        os2mo.faults.add(Rule { times: 2, ..Rule::always(fault).path("/graphql").body("query Addresses") });
        assert_eq!(extract(&os2mo).run().with_status(0).records().len(), 234);
    }
}

#[test]
fn a_server_that_goes_on_failing_is_given_up() {
    let os2mo = fjordby();
    os2mo.faults.add(Rule::always(Fault::Status(500)).body("query Kles"));
    let ran = extract(&os2mo).args(["--retries", "2"]).run().with_status(69);
    assert_partial(&ran, "the server failed: 500 Internal Server Error");
    assert_eq!(os2mo.seen().iter().filter(|seen| seen.body.contains("query Kles")).count(), 3);
}

#[test]
fn an_answer_cut_in_the_middle_is_no_shorter_read() {
    let os2mo = fjordby();
    os2mo.faults.add(Rule::always(Fault::Cut(5000)).body("query Employees"));
    let ran = extract(&os2mo).args(["--retries", "1"]).run().with_status(69);
    assert_partial(&ran, "the answer was cut off");
}

#[test]
fn a_silent_server_is_not_waited_for_without_end() {
    let os2mo = fjordby();
    os2mo.faults.add(Rule::always(Fault::Silence).body("query Accounts"));
    let ran = extract(&os2mo).args(["--retries", "0", "--timeout", "1"]).run().with_status(69);
    assert_partial(&ran, "the server did not answer in time");
}

#[test]
fn what_is_not_json_is_a_broken_protocol() {
    let os2mo = fjordby();
    os2mo
        .faults
        .add(Rule::always(Fault::Text(200, "<html>proxy login</html>".to_owned())).body("query Units"));
    let ran = extract(&os2mo).run().with_status(76);
    assert_partial(&ran, "the answer is not the JSON that was expected");
    assert!(ran.stderr.contains("<html>proxy login</html>"));
}

#[test]
fn a_member_that_is_missing_or_of_another_type_is_a_broken_protocol() {
    let pages = [
        json!({"data": {"classes": {"objects": [{"uuid": "x"}], "page_info": {"next_cursor": null}}}}),
        json!({"data": {"classes": {"objects": []}}}),
        json!({"data": {"other": {"objects": [], "page_info": {"next_cursor": null}}}}),
        json!({"data": null}),
    ];
    for page in pages {
        let os2mo = fjordby();
        os2mo.faults.add(Rule::always(Fault::Json(page)).body("query Classes"));
        assert_partial(&extract(&os2mo).run().with_status(76), "the answer");
    }
}

#[test]
fn a_cursor_that_comes_again_does_not_read_for_ever() {
    let os2mo = fjordby();
    let page = json!({"data": {"kles": {"objects": [], "page_info": {"next_cursor": "same"}}}});
    os2mo.faults.add(Rule::always(Fault::Json(page)).body("query Kles"));
    assert_partial(&extract(&os2mo).run().with_status(76), "the same cursor again");
}

#[test]
fn a_version_that_is_not_served_is_said_with_the_way_out() {
    let os2mo = fjordby();
    os2mo.faults.add(Rule::always(Fault::Text(404, r#"{"detail":"Not Found"}"#.to_owned())).path("/graphql"));
    let ran = extract(&os2mo).run().with_status(78);
    assert_partial(&ran, "the server does not serve version 25 of GraphQL");
}

#[test]
fn a_redirect_of_a_query_is_not_followed() {
    let os2mo = fjordby();
    os2mo.faults.add(Rule::always(Fault::Status(302)).path("/graphql"));
    assert_partial(&extract(&os2mo).run().with_status(76), "redirected where it must not");
}

#[test]
fn no_cpr_number_is_ever_said() {
    let os2mo = fjordby();
    let message = "employee 8004801525 (800480-1525) is broken";
    os2mo.faults.add(Rule::always(Fault::Json(json!({"data": null, "errors": [{"message": message}]}))));
    let ran = extract(&os2mo).args(["-vv"]).run().with_status(76);
    assert!(!ran.stderr.contains("8004801525") && !ran.stderr.contains("800480-1525"), "{}", ran.stderr);
    assert!(ran.stderr.contains("employee ********** (******-****) is broken"), "{}", ran.stderr);
    assert!(!ran.stdout.contains("8004801525"), "{}", ran.stdout);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let os2mo = fjordby();
    let line = format!("extract-os2mo --url {} | head -n 1; echo \"${{PIPESTATUS[0]}}\" >&2", os2mo.url());
    let ran = Cli::shell(&line).run().with_status(0);
    assert_eq!(ran.stderr, "0\n");
}

#[test]
fn a_signal_leaves_an_incomplete_end_and_kill_leaves_none() {
    for (signal, ends) in [("-TERM", 1), ("-KILL", 0)] {
        let os2mo = fjordby();
        os2mo.faults.add(Rule::always(Fault::Silence).body("query Employees"));
        let mut cli = extract(&os2mo);
        let mut child = cli.spawn();
        while !os2mo.seen().iter().any(|seen| seen.body.contains("query Employees")) {
            std::thread::yield_now();
        }
        let kill =
            std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let mut stdout = String::new();
        child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(stdout.lines().count(), ends, "{stdout}");
        if ends == 1 {
            assert!(stdout.contains(r#""complete":false,"error":"stopped by SIGTERM""#), "{stdout}");
            assert_eq!(status.code(), Some(5));
        }
    }
}
