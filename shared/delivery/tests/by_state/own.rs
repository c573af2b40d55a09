//! What is ours, and what is not: look-ups before creates, foreign objects.

use crate::bureau::{Bureau, equipped, error, everybody, stream, team, user};
use muster_base::Exit;
use muster_changes::Limit;
use muster_delivery::{Foreign, Options};
use serde_json::json;

#[test]
fn one_hit_is_adopted_and_of_several_none() {
    let mut bureau = Bureau::new();
    bureau.office.place("7", "user", "ane", "ANE@example.org");
    bureau.office.place("8", "user", "bo", "bo@example.org");
    bureau.office.place("9", "user", "bo the second", "bo@example.org");
    let summary = bureau.push(&[user("a", "ane"), user("b", "bo")]);
    let users = &summary.kinds["user"];
    assert_eq!((users.adopted, users.unchanged, users.failed, users.created), (1, 1, 1, 0));
    assert!(summary.first_failure.unwrap().contains("2 objects of the target may be it"));
    assert!(bureau.done().is_empty());
    // It is ours from then on: when it is missing, it goes.
    bureau.push(&[user("b", "bo")]);
    assert_eq!(bureau.done(), ["passivate user a"]);
    assert!(!bureau.office.things.borrow()["7"].is_active);
}

#[test]
fn two_records_do_not_adopt_the_same_object() {
    let mut bureau = Bureau::new();
    bureau.office.place("7", "user", "ane", "ane@example.org");
    let summary = bureau.push(&[user("a", "ane"), user("a2", "ane")]);
    assert_eq!((summary.kinds["user"].failed, bureau.done()), (2, vec![]));
}

#[test]
fn a_new_key_takes_the_row_of_a_missing_one_over() {
    let mut bureau = equipped();
    let mut lines = everybody();
    lines[0]["_key"] = json!("new");
    lines[2]["members"] = json!(["new", "b"]);
    let summary = bureau.push(&lines);
    assert_eq!(summary.exit(), Exit::Done);
    assert!(bureau.done().is_empty(), "nobody is made or deactivated");
    // As long as the old key is there, the object is its own.
    let summary = bureau.push(&[lines.as_slice(), &[user("third", "ane")]].concat());
    assert_eq!(summary.kinds["user"].failed, 1);
    assert!(summary.first_failure.unwrap().contains("is user new"));
}

#[test]
fn foreign_objects_go_in_the_form_of_the_missing_ones() {
    let mut bureau = equipped();
    bureau.office.place("7", "user", "eva", "eva@example.org");
    bureau.office.place("8", "user", "root", "root@example.org");
    bureau.office.with("8", |thing| thing.is_admin = true);
    assert_eq!(bureau.push(&everybody()).kinds["user"].foreign, 2);
    let washing = |options| Options { foreign: Foreign::Delete, max_foreign: Limit::Count(1), ..options };
    // A line that cannot be pushed may mean any of them.
    let mut lines = everybody();
    lines.push(json!({ "_kind": "user", "_key": "e", "mail": "eva@example.org" }));
    bureau.push_with(&stream(&lines), washing);
    assert!(bureau.done().is_empty());
    let summary = bureau.push_with(&stream(&everybody()), washing);
    assert_eq!((summary.kinds["user"].passivated, bureau.done()), (1, vec!["passivate user 7".to_owned()]));
    bureau.push_with(&stream(&everybody()), washing);
    assert!(bureau.done().is_empty());
}

#[test]
fn a_team_stays_while_something_that_is_not_ours_lies_in_it() {
    let mut bureau = equipped();
    bureau.office.place("7", "team", "by hand", "");
    bureau.office.with("7", |thing| thing.parent = Some("id-t2".to_owned()));
    let lines = [user("a", "ane"), user("b", "bo"), team("t1", "", &["a", "b"])];
    let summary = bureau.push(&lines);
    assert_eq!((summary.kinds["team"].skipped, bureau.done()), (1, vec![]));
    bureau.office.things.borrow_mut().remove("7");
    bureau.push(&lines);
    assert_eq!(bureau.done(), ["delete team t2"]);
}

#[test]
fn administrators_are_never_taken_away() {
    let mut bureau = equipped();
    bureau.office.with("id-b", |thing| thing.is_admin = true);
    let summary = bureau.push(&[user("a", "ane"), team("t1", "", &["a"]), team("t2", "t1", &[])]);
    assert_eq!(summary.kinds["user"].blocked, 1);
    assert!(bureau.office.things.borrow()["id-b"].is_active);
}

#[test]
fn a_target_is_told_what_becomes_of_what_is_ours() {
    let mut bureau = equipped();
    bureau.push(&[user("a", "ane"), error("user", "b"), team("t1", "", &["a", "b"])]);
    assert_eq!(
        bureau.office.possessions,
        ["team t1 Wanted", "team t2 Goes", "user a Wanted", "user b Unknown"]
    );
}
