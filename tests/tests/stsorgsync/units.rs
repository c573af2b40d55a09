//! The top unit: the only one without a parent, and the one that is never taken away.

use super::*;
use muster_tests::simulator::stsorgsync::Kind;

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

#[test]
fn a_unit_whose_parent_the_registry_does_not_have_is_told_of() {
    let lines = state(&[unit(2, Some(1)), unit(3, Some(2)), user(100, &[3])]);
    let town = Town::new();
    let ran = town.push(lines.as_str()).with_status(0);
    let note = result(&ran, 2)["note"].as_str().unwrap_or_default().to_owned();
    assert!(note.contains(&uuid(1)) && note.contains("which the registry does not have"), "{note}");
    assert!(result(&ran, 3).get("note").is_none());
    assert_eq!(ran.stderr.matches("take the unit above into the input").count(), 1, "{}", ran.stderr);

    // Where somebody else brought it, all is well; it is asked for once.
    let town = Town::new();
    town.stsorgsync.place(Kind::Unit, json!({ "Uuid": uuid(1), "Name": "Kommune" }));
    let ran = town.push(lines).with_status(0);
    assert!(result(&ran, 2).get("note").is_none() && !ran.stderr.contains("unit above"), "{}", ran.stderr);
    assert!(town.stsorgsync.registry().failures().is_empty());
    assert_eq!(town.stsorgsync.seen().iter().filter(|seen| seen.method == "GET").count(), 1);
}
