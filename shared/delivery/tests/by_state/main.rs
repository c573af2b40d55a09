//! The engine on a target that is compared by state: ids of its own, look-ups before creates, several steps an object.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails as the test does")]
#![allow(missing_docs, reason = "a test has no readers but its own")]

mod bureau;
mod by_ledger;
mod failures;
mod office;
mod own;
mod references;

use crate::bureau::{Bureau, equipped, everybody, stream, team, user};
use muster_base::Exit;
use muster_delivery::Options;

#[test]
fn objects_are_made_in_steps_and_their_ids_are_known_to_the_next_ones() {
    let mut bureau = Bureau::new();
    let summary = bureau.push(&everybody());
    assert_eq!(
        (summary.exit(), summary.kinds["team"].created, summary.kinds["user"].created),
        (Exit::Done, 2, 2)
    );
    let all = bureau.office.done();
    let at = |what: &str| all.iter().position(|done| done == what).unwrap();
    assert!(at("create user a") < at("create team t1") && at("create team t1") < at("create team t2"));
    assert!(at("create team t2") < at("members team t1"));
    assert_eq!(bureau.members("id-t1"), ["id-a", "id-b"]);
    assert_eq!(bureau.office.things.borrow()["id-t2"].parent.as_deref(), Some("id-t1"));
    let summary = bureau.push(&everybody());
    assert_eq!((bureau.done(), summary.kinds["team"].unchanged), (vec![], 2));
}

#[test]
fn what_the_target_shows_decides_what_changed() {
    let mut bureau = equipped();
    bureau.office.with("id-a", |thing| thing.name = "changed by hand".to_owned());
    bureau.office.with("id-b", |thing| thing.is_active = false);
    bureau.push(&everybody());
    assert_eq!(bureau.done(), ["change user a", "change user b"]);
    // Whoever was taken away by hand is made anew.
    bureau.office.things.borrow_mut().remove("id-a");
    bureau.push(&everybody());
    assert_eq!(bureau.done(), ["create user a", "members team t1"]);
}

#[test]
fn the_missing_go_by_the_rule_of_their_kind() {
    let mut bureau = equipped();
    let summary = bureau.push(&[user("a", "ane"), team("t1", "", &["a"])]);
    assert_eq!((summary.kinds["user"].passivated, summary.kinds["team"].deleted), (1, 1));
    assert_eq!(bureau.done(), ["delete team t2", "members team t1", "passivate user b"]);
    bureau.push(&[user("a", "ane"), team("t1", "", &["a"])]);
    assert!(bureau.done().is_empty());
    // Back again: not made anew, but made active.
    bureau.push(&everybody());
    assert_eq!(bureau.done(), ["change user b", "create team t2", "members team t1", "members team t2"]);
}

#[test]
fn a_dry_run_shows_every_step_and_does_none() {
    let mut bureau = Bureau::new();
    let summary = bureau.push_with(&stream(&everybody()), |options| Options { dry_run: true, ..options });
    assert_eq!((summary.kinds["team"].created, bureau.done()), (2, vec![]));
    assert!(!bureau.dir.path().join("ledger").exists());
}

#[test]
fn a_step_may_find_nothing_left_to_do() {
    let mut bureau = equipped();
    bureau.office.with("id-a", |thing| thing.name = "changed by hand".to_owned());
    bureau.office.idle = vec!["change user a"];
    let summary = bureau.push(&everybody());
    let users = &summary.kinds["user"];
    assert_eq!((summary.exit(), users.unchanged, users.updated), (Exit::Done, 2, 0));
    // What an earlier step did is not hidden by a later one that is idle.
    let mut bureau = Bureau::new();
    bureau.office.idle = vec!["members team t1"];
    assert_eq!(bureau.push(&everybody()).kinds["team"].created, 2);
}
