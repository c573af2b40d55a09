//! `autowash`, or `--foreign delete`: what the registry holds and this pipeline did not bring.

use super::*;
use muster_tests::simulator::os2sync::{Kind, Operation};
use muster_tests::simulator::{Fault, Rule};

/// A town that was pushed, two strange units in each other and a strange user in the registry, and `autowash` in the
/// settings file.
fn with_strangers() -> Town {
    let town_hall = Town::with(Options { hierarchy_polls: 0, ..Options::default() });
    std::fs::write(town_hall.path("config.ini"), "[os2sync]\nautowash = true\n").unwrap();
    town_hall.push(state(&town(2))).with_status(0);
    for (n, parent) in [(50, 1), (51, 50)] {
        let unit = json!({ "Uuid": uuid(n), "Name": "Fremmed", "ParentOrgUnitUuid": uuid(parent) });
        town_hall.os2sync.place_unit(&unit);
    }
    town_hall.os2sync.place_user(&json!({
        "Uuid": uuid(500), "UserId": "x", "Person": { "Name": "Ukendt" },
        "Positions": [{ "Name": "A", "OrgUnitUuid": uuid(50) }],
    }));
    town_hall.os2sync.forget();
    town_hall
}

const ALL: [&str; 2] = ["--max-foreign", "100%"];

#[test]
fn foreign_objects_are_deleted_users_first_and_children_first() {
    let town_hall = with_strangers();
    let ran = town_hall.push_with(&ALL, state(&town(2))).with_status(0);
    let writes = town_hall.writes();
    assert!(writes.iter().all(|write| write.operation == Operation::Delete), "{writes:?}");
    let deleted: Vec<(Kind, String)> = writes.into_iter().map(|write| (write.kind, write.uuid)).collect();
    assert_eq!(deleted, [(Kind::User, uuid(500)), (Kind::Unit, uuid(51)), (Kind::Unit, uuid(50))]);
    assert_eq!(counts(&ran)["deleted"], 3);
    let again = town_hall.push_with(&ALL, state(&town(2))).with_status(0);
    assert!(town_hall.writes().is_empty(), "{}", again.stdout);
}

#[test]
fn foreign_objects_that_went_do_not_count_for_ours() {
    let town_hall = with_strangers();
    town_hall.push_with(&ALL, state(&town(2))).with_status(0);
    town_hall.push(state(&town(1))).with_status(0);
    assert!(town_hall.deleted().contains(&101));
}

#[test]
fn nothing_foreign_goes_unasked() {
    let town_hall = with_strangers();
    let ran = town_hall.push(state(&town(2))).with_status(3);
    assert!(ran.stderr.contains("foreign"), "{}", ran.stderr);
    assert!(town_hall.writes().is_empty());
}

#[test]
fn a_flag_that_says_something_else_wins() {
    let town_hall = with_strangers();
    let ran = town_hall.push_with(&["--foreign", "list"], state(&town(2))).with_status(0);
    assert_eq!(counts(&ran)["foreign"], 3);
    assert!(town_hall.writes().is_empty());
}

#[test]
fn a_hierarchy_that_cannot_be_trusted_deletes_nothing() {
    let failed = Fault::Json(json!({ "Status": 1, "Result": null }));
    let without_users = Fault::Json(json!({ "Status": 0, "Result": { "OUs": [
        { "Uuid": uuid(50), "Name": "Fremmed", "ParentOU": uuid(1) },
    ], "Users": [] } }));
    let never = Fault::Status(404);
    for fault in [failed, without_users, never, Fault::Text(200, "<html>".to_owned())] {
        let town_hall = with_strangers();
        town_hall.os2sync.faults().add(Rule::always(fault).path("/hierarchy/"));
        let ran = town_hall.push_with(&[&ALL[..], &["--hierarchy-wait", "1"]].concat(), state(&town(2)));
        assert!(town_hall.writes().is_empty(), "{}", ran.stdout);
    }
}

#[test]
fn a_partial_input_deletes_nothing_foreign() {
    let town_hall = with_strangers();
    let whole = state(&town(2));
    town_hall.push_with(&ALL, &whole[..whole.len() - 1]).with_status(4);
    assert!(town_hall.writes().is_empty());
}

#[test]
fn the_root_of_the_registry_stays() {
    let town_hall = with_strangers();
    town_hall.os2sync.place_unit(&json!({ "Uuid": uuid(60), "Name": "Anden rod" }));
    town_hall.os2sync.forget();
    town_hall.push_with(&ALL, state(&town(2)));
    let deleted: Vec<String> = town_hall.writes().into_iter().map(|write| write.uuid).collect();
    assert!(
        deleted.contains(&uuid(51)) && !deleted.contains(&uuid(60)) && !deleted.contains(&uuid(1)),
        "{deleted:?}"
    );
}

#[test]
fn a_foreign_unit_in_which_something_of_ours_lies_stays() {
    let town_hall = with_strangers();
    let mut lines = town(2);
    lines.push(unit(5, Some(50)));
    town_hall.push_with(&ALL, state(&lines));
    let deleted: Vec<String> = town_hall
        .writes()
        .into_iter()
        .filter(|write| write.operation == Operation::Delete)
        .map(|write| write.uuid)
        .collect();
    assert_eq!(deleted, [uuid(500), uuid(51)]);
}
