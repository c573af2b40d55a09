//! Objects of the server that this pipeline did not bring, from the lists of uuids.

use super::*;
use muster_tests::simulator::stsorgsync::Kind;
use muster_tests::simulator::{Fault, Rule};

#[test]
fn foreign_objects_are_listed_and_left_alone() {
    let town = Town::new();
    town.stsorgsync.place(Kind::User, json!({ "Uuid": uuid(900).to_uppercase(), "UserId": "x" }));
    let input = state(&[unit(1, None), user(100, &[1])]);
    let ran = town.command().args(["--foreign", "list"]).stdin(input).run().with_status(0);
    assert_eq!((count(&ran, "foreign"), &result(&ran, 900)["status"]), (1, &json!("foreign")));
    assert_eq!(town.stsorgsync.registry().users().len(), 2);
}

#[test]
fn foreign_objects_go_when_that_is_asked_for_and_allowed() {
    let town = Town::new();
    town.stsorgsync.place(Kind::User, json!({ "Uuid": uuid(900), "UserId": "x" }));
    let input = state(&[unit(1, None), user(100, &[1])]);
    let washing =
        |more: &[&str]| town.command().args(["--foreign", "delete"]).args(more).stdin(input.as_str()).run();
    washing(&[]).with_status(3);
    assert!(town.stsorgsync.registry().deleted().is_empty());
    washing(&["--max-foreign", "1"]).with_status(0);
    assert_eq!(town.stsorgsync.registry().deleted(), [(Kind::User, uuid(900))]);
}

#[test]
fn a_list_that_cannot_be_read_is_an_error() {
    let town = Town::new();
    town.stsorgsync.faults().add(Rule::always(Fault::Text(200, "{}".into())).path("/user"));
    let command = town.command().args(["--foreign", "list", "--retries", "0"]);
    command.stdin(state(&[unit(1, None)])).run().with_status(76);
    assert!(town.stsorgsync.registry().deleted().is_empty());
}
