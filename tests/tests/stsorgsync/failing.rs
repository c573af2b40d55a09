//! Refusals without a reason, a busy and a failing server, answers of something else.

use super::*;
use muster_tests::simulator::stsorgsync::Kind;
use muster_tests::simulator::{Fault, Rule};

#[test]
fn what_the_server_would_refuse_fails_here_with_the_reason() {
    let town = Town::new();
    let mut nameless = user(101, &[1]);
    nameless["Person"] = json!({ "Name": "" });
    let input = state(&[unit(1, None), user(100, &[]), nameless, user(102, &[1])]);
    let ran = town.push(input).with_status(1);
    assert_eq!(result(&ran, 100)["error"], "Positions is missing or empty");
    assert_eq!(result(&ran, 101)["error"], "Person.Name is missing or empty");
    assert_eq!((count(&ran, "failed"), count(&ran, "created")), (2, 2));
    assert_eq!(town.stsorgsync.seen().len(), 2);
}

#[test]
fn a_refusal_without_a_word_tells_what_may_be_too_long() {
    let town = Town::new();
    let mut long = user(100, &[1]);
    long["Person"]["Name"] = json!("å".repeat(120));
    let ran = town.push(state(&[unit(1, None), long])).with_status(1);
    let error = result(&ran, 100)["error"].as_str().unwrap().to_owned();
    assert!(error.contains("400 without a reason; Person.Name has 120 characters"), "{error}");
    town.stsorgsync.faults().add(Rule::always(Fault::Status(400)).path("/user"));
    let ran = town.push(state(&[unit(1, None), user(101, &[1])])).with_status(1);
    assert!(result(&ran, 101)["error"].as_str().unwrap().contains("its log may have one"));
}

#[test]
fn a_busy_or_failing_server_is_asked_again() {
    let town = Town::new();
    town.stsorgsync.faults().add(Rule::once(Fault::TooManyRequests(Some(0))).path("/user"));
    town.stsorgsync.faults().add(Rule::once(Fault::Status(500)).path("/orgunit"));
    town.stsorgsync.faults().add(Rule::once(Fault::Cut(3)).path("/user"));
    let ran = town.push(state(&[unit(1, None), user(100, &[1])])).with_status(0);
    assert_eq!(count(&ran, "created"), 2);
    assert!(town.stsorgsync.registry().failures().is_empty());
}

#[test]
fn a_unit_that_fails_holds_back_what_is_in_it() {
    let town_hall = Town::new();
    let failing = Rule::always(Fault::Status(500)).path("/orgunit").body(&uuid(2));
    town_hall.stsorgsync.faults().add(failing.after(0));
    let ran = town_hall.command().args(["--retries", "0"]).stdin(state(&town(4))).run();
    assert_eq!(result(&ran, 2)["status"], "failed");
    assert_eq!(
        (&result(&ran, 3)["status"], &result(&ran, 101)["status"]),
        (&json!("skipped"), &json!("skipped"))
    );
    assert!(town_hall.stsorgsync.registry().failures().is_empty());
}

#[test]
fn an_answer_of_something_else_ends_the_run() {
    let town = Town::new();
    town.stsorgsync.faults().add(Rule::always(Fault::Text(200, "<html>maintenance</html>".into())));
    let ran = town.push(state(&[unit(1, None)])).with_status(76);
    assert!(ran.stderr.contains("the answer is not STSOrgSync's"), "{}", ran.stderr);
    let elsewhere = Town::new();
    elsewhere.stsorgsync.faults().add(Rule::always(Fault::Json(json!({ "error": "log in" }))));
    elsewhere.push(state(&[unit(1, None)])).with_status(76);
    let delete = changes(&[delete("user", 100)]);
    let ran = town.bare().args(["--municipality", "12345678"]).stdin(delete).run().with_status(76);
    assert!(ran.stderr.contains("check 'api_url'"), "{}", ran.stderr);
}

#[test]
fn a_wrong_address_is_said_so() {
    let town = Town::new();
    let url = town.stsorgsync.api_url().replace("v1_1", "v2");
    let command = Cli::new("push-stsorgsync").args(["--api-url", &url, "--municipality", "12345678"]);
    let ran = command.stdin(state(&[unit(1, None)])).run().with_status(76);
    assert!(ran.stderr.contains("it ends with /api/v1_1"), "{}", ran.stderr);
}

#[test]
fn a_partial_input_deletes_nothing() {
    let town_hall = Town::new();
    let lines = town(6);
    town_hall.push(state(&lines)).with_status(0);
    let whole = state(&lines[..7]);
    let without_end: String = whole.lines().take(7).flat_map(|line| [line, "\n"]).collect();
    let ran = town_hall.push(without_end).with_status(4);
    assert_eq!(count(&ran, "deleted"), 0);
    let marked = format!("{}{}", changes(&[delete("user", 100)]).replace("true", "false"), "");
    town_hall.push(marked).with_status(4);
    let registry = town_hall.stsorgsync.registry();
    assert!(registry.deleted().is_empty() && registry.get(Kind::User, &uuid(100)).is_some());
}
