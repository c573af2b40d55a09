//! A run that is killed at any step is finished by the next one, and nothing is made twice.

use crate::fixture::{Pipeline, changed, person, state, team};
use muster_tests::simulator::{Fault, Rule};
use serde_json::{Value, json};
use std::io::Write;
use std::time::Duration;

/// Kill a run as soon as Swit has done `operation` and before it answers.
fn kill_at(pipeline: &Pipeline, operation: &str, records: &[Value]) {
    pipeline.swit.forget();
    pipeline.swit.faults().add(Rule::once(Fault::Mute).path(operation));
    pipeline.swit.scim_faults().add(Rule::once(Fault::Mute).path(operation));
    let mut cli = pipeline.command(&["--parallel", "1"]);
    let mut child = cli.spawn();
    child.stdin.take().unwrap().write_all(state(records).as_bytes()).unwrap();
    let is_done = || pipeline.swit.writes().iter().any(|write| operation.ends_with(&write.operation));
    let is_over = |child: &mut std::process::Child| child.try_wait().unwrap().is_some();
    while !is_done() {
        assert!(!is_over(&mut child), "the run ended without {operation}");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    pipeline.swit.faults().clear();
    pipeline.swit.scim_faults().clear();
}

fn first() -> Vec<Value> {
    vec![
        person("Ane"),
        person("Bo"),
        person("Cy"),
        team("Leaf", Some("Top"), &["Ane", "Bo"]),
        team("Top", None, &["Bo"]),
        team("Gone", Some("Top"), &["Cy"]),
    ]
}

/// One of everything: a new person, a renamed one, a leaver, a team that moves, one that goes, one that is made.
fn second() -> Vec<Value> {
    vec![
        changed(person("Ane"), json!({ "name": "Ane Berg" })),
        person("Bo"),
        person("Di"),
        team("New", None, &["Di"]),
        team("Leaf", Some("New"), &["Bo"]),
        team("Top", None, &["Ane", "Bo"]),
    ]
}

#[test]
fn killed_at_any_step_it_ends_in_the_same_place() {
    let whole = {
        let pipeline = Pipeline::new();
        pipeline.settled(&first());
        pipeline.settled(&second());
        shape(&pipeline)
    };
    let steps = [
        "/organization.user.create",
        "/scim",
        "/organization.user.deactivate",
        "/team.delete",
        "/team.create",
        "/team.update",
        "/team.user.add",
        "/team.user.remove",
        "/team.sort",
    ];
    for step in steps {
        let pipeline = Pipeline::new();
        pipeline.settled(&first());
        kill_at(&pipeline, step, &second());
        pipeline.settled(&second());
        assert_eq!(shape(&pipeline), whole, "killed at {step}");
    }
}

/// What people and teams look like, without ids.
fn shape(pipeline: &Pipeline) -> Vec<String> {
    let swit = pipeline.swit.organisation();
    let users = swit.users.iter().map(|user| format!("{} {} {}", user.email, user.name, user.is_active));
    let teams = swit.teams.iter().map(|team| {
        format!(
            "{} {:?} {:?} {:?}",
            swit.path(team),
            team.reference,
            swit.members(&team.name),
            swit.children(&team.name)
        )
    });
    let mut all: Vec<String> = users.chain(teams).collect();
    all.sort();
    all
}
