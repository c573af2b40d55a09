//! The ledger by itself.

use super::*;
use crate::Said;
use crate::{Action, Outcome};
use muster_stream::{Map, Record};

use std::os::unix::fs::{MetadataExt, PermissionsExt};

const US: &str = "http://localhost/api 12345678";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn said() -> Said {
    let mut members = Map::new();
    members.insert("Name".to_owned(), "Ane Larsen".into());
    Said::by(&Record::new("user", "1", members), None)
}

fn active<'a>(key: &'a str, said: Option<&'a Said>) -> Accepted<'a> {
    Accepted { kind: "user", key, id: None, origin: None, said, state: State::Active }
}

fn refusal(path: &Path, identity: &str) -> (Exit, String) {
    let error = Ledger::open(path, identity, false).err().unwrap();
    (error.exit(), error.to_string())
}

#[test]
fn what_was_accepted_is_known_to_the_next_run() {
    let folder = folder();
    let path = folder.path().join("ledger");
    let mut ledger = Ledger::open(&path, US, false).unwrap();
    ledger.make_room(1000).unwrap();
    ledger.accept(&active("1", Some(&said()))).unwrap();
    ledger.accept(&Accepted { state: State::Deleted, ..active("2", None) }).unwrap();
    ledger.remember(&Facts::from([("top_unit".to_owned(), "t".to_owned())])).unwrap();
    ledger.commit().unwrap();
    drop(ledger);
    let ledger = Ledger::look(&path, US, false).unwrap().unwrap();
    let known = ledger.known("user", "1").unwrap().unwrap();
    assert_eq!((known.members, known.state), (Some(said().members), State::Active));
    assert_eq!(ledger.known("user", "2").unwrap().unwrap().state, State::Deleted);
    assert_eq!(ledger.known("org_unit", "1").unwrap(), None);
    assert_eq!(ledger.facts().unwrap()["top_unit"], "t");
}

#[test]
fn hashes_of_another_form_are_none() {
    let folder = folder();
    let path = folder.path().join("ledger");
    let mut ledger = Ledger::open(&path, US, false).unwrap();
    ledger.accept(&active("1", Some(&said()))).unwrap();
    ledger.commit().unwrap();
    ledger.db.execute("UPDATE object SET form = 0", []).unwrap();
    assert_eq!(ledger.known("user", "1").unwrap().unwrap().members, None);
}

#[test]
fn a_second_run_is_told_who_holds_the_ledger() {
    let folder = folder();
    let path = folder.path().join("ledger");
    let _first = Ledger::open(&path, US, false).unwrap();
    let (exit, line) = refusal(&path, US);
    assert_eq!(exit, Exit::Busy);
    assert!(line.contains(&format!("process {}", std::process::id())), "{line}");
}

#[test]
fn another_target_a_newer_version_and_a_foreign_file_are_refused() {
    let folder = folder();
    let path = folder.path().join("ledger");
    drop(Ledger::open(&path, US, false).unwrap());
    let (exit, line) = refusal(&path, "http://localhost/api 87654321");
    assert_eq!(exit, Exit::Config);
    assert!(line.contains("belongs to http://localhost/api 12345678"), "{line}");

    Connection::open(&path).unwrap().pragma_update(None, "user_version", 3).unwrap();
    assert!(refusal(&path, US).1.contains("newer muster"));

    let other = folder.path().join("other");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    std::fs::set_permissions(&other, PermissionsExt::from_mode(0o600)).unwrap();
    assert!(refusal(&other, US).1.contains("no ledger"));

    std::fs::write(&other, "this is not a database, it is a letter to a friend of mine").unwrap();
    assert_eq!(refusal(&other, US).0, Exit::Io);
}

#[test]
fn a_ledger_that_others_can_read_is_refused() {
    let folder = folder();
    let path = folder.path().join("ledger");
    drop(Ledger::open(&path, US, false).unwrap());
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    assert_eq!(refusal(&path, US).0, Exit::Config);
}

const VERSION_1: &str = "
    PRAGMA application_id = 0x6d757374; PRAGMA user_version = 1;
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE object (kind TEXT NOT NULL, key TEXT NOT NULL, hash BLOB, members BLOB, form INTEGER NOT NULL,
        accepted_at INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('active', 'passive', 'deleted')),
        PRIMARY KEY (kind, key)) WITHOUT ROWID;
    CREATE TABLE room (bytes BLOB);
    INSERT INTO meta VALUES ('target', 'http://localhost/api 12345678'), ('fact.top_unit', 't');
    INSERT INTO object VALUES ('user', '1', NULL, x'', 1, 1700000000, 'active');
    INSERT INTO object VALUES ('user', '2', NULL, NULL, 1, 1700000000, 'deleted');
";

/// A ledger as the first version wrote it.
fn of_version_1(folder: &tempfile::TempDir) -> std::path::PathBuf {
    let path = folder.path().join("ledger");
    Connection::open(&path).unwrap().execute_batch(VERSION_1).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    path
}

#[test]
fn an_older_ledger_is_kept_beside_and_brought_to_this_version() {
    let folder = folder();
    let path = of_version_1(&folder);
    let ledger = Ledger::open(&path, US, false).unwrap();
    let (one, two) =
        (ledger.known("user", "1").unwrap().unwrap(), ledger.known("user", "2").unwrap().unwrap());
    assert_eq!((one.state, two.state), (State::Active, State::Deleted));
    assert_eq!((one.origin.scope, one.id, one.members.is_some()), (None, None, true));
    assert_eq!(ledger.facts().unwrap(), Facts::from([("top_unit".to_owned(), "t".to_owned())]));
    drop(ledger);
    Ledger::open(&path, US, false).unwrap();

    let backup = folder.path().join("ledger.version-1");
    assert_eq!(std::fs::metadata(&backup).unwrap().mode() & 0o777, 0o600);
    let version: i32 = Connection::open(&backup)
        .unwrap()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, 1);
}

#[test]
fn an_older_ledger_that_is_only_looked_at_stays_as_it_is() {
    let folder = folder();
    let path = of_version_1(&folder);
    let ledger = Ledger::look(&path, US, false).unwrap().unwrap();
    assert_eq!(ledger.known("user", "1").unwrap().unwrap().state, State::Active);
    assert!(Ledger::look(&path, "http://localhost/api 87654321", false).is_err());
    drop(ledger);
    assert!(!folder.path().join("ledger.version-1").exists());
    let version: i32 =
        Connection::open(&path).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 1);
}

#[test]
fn a_ledger_is_bound_to_another_target_when_that_is_wished() {
    let folder = folder();
    let path = folder.path().join("ledger");
    drop(Ledger::open(&path, US, false).unwrap());
    drop(Ledger::open(&path, "https://new.example.org 12345678", true).unwrap());
    assert_eq!(refusal(&path, US).0, Exit::Config);
    drop(Ledger::open(&path, "https://new.example.org 12345678", false).unwrap());
}

#[test]
fn one_target_id_has_one_row_and_may_change_its_key() {
    let folder = folder();
    let path = folder.path().join("ledger");
    let mut ledger = Ledger::open(&path, US, false).unwrap();
    ledger.accept(&Accepted { id: Some("7"), ..active("old", Some(&said())) }).unwrap();
    ledger.commit().unwrap();
    assert!(ledger.accept(&Accepted { id: Some("7"), ..active("other", None) }).is_err());
    ledger.rekey("user", "old", "new").unwrap();
    ledger.commit().unwrap();
    assert_eq!(ledger.known("user", "old").unwrap(), None);
    let row = ledger.known("user", "new").unwrap().unwrap();
    assert_eq!((row.id.as_deref(), row.members), (Some("7"), Some(said().members)));
}

#[test]
fn what_is_expected_is_pending_or_sent_again() {
    let folder = folder();
    let path = folder.path().join("ledger");
    let mut ledger = Ledger::open(&path, US, false).unwrap();
    ledger.accept(&active("1", Some(&said()))).unwrap();
    let origin = Origin { from: Some(("person".to_owned(), "p".to_owned())), ..Origin::default() };
    ledger.expect([("user", "1", None), ("user", "2", Some(&origin))].into_iter()).unwrap();
    let (one, two) =
        (ledger.known("user", "1").unwrap().unwrap(), ledger.known("user", "2").unwrap().unwrap());
    assert_eq!((one.state, one.members), (State::Active, None));
    assert_eq!((two.state, two.origin), (State::Pending, origin));
    ledger.not_made("user", "1").unwrap();
    ledger.not_made("user", "2").unwrap();
    assert!(ledger.known("user", "1").unwrap().is_some() && ledger.known("user", "2").unwrap().is_none());
}

#[test]
fn an_intent_without_outcome_is_in_doubt_until_its_object_is_sent_again() {
    let folder = folder();
    let path = folder.path().join("ledger");
    let intent =
        |key| Intent { kind: "user", key, action: Action::Create, stage: "", taken_out: 0, approved: false };
    let mut ledger = Ledger::open(&path, US, false).unwrap();
    ledger.begin_run(&[], true).unwrap();
    let numbers = ledger.intend(&[intent("1"), intent("2")], true).unwrap();
    ledger.outcome(numbers[0], &Outcome::done(200).id("7"), Duration::ZERO).unwrap();
    ledger.commit().unwrap();
    drop(ledger);
    let mut ledger = Ledger::open(&path, US, false).unwrap();
    ledger.begin_run(&[], true).unwrap();
    assert_eq!(ledger.in_doubt().unwrap(), [("user".to_owned(), "2".to_owned())]);
    let numbers = ledger.intend(&[intent("2")], false).unwrap();
    ledger.outcome(numbers[0], &Outcome::failed(Some(500), "cpr 010101-1234"), Duration::ZERO).unwrap();
    assert_eq!(ledger.in_doubt().unwrap().len(), 1);
    let numbers = ledger.intend(&[intent("2")], false).unwrap();
    ledger.outcome(numbers[0], &Outcome::done(200), Duration::ZERO).unwrap();
    assert!(ledger.in_doubt().unwrap().is_empty());
    let errors: i64 = ledger
        .db
        .query_row("SELECT count(*) FROM journal WHERE error LIKE '%010101%'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(errors, 0);
}

#[test]
fn what_was_destroyed_is_summed_and_what_was_approved_is_not() {
    let folder = folder();
    let mut ledger = Ledger::open(&folder.path().join("ledger"), US, false).unwrap();
    ledger.begin_run(&[], true).unwrap();
    let intent = |key, action, taken_out, approved| Intent {
        kind: "user",
        key,
        action,
        stage: "",
        taken_out,
        approved,
    };
    let intents = [
        intent("1", Action::Delete, 0, false),
        intent("2", Action::Passivate, 0, false),
        intent("3", Action::Update, 4, false),
        intent("4", Action::Delete, 0, true),
        intent("5", Action::Delete, 0, false),
    ];
    let numbers = ledger.intend(&intents, false).unwrap();
    ledger.outcome(numbers[4], &Outcome::failed(Some(400), "no"), Duration::ZERO).unwrap();
    let all = ledger.destructive_since(now() - 60).unwrap();
    assert_eq!(all["user"], Destroyed { objects: 2, members: 4 });
    assert!(ledger.destructive_since(now() + 60).unwrap().is_empty());
}

#[test]
fn a_refused_plan_can_be_approved_once_and_for_a_day() {
    let folder = folder();
    let path = folder.path().join("ledger");
    let mut ledger = Ledger::open(&path, US, false).unwrap();
    ledger.begin_run(&[], true).unwrap();
    ledger.offer("d1", &[7; 16]).unwrap();
    assert_eq!(ledger.approval("d0").unwrap(), None);
    let fresh = Approval { steps: vec![7; 16], is_late: false, used: None };
    assert_eq!(ledger.approval("d1").unwrap(), Some(fresh.clone()));
    ledger.use_approval("d1", &[7; 16]).unwrap();
    // As long as the run has not ended, the approval is that of its continuation.
    assert_eq!(ledger.approval("d1").unwrap(), Some(fresh));
    ledger.end_run(Exit::Done, &muster_stream::Value::Null).unwrap();
    assert!(ledger.approval("d1").unwrap().unwrap().used.is_some_and(|began| began <= now()));
    ledger.offer("d1", &[7; 16]).unwrap();
    assert!(ledger.approval("d1").unwrap().unwrap().used.is_some(), "no refusal brings it back");
    ledger.db.execute("UPDATE approval SET expires_at = expires_at - 86401", []).unwrap();
    assert!(ledger.approval("d1").unwrap().unwrap().is_late);
}

#[test]
fn a_pause_finds_a_moment_in_a_run_that_writes_all_the_time() {
    let folder = folder();
    let path = folder.path().join("ledger");
    let mut ledger = Ledger::open(&path, US, false).unwrap();
    let pause = std::thread::spawn(move || Ledger::change(&path).unwrap().pause("enough").unwrap());
    // Each group holds the ledger far longer than the moment after it lasts.
    let is_paused = (0..10_000).any(|_| {
        (0..100).for_each(|key| ledger.missing("user", &key.to_string(), 1, 1).unwrap());
        ledger.commit().unwrap();
        ledger.paused().unwrap().is_some()
    });
    pause.join().unwrap();
    assert!(is_paused, "it came while the run went on");
}
