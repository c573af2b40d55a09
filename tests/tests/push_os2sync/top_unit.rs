//! Only the top unit may be without a parent, and it is never taken away.

use super::*;

#[test]
fn the_only_unit_without_parent_is_the_top_unit_and_is_remembered() {
    let town_hall = Town::new();
    town_hall.push(state(&[unit(1, None), unit(2, Some(1))])).with_status(0);
    assert_eq!(town_hall.os2sync.registry().root(), Some(uuid(1).as_str()));
    town_hall.os2sync.forget();
    let ran = town_hall.push(state(&[unit(2, None)])).with_status(1);
    let error = result(&ran, 2)["error"].as_str().unwrap().to_owned();
    assert!(error.contains("would become the root of the organisation"), "{error}");
    assert!(town_hall.os2sync.seen().is_empty());
    assert_eq!(town_hall.os2sync.registry().root_changes().len(), 1);
}

#[test]
fn of_two_units_without_parent_none_is_pushed_until_one_is_named() {
    let (town_hall, input) = (Town::new(), state(&[unit(1, None), unit(2, None), unit(3, Some(1))]));
    let ran = town_hall.push(input.as_str()).with_status(1);
    assert_eq!(counts(&ran), counted([("found", 3), ("failed", 2), ("skipped", 1)]));
    assert!(ran.stderr.contains("--top-unit"), "{}", ran.stderr);
    let ran = town_hall.push_with(&["--top-unit", &uuid(1).to_uppercase()], input).with_status(1);
    assert_eq!(counts(&ran), counted([("found", 3), ("failed", 1), ("created", 2)]));
    assert_eq!(town_hall.os2sync.registry().root_changes().len(), 1);
}

#[test]
fn an_empty_parent_is_none() {
    let town_hall = Town::new();
    let mut stray = unit(2, None);
    stray["ParentOrgUnitUuid"] = json!("");
    let ran = town_hall.push(state(&[unit(1, None), stray])).with_status(1);
    assert_eq!(counts(&ran)["failed"], 2);
}

#[test]
fn the_top_unit_is_never_taken_away() {
    let town_hall = Town::new();
    town_hall.push(state(&[unit(1, None), unit(2, Some(1))])).with_status(0);
    town_hall.os2sync.forget();
    let passivate = json!({ "_op": "passivate", "_kind": "org_unit", "_key": uuid(1) });
    for line in [delete("org_unit", 1), passivate] {
        let ran = town_hall.push(changes(&[line, delete("org_unit", 2)])).with_status(1);
        assert_eq!(result(&ran, 1)["status"], "blocked");
        assert_eq!(result(&ran, 1)["error"], "the top unit is never taken away");
    }
    let writes = town_hall.writes();
    assert!(writes.iter().all(|write| write.uuid == uuid(2)), "{writes:?}");
}

#[test]
fn no_unit_is_taken_away_while_nobody_knows_the_top_unit() {
    let town_hall = Town::new();
    let ran = town_hall
        .command()
        .stdin(changes(&[delete("org_unit", 2), delete("user", 100)]))
        .run()
        .with_status(1);
    assert_eq!(counts(&ran), counted([("found", 2), ("blocked", 1), ("deleted", 1)]));
}

#[test]
fn a_parentless_unit_among_changes_does_not_give_the_top_unit_away() {
    let town_hall = Town::new();
    town_hall.os2sync.place_unit(&json!({ "Uuid": uuid(1), "Name": "Kommune" }));
    let lines = changes(&[unit(9, None), delete("org_unit", 1)]);
    for ledger in [&[][..], &["--ledger", "ledger"]] {
        let ran = town_hall.command().args(ledger).stdin(lines.as_str()).run().with_status(1);
        assert_eq!(result(&ran, 1)["status"], "blocked");
        let why = result(&ran, 1)["error"].as_str().unwrap().to_owned();
        assert!(why.contains("nobody said which unit is the top unit"), "{why}");
        assert_eq!(town_hall.deleted(), NOBODY);
    }
}

#[test]
fn no_mode_takes_the_top_unit_away() {
    let all = ["--max-deletes", "100%", "--max-foreign", "100%"];
    let top = format!("org_unit/{}", uuid(1));
    let modes: [&[&str]; 6] = [
        &["--foreign", "delete"],
        &["--repair", "passivate"],
        &["--repair", "duplicates", "--verify", "0"],
        &["--only", &top],
        &["--on-missing", "delete", "--resend", "all"],
        &["--accept-scope-change"],
    ];
    for mode in modes {
        let options = Options { hierarchy_polls: 0, ..Options::default() };
        for form in ["state", "changes"] {
            let town_hall = Town::with(options.clone());
            town_hall.push(state(&town(4))).with_status(0);
            town_hall.os2sync.forget();
            let without_top: Vec<Value> = town(4)
                .into_iter()
                .filter(|line| line["_key"] != uuid(1))
                .chain([unit(1, Some(2))])
                .collect();
            let gone: Vec<Value> = match form {
                "state" => town(4).into_iter().filter(|line| line["_key"] != uuid(1)).collect(),
                _ => ["delete", "passivate"]
                    .map(|op| json!({ "_op": op, "_kind": "org_unit", "_key": uuid(1) }))
                    .to_vec(),
            };
            for lines in [gone, without_top] {
                town_hall.push_with(&[&all[..], mode].concat(), scoped(form, "test", &lines));
                let taken = town_hall
                    .writes()
                    .into_iter()
                    .find(|write| write.uuid == uuid(1) && write.operation != Operation::Update);
                assert_eq!(taken, None, "{mode:?} {form}");
                assert_eq!(town_hall.os2sync.registry().root(), Some(uuid(1).as_str()), "{mode:?} {form}");
            }
        }
    }
}

#[test]
fn the_top_unit_stays_when_it_is_absent() {
    let town_hall = Town::new();
    town_hall.push(state(&[unit(1, None), unit(2, Some(1)), user(100, &[1])])).with_status(0);
    town_hall.os2sync.forget();
    town_hall.push_with(&["--max-deletes", "100%"], state(&[user(100, &[1])]));
    let writes = town_hall.writes();
    assert!(writes.iter().all(|write| write.uuid != uuid(1)), "{writes:?}");
    assert_eq!(town_hall.os2sync.registry().root(), Some(uuid(1).as_str()));
}

#[test]
fn a_unit_that_a_record_of_the_run_names_stays() {
    let town_hall = Town::new();
    let units = [unit(1, None), unit(2, Some(1)), unit(3, Some(1))];
    town_hall.push(state(&units)).with_status(0);
    town_hall.os2sync.forget();
    let lines = [unit(1, None), unit(4, Some(2)), user(100, &[3])];
    let ran = town_hall.push_with(&["--max-deletes", "100%"], state(&lines)).with_status(1);
    assert_eq!(result(&ran, 2)["error"], "records of this run name it");
    assert_eq!(result(&ran, 3)["error"], "records of this run name it");
    assert!(town_hall.os2sync.registry().deleted().is_empty());
}
