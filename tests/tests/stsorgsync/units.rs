//! The top unit: the only one without a parent, and the one that is never taken away.

use super::*;

#[test]
fn a_second_unit_without_parent_is_refused() {
    let town = Town::new();
    town.push(state(&[unit(1, None), unit(2, Some(1))])).with_status(0);
    let ran = town.push(state(&[unit(1, None), unit(2, Some(1)), unit(5, None)])).with_status(1);
    let why = result(&ran, 5)["error"].as_str().unwrap().to_owned();
    assert!(why.contains("would become the root of the organisation"), "{why}");
    assert_eq!(town.stsorgsync.registry().units().len(), 2);
}

#[test]
fn of_two_at_once_neither_is_sent_until_one_is_named() {
    let town = Town::new();
    let input = state(&[unit(1, None), unit(5, None)]);
    let ran = town.push(input.as_str()).with_status(1);
    assert_eq!(count(&ran, "failed"), 2);
    assert!(ran.stdout.contains("name the top unit with --top-unit"));
    let ran = town.command().args(["--top-unit", &uuid(5).to_uppercase()]).stdin(input).run().with_status(1);
    assert_eq!(
        (&result(&ran, 5)["status"], &result(&ran, 1)["status"]),
        (&json!("accepted"), &json!("failed"))
    );
}

#[test]
fn the_top_unit_is_never_deleted() {
    let town = Town::new();
    town.push(state(&[unit(1, None), unit(2, Some(1))])).with_status(0);
    let ran = town.push(changes(&[delete("org_unit", 1), delete("org_unit", 2)])).with_status(1);
    assert_eq!((&result(&ran, 1)["status"], count(&ran, "deleted")), (&json!("blocked"), 1));
    assert_eq!(town.stsorgsync.registry().units().len(), 1);
}
