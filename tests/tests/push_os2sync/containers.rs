//! Containers that are taken away: never while something of them is unknown, failed, skipped or blocked.

use super::*;
use muster_tests::simulator::{Fault, Rule};

/// A town whose unit 2, with 3 in it, is gone; `more` stands beside what is left.
fn without_unit_2(town_hall: &Town, more: &[Value]) -> Ran {
    let mut lines = vec![unit(1, None), unit(4, Some(1)), user(100, &[1])];
    lines.extend(more.iter().cloned());
    town_hall.push_with(&["--max-deletes", "100%"], state(&lines))
}

fn owning() -> Town {
    let mut lines = town(1);
    lines.push(user(150, &[3]));
    Town::owning(&lines)
}

#[test]
fn a_unit_goes_with_all_that_is_in_it() {
    let town_hall = owning();
    without_unit_2(&town_hall, &[]).with_status(0);
    assert_eq!(town_hall.deleted(), [150, 3, 2]);
}

#[test]
fn a_unit_stays_while_somebody_in_it_is_unknown() {
    let town_hall = owning();
    let ran = without_unit_2(&town_hall, &[error("user", &uuid(150))]).with_status(1);
    assert_eq!(town_hall.deleted(), NOBODY);
    assert_eq!(result(&ran, 3)["error"], format!("user {}, which lies in it, stays", uuid(150)));
    assert_eq!(result(&ran, 2)["error"], "something in it stays");
    assert_eq!(counts(&ran)["skipped"], 2);
}

#[test]
fn a_unit_stays_while_somebody_in_it_could_not_be_taken_away() {
    let town_hall = owning();
    town_hall.os2sync.faults().add(Rule::always(Fault::Status(400)).path(&uuid(150)));
    let ran = without_unit_2(&town_hall, &[]).with_status(1);
    assert_eq!(town_hall.deleted(), NOBODY);
    assert_eq!(
        (&result(&ran, 3)["status"], &result(&ran, 2)["status"]),
        (&json!("skipped"), &json!("skipped"))
    );
    town_hall.os2sync.faults().clear();
    without_unit_2(&town_hall, &[]).with_status(0);
    assert_eq!(town_hall.deleted(), [150, 3, 2]);
}

#[test]
fn a_unit_stays_while_somebody_who_moves_out_of_it_could_not_be_moved() {
    let town_hall = owning();
    town_hall.os2sync.faults().add(Rule::always(Fault::Status(400)).path("/user"));
    without_unit_2(&town_hall, &[user(150, &[4])]).with_status(1);
    assert_eq!(town_hall.deleted(), NOBODY);
    town_hall.os2sync.faults().clear();
    without_unit_2(&town_hall, &[user(150, &[4])]).with_status(0);
    assert_eq!(town_hall.deleted(), [3, 2]);
}

#[test]
fn a_unit_stays_while_somebody_in_it_is_refused_or_comes_twice() {
    for wrong in [
        vec![json!({ "_kind": "user", "_key": uuid(150), "Positions": [] })],
        vec![user(150, &[4]), user(150, &[1])],
    ] {
        let town_hall = owning();
        without_unit_2(&town_hall, &wrong).with_status(1);
        assert_eq!(town_hall.deleted(), NOBODY);
    }
}

#[test]
fn a_unit_stays_while_a_unit_says_that_it_lies_in_it() {
    let town_hall = owning();
    let ran = without_unit_2(&town_hall, &[unit(3, Some(2)), user(150, &[3])]).with_status(1);
    assert_eq!(town_hall.deleted(), NOBODY);
    assert_eq!(result(&ran, 2)["status"], "skipped");
    // Moved elsewhere, it does not hold it.
    without_unit_2(&town_hall, &[unit(3, Some(4)), user(150, &[3])]).with_status(0);
    assert_eq!(town_hall.deleted(), [2]);
}

#[test]
fn a_unit_stays_while_somebody_in_it_waits_for_the_next_run() {
    let town_hall = owning();
    let mut lines =
        vec![unit(1, None), unit(4, Some(1)), unit(2, Some(1)), unit(3, Some(2)), user(100, &[1])];
    let wait = ["--after-runs", "2", "--max-deletes", "100%"];
    lines.retain(|line| line["_key"] != uuid(3).as_str());
    town_hall.push_with(&wait, state(&[&lines[..], &[user(150, &[3])]].concat())).with_status(0);
    // The unit's time has come, the user's has not.
    let ran = town_hall.push_with(&wait, state(&lines)).with_status(1);
    assert_eq!((town_hall.deleted(), &result(&ran, 3)["status"]), (vec![], &json!("skipped")));
    town_hall.push_with(&wait, state(&lines)).with_status(0);
    assert_eq!(town_hall.deleted(), [150, 3]);
}
