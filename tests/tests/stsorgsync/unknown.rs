//! What could not be read keeps the registry's value.

use super::*;
use muster_tests::simulator::stsorgsync::Kind;

fn without_location(n: usize) -> Value {
    let mut user = user(n, &[1]);
    user["_unknown"] = json!(["/Location"]);
    user
}

#[test]
fn an_unknown_member_is_taken_from_the_object_as_it_is() {
    let town = Town::new();
    let mut known = user(100, &[1]);
    known["Location"] = json!({ "Value": "Vej 1", "Uuid": uuid(7) });
    town.push(state(&[unit(1, None), known])).with_status(0);
    let mut changed = without_location(100);
    changed["Email"]["Value"] = json!("ny@example.org");
    town.push(state(&[unit(1, None), changed])).with_status(0);
    let registry = town.stsorgsync.registry();
    let stored = registry.get(Kind::User, &uuid(100)).unwrap();
    assert_eq!(
        (&stored["Location"]["Value"], &stored["Email"]["Value"]),
        (&json!("Vej 1"), &json!("ny@example.org"))
    );
}

#[test]
fn where_the_server_does_not_give_the_object_the_record_is_skipped() {
    for (town, style) in [(Town::new(), "path"), (Town::windows(), "query")] {
        let command = town.command().args(["--uuid-style", style, "--retries", "0"]);
        let ran = command.stdin(state(&[unit(1, None), without_location(100)])).run().with_status(1);
        assert_eq!(result(&ran, 100)["status"], "skipped");
        assert!(town.stsorgsync.registry().users().is_empty());
    }
}

#[test]
fn an_object_that_could_not_be_read_is_left_alone() {
    let town = Town::new();
    town.push(state(&[unit(1, None), user(100, &[1])])).with_status(0);
    let error = json!({ "_kind": "_error", "of": "user", "_key": uuid(100), "message": "HTTP 500" });
    town.push(state(&[unit(1, None), error]));
    assert!(town.stsorgsync.registry().deleted().is_empty());
}
