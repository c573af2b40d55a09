//! A part of a run, and the values before it.

use super::*;
use std::os::unix::fs::MetadataExt;

fn with_town() -> Town {
    let town_hall = Town::new();
    town_hall.push(state(&town(8))).with_status(0);
    town_hall.os2sync.forget();
    town_hall
}

/// The town with a new title for users 100 and 101 and without user 107.
fn changed() -> String {
    let mut lines = town(7);
    for line in &mut lines {
        if [uuid(100), uuid(101)].iter().any(|key| line["_key"] == key.as_str()) {
            line["Positions"][0]["Name"] = json!("Leder");
        }
    }
    state(&lines)
}

fn uuids(town_hall: &Town) -> Vec<String> {
    town_hall.writes().into_iter().map(|write| write.uuid).collect()
}

#[test]
fn only_what_is_named_is_written() {
    let town_hall = with_town();
    let (one, gone) = (format!("user/{}", uuid(101)), format!("user/{}", uuid(107).to_uppercase()));
    let ran = town_hall.push_with(&["--only", &one], changed()).with_status(0);
    assert_eq!((counts(&ran)["updated"], ran.records().len()), (1, 1));
    assert_eq!(uuids(&town_hall), [uuid(101)]);
    let ran = town_hall.push_with(&["--only", &gone, "--only", &one], changed()).with_status(0);
    assert_eq!((counts(&ran)["deleted"], counts(&ran)["unchanged"]), (1, 1));
    assert_eq!(uuids(&town_hall), [uuid(107)]);
    let ran = town_hall.push_with(&["--only", "user/nobody"], changed()).with_status(64);
    assert!(ran.stderr.contains("of which this run knows nothing"), "{}", ran.stderr);
    town_hall.push(changed()).with_status(0);
    assert_eq!(uuids(&town_hall), [uuid(100)]);
}

#[test]
fn a_part_of_a_run_is_no_complete_success() {
    let town_hall = Town::new();
    let one = format!("org_unit/{}", uuid(1));
    town_hall.push_with(&["--only", &one], state(&town(2))).with_status(0);
    let ran = Cli::new("push-os2sync")
        .args(["--ledger", "ledger", "--status", "--max-age", "1h"])
        .in_dir(town_hall.dir.path())
        .run();
    assert!(ran.with_status(1).stdout.contains("last success  never"));
}

#[test]
fn the_guard_looks_at_what_is_written() {
    let town_hall = with_town();
    let lines = state(&town(2));
    town_hall.push(lines.as_str()).with_status(3);
    let one = format!("user/{}", uuid(105));
    town_hall.push_with(&["--only", &one], lines).with_status(0);
    assert_eq!(uuids(&town_hall), [uuid(105)]);
}

#[test]
fn values_before_lead_back() {
    let town_hall = with_town();
    let registry = |town_hall: &Town| {
        let registry = town_hall.os2sync.registry();
        let mut users = registry.users();
        users
            .iter_mut()
            .filter_map(Value::as_object_mut)
            .for_each(|user| drop(user.shift_remove("Timestamp")));
        json!(users)
    };
    let before = registry(&town_hall);
    town_hall.push_with(&["--keep-before", "before"], changed()).with_status(0);
    assert_eq!(std::fs::metadata(town_hall.path("before")).unwrap().mode() & 0o777, 0o600);
    assert_ne!(registry(&town_hall), before);
    let kept = text(&town_hall.path("before"));
    let keys: Vec<String> = kept
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter_map(|line| Some(line["_key"].as_str()?.to_owned()))
        .collect();
    assert_eq!(keys.len(), 3, "{kept}");
    // The way back is what `diff` finds between the values before and the changed state.
    std::fs::write(town_hall.path("now"), changed()).unwrap();
    let diff = "diff before now > back; [ $? = 1 ]";
    Cli::shell(diff).in_dir(town_hall.dir.path()).run().with_status(0);
    let ran = town_hall.push_with(&["back"], "").with_status(0);
    assert_eq!(counts(&ran)["found"], 3);
    assert_eq!(registry(&town_hall), before);
}

#[test]
fn values_before_come_from_the_input_where_it_tells_them() {
    let town_hall = with_town();
    let mut after = user(100, &[2]);
    let change = json!({
        "_op": "update", "_kind": "user", "_key": uuid(100), "after": { "Email": "ny@example.org" },
        "before": { "Email": "gl@example.org" }, "changed": ["/Email"],
    });
    after["Email"] = json!("ny@example.org");
    let mut change = change;
    after.as_object_mut().unwrap().retain(|name, _| !name.starts_with('_'));
    change["after"] = after;
    town_hall.push_with(&["--keep-before", "before"], changes(&[change])).with_status(0);
    let kept: Value = serde_json::from_str(text(&town_hall.path("before")).lines().next().unwrap()).unwrap();
    assert_eq!(kept, json!({ "_kind": "user", "_key": uuid(100), "Email": "gl@example.org" }));
    assert!(town_hall.os2sync.seen().iter().all(|seen| seen.method == "POST"));
}

#[test]
fn values_before_of_an_earlier_run_are_not_written_over() {
    let town_hall = with_town();
    town_hall.push_with(&["--keep-before", "before"], changed()).with_status(0);
    let kept = text(&town_hall.path("before"));
    let ran = town_hall.push_with(&["--keep-before", "before"], state(&town(8))).with_status(64);
    assert!(ran.stderr.contains("name a new file for each run"), "{}", ran.stderr);
    assert_eq!(text(&town_hall.path("before")), kept);
    // Where nothing changes there is nothing to keep.
    town_hall.push_with(&["--keep-before", "nothing"], changed()).with_status(0);
    assert!(!town_hall.path("nothing").exists());
}

#[test]
fn a_file_that_cannot_be_begun_stops_a_run_before_its_first_request() {
    let town_hall = with_town();
    let ran = town_hall.push_with(&["--keep-before", "nowhere/before"], changed()).with_status(74);
    assert!(ran.stderr.contains("cannot write 'nowhere/before'"), "{}", ran.stderr);
    assert!(town_hall.os2sync.seen().is_empty());
}

#[test]
fn what_cannot_be_kept_is_not_changed() {
    use muster_tests::simulator::{Fault, Rule};
    let town_hall = with_town();
    let refusal = Fault::Text(400, "registry down".to_owned());
    town_hall.os2sync.faults().add(Rule::always(refusal).path(&format!("/user/{}", uuid(100))));
    let ran = town_hall.push_with(&["--keep-before", "before"], changed()).with_status(1);
    assert_eq!((counts(&ran)["updated"], counts(&ran)["failed"]), (1, 1));
    let error = result(&ran, 100)["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with("the object as it is cannot be kept: "), "{error}");
    assert_eq!(uuids(&town_hall), [uuid(101), uuid(107)]);
}

#[test]
fn a_diff_without_changes_sends_nothing_and_trips_no_guard() {
    let town_hall = with_town();
    std::fs::write(town_hall.path("in"), state(&town(8))).unwrap();
    let line = format!(
        "diff in in | push-os2sync --api-url {} --municipality 12345678 --ledger ledger",
        town_hall.os2sync.api_url()
    );
    let ran = Cli::shell(&line).in_dir(town_hall.dir.path()).run().with_status(0);
    assert_eq!((counts(&ran), ran.records().len()), (BTreeMap::new(), 0));
    assert!(town_hall.os2sync.seen().is_empty());
    // So does a pipeline with pipefail when there is a change, however few objects the changes name.
    std::fs::write(town_hall.path("new"), changed()).unwrap();
    let ran = Cli::shell(&line.replace("diff in in", "diff new in")).in_dir(town_hall.dir.path()).run();
    assert_eq!(counts(&ran.with_status(0)), counted([("found", 3), ("updated", 2), ("deleted", 1)]));
}
