//! Read by the older REST API: the same records, refusals, failures, lists that change while they are read.

use super::*;
use muster_tests::simulator::os2mo::{Collection, Dar, DarService, all_roles};
use muster_tests::simulator::{Fault, Rule};
use serde_json::json;

pub(super) fn by_service(os2mo: &Os2mo) -> Cli {
    Cli::new("extract-os2mo").args(["--url", &format!("{}/service", os2mo.url()), "--retry-wait", "0"])
}

#[test]
fn what_the_api_does_not_say_is_unknown() {
    let ran = by_service(&fjordby()).run().with_status(0);
    let person = find(&ran.records(), "person", "p010").clone();
    let unknown: Vec<&str> =
        person["_unknown"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(unknown.contains(&"/itusers/0/external_id") && unknown.contains(&"/addresses/0/ituser_uuid"));
    assert!(person["itusers"][0].get("external_id").is_none());
    assert!(unknown.contains(&"/validity") && person.get("validity").is_none());
    let members =
        |name: &&str| !["/external_id", "/ituser_uuid", "/validity"].iter().any(|end| name.ends_with(end));
    assert_eq!(unknown.into_iter().filter(members).count(), 0);
}

#[test]
fn small_pages_bring_the_same() {
    let os2mo = fjordby();
    let all = by_service(&os2mo).run().with_status(0);
    let paged = by_service(&os2mo).args(["--page-size", "7"]).run().with_status(0);
    assert_eq!(all.records(), paged.records());
    let pages = os2mo.seen().iter().filter(|seen| seen.path_and_query.contains("/e/?limit=8&")).count();
    assert_eq!(pages, 28);
}

#[test]
fn no_more_is_asked_than_the_api_forces() {
    let os2mo = fjordby();
    by_service(&os2mo).args(["--kind", "org_unit"]).run().with_status(0);
    let asked = |part: &str| os2mo.seen().iter().filter(|seen| seen.path_and_query.contains(part)).count();
    assert_eq!(
        (asked("/details/it"), asked("/details/address"), asked("/details/kle")),
        (34 + managers(&os2mo), 34, 34)
    );
    assert_eq!(asked("/e/?"), 0);
    let chains = os2mo.seen().into_iter().filter(|seen| seen.path_and_query.starts_with("/service/ou/"));
    let chains = chains.filter(|seen| !seen.path_and_query.contains("details")).count();
    assert!(chains < 34, "{chains}: those above were read with those below");
    assert!(os2mo.seen().iter().all(|seen| seen.method == "GET"));
}

/// How many persons are managers today.
fn managers(os2mo: &Os2mo) -> usize {
    let organisation = os2mo.organisation();
    let uuids = organisation.objects(Collection::Managers).keys();
    let managers =
        uuids.filter_map(|uuid| organisation.current(Collection::Managers, *uuid)?.text("employee_uuid"));
    managers.collect::<std::collections::BTreeSet<_>>().len()
}

#[test]
fn an_address_of_the_service_or_an_option_chooses_it() {
    let os2mo = fjordby();
    let run = |arguments: &[&str]| {
        os2mo.forget();
        let cli = Cli::new("extract-os2mo").args(["--retry-wait", "0", "--limit", "1"]).args(arguments);
        let scope = cli.run().with_status(0).ends()[0]["scope"].clone();
        (os2mo.seen()[0].path_and_query.starts_with("/service/"), scope)
    };
    let (url, scope) = (os2mo.url(), format!("{}/?kind=org_unit", os2mo.url()));
    assert_eq!(run(&["--url", &url]), (false, json!(scope)));
    assert_eq!(run(&["--url", &format!("{url}/service")]), (true, json!(scope)));
    assert_eq!(run(&["--url", &format!("{url}/service/")]), (true, json!(scope)));
    assert_eq!(run(&["--url", &url, "--api", "service"]), (true, json!(scope)));
    assert_eq!(run(&["--url", &format!("{url}/service"), "--api", "graphql"]), (false, json!(scope)));
}

#[test]
fn the_organisation_is_asked_for_or_given() {
    let os2mo = fjordby();
    let uuid = os2mo.organisation().uuid.to_string();
    by_service(&os2mo).args(["--organisation", &uuid, "--limit", "1"]).run().with_status(0);
    assert!(os2mo.seen().iter().all(|seen| seen.path_and_query != "/service/o/"));
}

#[test]
fn a_session_token_is_sent_and_a_wrong_one_refused() {
    const SESSION: &str = "3e2b4f0e-0000-4000-8000-000000000001";
    let os2mo = guarded();
    os2mo.change_authentication(|authentication| authentication.sessions.push(SESSION.parse().unwrap()));
    let ran =
        by_service(&os2mo).env("OS2MO_SESSION", SESSION).args(["--kind", "person"]).run().with_status(0);
    assert_eq!(ran.ends()[0]["records"], 200);
    for token in ["", "3e2b4f0e-0000-4000-8000-000000000002"] {
        let ran = by_service(&os2mo).env("OS2MO_SESSION", token).run().with_status(77);
        assert_partial(&ran, "401 Unauthorized");
        assert!(token.is_empty() || !ran.stderr.contains(token));
    }
}

#[test]
fn a_token_that_expired_is_renewed_once() {
    let os2mo = guarded();
    let cli = by_service(&os2mo).env("OS2MO_CLIENT_SECRET", "canary").args(["--client-id", "reader"]);
    os2mo
        .faults
        .add(Rule::once(Fault::Text(401, r#"{"status":"Unauthorized"}"#.into())).path("/ou/?").after(1));
    cli.args(["--kind", "org_unit", "--page-size", "9"]).run().with_status(0);
    let tokens = os2mo.seen().iter().filter(|seen| seen.path_and_query.ends_with("/token")).count();
    assert_eq!(tokens, 2);
}

#[test]
fn a_missing_role_fails_the_whole_read() {
    let os2mo = guarded();
    let read =
        || by_service(&os2mo).env("OS2MO_CLIENT_SECRET", "canary").args(["--client-id", "reader"]).run();
    let roles = all_roles();
    os2mo.set_roles(roles.iter().map(String::as_str).filter(|role| *role != "service_api"));
    assert_partial(&read().with_status(77), "The Service API is gone");
    os2mo.set_roles(roles.iter().map(String::as_str).filter(|role| *role != "read_engagement"));
    let ran = read().with_status(77);
    assert_partial(&ran, "a role for reading is missing");
}

#[test]
fn failing_cut_redirected_and_unknown_answers_leave_a_partial_stream() {
    let os2mo = fjordby();
    let faults = [
        (Fault::Status(500), "500 Internal Server Error", 69),
        (Fault::Status(503), "503 Service Unavailable", 75),
        (Fault::Cut(900), "cut off", 69),
        (Fault::Text(200, "<html>".into()), "not the JSON", 76),
        (Fault::Status(404), "404 Not Found", 76),
        (Fault::Redirect("https://elsewhere.example.org/service/".into()), "another origin", 76),
    ];
    for (fault, why, status) in faults {
        os2mo.faults.clear();
        os2mo.faults.add(Rule::always(fault).path("/e/?"));
        let ran = by_service(&os2mo).args(["--retries", "1"]).run().with_status(status);
        assert_partial(&ran, why);
        assert_eq!(ran.ends()[0]["complete"], true, "the units were read");
    }
}

#[test]
fn a_member_that_is_missing_or_of_another_type_is_a_broken_protocol() {
    let uuid = "00edc0ae-9402-5587-8f4f-0a46a61dee7c";
    let page = |item: Value| json!({ "total": 1, "offset": 0, "items": [item] });
    let wrong = [
        ("/service/o/", json!([{ "uuid": "x" }])),
        ("/service/o/", json!({ "uuid": uuid })),
        ("/ou/?", json!([])),
        ("/ou/?", json!({ "total": "1", "items": [{ "uuid": uuid }] })),
        ("/ou/?", page(json!({ "uuid": 7 }))),
        ("/e/?", page(json!({ "uuid": uuid }))),
        (
            "/e/?",
            page(json!({ "uuid": uuid, "user_key": "p", "name": null, "givenname": "A", "surname": "B" })),
        ),
        ("/details/it", json!({ "items": [] })),
        ("/details/address", json!([{ "uuid": uuid, "value": 7 }])),
        ("/details/engagement?", json!([{ "uuid": uuid, "validity": "today" }])),
    ];
    for (path, answer) in wrong {
        let os2mo = fjordby();
        os2mo.faults.add(Rule::always(Fault::Json(answer.clone())).path(path));
        let ran = by_service(&os2mo).run().with_status(76);
        let end = ran.ends().pop().unwrap();
        assert_eq!(end["complete"], false, "{path} {answer}");
    }
}

#[test]
fn a_redirect_within_the_server_is_followed() {
    let os2mo = fjordby();
    let target = format!("{}/service/o/", os2mo.url());
    os2mo.faults.add(Rule::once(Fault::Redirect(target)).path("/service/o/"));
    by_service(&os2mo).args(["--limit", "1"]).run().with_status(0);
}

#[test]
fn no_such_api_is_said_so() {
    let os2mo = fjordby();
    os2mo.faults.add(Rule::always(Fault::Status(404)).path("/service/"));
    let ran = by_service(&os2mo).run().with_status(78);
    assert_partial(&ran, "the server has no REST API here");
    assert!(ran.stderr.contains("--api graphql"));
}

#[test]
fn details_that_the_server_fails_to_give_are_unknown() {
    let os2mo = fjordby();
    let uuid = |collection, key| os2mo.organisation().find(collection, key).unwrap().to_string();
    let (p010, it) = (uuid(Collection::Employees, "p010"), uuid(Collection::OrgUnits, "it"));
    os2mo.faults.add(Rule::always(Fault::Status(500)).path(&format!("{p010}/details/address")));
    os2mo
        .faults
        .add(Rule::always(Fault::Status(500)).path(&format!("{p010}/details/engagement?validity=past")));
    os2mo.faults.add(Rule::always(Fault::Status(500)).path(&format!("{it}/details/it")));
    let ran = by_service(&os2mo).args(["--retries", "0"]).run().with_status(0);
    assert!(ran.stderr.contains("3 lists of persons and units could not be read"), "{}", ran.stderr);
    let records = ran.records();
    let person = find(&records, "person", "p010");
    assert!(person.get("addresses").is_none() && person.get("engagements").is_none());
    let unknown = |record: &Value| record["_unknown"].as_array().unwrap().clone();
    assert!(
        unknown(person).contains(&json!("/addresses")) && unknown(person).contains(&json!("/engagements"))
    );
    let unit = find(&records, "org_unit", "it");
    assert!(unit.get("itusers").is_none() && unknown(unit).contains(&json!("/itusers")));
    let below =
        records.iter().find(|record| record["_kind"] == "org_unit" && record["parent_uuid"] == unit["uuid"]);
    assert!(unknown(below.unwrap()).contains(&json!("/ancestors/0/itusers")));
}

#[test]
fn when_too_many_details_fail_the_read_does() {
    let os2mo = fjordby();
    os2mo.edit(|organisation| organisation.dar_service = DarService::Unreachable);
    let ran = by_service(&os2mo).args(["--retries", "0"]).run().with_status(69);
    assert_partial(&ran, "too many details could not be read");
}

#[test]
fn an_address_without_text_is_unknown() {
    let os2mo = fjordby();
    os2mo.edit(|organisation| organisation.set_dar("95e062db-d8f7-5970-9011-25f98a9c1c6e", Dar::Unknown));
    let ran = by_service(&os2mo).args(["--kind", "org_unit"]).run().with_status(0);
    let records = ran.records();
    let unit = find(&records, "org_unit", "it");
    let index =
        unit["addresses"].as_array().unwrap().iter().position(|address| address.get("name").is_none());
    let pointer = json!(format!("/addresses/{}/name", index.unwrap()));
    assert!(unit["_unknown"].as_array().unwrap().contains(&pointer));
    assert!(ran.stderr.contains("DAR addresses have no text"));
}

#[test]
fn a_unit_that_goes_while_it_is_read_is_unknown() {
    let os2mo = fjordby();
    let leaf = os2mo.organisation().find(Collection::OrgUnits, "solsikken").unwrap();
    os2mo.faults.add(Rule::always(Fault::Status(404)).path(&format!("/service/ou/{leaf}/")));
    let ran = by_service(&os2mo).args(["--kind", "org_unit"]).run().with_status(1);
    let error = ran.records().into_iter().find(|line| line["_kind"] == "_error").unwrap();
    assert_eq!((&error["of"], &error["_key"]), (&json!("org_unit"), &json!(leaf.to_string())));
    assert_eq!(ran.ends()[0]["complete"], true);
}

#[test]
fn a_list_that_changes_while_it_is_read_is_read_again() {
    let os2mo = fjordby();
    let items = |path: &str| {
        let url = format!("{}{path}", os2mo.url());
        ureq::get(&url).call().unwrap().body_mut().read_json::<Value>().unwrap()
    };
    let uuid = os2mo.organisation().uuid;
    // The second page as it is once a unit of the first one has gone.
    let shifted = items(&format!("/service/o/{uuid}/ou/?limit=11&start=10"));
    os2mo.faults.add(Rule::once(Fault::Json(shifted)).path("/ou/?limit=11&start=9"));
    let ran = by_service(&os2mo).args(["--kind", "org_unit", "--page-size", "10"]).run().with_status(0);
    assert_eq!(ran.ends()[0]["records"], 34);
    let first_pages =
        os2mo.seen().iter().filter(|seen| seen.path_and_query.contains("/ou/?limit=10&start=0")).count();
    assert!(first_pages >= 2);
}

#[test]
fn a_limit_asks_for_no_more_persons() {
    let os2mo = fjordby();
    let ran =
        by_service(&os2mo).args(["--kind", "person", "--limit", "3", "--parallel", "1"]).run().with_status(0);
    let end = &ran.ends()[0];
    assert_eq!((&end["records"], &end["complete"]), (&json!(3), &json!(false)));
    let asked = os2mo
        .seen()
        .iter()
        .filter(|seen| seen.path_and_query.contains("/details/engagement?validity=future"))
        .count();
    assert!(asked <= 4, "{asked}");
}

#[test]
fn another_day_is_refused() {
    let ran = by_service(&fjordby()).args(["--today", "2026-01-01"]).run().with_status(64);
    assert!(ran.stderr.contains("no other day than its own"), "{}", ran.stderr);
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let os2mo = fjordby();
    let line = format!("extract-os2mo --url {}/service | head -n 1", os2mo.url());
    let ran = Cli::shell(&line).run().with_status(0);
    assert_eq!((ran.stdout.lines().count(), ran.stderr.as_str()), (1, ""));
}
