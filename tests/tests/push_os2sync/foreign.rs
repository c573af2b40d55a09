//! Objects of the registry that this pipeline did not bring.

use super::*;

fn with_strangers(options: Options) -> Town {
    let town_hall = Town::with(options);
    town_hall.push(state(&town(2))).with_status(0);
    town_hall
        .os2sync
        .place_unit(&json!({ "Uuid": uuid(50), "Name": "Fremmed", "ParentOrgUnitUuid": uuid(1) }));
    town_hall.os2sync.place_user(&json!({
        "Uuid": uuid(500), "UserId": "x", "Person": { "Name": "Ukendt" },
        "Positions": [{ "Name": "A", "OrgUnitUuid": uuid(50) }],
    }));
    town_hall.os2sync.forget();
    town_hall
}

/// What is neither in the input nor in the ledger: user 101 is missing in the input, but ours, and stays.
fn foreign(town_hall: &Town, arguments: &[&str]) -> Vec<(String, String)> {
    let ran =
        town_hall.push_with(&[arguments, &["--on-missing", "keep"]].concat(), state(&town(1))).with_status(0);
    assert!(town_hall.writes().is_empty());
    let foreign = ran.records().into_iter().filter(|line| line["status"] == "foreign");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    foreign.map(|line| (text(&line["_key"]), text(&line["name"]))).collect()
}

#[test]
fn they_are_listed_and_stay() {
    let town_hall = with_strangers(Options::default());
    let expected = [(uuid(50), "Fremmed".to_owned()), (uuid(500), "Ukendt".to_owned())];
    assert_eq!(foreign(&town_hall, &["--foreign", "list"]), expected);
    assert_eq!(foreign(&town_hall, &["--foreign", "keep"]), []);
    assert_eq!(foreign(&town_hall, &[]), []);
    assert_eq!(town_hall.os2sync.registry().users().len(), 3);
}

#[test]
fn a_failed_hierarchy_is_not_trusted() {
    let town_hall = with_strangers(Options { hierarchy_fails: true, ..Options::default() });
    let expected = [(uuid(50), String::new()), (uuid(500), String::new())];
    assert_eq!(foreign(&town_hall, &["--foreign", "list"]), expected);
    town_hall.os2sync.change(|registry| registry.options.registry_down = true);
    let ran = town_hall.push_with(&["--foreign", "list"], state(&town(1)));
    assert_ne!(ran.status, 0);
}

#[test]
fn a_hierarchy_that_never_comes_is_given_up() {
    let town_hall = with_strangers(Options { hierarchy_polls: usize::MAX, ..Options::default() });
    let ran =
        town_hall.push_with(&["--foreign", "list", "--hierarchy-wait", "1"], state(&town(1))).with_status(0);
    assert!(ran.stderr.contains("no hierarchy within 1s"), "{}", ran.stderr);
    assert_eq!(counts(&ran)["foreign"], 2);
}
