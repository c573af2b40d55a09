//! Objects that are ours and missing: only from a whole input, only of its own scope, only when their time has come.

use super::*;

fn gone(town_hall: &Town, arguments: &[&str], lines: &[Value]) -> Ran {
    town_hall.push_with(&[arguments, &["--max-deletes", "100%"]].concat(), state(lines))
}

#[test]
fn who_is_missing_is_deleted_and_nobody_else() {
    let town_hall = Town::owning(&town(3));
    let ran = town_hall.push(state(&town(2))).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 6), ("unchanged", 6), ("deleted", 1)]));
    let result = result(&ran, 102);
    assert_eq!((&result["op"], &result["cause"]), (&json!("delete"), &json!("missing")));
    assert_eq!(town_hall.deleted(), [102]);
    town_hall.push(state(&town(2))).with_status(0);
    assert!(town_hall.os2sync.seen().is_empty(), "a tombstone is not deleted twice");
    let ran = town_hall.push(state(&town(3))).with_status(0);
    assert_eq!(counts(&ran)["created"], 1);
    assert_eq!(town_hall.os2sync.registry().users().len(), 3);
}

#[test]
fn users_go_first_then_units_children_first() {
    let town_hall = Town::owning(&town(8));
    let in_2_and_3 = [2, 3, 101, 102, 105, 106].map(uuid);
    let left: Vec<Value> = town(8)
        .into_iter()
        .filter(|line| in_2_and_3.iter().all(|gone| line["_key"] != gone.as_str()))
        .collect();
    gone(&town_hall, &[], &left).with_status(0);
    let deleted = town_hall.deleted();
    let mut users = deleted[..4].to_vec();
    users.sort_unstable();
    assert_eq!((users, &deleted[4..]), (vec![101, 102, 105, 106], &[3, 2][..]));
}

#[test]
fn an_unknown_object_is_not_missing_by_its_key_or_by_what_it_came_of() {
    let mut lines = town(0);
    lines.extend([
        user(100, &[1]),
        from(user(101, &[1]), "person", "p101"),
        from(user(102, &[1]), "person", "p102"),
    ]);
    let town_hall = Town::owning(&lines);
    let mut left = town(0);
    left.extend([error("user", &uuid(100)), error("person", "p101")]);
    let ran = gone(&town_hall, &[], &left).with_status(0);
    assert_eq!(counts(&ran)["unknown"], 2);
    assert_eq!(town_hall.deleted(), [102]);
    // Where nothing says what an object came of, its key may be that of any source.
    let mut left = town(0);
    left.extend([error("person", &uuid(100)), error("person", "p101")]);
    gone(&town_hall, &[], &left).with_status(0);
    assert_eq!(town_hall.deleted(), NOBODY);
}

#[test]
fn a_key_that_comes_twice_is_not_missing() {
    let town_hall = Town::owning(&town(2));
    let mut lines = town(2);
    lines.push(user(101, &[2]));
    let ran = gone(&town_hall, &[], &lines).with_status(1);
    assert_eq!(counts(&ran)["unknown"], 2);
    assert_eq!(town_hall.deleted(), NOBODY);
}

#[test]
fn objects_of_another_scope_stay_until_somebody_moves_them() {
    let town_hall = Town::new();
    town_hall.push(scoped("state", "mo://a", &town(4))).with_status(0);
    town_hall.os2sync.forget();
    let ran = town_hall.push(scoped("state", "mo://b", &town(2))).with_status(0);
    assert_eq!(town_hall.deleted(), NOBODY);
    assert!(ran.stderr.contains("2 objects of other scopes stay; --accept-scope-change"), "{}", ran.stderr);
    // Those that the other scope names are its own from then on.
    town_hall.push(scoped("state", "mo://b", &town(1))).with_status(0);
    assert_eq!(town_hall.deleted(), [101]);
    let arguments = ["--accept-scope-change", "--max-deletes", "3"];
    town_hall.push_with(&arguments, scoped("state", "mo://b", &town(1))).with_status(0);
    let mut deleted = town_hall.deleted();
    deleted.sort_unstable();
    assert_eq!(deleted, [102, 103]);
}

#[test]
fn of_two_segments_each_speaks_for_its_own_scope() {
    let (units, people) = (town(0), [user(100, &[1]), user(101, &[1])]);
    let both = |units: &[Value], people: &[Value]| {
        scoped("state", "mo://units", units) + &scoped("state", "mo://people", people)
    };
    let town_hall = Town::new();
    town_hall.push(both(&units, &people)).with_status(0);
    town_hall.os2sync.forget();
    town_hall.push(scoped("state", "mo://units", &units)).with_status(0);
    assert_eq!(town_hall.deleted(), NOBODY, "the people's segment did not come");
    town_hall.push(both(&units, &people[..1])).with_status(0);
    assert_eq!(town_hall.deleted(), [101]);
    // Whoever moves to a scope whose segment broke off must not be deleted on the way.
    let whole = both(&units[..3], &people[..1]);
    let ran = town_hall.push(&whole[..whole.len() - 30]).with_status(4);
    assert_eq!((town_hall.deleted(), counts(&ran).get("deleted")), (vec![], None));
}

#[test]
fn a_stream_of_changes_leaves_who_is_not_in_it() {
    let town_hall = Town::owning(&town(4));
    let ran = town_hall.push(changes(&[user(100, &[2])])).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 1), ("updated", 1)]));
    assert_eq!(town_hall.deleted(), NOBODY);
}

#[test]
fn missing_objects_are_kept_or_made_passive_when_that_is_wished() {
    let town_hall = Town::owning(&town(3));
    let ran = gone(&town_hall, &["--on-missing", "keep"], &town(2)).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 6), ("unchanged", 6)]));
    assert!(town_hall.writes().is_empty());
    let ran = gone(&town_hall, &["--on-missing", "deactivate"], &town(2)).with_status(0);
    assert_eq!(counts(&ran)["passivated"], 1);
    assert_eq!(town_hall.os2sync.registry().passivated().len(), 1);
    town_hall.os2sync.forget();
    gone(&town_hall, &["--on-missing", "deactivate"], &town(2)).with_status(0);
    assert!(town_hall.os2sync.seen().is_empty());
    gone(&town_hall, &[], &town(2)).with_status(0);
    assert_eq!(town_hall.deleted(), [102], "what is passive and still missing can be deleted");
}

#[test]
fn a_missing_object_waits_for_its_third_run_and_begins_anew_when_it_comes_back() {
    let town_hall = Town::owning(&town(3));
    let run = |users: usize| gone(&town_hall, &["--after-runs", "3"], &town(users)).with_status(0);
    assert_eq!(counts(&run(2))["held_back"], 1);
    run(2);
    run(3);
    run(2);
    assert_eq!(counts(&run(2))["held_back"], 1);
    assert_eq!(town_hall.deleted(), NOBODY);
    assert_eq!(counts(&run(2))["deleted"], 1);
    assert_eq!(town_hall.deleted(), [102]);
}

#[test]
fn a_partial_input_is_no_run_in_which_anything_was_missing() {
    let town_hall = Town::owning(&town(3));
    let whole = state(&town(2));
    for _ in 0..3 {
        town_hall.push_with(&["--after-runs", "2"], &whole[..whole.len() - 1]).with_status(4);
    }
    let ran = gone(&town_hall, &["--after-runs", "2"], &town(2)).with_status(0);
    assert_eq!(counts(&ran)["held_back"], 1);
}

#[test]
fn a_missing_object_waits_for_its_days() {
    let town_hall = Town::owning(&town(3));
    for _ in 0..3 {
        gone(&town_hall, &["--after-days", "2"], &town(2)).with_status(0);
    }
    assert_eq!(town_hall.deleted(), NOBODY);
    let two_days_ago =
        "UPDATE object SET missing_since = missing_since - 172800 WHERE missing_since IS NOT NULL";
    town_hall.sql(two_days_ago);
    gone(&town_hall, &["--after-days", "2"], &town(2)).with_status(0);
    assert_eq!(town_hall.deleted(), [102]);
}

#[test]
fn the_top_unit_is_never_missing() {
    let town_hall = Town::owning(&town(1));
    let lines: Vec<Value> = town(1).into_iter().filter(|line| line["_key"] != uuid(1).as_str()).collect();
    let ran = gone(&town_hall, &[], &lines).with_status(1);
    assert_eq!(result(&ran, 1)["status"], "blocked");
    assert_eq!(town_hall.deleted(), NOBODY);
}

#[test]
fn a_change_does_not_move_its_object_to_another_scope_or_source() {
    let mut lines = town(1);
    lines.push(from(user(101, &[1]), "person", "p1"));
    let town_hall = Town::owning(&lines);
    town_hall.push(scoped("changes", "rejects", &[user(100, &[2]), user(101, &[2])])).with_status(0);
    let mut left = town(0);
    left.push(error("person", "p1"));
    town_hall.push(state(&left)).with_status(0);
    assert_eq!(town_hall.deleted(), [100]);
}
