//! What `extract-swit` reads, and when it says that it did not read all.

use crate::fixture::command;
use muster_tests::simulator::swit::{BOT_TOKEN, Options, Organisation, Shape, Swit};
use muster_tests::simulator::{Fault, Rule};
use serde_json::json;

fn many(options: Options, people: usize) -> Swit {
    Swit::start_at(0, Organisation::generated(options, people, 6)).unwrap()
}

#[test]
fn both_shapes_give_the_same_records() {
    let read = |shape| {
        let swit = many(Options { shape, ..Options::default() }, 7);
        command("extract-swit", &swit).run().with_status(0).records()
    };
    let (newest, older) = (read(Shape::Newest), read(Shape::Older));
    let essence = |records: &[serde_json::Value]| {
        let members = ["_kind", "_key", "_alias", "email", "role", "team_name", "parent_id"];
        records.iter().map(|record| members.map(|name| record[name].clone())).collect::<Vec<_>>()
    };
    assert_eq!(newest.len(), 8 + 8);
    assert_eq!(essence(&newest), essence(&older));
}

#[test]
fn pages_are_read_until_one_is_empty_and_each_kind_is_a_segment() {
    let swit = many(Options { page_limit: 3, ..Options::default() }, 10);
    let ran = command("extract-swit", &swit).args(["--page-size", "5"]).run().with_status(0);
    let ends = ran.ends();
    assert_eq!(ends.iter().map(|end| end["records"].clone()).collect::<Vec<_>>(), [json!(11), json!(8)]);
    assert_eq!(ends[0]["complete"], true);
    assert_eq!(ends[0]["scope"], format!("{}/?kind=user", swit.url()));
    let asked = swit.seen().iter().filter(|seen| seen.path_and_query.contains("user.list?cnt=5")).count();
    assert_eq!(asked, 5, "four pages with people and an empty one");
}

#[test]
fn a_shift_of_pages_makes_the_reading_begin_again() {
    let swit = many(Options::default(), 10);
    swit.change(|organisation| {
        let newcomer = organisation.new_user("New", "new@example.org", 30);
        organisation.joins_after_page = Some((1, newcomer));
    });
    let ran =
        command("extract-swit", &swit).args(["--page-size", "4", "--kind", "user"]).run().with_status(0);
    let mut emails: Vec<String> =
        ran.records().iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect();
    emails.sort();
    emails.dedup();
    assert_eq!(emails.len(), 12);
}

#[test]
fn fewer_people_than_were_said_are_no_complete_read() {
    let swit = many(Options::default(), 3);
    swit.faults().add(
        Rule::always(Fault::Json(json!({ "data": { "total_rows": 4, "users": [] } }))).path("user.list"),
    );
    let ran = command("extract-swit", &swit).args(["--kind", "user"]).run().with_status(75);
    assert_eq!(ran.ends()[0]["complete"], false);
    assert!(ran.stderr.contains("0 came of 4"), "{}", ran.stderr);
}

#[test]
fn teams_that_are_no_tree_are_no_complete_read() {
    let swit = Swit::start(Options::default());
    swit.change(|organisation| {
        organisation.place_team("Adrift", Some("nowhere"), None);
    });
    let ran = command("extract-swit", &swit).args(["--kind", "team"]).run().with_status(76);
    assert_eq!(ran.ends()[0]["complete"], false);
    let swit = Swit::start(Options::default());
    swit.change(|organisation| {
        organisation.place_team("Second root", None, None);
    });
    let ran = command("extract-swit", &swit).args(["--kind", "team"]).run().with_status(76);
    assert!(ran.stderr.contains("2 roots"), "{}", ran.stderr);
}

#[test]
fn an_error_in_a_body_of_200_is_one() {
    let swit = Swit::start(Options::default());
    let error = json!({ "code": 403, "message": "no permission", "data": { "total_rows": 0, "users": [] } });
    swit.faults().add(Rule::always(Fault::Json(error)).path("user.list"));
    command("extract-swit", &swit).run().with_status(77);
}

#[test]
fn faults_that_pass_are_waited_out_and_others_end_the_read() {
    let swit = many(Options::default(), 5);
    swit.faults().add(Rule::once(Fault::TooManyRequests(None)));
    swit.faults().add(Rule::once(Fault::TooManyRequests(Some(0))));
    swit.faults().add(Rule::once(Fault::Status(502)));
    swit.faults().add(Rule::once(Fault::Cut(20)));
    command("extract-swit", &swit).run().with_status(0);
    swit.faults().add(Rule::always(Fault::Status(500)).path("team.list"));
    let ran = command("extract-swit", &swit).args(["--retries", "1"]).run().with_status(69);
    assert_eq!(ran.ends().iter().map(|end| end["complete"].clone()).collect::<Vec<_>>(), [true, false]);
    swit.faults().clear();
    swit.faults().add(Rule::always(Fault::Silence));
    command("extract-swit", &swit).args(["--retries", "0", "--timeout", "0.3"]).run().with_status(69);
}

#[test]
fn a_wrong_token_is_refused_with_the_way_to_a_new_one_and_a_bot_may_read() {
    let swit = Swit::start(Options::default());
    let ran = command("extract-swit", &swit).env("SWIT_ACCESS_TOKEN", "wrong").run().with_status(77);
    assert!(ran.stderr.contains("push-swit --login") && !ran.stderr.contains("wrong"), "{}", ran.stderr);
    command("extract-swit", &swit).env("SWIT_ACCESS_TOKEN", BOT_TOKEN).run().with_status(0);
}

#[test]
fn a_limit_makes_the_read_incomplete() {
    let swit = many(Options::default(), 5);
    let ran = command("extract-swit", &swit).args(["--limit", "2"]).run().with_status(0);
    assert!(ran.ends().iter().all(|end| end["complete"] == false && end["records"] == 2));
}
