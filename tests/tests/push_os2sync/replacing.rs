//! Streams of changes: the lines of one source replace all that came of it before.

use super::*;

/// Person p1 has two users, p2 has one.
fn owning() -> Town {
    let mut lines = town(0);
    lines.extend([
        from(user(100, &[1]), "person", "p1"),
        from(user(101, &[2]), "person", "p1"),
        from(user(102, &[1]), "person", "p2"),
    ]);
    Town::owning(&lines)
}

/// As `map` makes it when its `when` no longer holds: with the key of the source.
fn dropped(key: &str) -> Value {
    from(json!({ "_op": "delete", "_kind": "user", "_key": key }), "person", key)
}

fn push(town_hall: &Town, lines: &[Value]) -> Ran {
    town_hall.push_with(&["--max-deletes", "10"], changes(lines))
}

#[test]
fn what_a_source_no_longer_gives_is_deleted() {
    let town_hall = owning();
    let ran = push(&town_hall, &[from(user(100, &[1]), "person", "p1")]).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 1), ("unchanged", 1), ("deleted", 1)]));
    assert_eq!(result(&ran, 101)["cause"], "replaced");
    assert_eq!(town_hall.deleted(), [101]);
}

#[test]
fn a_delete_of_map_takes_all_that_came_of_the_source() {
    let town_hall = owning();
    push(&town_hall, &[dropped("p1")]).with_status(0);
    let mut deleted = town_hall.deleted();
    deleted.sort_unstable();
    assert_eq!(deleted, [100, 101]);
    push(&town_hall, &[dropped("p1")]).with_status(0);
    assert!(town_hall.os2sync.seen().is_empty());
}

#[test]
fn a_delete_of_map_does_not_hit_another_object_of_that_key() {
    // The key of the person p2 is that of another person's user.
    let mut lines = town(0);
    lines.extend([from(user(100, &[1]), "person", "p1"), from(user(102, &[1]), "person", &uuid(100))]);
    let town_hall = Town::owning(&lines);
    push(&town_hall, &[dropped(&uuid(100))]).with_status(0);
    assert_eq!(town_hall.deleted(), [102]);
}

#[test]
fn a_change_of_diff_is_about_its_own_object_alone() {
    let town_hall = owning();
    let after = user(100, &[2]);
    let update = from(
        json!({ "_op": "update", "_kind": "user", "_key": uuid(100), "after": after, "before": {}, "changed": ["/Positions"] }),
        "person",
        "p1",
    );
    push(&town_hall, &[update]).with_status(0);
    assert_eq!(town_hall.deleted(), NOBODY);
    let delete = from(
        json!({ "_op": "delete", "_kind": "user", "_key": uuid(100), "before": { "UserId": "u100" } }),
        "person",
        "p1",
    );
    push(&town_hall, &[delete]).with_status(0);
    assert_eq!(town_hall.deleted(), [100]);
}

#[test]
fn rejects_that_are_pushed_again_replace_nothing() {
    let town_hall = owning();
    let mut reject = from(user(100, &[2]), "person", "p1");
    reject["_reject"] = json!({ "line": 1, "reason": "HTTP 500" });
    let ran = push(&town_hall, &[reject]).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 1), ("updated", 1)]));
}

#[test]
fn an_unknown_source_replaces_nothing() {
    let town_hall = owning();
    push(&town_hall, &[from(user(100, &[2]), "person", "p1"), error("person", "p1")]).with_status(1);
    assert!(town_hall.writes().is_empty());
    push(&town_hall, &[from(user(100, &[2]), "person", "p1"), error("user", &uuid(101))]).with_status(0);
    assert_eq!(town_hall.deleted(), NOBODY);
}

#[test]
fn a_partial_stream_replaces_nothing() {
    let town_hall = owning();
    let whole = changes(&[from(user(100, &[2]), "person", "p1"), dropped("p2")]);
    town_hall.push_with(&["--max-deletes", "10"], &whole[..whole.len() - 1]).with_status(4);
    assert_eq!(town_hall.deleted(), NOBODY);
}

#[test]
fn replaced_objects_are_within_the_guard() {
    let town_hall = owning();
    town_hall.push(changes(&[dropped("p1")])).with_status(3);
    assert!(town_hall.os2sync.seen().is_empty());
}
