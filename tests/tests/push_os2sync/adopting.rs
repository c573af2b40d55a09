//! What another program brought to the registry, and what is sent although nothing changed.

use super::*;

/// A registry with eight users, brought there by somebody else.
fn inherited() -> Town {
    let town_hall = Town::new();
    town_hall.command().stdin(state(&town(8))).run().with_status(0);
    town_hall.os2sync.forget();
    town_hall
}

fn cache(kinds: &[(&str, usize)]) -> String {
    let all: serde_json::Map<String, Value> =
        kinds.iter().map(|(kind, n)| (format!("/{kind}/{}", uuid(*n)), json!("5d1f"))).collect();
    Value::Object(all).to_string()
}

#[test]
fn what_a_hash_cache_names_is_ours_and_missing_when_it_is_gone() {
    let town_hall = inherited();
    std::fs::write(
        town_hall.path("cache"),
        cache(&[("user", 100), ("user", 199), ("orgUnit", 1), ("orgunit", 2)]),
    )
    .unwrap();
    let dry = town_hall.push_with(&["--adopt-from", "cache", "--dry-run"], state(&town(8))).with_status(0);
    let deletes = |ran: &Ran| ran.records().iter().filter(|line| line["method"] == "DELETE").count();
    assert_eq!(deletes(&dry), 1);
    let ran = town_hall.push_with(&["--adopt-from", "cache"], state(&town(8))).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 12), ("created", 9), ("updated", 3), ("deleted", 1)]));
    assert_eq!(town_hall.deleted(), [199]);
    // Once they are in the ledger, the file changes nothing.
    town_hall.push_with(&["--adopt-from", "cache"], state(&town(8))).with_status(0);
    assert!(town_hall.os2sync.seen().is_empty());
}

/// Units and users as two segments with a scope each, as an extract writes them.
fn in_segments(users: usize) -> String {
    let (units, users): (Vec<Value>, Vec<Value>) =
        town(users).into_iter().partition(|line| line["_kind"] == "org_unit");
    scoped("state", "units", &units) + &scoped("state", "users", &users)
}

#[test]
fn what_is_gone_is_missing_too_where_each_kind_has_a_scope_of_its_own() {
    // Of a kind that comes from two scopes, or from none, nobody knows which the other program brought it from.
    let twice = in_segments(7) + &scoped("state", "others", &[user(300, &[1])]);
    let units_alone = in_segments(7).split_inclusive('\n').take(5).collect();
    for (input, deleted) in [(in_segments(7), vec![107, 9]), (twice, vec![9]), (units_alone, vec![9])] {
        let town_hall = inherited();
        town_hall
            .os2sync
            .place_unit(&json!({ "Uuid": uuid(9), "Name": "Nedlagt", "ParentOrgUnitUuid": uuid(1) }));
        let owned = cache(&[("user", 100), ("user", 107), ("orgUnit", 1), ("orgUnit", 9)]);
        std::fs::write(town_hall.path("cache"), owned).unwrap();
        town_hall.push_with(&["--adopt-from", "cache"], input).with_status(0);
        assert_eq!(town_hall.deleted(), deleted);
    }
}

#[test]
fn lines_of_kinds_and_keys_do_as_well() {
    let town_hall = inherited();
    let lines: String = [100, 199]
        .map(|n| format!("{}\n", json!({ "_kind": "user", "_key": uuid(n).to_uppercase() })))
        .concat();
    std::fs::write(town_hall.path("owned"), lines).unwrap();
    town_hall.push_with(&["--adopt-from", "owned"], state(&town(8))).with_status(0);
    assert_eq!(town_hall.deleted(), [199]);
}

#[test]
fn a_file_that_is_none_is_refused_before_the_first_request() {
    let town_hall = inherited();
    std::fs::write(town_hall.path("cache"), "[1, 2]").unwrap();
    let ran = town_hall.push_with(&["--adopt-from", "cache"], state(&town(8))).with_status(65);
    assert!(ran.stderr.contains("(cache); give lines of kinds and keys"), "{}", ran.stderr);
    town_hall.push_with(&["--adopt-from", "none"], state(&town(8))).with_status(74);
    town_hall.command().args(["--adopt-from", "cache"]).stdin("").run().with_status(78);
    assert!(town_hall.os2sync.seen().is_empty());
}

#[test]
fn foreign_objects_go_only_when_so_many_may() {
    let town_hall = inherited();
    town_hall.push(state(&town(6))).with_status(0);
    town_hall.os2sync.forget();
    let ran = town_hall.push_with(&["--foreign", "delete"], state(&town(6))).with_status(3);
    assert!(ran.stderr.contains("foreign user: 2 of 2 that this pipeline did not bring"), "{}", ran.stderr);
    assert!(town_hall.writes().is_empty());
    let ran =
        town_hall.push_with(&["--foreign", "delete", "--max-foreign", "2"], state(&town(6))).with_status(0);
    assert_eq!((counts(&ran)["foreign"], counts(&ran)["deleted"]), (2, 2));
    assert_eq!(result(&ran, 106)["status"], "foreign");
    let mut deleted = town_hall.deleted();
    deleted.sort_unstable();
    assert_eq!(deleted, [106, 107]);
}

#[test]
fn foreign_objects_stay_when_somebody_unknown_may_be_among_them() {
    let washing = ["--foreign", "delete", "--max-foreign", "100%"];
    let town_hall = inherited();
    town_hall.push(state(&town(6))).with_status(0);
    town_hall.os2sync.forget();
    let mut lines = town(6);
    lines.push(error("person", "p7"));
    let ran = town_hall.push_with(&washing, state(&lines)).with_status(0);
    assert!(
        ran.stderr.contains("no foreign user is taken away: person p7 could not be read"),
        "{}",
        ran.stderr
    );
    // Of a user it is known which one it is.
    lines[10] = error("user", &uuid(107));
    let whole = state(&lines);
    town_hall.push_with(&washing, &whole[..whole.len() - 1]).with_status(4);
    town_hall.push_with(&washing, changes(&town(6))).with_status(0);
    assert_eq!(town_hall.deleted(), NOBODY);
}

#[test]
fn objects_are_sent_again_all_of_a_kind_or_one() {
    let town_hall = Town::owning(&town(3));
    let sent = |what: &str| {
        town_hall.push_with(&["--resend", what], state(&town(3))).with_status(0);
        town_hall.writes().len()
    };
    assert_eq!(sent("all"), 7);
    assert_eq!(sent("user"), 3);
    assert_eq!(sent(&format!("user/{}", uuid(101))), 1);
    town_hall.push_with(&["--resend", "person"], state(&town(3))).with_status(64);
    town_hall.push_with(&["--resend", "user/"], state(&town(3))).with_status(64);
}

#[test]
fn a_ledger_moves_with_its_target() {
    let town_hall = Town::owning(&town(2));
    let moved = |arguments: &[&str]| {
        Cli::new("push-os2sync")
            .args([
                "--api-url",
                &town_hall.os2sync.api_url(),
                "--municipality",
                "87654321",
                "--ledger",
                "ledger",
            ])
            .args(arguments)
            .in_dir(town_hall.dir.path())
            .stdin(state(&town(2)))
            .run()
    };
    assert!(moved(&[]).with_status(78).stderr.contains("--rebind when the target has moved there"));
    moved(&["--rebind"]).with_status(0);
    moved(&[]).with_status(0);
    assert!(town_hall.writes().is_empty());
}
