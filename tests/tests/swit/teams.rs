//! What `push-swit` does with teams and who is in them.

use crate::fixture::{Pipeline, changed, person, state, stream, team, unreadable};
use muster_tests::simulator::swit::{Options, Organisation, Shape};
use muster_tests::simulator::{Fault, Rule};
use serde_json::{Value, json};

fn path(swit: &Organisation, name: &str) -> String {
    swit.path(swit.team(name).unwrap_or_else(|| panic!("no team {name}: {:?}", swit.teams)))
}

#[test]
fn a_tree_is_made_with_its_members_and_order() {
    for shape in [Shape::Newest, Shape::Older] {
        let pipeline = Pipeline::with(Options { shape, ..Options::default() });
        let records = [
            person("Ane"),
            person("Bo"),
            team("Leaf", Some("Branch"), &["Bo"]),
            team("Branch", Some("Trunk"), &["Ane", "Bo"]),
            team("Trunk", None, &[]),
            team("Annex", None, &["Nobody"]),
        ];
        pipeline.settled(&records);
        let swit = pipeline.swit.organisation();
        assert_eq!(path(&swit, "Leaf"), "Trunk / Branch / Leaf");
        assert_eq!(swit.members("Branch"), ["ane@example.org", "bo@example.org"]);
        assert_eq!(swit.children(""), ["Trunk", "Annex", "Unassigned"]);
        assert_eq!(swit.team("Leaf").unwrap().reference.as_deref(), Some("key-leaf"));
    }
}

#[test]
fn members_come_and_go_and_strangers_in_a_team_stay() {
    let pipeline = Pipeline::new();
    let people = ["Ane", "Bo", "Cy"].map(person);
    let with = |members: &[&str]| [people.to_vec(), vec![team("Dev", None, members)]].concat();
    pipeline.settled(&with(&["Ane", "Bo"]));
    pipeline.swit.change(|swit| {
        let id = swit.place_user("Stranger", "stranger@example.org", 30);
        swit.teams.iter_mut().find(|team| team.name == "Dev").unwrap().members.push(id);
    });
    assert_eq!(pipeline.settled(&with(&["Bo", "Cy"])), ["team.user.add", "team.user.remove"]);
    let members = || pipeline.swit.organisation().members("Dev");
    assert_eq!(members(), ["bo@example.org", "cy@example.org", "stranger@example.org"]);
    // Who leaves, leaves the team; who could not be read stays in it.
    let less = [person("Bo"), team("Dev", None, &["Bo"]), unreadable("user", "key-cy")];
    pipeline.push(&less, &[]);
    assert!(members().contains(&"cy@example.org".to_owned()));
    assert_eq!(
        pipeline.settled(&[person("Bo"), team("Dev", None, &["Bo"])]),
        ["organization.user.deactivate", "team.user.remove"]
    );
    pipeline
        .push(&[person("Bo"), team("Dev", None, &["Bo"])], &["--foreign", "delete", "--max-foreign", "100%"]);
    assert_eq!(members(), ["bo@example.org"]);
}

#[test]
fn an_unreadable_list_of_members_takes_nobody_out() {
    let pipeline = Pipeline::new();
    pipeline.settled(&[person("Ane"), team("Dev", None, &["Ane"])]);
    let mut unreadable = team("Dev", None, &[]);
    unreadable.as_object_mut().unwrap().remove("members");
    assert_eq!(
        pipeline.settled(&[person("Ane"), changed(unreadable, json!({ "_unknown": ["/members"] }))]),
        [""; 0]
    );
    assert_eq!(pipeline.swit.organisation().members("Dev"), ["ane@example.org"]);
}

#[test]
fn many_members_go_in_batches_and_what_did_not_take_is_told() {
    let pipeline = Pipeline::new();
    let names: Vec<String> = (0..205).map(|number| format!("P{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut records: Vec<Value> = names.iter().map(|name| person(name)).collect();
    records.push(team("All", None, &names));
    let writes = pipeline.settled(&records);
    assert_eq!(writes.iter().filter(|write| *write == "team.user.add").count(), 3);
    pipeline.swit.change(|swit| {
        let id = swit.user("p7@example.org").unwrap().id.clone();
        swit.options.unaddable.push(id);
    });
    records.push(team("Two", None, &["P7", "P8"]));
    let ran = pipeline.push(&records, &[]).with_status(1);
    assert!(ran.stdout.contains("did not take these people into it"), "{}", ran.stderr);
    assert_eq!(pipeline.swit.organisation().members("Two"), ["p8@example.org"]);
}

#[test]
fn a_team_is_renamed_and_moved_and_two_swap_their_names() {
    let pipeline = Pipeline::new();
    pipeline.settled(&[team("A", None, &[]), team("B", None, &[]), team("C", Some("A"), &[])]);
    let renamed = |name: &str, to: &str, parent| changed(team(name, parent, &[]), json!({ "name": to }));
    pipeline.settled(&[renamed("A", "B", None), renamed("B", "A", None), renamed("C", "C2", Some("B"))]);
    let swit = pipeline.swit.organisation();
    assert_eq!(swit.team("B").unwrap().reference.as_deref(), Some("key-a"));
    assert_eq!(swit.team("A").unwrap().reference.as_deref(), Some("key-b"));
    assert_eq!(path(&swit, "C2"), "A / C2");
}

#[test]
fn parent_and_child_swap_their_places() {
    let pipeline = Pipeline::new();
    pipeline.settled(&[team("A", None, &[]), team("B", Some("A"), &[]), team("C", Some("B"), &[])]);
    pipeline.settled(&[team("A", Some("C"), &[]), team("B", None, &[]), team("C", Some("B"), &[])]);
    assert_eq!(path(&pipeline.swit.organisation(), "A"), "B / C / A");
}

#[test]
fn names_are_unique_whatever_their_case() {
    let pipeline = Pipeline::new();
    pipeline.swit.change(|swit| {
        let root = swit.root();
        swit.place_team("SALES", Some(&root), None);
    });
    let named = |key: &str, name: &str| changed(team(key, None, &[]), json!({ "name": name }));
    pipeline.settled(&[
        named("x", "Sales"),
        named("y", "sales"),
        named("z", "unassigned"),
        named("r", "Example"),
    ]);
    let mut names: Vec<String> =
        pipeline.swit.organisation().teams.iter().map(|team| team.name.clone()).collect();
    names.sort();
    let wanted =
        ["Example", "Example (2)", "SALES", "Sales (2)", "Unassigned", "sales (3)", "unassigned (2)"];
    assert_eq!(names, wanted);
}

#[test]
fn what_is_deleted_takes_no_survivor_with_it() {
    let pipeline = Pipeline::new();
    pipeline.settled(&[
        team("Gone", None, &[]),
        team("Goner", Some("Gone"), &[]),
        team("Survivor", Some("Goner"), &[]),
        team("Child", Some("Survivor"), &[]),
        team("Other", None, &[]),
    ]);
    let writes = pipeline.settled(&[
        team("Survivor", Some("Other"), &[]),
        team("Child", Some("Survivor"), &[]),
        team("Other", None, &[]),
    ]);
    assert_eq!(writes[..3], ["team.update", "team.delete", "team.delete"]);
    let swit = pipeline.swit.organisation();
    assert_eq!(path(&swit, "Child"), "Other / Survivor / Child");
    assert!(swit.team("Gone").is_none() && swit.team("Goner").is_none());
}

#[test]
fn hand_made_teams_stay_and_keep_what_holds_them() {
    let pipeline = Pipeline::new();
    pipeline.settled(&[team("Ours", None, &[]), team("Kept", None, &[])]);
    pipeline.swit.change(|swit| {
        let ours = swit.team("Ours").unwrap().id.clone();
        swit.place_team("By hand", Some(&ours), None);
    });
    pipeline.swit.forget();
    let ran = pipeline.push(&[team("Kept", None, &[])], &[]);
    assert!(pipeline.swit.organisation().team("By hand").is_some(), "{}", ran.stderr);
    assert!(pipeline.swit.organisation().team("Ours").is_some(), "{}", ran.stderr);
    pipeline.push(&[team("Kept", None, &[])], &["--foreign", "delete", "--max-foreign", "100%"]);
    let names: Vec<String> =
        pipeline.swit.organisation().teams.iter().map(|team| team.name.clone()).collect();
    assert_eq!(names, ["Example", "Kept", "Unassigned"], "root and Unassigned always stay");
}

#[test]
fn a_missing_team_may_be_marked_for_a_person() {
    let pipeline = Pipeline::new().always(&["--on-missing-team", "mark"]);
    let all = [team("Top", None, &[]), team("Below", Some("Top"), &[]), team("Kept", None, &[])];
    pipeline.settled(&all);
    assert_eq!(pipeline.settled(&[team("Kept", None, &[])]), ["team.update", "team.update", "team.sort"]);
    let swit = pipeline.swit.organisation();
    assert_eq!(path(&swit, "(removed) Below"), "(removed) Below");
    pipeline.settled(&all);
    assert_eq!(path(&pipeline.swit.organisation(), "Below"), "Top / Below");
}

#[test]
fn teams_of_the_old_program_are_adopted_by_their_dn_and_get_a_stable_reference() {
    let pipeline = Pipeline::new();
    pipeline.swit.change(|swit| {
        let root = swit.root();
        swit.place_team("Dev", Some(&root), Some("cn=dev,ou=groups"));
    });
    // It comes before the teams that nobody wants.
    assert_eq!(pipeline.settled(&[team("Dev", None, &[])]), ["team.update", "team.sort"]);
    assert_eq!(pipeline.swit.organisation().team("Dev").unwrap().reference.as_deref(), Some("key-dev"));
    // Its DN changes, its key does not: it is renamed, not made again.
    let renamed = changed(team("Dev", None, &[]), json!({ "name": "Devs", "_alias": ["cn=devs,ou=groups"] }));
    assert_eq!(pipeline.settled(&[renamed]), ["team.update"]);
}

#[test]
fn the_reference_may_stay_the_dn() {
    let pipeline = Pipeline::new().always(&["--reference", "alias"]);
    pipeline.settled(&[team("Dev", None, &[])]);
    assert_eq!(
        pipeline.swit.organisation().team("Dev").unwrap().reference.as_deref(),
        Some("cn=dev,ou=groups")
    );
}

#[test]
fn duplicate_references_stop_the_run_or_are_repaired() {
    let pipeline = Pipeline::new();
    pipeline.settled(&[person("Ane"), team("Dev", None, &["Ane"])]);
    pipeline.swit.change(|swit| {
        let root = swit.root();
        swit.place_team("Dev (2)", Some(&root), Some("key-dev"));
    });
    pipeline.swit.forget();
    let ran = pipeline.push(&[person("Ane"), team("Dev", None, &["Ane"])], &[]).with_status(65);
    assert!(ran.stderr.contains("--duplicates repair"), "{}", ran.stderr);
    assert_eq!(pipeline.operations(), [""; 0]);
    pipeline.push(&[person("Ane"), team("Dev", None, &["Ane"])], &["--duplicates", "repair"]).with_status(0);
    assert_eq!(pipeline.operations(), ["team.delete"]);
    assert_eq!(pipeline.swit.organisation().members("Dev"), ["ane@example.org"]);
}

#[test]
fn a_partial_input_repairs_no_duplicate() {
    let pipeline = Pipeline::new();
    let records = [person("Ane"), team("Dev", None, &["Ane"])];
    pipeline.settled(&records);
    pipeline.swit.change(|swit| {
        let root = swit.root();
        swit.place_team("Dev (2)", Some(&root), Some("key-dev"));
    });
    pipeline.swit.forget();
    let partial = stream(&records, &json!({ "complete": false }));
    pipeline.command(&["--duplicates", "repair"]).stdin(partial).run().with_status(4);
    assert_eq!(pipeline.operations(), [""; 0]);
}

#[test]
fn the_order_is_that_of_the_input_with_others_behind() {
    let pipeline = Pipeline::new();
    pipeline.settled(&["A", "B", "C"].map(|name| team(name, None, &[])));
    assert_eq!(pipeline.swit.organisation().children(""), ["A", "B", "C", "Unassigned"]);
    assert_eq!(pipeline.settled(&["C", "A", "B"].map(|name| team(name, None, &[]))), ["team.sort"]);
    assert_eq!(pipeline.swit.organisation().children(""), ["C", "A", "B", "Unassigned"]);
    pipeline.swit.forget();
    pipeline.push(&["A", "B", "C"].map(|name| team(name, None, &[])), &["--sort", "false"]).with_status(0);
    assert_eq!(pipeline.operations(), [""; 0]);
}

#[test]
fn a_dry_run_shows_the_requests_in_their_order_and_sends_none() {
    let pipeline = Pipeline::new();
    let records = [person("Ane"), team("Leaf", Some("Top"), &["Ane"]), team("Top", None, &[])];
    let ran = pipeline.push(&records, &["--dry-run"]).with_status(0);
    assert_eq!(pipeline.operations(), [""; 0]);
    let shown: Vec<String> = ran
        .records()
        .iter()
        .filter_map(|line| Some(line["url"].as_str()?.rsplit('/').next()?.to_owned()))
        .collect();
    let expected = [
        "organization.user.create",
        "team.create",
        "team.create",
        "team.update",
        "team.user.add",
        "team.sort",
    ];
    assert_eq!(shown, expected, "{}", ran.stdout);
    assert!(!ran.stdout.contains("access-token"), "{}", ran.stdout);
}

#[test]
fn a_run_that_failed_in_the_middle_is_finished_by_the_next() {
    let pipeline = Pipeline::new();
    let records =
        [person("Ane"), person("Bo"), team("Leaf", Some("Top"), &["Ane", "Bo"]), team("Top", None, &["Bo"])];
    pipeline.swit.faults().add(Rule::always(Fault::Status(500)).path("team.update"));
    pipeline.swit.faults().add(Rule::always(Fault::Silence).path("team.user"));
    pipeline.push(&records, &["--retries", "0", "--timeout", "0.5"]).with_status(69);
    pipeline.swit.faults().clear();
    pipeline
        .swit
        .faults()
        .add(Rule::always(Fault::Text(400, r#"{"code":400,"message":"no"}"#.to_owned())).path("team.user"));
    let ran = pipeline.push(&records, &[]).with_status(1);
    assert!(ran.stdout.contains("Swit answered 400: no"), "{}", ran.stdout);
    pipeline.swit.faults().clear();
    pipeline.settled(&records);
    let swit = pipeline.swit.organisation();
    assert_eq!(path(&swit, "Leaf"), "Top / Leaf");
    assert_eq!(swit.members("Leaf"), ["ane@example.org", "bo@example.org"]);
    assert_eq!(swit.teams.len(), 4);
}

#[test]
fn nothing_is_done_when_swit_cannot_be_read_whole() {
    let pipeline = Pipeline::new();
    pipeline.settled(&[person("Ane"), team("Dev", None, &["Ane"])]);
    pipeline.swit.forget();
    pipeline
        .swit
        .faults()
        .add(Rule::always(Fault::Json(json!({ "data": { "team": [] } }))).path("team.list"));
    let ran = pipeline.command(&[]).stdin(state(&[person("Bo")])).run().with_status(76);
    assert!(ran.stderr.contains("0 roots"), "{}", ran.stderr);
    assert_eq!(pipeline.operations(), [""; 0]);
}
