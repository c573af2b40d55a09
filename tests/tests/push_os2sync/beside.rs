//! What a push does beside its runs: without a server, credentials, input or required settings.

use super::*;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

/// The command with a ledger and nothing else: no address that leads anywhere, no municipality.
fn beside(town_hall: &Town, arguments: &[&str]) -> Ran {
    Cli::new("push-os2sync").args(["--ledger", "ledger"]).args(arguments).in_dir(town_hall.dir.path()).run()
}

fn with_town(users: usize) -> Town {
    let town_hall = Town::new();
    town_hall.push(state(&town(users))).with_status(0);
    town_hall.os2sync.forget();
    town_hall
}

fn status(town_hall: &Town) -> Value {
    serde_json::from_str(&beside(town_hall, &["--status", "--format", "json"]).with_status(0).stdout).unwrap()
}

#[test]
fn the_status_is_for_people_and_for_monitoring() {
    let town_hall = with_town(8);
    town_hall.push(changes(&[delete("user", 100)])).with_status(0);
    let said = status(&town_hall);
    assert_eq!(
        said["kinds"]["user"],
        json!({ "active": 7, "passive": 0, "deleted": 1, "pending": 0, "missing": 0 })
    );
    assert_eq!(said["kinds"]["org_unit"]["active"], 4);
    assert_eq!(
        (&said["pause"], &said["running"], &said["in_doubt"]),
        (&Value::Null, &Value::Null, &json!(0))
    );
    assert_eq!(
        said["guard"],
        json!({
            "tripped": false, "reasons": [], "to_approve": null,
            "deletes_in_7_days": {
                "org_unit": { "used": 0, "allowed": 1, "left": 1, "members": null },
                "user": { "used": 1, "allowed": 1, "left": 0, "members": null },
            },
        })
    );
    assert_eq!(said["last_complete_success"]["exit"], 0);
    assert!(said["target"].as_str().unwrap().ends_with("/api, municipality 12345678"), "{said}");
    let text = beside(&town_hall, &["--status"]).with_status(0).stdout;
    for line in [
        "user          7 active, 1 deleted\n",
        "org_unit      4 active\n",
        "in doubt      no step\n",
        "guard         let the last run pass\n",
        "              of the deletes allowed within 7 days are used up, approved ones apart:\n",
        "                user: 1 of 1 (5 % of 7, at least 1)\n",
        "pause         none\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn the_status_says_what_the_guard_refused_and_how_much_may_still_go() {
    let town_hall = with_town(40);
    town_hall.push_with(&["--max-deletes", "10%"], state(&town(39))).with_status(0);
    let limit = |said: &Value| said["guard"]["deletes_in_7_days"]["user"].clone();
    // The limit is that of the last run, unless the settings say another.
    assert_eq!(limit(&status(&town_hall)), json!({ "used": 1, "allowed": 3, "left": 2, "members": null }));
    let ran = beside(&town_hall, &["--status", "--format", "json", "--max-deletes", "9"]);
    assert_eq!(limit(&ran.lines()[0]), json!({ "used": 1, "allowed": 9, "left": 8, "members": null }));
    let refused = town_hall.push_with(&["--max-deletes", "10%"], state(&town(30))).with_status(3);
    let (said, approval) = (status(&town_hall), refused.ends()[0]["approval"].clone());
    assert_eq!(said["guard"]["tripped"], true);
    let reason = "user: 9 of 39 would be deleted or made passive, after 1 in the last 7 days; 3 are allowed \
                  (10 % of 39, at least 1, --max-deletes)";
    assert_eq!(said["guard"]["reasons"], json!([reason]));
    assert_eq!(said["guard"]["to_approve"]["approval"], approval);
    let text = beside(&town_hall, &["--status"]).with_status(0).stdout;
    let shown = format!(", --approve {} lets it pass once\n", approval.as_str().unwrap());
    assert!(text.contains(reason) && text.contains(&shown), "{text}");
    town_hall.push_with(&["--max-deletes", "10%"], state(&town(39))).with_status(0);
    let said = status(&town_hall);
    assert_eq!((&said["guard"]["tripped"], &said["guard"]["to_approve"]), (&json!(false), &Value::Null));
}

#[test]
fn a_success_that_is_too_old_is_told_by_the_exit_code() {
    let town_hall = with_town(1);
    beside(&town_hall, &["--status", "--max-age", "26h"]).with_status(0);
    let db = rusqlite::Connection::open(town_hall.path("ledger")).unwrap();
    db.execute("UPDATE run SET ended = ended - 27 * 3600", []).unwrap();
    let ran = beside(&town_hall, &["--status", "--max-age", "26h"]).with_status(1);
    assert!(
        ran.stdout.contains("(27 h 0 min ago)") && ran.stdout.ends_with("is too old\n"),
        "{}",
        ran.stdout
    );
    let ran = beside(&town_hall, &["--status", "--max-age", "26h", "--format", "json"]).with_status(1);
    assert_eq!(ran.lines()[0]["is_young"], false);
    beside(&town_hall, &["--status", "--max-age", "2d"]).with_status(0);
    let ran = beside(&town_hall, &["--max-age", "2d"]).with_status(64);
    assert!(ran.stderr.contains("--max-age says nothing without --status"), "{}", ran.stderr);
    // A run of a partial input is no complete success.
    let input = state(&town(1));
    town_hall.push(&input[..input.len() - 20]).with_status(4);
    beside(&town_hall, &["--status", "--max-age", "26h"]).with_status(1);
    town_hall.push(input).with_status(0);
    beside(&town_hall, &["--status", "--max-age", "26h"]).with_status(0);
}

#[test]
fn a_paused_ledger_refuses_to_run() {
    let town_hall = with_town(1);
    beside(&town_hall, &["--pause", "OS2sync is being moved"]).with_status(0);
    let ran = town_hall.push(state(&town(2))).with_status(75);
    assert!(ran.stderr.contains("the ledger is paused since 2"), "{}", ran.stderr);
    assert!(ran.stderr.contains(": OS2sync is being moved ("), "{}", ran.stderr);
    assert!(town_hall.os2sync.seen().is_empty());
    assert_eq!(status(&town_hall)["pause"]["reason"], "OS2sync is being moved");
    let ran = beside(&town_hall, &["--pause", " "]).with_status(64);
    assert!(ran.stderr.contains("it is empty; say why"), "{}", ran.stderr);
    // Looking is allowed.
    town_hall.push_with(&["--dry-run"], state(&town(2))).with_status(0);
    beside(&town_hall, &["--unpause"]).with_status(0);
    town_hall.push(state(&town(2))).with_status(0);
}

#[test]
fn a_pause_in_a_file_or_variable_ends_no_run() {
    let town_hall = with_town(1);
    let run = town_hall.command().args(["--ledger", "ledger"]).env("OS2SYNC_PAUSE", "no");
    run.stdin(state(&town(2))).run().with_status(0);
    assert_eq!(town_hall.os2sync.registry().users().len(), 2);
}

#[test]
fn a_backup_is_a_ledger_that_others_cannot_read() {
    let town_hall = with_town(3);
    std::fs::write(town_hall.path("copy"), "an older one").unwrap();
    std::fs::set_permissions(town_hall.path("copy"), PermissionsExt::from_mode(0o644)).unwrap();
    beside(&town_hall, &["--backup", "copy"]).with_status(0);
    assert_eq!(std::fs::metadata(town_hall.path("copy")).unwrap().mode() & 0o777, 0o600);
    std::fs::remove_file(town_hall.path("ledger")).unwrap();
    std::fs::rename(town_hall.path("copy"), town_hall.path("ledger")).unwrap();
    let ran = town_hall.push(state(&town(3))).with_status(0);
    assert_eq!(counts(&ran)["unchanged"], 7);
    assert!(town_hall.os2sync.seen().is_empty());
    let ran = beside(&town_hall, &["--backup", "nowhere/copy"]).with_status(74);
    assert!(ran.stderr.contains("nowhere/copy"), "{}", ran.stderr);
}

#[test]
fn a_backup_and_a_pause_go_beside_a_run() {
    let town_hall = with_town(1);
    let mut command = town_hall.command().args(["--ledger", "ledger"]);
    let run = locks::waiting(&town_hall, &mut command, &state(&town(2)));
    assert_eq!(status(&town_hall)["running"]["process"], run.id());
    beside(&town_hall, &["--backup", "copy"]).with_status(0);
    beside(&town_hall, &["--pause", "enough"]).with_status(0);
    let ran = beside(&town_hall, &["--forget", &format!("user/{}", uuid(100))]).with_status(75);
    assert!(ran.stderr.contains("another run holds the ledger"), "{}", ran.stderr);
    locks::end(&town_hall, run);
    town_hall.push(state(&town(1))).with_status(75);
    beside(&town_hall, &["--unpause"]).with_status(0);
    town_hall.push(state(&town(1))).with_status(0);
}

#[test]
fn what_is_forgotten_is_brought_anew() {
    let town_hall = with_town(3);
    let (one, other) = (format!("user/{}", uuid(100)), format!("org_unit/{}", uuid(4)));
    let ran = beside(&town_hall, &["--forget", &one, "--forget", "user/nobody"]).with_status(64);
    assert!(ran.stderr.contains("the ledger knows no user nobody"), "{}", ran.stderr);
    beside(&town_hall, &["--forget", &one, "--forget", &other]).with_status(0);
    let ran = town_hall.push(state(&town(3))).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 7), ("created", 2), ("unchanged", 5)]));
    beside(&town_hall, &["--forget", "user"]).with_status(64);
    beside(&town_hall, &["--forget", &format!("user/{}", uuid(101).to_uppercase())]).with_status(0);
    assert_eq!(counts(&town_hall.push(state(&town(3))).with_status(0))["created"], 1);
}

#[test]
fn an_export_is_a_stream_of_all_objects() {
    let town_hall = with_town(3);
    town_hall.push(changes(&[delete("user", 100)])).with_status(0);
    let ran = beside(&town_hall, &["--export"]).with_status(0);
    let end = ran.ends().pop().unwrap();
    assert_eq!(
        (&end["form"], &end["complete"], &end["records"]),
        (&json!("changes"), &json!(true), &json!(7))
    );
    let states: Vec<(Value, Value)> =
        ran.records().into_iter().map(|line| (line["_key"].clone(), line["state"].clone())).collect();
    assert!(states.contains(&(json!(uuid(100)), json!("deleted"))), "{states:?}");
    assert!(states.contains(&(json!(uuid(101)), json!("active"))), "{states:?}");
    assert_eq!(states.len(), 7);
    // Whoever pushes it by mistake changes nothing.
    town_hall.os2sync.forget();
    town_hall.push(ran.stdout).with_status(1);
    assert!(town_hall.os2sync.seen().is_empty());
}

#[test]
fn nothing_beside_a_run_makes_a_ledger() {
    let town_hall = Town::new();
    for arguments in [
        &["--status"][..],
        &["--pause", "x"],
        &["--unpause"],
        &["--backup", "copy"],
        &["--export"],
        &["--forget", "user/1"],
    ] {
        let ran = beside(&town_hall, arguments).with_status(74);
        assert!(ran.stderr.contains("there is no ledger yet"), "{}", ran.stderr);
    }
    assert!(!town_hall.path("ledger").exists() && !town_hall.path("copy").exists());
    let ran = Cli::new("push-os2sync").args(["--status"]).run().with_status(64);
    assert!(ran.stderr.contains("give --ledger FILE"), "{}", ran.stderr);
    // A run still asks for what it needs.
    let ran = Cli::new("push-os2sync").run().with_status(78);
    assert!(ran.stderr.contains("--municipality"), "{}", ran.stderr);
}

#[test]
fn what_is_old_is_purged() {
    let town_hall = with_town(3);
    town_hall.push(changes(&[delete("user", 100)])).with_status(0);
    let aged = |days: i64| {
        let db = rusqlite::Connection::open(town_hall.path("ledger")).unwrap();
        let age = format!(
            "UPDATE object SET accepted_at = accepted_at - {0} WHERE state = 'deleted'; UPDATE journal SET at = at - {0};
             UPDATE run SET started = started - {0};",
            days * 86_400
        );
        db.execute_batch(&age).unwrap();
    };
    let kept = || {
        let db = rusqlite::Connection::open(town_hall.path("ledger")).unwrap();
        let count = |table: &str| {
            db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, u32>(0))
        };
        (count("object").unwrap(), count("journal").unwrap() > 0)
    };
    aged(100);
    let lines = changes(&[user(101, &[2])]);
    town_hall.push(lines.as_str()).with_status(0);
    assert_eq!(kept(), (7, true));
    town_hall.push_with(&["--retain", "99d"], lines).with_status(0);
    assert_eq!(kept(), (6, false));
    let ran = town_hall.push(changes(&[user(101, &[2])])).with_status(0);
    assert_eq!(counts(&ran), counted([("found", 1), ("unchanged", 1)]));
}
