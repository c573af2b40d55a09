//! The guard, where the target's state is known: names, members, foreign objects.

use crate::fixture::{Pipeline, command, person, state, team};
use muster_tests::cli::Ran;
use serde_json::{Value, json};

const PEOPLE: [&str; 8] = ["Ane", "Bo", "Cy", "Dan", "Eva", "Fie", "Gry", "Ib"];

/// So many people, all of them in a team.
fn town(people: usize) -> Vec<Value> {
    let mut records: Vec<Value> = PEOPLE[..people].iter().map(|name| person(name)).collect();
    records.push(team("Dev", None, &PEOPLE[..people]));
    records
}

/// Push without anything that keeps the guard out of the way.
fn guarded(pipeline: &Pipeline, records: &[Value], arguments: &[&str]) -> Ran {
    let ledger = pipeline.ledger();
    let push = command("push-swit", &pipeline.swit).args(["--ledger", ledger.to_str().unwrap()]);
    push.args(arguments).stdin(state(records)).run()
}

#[test]
fn a_refusal_names_people_and_says_what_becomes_of_them() {
    let pipeline = Pipeline::new();
    pipeline.settled(&town(8));
    pipeline.swit.forget();
    let ran = guarded(&pipeline, &town(5), &[]).with_status(3);
    for said in [
        "members of team: 3 of 8 would be taken out; 1 is allowed",
        "user: 3 of 8 would be deleted or made passive; 1 is allowed",
        "user: 3 to make passive\n",
        "  - key-fie  Fie  (made passive)\n",
        "members  - Fie\n",
    ] {
        assert!(ran.stderr.contains(said), "{said}\n{}", ran.stderr);
    }
    assert!(!ran.stderr.contains("keeps no names"), "{}", ran.stderr);
    assert_eq!(pipeline.operations(), [""; 0]);
    let status = command("push-swit", &pipeline.swit)
        .args(["--ledger", pipeline.ledger().to_str().unwrap(), "--status", "--format", "json"])
        .run()
        .with_status(0);
    let members = &status.lines()[0]["guard"]["deletes_in_7_days"]["team"]["members"];
    assert_eq!(*members, json!({ "used": 0, "allowed": 1, "left": 1 }));
}

#[test]
fn an_empty_input_does_not_deactivate_everybody_however_much_is_allowed() {
    let pipeline = Pipeline::new();
    pipeline.settled(&town(8));
    pipeline.swit.forget();
    let arguments = ["--foreign", "delete", "--max-foreign", "100%"];
    for ledger in [&[][..], &["--ledger", "another"]] {
        let ran = command("push-swit", &pipeline.swit).args(arguments).args(ledger).stdin(state(&[]));
        let ran = ran.run().with_status(3);
        assert!(ran.stderr.contains("user: the input holds none, where 8 are there"), "{}", ran.stderr);
    }
    assert_eq!(pipeline.operations(), [""; 0]);
}
