//! Deletes and passivations: from change lines of a whole input, and from nothing else.

use super::*;
use muster_tests::simulator::os2sync::{Kind, Operation};
use muster_tests::simulator::{Fault, Rule};

fn with_town() -> Town {
    let town_hall = Town::new();
    town_hall.push(state(&town(8))).with_status(0);
    town_hall.os2sync.forget();
    town_hall
}

#[test]
fn change_lines_delete_and_passivate_once() {
    let town_hall = with_town();
    let passivate = json!({ "_op": "passivate", "_kind": "user", "_key": uuid(101).to_uppercase() });
    let input = changes(&[delete("user", 100), passivate]);
    let ran = town_hall.push_with(&["--max-deletes", "2"], input.as_str()).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 2), ("deleted", 1), ("passivated", 1)]));
    let registry = town_hall.os2sync.registry();
    assert_eq!(registry.deleted(), [(Kind::User, uuid(100))]);
    assert_eq!(registry.passivated(), [(Kind::User, uuid(101))]);
    town_hall.os2sync.forget();
    assert_eq!(counts(&town_hall.push(input).with_status(0)), counted([("found", 2), ("unchanged", 2)]));
    assert!(town_hall.os2sync.seen().is_empty());
    // Both come back to life when they are pushed again.
    let ran = town_hall.push(changes(&[user(100, &[1]), user(101, &[1])])).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 2), ("created", 1), ("updated", 1)]));
    assert_eq!(town_hall.os2sync.registry().users().len(), 8);
}

#[test]
fn what_the_ledger_does_not_know_is_not_ours_to_take_away() {
    let town_hall = with_town();
    town_hall.command().stdin(state(&[user(900, &[1])])).run().with_status(0);
    town_hall.os2sync.forget();
    let passivate = json!({ "_op": "passivate", "_kind": "user", "_key": uuid(901) });
    let input = changes(&[delete("user", 900), delete("user", 902), delete("org_unit", 903), passivate]);
    let ran = town_hall.push(input.as_str()).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 4), ("unchanged", 4)]));
    assert!(
        result(&ran, 900)["note"].as_str().unwrap().contains("it is not ours and stays"),
        "{}",
        ran.stdout
    );
    assert!(town_hall.os2sync.seen().is_empty());
    // Without a ledger, what a line says is done.
    town_hall.command().stdin(changes(&[delete("user", 900)])).run().with_status(0);
    assert_eq!(town_hall.deleted(), [900]);
}

#[test]
fn deletes_come_last_users_before_units_and_children_first() {
    let town_hall = with_town();
    let gone = |n: usize, parent: usize| json!({ "_op": "delete", "_kind": "org_unit", "_key": uuid(n), "before": { "ParentOrgUnitUuid": uuid(parent) } });
    let lines =
        [gone(2, 1), gone(3, 2), delete("user", 101), delete("user", 102), user(109, &[4]), unit(5, Some(1))];
    town_hall.push_with(&["--max-deletes", "2"], changes(&lines)).with_status(0);
    let order: Vec<(Kind, Operation)> =
        town_hall.os2sync.registry().writes().iter().map(|w| (w.kind, w.operation)).collect();
    assert_eq!(
        order,
        [
            (Kind::Unit, Operation::Update),
            (Kind::User, Operation::Update),
            (Kind::User, Operation::Delete),
            (Kind::User, Operation::Delete),
            (Kind::Unit, Operation::Delete),
            (Kind::Unit, Operation::Delete),
        ]
    );
    let writes = town_hall.writes();
    assert_eq!((&writes[4].uuid, &writes[5].uuid), (&uuid(3), &uuid(2)));
}

#[test]
fn a_unit_stays_when_something_in_it_could_not_be_taken_away() {
    let town_hall = with_town();
    let before = json!({ "ParentOrgUnitUuid": uuid(2) });
    let lines = [
        json!({ "_op": "delete", "_kind": "org_unit", "_key": uuid(3), "before": before }),
        delete("org_unit", 2),
    ];
    town_hall.os2sync.faults().add(Rule::always(Fault::Status(400)).path(&uuid(3)));
    let ran = town_hall.push_with(&["--max-deletes", "2"], changes(&lines)).with_status(1);
    assert_eq!(
        (&result(&ran, 3)["status"], &result(&ran, 2)["status"]),
        (&json!("failed"), &json!("skipped"))
    );
    assert!(town_hall.writes().is_empty());
}

#[test]
fn a_partial_input_takes_nothing_away() {
    let whole = changes(&[user(120, &[1]), delete("user", 100), delete("user", 101)]);
    let cut = whole.rfind("{\"_kind\":\"_end\"").or(whole.rfind("{\"by_kind\"")).unwrap();
    let incomplete = whole.replace("\"complete\":true", "\"complete\":false");
    let miscounted = whole.replace("\"records\":3", "\"records\":4");
    let trailing = format!("{whole}{}\n", user(121, &[1]));
    for input in [&whole[..cut], &whole[..whole.len() - 1], &incomplete, &miscounted, &trailing] {
        let town_hall = with_town();
        let ran = town_hall.push(input).with_status(4);
        assert!(counts(&ran)["created"] >= 1, "{input}");
        assert_eq!(counts(&ran)["blocked"], 2, "{input}");
        assert!(ran.stderr.contains("the input is partial"), "{}", ran.stderr);
        assert!(town_hall.os2sync.registry().deleted().is_empty());
    }
}

#[test]
fn a_partial_input_does_nothing_at_all_when_it_must_be_complete() {
    let (town_hall, whole) = (Town::new(), state(&town(3)));
    let ran = town_hall.push_with(&["--require-complete"], &whole[..whole.len() - 20]).with_status(4);
    assert!(ran.stderr.contains("nothing was done"), "{}", ran.stderr);
    assert!(town_hall.os2sync.seen().is_empty());
    town_hall.push_with(&["--require-complete"], whole).with_status(0);
}

#[test]
fn an_unknown_object_is_neither_changed_nor_taken_away() {
    let town_hall = with_town();
    let error = |n: usize| json!({ "_kind": "_error", "of": "user", "_key": uuid(n), "message": "HTTP 500" });
    let mut from = user(102, &[3]);
    from["_from"] = json!(["person", "p102"]);
    let of_source = json!({ "_kind": "_error", "of": "person", "_key": "p102", "message": "HTTP 500" });
    let ran = town_hall.push(changes(&[delete("user", 100), error(100), from, of_source])).with_status(1);
    assert_eq!(counts(&ran), counted([("found", 2), ("unknown", 4)]));
    assert!(town_hall.writes().is_empty());
}

#[test]
fn an_input_cut_anywhere_takes_nothing_away() {
    let town_hall = with_town();
    let whole = changes(&[user(100, &[2]), delete("user", 101), delete("org_unit", 3), user(102, &[1])]);
    for part in 1..40 {
        let mut cut = whole.len() * part / 40;
        while !whole.is_char_boundary(cut) {
            cut += 1;
        }
        let ran = town_hall.push(&whole[..cut]);
        assert_eq!(ran.status, 4, "cut at {cut}: {}", ran.stderr);
    }
    let kept = |write: &Write| write.operation == Operation::Update;
    assert!(town_hall.writes().iter().all(kept));
}

#[test]
fn what_the_server_does_not_know_is_away() {
    let town_hall = with_town();
    town_hall.os2sync.faults().add(Rule::always(Fault::Status(404)).path(&uuid(100)));
    let lines = changes(&[delete("user", 100), delete("user", 101)]);
    let ran = town_hall.push_with(&["--max-deletes", "2"], lines).with_status(0);
    assert_eq!(counts(&ran)["deleted"], 2);
    assert_eq!(
        (&result(&ran, 100)["note"], &result(&ran, 100)["http"]),
        (&json!("the server did not know it"), &json!(404))
    );
}

#[test]
fn a_wrong_address_deletes_nobody() {
    let town_hall = with_town();
    town_hall.os2sync.faults().add(Rule::always(Fault::Status(404)));
    let ran = town_hall.push(changes(&[delete("user", 100)])).with_status(76);
    assert!(ran.stderr.contains("check 'api_url'"), "{}", ran.stderr);
    assert_eq!(result(&ran, 100)["status"], "failed");
}
