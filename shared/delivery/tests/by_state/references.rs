//! Objects that name others: unknown, absent, by another name; members taken out.

use crate::bureau::{Bureau, equipped, error, everybody, stream, team, user};
use muster_base::Exit;
use muster_delivery::Options;
use serde_json::json;

#[test]
fn an_unknown_referent_keeps_the_members_and_an_absent_one_is_left_out() {
    let mut bureau = equipped();
    let mut lines = everybody();
    lines[2] = team("t1", "", &["a", "c"]);
    let summary = bureau.push(&[lines.as_slice(), &[error("user", "c")]].concat());
    assert!(bureau.done().is_empty(), "the team keeps its members");
    assert_eq!(summary.left_out.get("team"), None);
    let summary = bureau.push(&lines);
    assert_eq!((bureau.done(), summary.left_out["team"]), (vec!["members team t1".to_owned()], 1));
    assert_eq!(bureau.members("id-t1"), ["id-a"]);
}

#[test]
fn references_by_another_name_are_resolved() {
    let mut bureau = Bureau::new();
    let mut lines = everybody();
    lines[0]["_alias"] = json!(["CN=Ane,DC=example"]);
    lines[2]["members"] = json!(["CN=Ane,DC=example", "b"]);
    bureau.push(&lines);
    assert_eq!(bureau.members("id-t1"), ["id-a", "id-b"]);
    bureau.office.done();
    // From the ledger too, when the object could not be read this time.
    let summary = bureau.push(&[error("user", "a"), lines[1].clone(), lines[2].clone(), lines[3].clone()]);
    assert_eq!((bureau.done(), summary.kinds["user"].unknown), (vec![], 1));
}

#[test]
fn members_taken_out_are_within_the_guard() {
    let mut bureau = equipped();
    let mut lines = everybody();
    lines[2] = team("t1", "", &[]);
    let default = |options| Options { max_deletes: None, ..options };
    let summary = bureau.push_with(&stream(&lines), default);
    assert_eq!(summary.exit(), Exit::Guard);
    assert!(summary.refusal.unwrap().contains("members of team: 2 of 3 would be taken out; 1 is allowed"));
    assert!(bureau.done().is_empty());
    lines[2] = team("t1", "", &["a"]);
    assert_eq!(bureau.push_with(&stream(&lines), default).exit(), Exit::Done);
    lines[2] = team("t1", "", &[]);
    assert_eq!(bureau.push_with(&stream(&lines), default).exit(), Exit::Guard, "within seven days");
}

#[test]
fn a_partial_input_takes_nobody_out_and_nothing_away() {
    let mut bureau = equipped();
    let whole = stream(&[user("a", "ane"), user("c", "cia"), team("t1", "", &["c"])]);
    let summary = bureau.push_with(&whole[..whole.len() - 1], |options| options);
    assert_eq!(summary.exit(), Exit::Partial);
    assert_eq!(bureau.done(), ["create user c", "members team t1"]);
    assert_eq!(bureau.members("id-t1"), ["id-a", "id-b", "id-c"]);
}
