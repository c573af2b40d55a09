//! Steps that fail, and runs that are killed.

use crate::bureau::{Bureau, equipped, everybody, options, stream, user};
use muster_base::Exit;
use muster_delivery::{Ledger, push};
use muster_stream::Writer;

#[test]
fn a_step_that_fails_leaves_the_object_to_be_done_again() {
    let mut bureau = Bureau::new();
    bureau.office.failing = vec!["members team t1", "create user b"];
    let summary = bureau.push(&everybody());
    assert_eq!((summary.kinds["team"].failed, summary.kinds["user"].failed), (1, 1));
    assert_eq!(summary.kinds["team"].created, 1, "t2 lies in t1, which was made");
    bureau.office.failing.clear();
    bureau.office.done();
    bureau.push(&everybody());
    assert_eq!(bureau.done(), ["create user b", "members team t1", "members team t2"]);
    bureau.push(&everybody());
    assert!(bureau.done().is_empty());
}

#[test]
fn what_could_not_be_made_is_not_worked_on_and_neither_is_what_lies_in_it() {
    let mut bureau = Bureau::new();
    bureau.office.failing = vec!["create team t1"];
    let summary = bureau.push(&everybody());
    assert_eq!((summary.kinds["team"].failed, summary.kinds["team"].skipped), (1, 1));
    assert_eq!(bureau.done(), ["create user a", "create user b"]);
}

#[test]
fn a_create_whose_answer_was_lost_is_looked_for_and_not_repeated() {
    let mut bureau = Bureau::new();
    bureau.office.dying = Some("create team t1");
    let summary = bureau.push(&everybody());
    assert_eq!(summary.exit(), Exit::Unavailable);
    bureau.office.dying = None;
    bureau.office.done();
    // The office itself asserts that nothing is made twice.
    assert_eq!(bureau.push(&everybody()).exit(), Exit::Done);
    assert_eq!(bureau.done(), ["create team t2", "members team t1", "members team t2"]);
    assert_eq!(bureau.office.things.borrow().len(), 4);
}

#[test]
fn a_target_that_was_not_read_whole_is_not_compared_with() {
    let mut bureau = equipped();
    bureau.office.doubt = Some("page 2 is missing".to_owned());
    let mut output = Writer::new(Box::new(std::io::sink()), "test");
    let options = options(&bureau.dir.path().join("ledger"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let input = stream(&everybody());
    let pushed =
        push(&mut bureau.office, input.as_bytes(), &mut output, &options, std::future::pending(), &|_| ());
    let error = runtime.block_on(pushed).err().unwrap();
    assert_eq!(error.exit(), Exit::Unavailable);
    assert!(error.to_string().contains("page 2 is missing"), "{error}");
}

#[test]
fn a_run_that_is_killed_in_the_middle_of_a_create_does_not_make_it_twice() {
    let mut bureau = Bureau::new();
    bureau.office.hanging = Some("create team t1");
    bureau.kill(&everybody());
    let ledger = bureau.dir.path().join("ledger");
    // Its intent was on the disk before it was sent.
    let left = Ledger::glance(&ledger).unwrap().unwrap();
    assert!(left.in_doubt().unwrap().contains(&("team".to_owned(), "t1".to_owned())));
    assert_eq!(left.known("team", "t1").unwrap().unwrap().state, muster_delivery::State::Pending);
    drop(left);

    assert_eq!(bureau.push(&everybody()).exit(), Exit::Done);
    assert_eq!(bureau.done(), ["create team t2", "members team t1", "members team t2"]);
    assert!(Ledger::glance(&ledger).unwrap().unwrap().in_doubt().unwrap().is_empty());
}

#[test]
fn a_create_that_must_not_be_repeated_is_looked_for_once_it_is_in_doubt() {
    let mut bureau = Bureau::new();
    (bureau.office.by_ledger, bureau.office.is_careless) = (true, true);
    bureau.office.hanging = Some("create user a");
    bureau.kill(&[user("a", "ane"), user("b", "bo")]);
    // The office itself asserts that nothing is made twice.
    let summary = bureau.push(&[user("a", "ane"), user("b", "bo")]);
    assert_eq!((summary.exit(), summary.kinds["user"].adopted >= 1), (Exit::Done, true));
    assert_eq!(bureau.office.things.borrow().len(), 2);
}
