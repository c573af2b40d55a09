//! The same target compared by the ledger.

use crate::bureau::{Bureau, error, everybody, team, user};
use serde_json::json;

#[test]
fn by_ledger_a_member_with_an_unknown_referent_is_not_hashed() {
    let mut bureau = Bureau::new();
    bureau.office.by_ledger = true;
    bureau.push(&everybody());
    bureau.office.done();
    let mut lines = everybody();
    lines[2] = team("t1", "", &["a", "c"]);
    bureau.push(&[lines.as_slice(), &[error("user", "c")]].concat());
    assert!(bureau.done().is_empty(), "nothing else of the team changed");
    lines[2]["name"] = json!("renamed");
    bureau.push(&[lines.as_slice(), &[error("user", "c")]].concat());
    assert_eq!((bureau.done(), bureau.members("id-t1").len()), (vec!["members team t1".to_owned()], 2));
    // Known again and as it was: nothing to do.
    lines[2]["members"] = json!(["a", "b"]);
    bureau.push(&lines);
    assert!(bureau.done().is_empty());
    lines[2]["members"] = json!(["a"]);
    bureau.push(&lines);
    assert_eq!((bureau.done(), bureau.members("id-t1").len()), (vec!["members team t1".to_owned()], 1));
}

#[test]
fn by_ledger_the_target_is_asked_before_anything_is_made() {
    let mut bureau = Bureau::new();
    bureau.office.by_ledger = true;
    bureau.office.place("7", "user", "ane", "ane@example.org");
    let summary = bureau.push(&[user("a", "ane"), user("b", "bo")]);
    assert_eq!((summary.kinds["user"].adopted, summary.kinds["user"].created), (1, 1));
    assert_eq!(bureau.done(), ["change user a", "create user b"]);
    bureau.push(&[user("a", "ane"), user("b", "bo")]);
    assert!(bureau.done().is_empty());
    bureau.push(&[user("b", "bo")]);
    assert_eq!(bureau.done(), ["passivate user a"]);
    assert!(!bureau.office.things.borrow()["7"].is_active);
}

#[test]
fn by_ledger_a_record_is_sent_again_when_what_it_names_is_there_at_last() {
    let mut bureau = Bureau::new();
    bureau.office.by_ledger = true;
    let team = team("t1", "", &["a", "b"]);
    bureau.push(&[user("a", "ane"), team.clone()]);
    assert_eq!(bureau.members("id-t1"), ["id-a"]);
    bureau.office.done();
    bureau.push(&[user("a", "ane"), team.clone()]);
    assert!(bureau.done().is_empty(), "it is left out, and that is that");
    bureau.office.failing = vec!["create user b"];
    bureau.push(&[user("a", "ane"), user("b", "bo"), team.clone()]);
    bureau.office.failing.clear();
    bureau.push(&[user("a", "ane"), user("b", "bo"), team.clone()]);
    assert_eq!(bureau.members("id-t1"), ["id-a", "id-b"]);
    bureau.office.done();
    bureau.push(&[user("a", "ane"), user("b", "bo"), team]);
    assert!(bureau.done().is_empty());
}
