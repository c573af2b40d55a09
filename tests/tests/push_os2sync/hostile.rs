//! What a slip of the hand or a broken input must not destroy.

use super::*;

/// A town with eight users, a unit 5 and in it a unit 6.
fn with_wing() -> Town {
    let mut lines = town(8);
    lines.extend([unit(5, Some(4)), unit(6, Some(5))]);
    Town::owning(&lines)
}

fn only(kind: &str, n: usize) -> String {
    format!("{kind}/{}", uuid(n))
}

#[test]
fn a_unit_that_alone_is_to_go_stays_while_something_lies_in_it() {
    let town_hall = with_wing();
    let (five, six) = (only("org_unit", 5), only("org_unit", 6));
    let push = |arguments: &[&str]| {
        let all: Vec<&str> = ["--max-deletes", "10"].iter().chain(arguments).copied().collect();
        town_hall.push_with(&all, state(&town(8)))
    };
    let ran = push(&["--only", &five]).with_status(1);
    assert_eq!(result(&ran, 5)["error"], "an object lies in it that --only does not name");
    assert_eq!(town_hall.deleted(), NOBODY);
    push(&["--only", &five, "--only", &six]).with_status(0);
    assert_eq!(town_hall.deleted(), [6, 5]);
}

#[test]
fn a_unit_that_users_leave_stays_while_they_may_not() {
    let town_hall = Town::owning(&[unit(1, None), unit(2, Some(1)), user(100, &[2])]);
    let moved = state(&[unit(1, None), user(100, &[1])]);
    town_hall.push_with(&["--only", &only("org_unit", 2)], moved.as_str()).with_status(1);
    assert_eq!(town_hall.deleted(), NOBODY);
    town_hall.push(moved).with_status(0);
    assert_eq!(town_hall.deleted(), [2]);
}

#[test]
fn a_unit_that_alone_is_to_be_made_waits_for_its_parent() {
    let town_hall = Town::new();
    let ran = town_hall.push_with(&["--only", &only("org_unit", 3)], state(&town(2))).with_status(1);
    assert_eq!(result(&ran, 3)["error"], "it needs an object that --only does not name");
    assert!(town_hall.writes().is_empty());
    let all = [1, 2, 3].map(|n| only("org_unit", n));
    let all: Vec<&str> = all.iter().flat_map(|one| ["--only", one.as_str()]).collect();
    town_hall.push_with(&all, state(&town(2))).with_status(0);
    assert_eq!(town_hall.writes().len(), 3);
}

#[test]
fn no_file_is_used_for_two_things() {
    let town_hall = with_wing();
    let before = std::fs::read(town_hall.path("ledger")).unwrap();
    std::fs::write(town_hall.path("owned"), "{}").unwrap();
    for (arguments, said) in [
        (&["--rejects", "./ledger"][..], "--rejects names the ledger"),
        (&["--rejects", "owned", "--adopt-from", "owned"], "--rejects names the file of --adopt-from"),
        (&["--rejects", "new", "--keep-before", "./new"], "--rejects names the file of --keep-before"),
        (&["--keep-before", "ledger"], "--keep-before names the ledger"),
    ] {
        let ran = town_hall.push_with(arguments, state(&town(8))).with_status(64);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
    assert_eq!(std::fs::read(town_hall.path("ledger")).unwrap(), before);
    assert_eq!(text(&town_hall.path("owned")), "{}");
}

#[test]
fn an_object_whose_key_is_written_in_another_way_is_not_missing() {
    let town_hall = with_town();
    let plain = uuid(0xab).replace('-', "");
    for key in [format!("{{{}}}", uuid(0xab)), format!(" {}", uuid(0xab)), plain.to_uppercase()] {
        let mut strange = user(0xab, &[1]);
        strange["_key"] = json!(key);
        let mut lines = town(2);
        lines.push(strange);
        let ran = town_hall.push(state(&lines)).with_status(1);
        assert_eq!(counts(&ran).get("failed"), Some(&1), "{key}");
        assert_eq!(town_hall.deleted(), NOBODY, "{key}");
    }
    // So is one of whose source an `_error` tells.
    let mut lines = town(2);
    lines.push(error("employee", &uuid(0xab).to_uppercase()));
    town_hall.push(state(&lines)).with_status(0);
    assert_eq!(town_hall.deleted(), NOBODY);
}

fn with_town() -> Town {
    let mut lines = town(2);
    lines.push(user(0xab, &[1]));
    Town::owning(&lines)
}

#[test]
fn nobody_is_deleted_because_the_key_of_a_mapping_broke() {
    let mut lines = town(2);
    lines.push(from(user(110, &[1]), "employee", "e1"));
    for form in ["state", "changes"] {
        let town_hall = Town::owning(&lines);
        let mut broken = from(user(110, &[1]), "employee", "e1");
        broken["_key"] = json!("ane");
        let mut sent = town(2);
        sent.extend([broken, from(user(111, &[1]), "employee", "e1")]);
        town_hall.push(scoped(form, "test", &sent)).with_status(1);
        assert_eq!(town_hall.deleted(), NOBODY, "{form}");
    }
}

#[test]
fn what_an_exported_ledger_took_away_is_not_adopted() {
    let town_hall = with_wing();
    town_hall.push_with(&["--max-deletes", "10"], state(&town(7))).with_status(0);
    town_hall.os2sync.forget();
    let exported = town_hall.push_with(&["--export"], "").with_status(0).stdout;
    assert!(exported.contains("\"state\":\"deleted\""), "{exported}");
    std::fs::write(town_hall.path("owned"), exported).unwrap();
    let arguments = ["--ledger", "new", "--adopt-from", "owned"];
    town_hall.command().args(arguments).stdin(state(&town(7))).run().with_status(0);
    assert_eq!(town_hall.deleted(), NOBODY);
}

#[test]
fn kinds_that_the_target_lacks_are_not_adopted() {
    let town_hall = Town::new();
    std::fs::write(town_hall.path("owned"), format!("{}\n", json!({ "_kind": "employee", "_key": uuid(1) })))
        .unwrap();
    let ran = town_hall.push_with(&["--adopt-from", "owned"], state(&town(1))).with_status(65);
    assert!(ran.stderr.contains("line 1 cannot be read: the target has no 'employee'"), "{}", ran.stderr);
    assert!(town_hall.os2sync.seen().is_empty());
}

#[test]
fn missing_objects_that_are_kept_are_kept_in_a_stream_of_changes_too() {
    let mut lines = town(0);
    lines.extend([from(user(100, &[1]), "person", "p1"), from(user(101, &[1]), "person", "p1")]);
    let town_hall = Town::owning(&lines);
    let keep = ["--on-missing", "keep", "--max-deletes", "10"];
    let dropped = from(json!({ "_op": "delete", "_kind": "user", "_key": "p1" }), "person", "p1");
    town_hall.push_with(&keep, changes(&[dropped])).with_status(0);
    town_hall.push_with(&keep, changes(&[from(user(100, &[1]), "person", "p1")])).with_status(0);
    assert_eq!(town_hall.deleted(), NOBODY);
    // A delete in so many words is one.
    town_hall.push_with(&keep, changes(&[delete("user", 101)])).with_status(0);
    assert_eq!(town_hall.deleted(), [101]);
}

#[test]
fn a_slip_in_the_kind_to_send_again_is_told() {
    let town_hall = with_town();
    let ran = town_hall.push_with(&["--resend", "users"], state(&town(2))).with_status(64);
    assert!(ran.stderr.contains("its kinds are org_unit, user"), "{}", ran.stderr);
    assert!(town_hall.os2sync.seen().is_empty());
}
