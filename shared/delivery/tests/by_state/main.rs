//! The engine on a target that is compared by state: ids of its own, look-ups before creates, several steps an object.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails as the test does")]
#![allow(missing_docs, reason = "a test has no readers but its own")]

mod office;

use muster_base::Exit;
use muster_changes::Limit;
use muster_delivery::{Foreign, Ledger, Options, Summary, push};
use muster_stream::{Form, Writer};
use office::Office;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

fn user(key: &str, name: &str) -> Value {
    json!({ "_kind": "user", "_key": key, "name": name, "mail": format!("{name}@example.org") })
}

fn team(key: &str, parent: &str, members: &[&str]) -> Value {
    json!({ "_kind": "team", "_key": key, "name": key, "parent": parent, "members": members })
}

fn error(kind: &str, key: &str) -> Value {
    json!({ "_kind": "_error", "of": kind, "_key": key, "message": "no" })
}

fn stream(lines: &[Value]) -> String {
    let mut by_kind = BTreeMap::<&str, u64>::new();
    for line in lines.iter().filter(|line| line["_kind"] != "_error") {
        *by_kind.entry(line["_kind"].as_str().unwrap()).or_default() += 1;
    }
    let records: u64 = by_kind.values().sum();
    let end = json!({ "_kind": "_end", "form": "state", "from": "test", "scope": "s", "complete": true,
        "records": records, "errors": lines.len() as u64 - records, "by_kind": by_kind });
    lines.iter().chain([&end]).map(|line| format!("{line}\n")).collect()
}

fn options(ledger: &Path) -> Options {
    let all = Some(Limit::Percent(100.0));
    Options {
        ledger: Some(ledger.to_owned()),
        max_failures: 50.0,
        max_deletes: all,
        ..Options::new("test 1")
    }
}

/// An office, and a ledger that stays from run to run.
struct Bureau {
    office: Office,
    dir: tempfile::TempDir,
}

impl Bureau {
    fn new() -> Self {
        Self { office: Office::default(), dir: tempfile::tempdir().unwrap() }
    }

    fn push(&mut self, lines: &[Value]) -> Summary {
        self.push_with(&stream(lines), |options| options)
    }

    fn push_with(&mut self, input: &str, change: impl FnOnce(Options) -> Options) -> Summary {
        let options = change(options(&self.dir.path().join("ledger")));
        let mut output = Writer::new(Box::new(std::io::sink()), "test");
        output.form(Form::Changes);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let never = std::future::pending();
        let pushed = push(&mut self.office, input.as_bytes(), &mut output, &options, never, &|_| ());
        runtime.block_on(pushed).unwrap()
    }

    /// Push until a step hangs, and be gone.
    fn kill(&mut self, lines: &[Value]) {
        let (ledger, input) = (self.dir.path().join("ledger"), stream(lines));
        let (hangs, options) = (std::sync::Arc::clone(&self.office.hangs), options(&ledger));
        let mut output = Writer::new(Box::new(std::io::sink()), "test");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let never = std::future::pending();
            let pushed = push(&mut self.office, input.as_bytes(), &mut output, &options, never, &|_| ());
            tokio::select! {
                _ = pushed => panic!("it ended"),
                () = hangs.notified() => (),
            }
        });
        self.office.hanging = None;
        self.office.done();
    }

    fn done(&self) -> Vec<String> {
        let mut done = self.office.done();
        done.sort();
        done
    }

    fn members(&self, id: &str) -> Vec<String> {
        self.office.things.borrow()[id].members.clone()
    }
}

fn everybody() -> Vec<Value> {
    vec![user("a", "ane"), user("b", "bo"), team("t1", "", &["a", "b"]), team("t2", "t1", &["b"])]
}

fn equipped() -> Bureau {
    let mut bureau = Bureau::new();
    assert_eq!(bureau.push(&everybody()).exit(), Exit::Done);
    bureau.office.done();
    bureau
}

#[test]
fn objects_are_made_in_steps_and_their_ids_are_known_to_the_next_ones() {
    let mut bureau = Bureau::new();
    let summary = bureau.push(&everybody());
    assert_eq!(
        (summary.exit(), summary.kinds["team"].created, summary.kinds["user"].created),
        (Exit::Done, 2, 2)
    );
    let all = bureau.office.done();
    let at = |what: &str| all.iter().position(|done| done == what).unwrap();
    assert!(at("create user a") < at("create team t1") && at("create team t1") < at("create team t2"));
    assert!(at("create team t2") < at("members team t1"));
    assert_eq!(bureau.members("id-t1"), ["id-a", "id-b"]);
    assert_eq!(bureau.office.things.borrow()["id-t2"].parent.as_deref(), Some("id-t1"));
    let summary = bureau.push(&everybody());
    assert_eq!((bureau.done(), summary.kinds["team"].unchanged), (vec![], 2));
}

#[test]
fn what_the_target_shows_decides_what_changed() {
    let mut bureau = equipped();
    bureau.office.with("id-a", |thing| thing.name = "changed by hand".to_owned());
    bureau.office.with("id-b", |thing| thing.is_active = false);
    bureau.push(&everybody());
    assert_eq!(bureau.done(), ["change user a", "change user b"]);
    // Whoever was taken away by hand is made anew.
    bureau.office.things.borrow_mut().remove("id-a");
    bureau.push(&everybody());
    assert_eq!(bureau.done(), ["create user a", "members team t1"]);
}

#[test]
fn one_hit_is_adopted_and_of_several_none() {
    let mut bureau = Bureau::new();
    bureau.office.place("7", "user", "ane", "ANE@example.org");
    bureau.office.place("8", "user", "bo", "bo@example.org");
    bureau.office.place("9", "user", "bo the second", "bo@example.org");
    let summary = bureau.push(&[user("a", "ane"), user("b", "bo")]);
    let users = &summary.kinds["user"];
    assert_eq!((users.adopted, users.unchanged, users.failed, users.created), (1, 1, 1, 0));
    assert!(summary.first_failure.unwrap().contains("2 objects of the target may be it"));
    assert!(bureau.done().is_empty());
    // It is ours from then on: when it is missing, it goes.
    bureau.push(&[user("b", "bo")]);
    assert_eq!(bureau.done(), ["passivate user a"]);
    assert!(!bureau.office.things.borrow()["7"].is_active);
}

#[test]
fn two_records_do_not_adopt_the_same_object() {
    let mut bureau = Bureau::new();
    bureau.office.place("7", "user", "ane", "ane@example.org");
    let summary = bureau.push(&[user("a", "ane"), user("a2", "ane")]);
    assert_eq!((summary.kinds["user"].failed, bureau.done()), (2, vec![]));
}

#[test]
fn a_new_key_takes_the_row_of_a_missing_one_over() {
    let mut bureau = equipped();
    let mut lines = everybody();
    lines[0]["_key"] = json!("new");
    lines[2]["members"] = json!(["new", "b"]);
    let summary = bureau.push(&lines);
    assert_eq!(summary.exit(), Exit::Done);
    assert!(bureau.done().is_empty(), "nobody is made or deactivated");
    // As long as the old key is there, the object is its own.
    let summary = bureau.push(&[lines.as_slice(), &[user("third", "ane")]].concat());
    assert_eq!(summary.kinds["user"].failed, 1);
    assert!(summary.first_failure.unwrap().contains("is user new"));
}

#[test]
fn the_missing_go_by_the_rule_of_their_kind() {
    let mut bureau = equipped();
    let summary = bureau.push(&[user("a", "ane"), team("t1", "", &["a"])]);
    assert_eq!((summary.kinds["user"].passivated, summary.kinds["team"].deleted), (1, 1));
    assert_eq!(bureau.done(), ["delete team t2", "members team t1", "passivate user b"]);
    bureau.push(&[user("a", "ane"), team("t1", "", &["a"])]);
    assert!(bureau.done().is_empty());
    // Back again: not made anew, but made active.
    bureau.push(&everybody());
    assert_eq!(bureau.done(), ["change user b", "create team t2", "members team t1", "members team t2"]);
}

#[test]
fn administrators_are_never_taken_away() {
    let mut bureau = equipped();
    bureau.office.with("id-b", |thing| thing.is_admin = true);
    let summary = bureau.push(&[user("a", "ane"), team("t1", "", &["a"]), team("t2", "t1", &[])]);
    assert_eq!(summary.kinds["user"].blocked, 1);
    assert!(bureau.office.things.borrow()["id-b"].is_active);
}

#[test]
fn an_unknown_referent_keeps_the_members_and_an_absent_one_is_left_out() {
    let mut bureau = equipped();
    let mut lines = everybody();
    lines[2] = team("t1", "", &["a", "c"]);
    let summary = bureau.push(&[lines.as_slice(), &[error("user", "c")]].concat());
    assert!(bureau.done().is_empty(), "the team keeps its members");
    assert_eq!(summary.left_out.get("team"), None);
    let summary = bureau.push(&lines);
    assert_eq!((bureau.done(), summary.left_out["team"]), (vec!["members team t1".to_owned()], 1));
    assert_eq!(bureau.members("id-t1"), ["id-a"]);
}

#[test]
fn references_by_another_name_are_resolved() {
    let mut bureau = Bureau::new();
    let mut lines = everybody();
    lines[0]["_alias"] = json!(["CN=Ane,DC=example"]);
    lines[2]["members"] = json!(["CN=Ane,DC=example", "b"]);
    bureau.push(&lines);
    assert_eq!(bureau.members("id-t1"), ["id-a", "id-b"]);
    bureau.office.done();
    // From the ledger too, when the object could not be read this time.
    let summary = bureau.push(&[error("user", "a"), lines[1].clone(), lines[2].clone(), lines[3].clone()]);
    assert_eq!((bureau.done(), summary.kinds["user"].unknown), (vec![], 1));
}

#[test]
fn members_taken_out_are_within_the_guard() {
    let mut bureau = equipped();
    let mut lines = everybody();
    lines[2] = team("t1", "", &[]);
    let default = |options| Options { max_deletes: None, ..options };
    let summary = bureau.push_with(&stream(&lines), default);
    assert_eq!(summary.exit(), Exit::Guard);
    assert!(summary.refusal.unwrap().contains("members of team: 2 of 3 would be taken out; 1 is allowed"));
    assert!(bureau.done().is_empty());
    lines[2] = team("t1", "", &["a"]);
    assert_eq!(bureau.push_with(&stream(&lines), default).exit(), Exit::Done);
    lines[2] = team("t1", "", &[]);
    assert_eq!(bureau.push_with(&stream(&lines), default).exit(), Exit::Guard, "within seven days");
}

#[test]
fn a_partial_input_takes_nobody_out_and_nothing_away() {
    let mut bureau = equipped();
    let whole = stream(&[user("a", "ane"), user("c", "cia"), team("t1", "", &["c"])]);
    let summary = bureau.push_with(&whole[..whole.len() - 1], |options| options);
    assert_eq!(summary.exit(), Exit::Partial);
    assert_eq!(bureau.done(), ["create user c", "members team t1"]);
    assert_eq!(bureau.members("id-t1"), ["id-a", "id-b", "id-c"]);
}

#[test]
fn a_step_that_fails_leaves_the_object_to_be_done_again() {
    let mut bureau = Bureau::new();
    bureau.office.failing = vec!["members team t1", "create user b"];
    let summary = bureau.push(&everybody());
    assert_eq!((summary.kinds["team"].failed, summary.kinds["user"].failed), (1, 1));
    assert_eq!(summary.kinds["team"].created, 1, "t2 lies in t1, which was made");
    bureau.office.failing.clear();
    bureau.office.done();
    bureau.push(&everybody());
    assert_eq!(bureau.done(), ["create user b", "members team t1", "members team t2"]);
    bureau.push(&everybody());
    assert!(bureau.done().is_empty());
}

#[test]
fn what_could_not_be_made_is_not_worked_on_and_neither_is_what_lies_in_it() {
    let mut bureau = Bureau::new();
    bureau.office.failing = vec!["create team t1"];
    let summary = bureau.push(&everybody());
    assert_eq!((summary.kinds["team"].failed, summary.kinds["team"].skipped), (1, 1));
    assert_eq!(bureau.done(), ["create user a", "create user b"]);
}

#[test]
fn a_create_whose_answer_was_lost_is_looked_for_and_not_repeated() {
    let mut bureau = Bureau::new();
    bureau.office.dying = Some("create team t1");
    let summary = bureau.push(&everybody());
    assert_eq!(summary.exit(), Exit::Unavailable);
    bureau.office.dying = None;
    bureau.office.done();
    // The office itself asserts that nothing is made twice.
    assert_eq!(bureau.push(&everybody()).exit(), Exit::Done);
    assert_eq!(bureau.done(), ["create team t2", "members team t1", "members team t2"]);
    assert_eq!(bureau.office.things.borrow().len(), 4);
}

#[test]
fn foreign_objects_go_in_the_form_of_the_missing_ones() {
    let mut bureau = equipped();
    bureau.office.place("7", "user", "eva", "eva@example.org");
    bureau.office.place("8", "user", "root", "root@example.org");
    bureau.office.with("8", |thing| thing.is_admin = true);
    assert_eq!(bureau.push(&everybody()).kinds["user"].foreign, 2);
    let washing = |options| Options { foreign: Foreign::Delete, max_foreign: Limit::Count(1), ..options };
    // A line that cannot be pushed may mean any of them.
    let mut lines = everybody();
    lines.push(json!({ "_kind": "user", "_key": "e", "mail": "eva@example.org" }));
    bureau.push_with(&stream(&lines), washing);
    assert!(bureau.done().is_empty());
    let summary = bureau.push_with(&stream(&everybody()), washing);
    assert_eq!((summary.kinds["user"].passivated, bureau.done()), (1, vec!["passivate user 7".to_owned()]));
    bureau.push_with(&stream(&everybody()), washing);
    assert!(bureau.done().is_empty());
}

#[test]
fn a_team_stays_while_something_that_is_not_ours_lies_in_it() {
    let mut bureau = equipped();
    bureau.office.place("7", "team", "by hand", "");
    bureau.office.with("7", |thing| thing.parent = Some("id-t2".to_owned()));
    let lines = [user("a", "ane"), user("b", "bo"), team("t1", "", &["a", "b"])];
    let summary = bureau.push(&lines);
    assert_eq!((summary.kinds["team"].skipped, bureau.done()), (1, vec![]));
    bureau.office.things.borrow_mut().remove("7");
    bureau.push(&lines);
    assert_eq!(bureau.done(), ["delete team t2"]);
}

#[test]
fn a_target_that_was_not_read_whole_is_not_compared_with() {
    let mut bureau = equipped();
    bureau.office.doubt = Some("page 2 is missing".to_owned());
    let mut output = Writer::new(Box::new(std::io::sink()), "test");
    let options = options(&bureau.dir.path().join("ledger"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let input = stream(&everybody());
    let pushed =
        push(&mut bureau.office, input.as_bytes(), &mut output, &options, std::future::pending(), &|_| ());
    let error = runtime.block_on(pushed).err().unwrap();
    assert_eq!(error.exit(), Exit::Unavailable);
    assert!(error.to_string().contains("page 2 is missing"), "{error}");
}

#[test]
fn a_dry_run_shows_every_step_and_does_none() {
    let mut bureau = Bureau::new();
    let summary = bureau.push_with(&stream(&everybody()), |options| Options { dry_run: true, ..options });
    assert_eq!((summary.kinds["team"].created, bureau.done()), (2, vec![]));
    assert!(!bureau.dir.path().join("ledger").exists());
}

#[test]
fn a_run_that_is_killed_in_the_middle_of_a_create_does_not_make_it_twice() {
    let mut bureau = Bureau::new();
    bureau.office.hanging = Some("create team t1");
    bureau.kill(&everybody());
    let ledger = bureau.dir.path().join("ledger");
    // Its intent was on the disk before it was sent.
    let left = Ledger::glance(&ledger).unwrap().unwrap();
    assert!(left.in_doubt().unwrap().contains(&("team".to_owned(), "t1".to_owned())));
    assert_eq!(left.known("team", "t1").unwrap().unwrap().state, muster_delivery::State::Pending);
    drop(left);

    assert_eq!(bureau.push(&everybody()).exit(), Exit::Done);
    assert_eq!(bureau.done(), ["create team t2", "members team t1", "members team t2"]);
    assert!(Ledger::glance(&ledger).unwrap().unwrap().in_doubt().unwrap().is_empty());
}

#[test]
fn by_ledger_a_member_with_an_unknown_referent_is_not_hashed() {
    let mut bureau = Bureau::new();
    bureau.office.by_ledger = true;
    bureau.push(&everybody());
    bureau.office.done();
    let mut lines = everybody();
    lines[2] = team("t1", "", &["a", "c"]);
    bureau.push(&[lines.as_slice(), &[error("user", "c")]].concat());
    assert!(bureau.done().is_empty(), "nothing else of the team changed");
    lines[2]["name"] = json!("renamed");
    bureau.push(&[lines.as_slice(), &[error("user", "c")]].concat());
    assert_eq!((bureau.done(), bureau.members("id-t1").len()), (vec!["members team t1".to_owned()], 2));
    // Known again and as it was: nothing to do.
    lines[2]["members"] = json!(["a", "b"]);
    bureau.push(&lines);
    assert!(bureau.done().is_empty());
    lines[2]["members"] = json!(["a"]);
    bureau.push(&lines);
    assert_eq!((bureau.done(), bureau.members("id-t1").len()), (vec!["members team t1".to_owned()], 1));
}

#[test]
fn by_ledger_the_target_is_asked_before_anything_is_made() {
    let mut bureau = Bureau::new();
    bureau.office.by_ledger = true;
    bureau.office.place("7", "user", "ane", "ane@example.org");
    let summary = bureau.push(&[user("a", "ane"), user("b", "bo")]);
    assert_eq!((summary.kinds["user"].adopted, summary.kinds["user"].created), (1, 1));
    assert_eq!(bureau.done(), ["change user a", "create user b"]);
    bureau.push(&[user("a", "ane"), user("b", "bo")]);
    assert!(bureau.done().is_empty());
    bureau.push(&[user("b", "bo")]);
    assert_eq!(bureau.done(), ["passivate user a"]);
    assert!(!bureau.office.things.borrow()["7"].is_active);
}

#[test]
fn by_ledger_a_record_is_sent_again_when_what_it_names_is_there_at_last() {
    let mut bureau = Bureau::new();
    bureau.office.by_ledger = true;
    let team = team("t1", "", &["a", "b"]);
    bureau.push(&[user("a", "ane"), team.clone()]);
    assert_eq!(bureau.members("id-t1"), ["id-a"]);
    bureau.office.done();
    bureau.push(&[user("a", "ane"), team.clone()]);
    assert!(bureau.done().is_empty(), "it is left out, and that is that");
    bureau.office.failing = vec!["create user b"];
    bureau.push(&[user("a", "ane"), user("b", "bo"), team.clone()]);
    bureau.office.failing.clear();
    bureau.push(&[user("a", "ane"), user("b", "bo"), team.clone()]);
    assert_eq!(bureau.members("id-t1"), ["id-a", "id-b"]);
    bureau.office.done();
    bureau.push(&[user("a", "ane"), user("b", "bo"), team]);
    assert!(bureau.done().is_empty());
}

#[test]
fn a_create_that_must_not_be_repeated_is_looked_for_once_it_is_in_doubt() {
    let mut bureau = Bureau::new();
    (bureau.office.by_ledger, bureau.office.is_careless) = (true, true);
    bureau.office.hanging = Some("create user a");
    bureau.kill(&[user("a", "ane"), user("b", "bo")]);
    // The office itself asserts that nothing is made twice.
    let summary = bureau.push(&[user("a", "ane"), user("b", "bo")]);
    assert_eq!((summary.exit(), summary.kinds["user"].adopted >= 1), (Exit::Done, true));
    assert_eq!(bureau.office.things.borrow().len(), 2);
}

#[test]
fn a_step_may_find_nothing_left_to_do() {
    let mut bureau = equipped();
    bureau.office.with("id-a", |thing| thing.name = "changed by hand".to_owned());
    bureau.office.idle = vec!["change user a"];
    let summary = bureau.push(&everybody());
    let users = &summary.kinds["user"];
    assert_eq!((summary.exit(), users.unchanged, users.updated), (Exit::Done, 2, 0));
    // What an earlier step did is not hidden by a later one that is idle.
    let mut bureau = Bureau::new();
    bureau.office.idle = vec!["members team t1"];
    assert_eq!(bureau.push(&everybody()).kinds["team"].created, 2);
}

#[test]
fn a_target_is_told_what_becomes_of_what_is_ours() {
    let mut bureau = equipped();
    bureau.push(&[user("a", "ane"), error("user", "b"), team("t1", "", &["a", "b"])]);
    assert_eq!(
        bureau.office.possessions,
        ["team t1 Wanted", "team t2 Goes", "user a Wanted", "user b Unknown"]
    );
}
