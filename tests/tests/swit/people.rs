//! What `push-swit` does with people.

use crate::fixture::{Pipeline, changed, person, state, stream, team, unreadable};
use muster_tests::simulator::swit::{BOT_TOKEN, Options};
use muster_tests::simulator::{Fault, Rule};
use serde_json::json;

#[test]
fn people_are_made_changed_deactivated_and_activated() {
    let pipeline = Pipeline::new();
    assert_eq!(pipeline.settled(&[person("Ane"), person("Bo")]), ["organization.user.create"; 2]);
    let ane = pipeline.swit.organisation().user("ane@example.org").unwrap().clone();
    assert_eq!(
        (ane.name.as_str(), ane.tel.as_deref(), ane.language.as_str()),
        ("Ane", Some("+451234"), "en")
    );

    let renamed = changed(person("Ane"), json!({ "name": "Ane Berg", "phone": "+45 99" }));
    assert_eq!(pipeline.settled(&[renamed.clone(), person("Bo")]), ["scim"]);
    let ane = pipeline.swit.organisation().user("ane@example.org").unwrap().clone();
    assert_eq!((ane.name.as_str(), ane.tel.as_deref()), ("Ane Berg", Some("+4599")));

    assert_eq!(pipeline.settled(std::slice::from_ref(&renamed)), ["organization.user.deactivate"]);
    assert!(!pipeline.swit.organisation().user("bo@example.org").unwrap().is_active);
    assert_eq!(pipeline.settled(&[renamed, person("Bo")]), ["organization.user.activate"]);
    assert!(pipeline.swit.organisation().user("bo@example.org").unwrap().is_active);
}

#[test]
fn only_what_changed_is_patched_and_form_makes_no_difference() {
    let pipeline = Pipeline::new();
    pipeline.done(&[person("Ane")]);
    // Blanks and dots of a number, and what Swit refuses in a name, are no change.
    let same = changed(person("Ane"), json!({ "name": "Ane (2)", "phone": "+45 1.2 34" }));
    assert_eq!(pipeline.done(&[same]), [""; 0]);
    pipeline.done(&[changed(person("Ane"), json!({ "phone": "+46" }))]);
    let sent = pipeline.swit.writes()[0].body.clone();
    assert_eq!(sent["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User"]));
    let operation =
        json!({ "op": "Replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+46" });
    assert_eq!(sent["Operations"], json!([operation]));
}

#[test]
fn what_a_record_does_not_say_stays_and_null_clears() {
    let pipeline = Pipeline::new();
    pipeline.done(&[person("Ane")]);
    let mut silent = person("Ane");
    silent.as_object_mut().unwrap().remove("phone");
    assert_eq!(pipeline.done(&[silent]), [""; 0]);
    let unknown = changed(person("Ane"), json!({ "phone": "+1", "_unknown": ["/phone"] }));
    assert_eq!(pipeline.done(&[unknown]), [""; 0]);
    assert_eq!(pipeline.settled(&[changed(person("Ane"), json!({ "phone": null }))]), ["scim"]);
    assert_eq!(pipeline.swit.organisation().user("ane@example.org").unwrap().tel, None);
}

#[test]
fn the_standard_form_of_scim_can_be_had() {
    let pipeline = Pipeline::with(Options { strict_scim: true, ..Options::default() });
    pipeline.done(&[person("Ane")]);
    let renamed = [changed(person("Ane"), json!({ "name": "Ane Berg" }))];
    pipeline.push(&renamed, &[]).with_status(1);
    pipeline.push(&renamed, &["--scim-form", "rfc7644"]).with_status(0);
    assert_eq!(pipeline.swit.organisation().user("ane@example.org").unwrap().name, "Ane Berg");
}

#[test]
fn who_is_there_is_adopted_by_the_address_whatever_its_case() {
    let pipeline = Pipeline::new();
    pipeline.swit.change(|swit| swit.place_user("Ane", "Ane@Example.org", 30));
    pipeline.swit.change(|swit| swit.users.last_mut().unwrap().tel = Some("+45 1234".to_owned()));
    assert_eq!(pipeline.settled(&[person("Ane")]), [""; 0]);
    assert_eq!(
        pipeline.settled(&[person("Bo")]),
        ["organization.user.create", "organization.user.deactivate"]
    );
}

#[test]
fn two_people_with_one_address_are_both_refused() {
    let pipeline = Pipeline::new();
    let twin = changed(person("Twin"), json!({ "email": "ANE@example.org" }));
    let ran = pipeline.push(&[person("Ane"), twin, person("Bo")], &[]).with_status(1);
    assert_eq!(pipeline.operations(), ["organization.user.create"]);
    let failed = ran.records().iter().filter(|result| result["status"] == "failed").count();
    assert_eq!(failed, 2, "{}", ran.stdout);
}

#[test]
fn strangers_stay_unless_they_are_to_go_and_administrators_always_do() {
    let pipeline = Pipeline::new();
    pipeline.swit.change(|swit| {
        swit.place_user("Admin", "admin@example.org", 20);
        swit.place_user("Guest", "guest@example.org", 40);
        swit.place_user("Stranger", "stranger@example.org", 30);
    });
    pipeline.settled(&[person("Ane")]);
    let wash = ["--foreign", "delete", "--max-foreign", "100%"];
    pipeline.push(&[person("Ane")], &wash);
    let active =
        |name: &str| pipeline.swit.organisation().user(&format!("{name}@example.org")).unwrap().is_active;
    assert!(active("admin") && active("master") && active("guest") && active("ane") && !active("stranger"));
    pipeline.push(&[person("Ane")], &[wash.as_slice(), &["--guests", "include"]].concat());
    assert!(!active("guest") && active("admin"));
    pipeline.swit.forget();
    pipeline.push(&[person("Ane")], &[wash.as_slice(), &["--guests", "include"]].concat());
    assert_eq!(pipeline.operations(), [""; 0]);
}

#[test]
fn an_administrator_of_ours_is_not_taken_away() {
    let pipeline = Pipeline::new();
    pipeline.done(&[person("Ane"), person("Bo")]);
    pipeline.swit.change(|swit| swit.user_mut("bo@example.org").unwrap().role = 20);
    pipeline.swit.forget();
    let ran = pipeline.push(&[person("Ane")], &[]).with_status(1);
    assert_eq!(pipeline.operations(), [""; 0]);
    assert!(ran.stdout.contains("administrators are never taken away"), "{}", ran.stdout);
}

#[test]
fn the_ways_to_treat_who_is_missing() {
    for (way, expected) in [("keep", vec![]), ("remove", vec!["organization.user.remove"])] {
        let pipeline = Pipeline::new().always(&["--on-missing-user", way]);
        pipeline.done(&[person("Ane"), person("Bo")]);
        assert_eq!(pipeline.settled(&[person("Ane")]), expected);
        assert_eq!(pipeline.swit.organisation().user("bo@example.org").is_some(), way == "keep");
    }
}

#[test]
fn people_may_be_left_to_single_sign_on() {
    let pipeline = Pipeline::new().always(&[
        "--create-users",
        "false",
        "--activate-users",
        "false",
        "--on-missing-user",
        "keep",
    ]);
    pipeline.swit.change(|swit| swit.place_user("Ane", "ane@example.org", 30));
    pipeline.swit.change(|swit| swit.place_user("Cy", "cy@example.org", 30));
    pipeline.swit.change(|swit| swit.user_mut("cy@example.org").unwrap().is_active = false);
    let people = [person("Ane"), person("Bo"), person("Cy"), team("Dev", None, &["Ane", "Bo", "Cy"])];
    let writes = pipeline.settled(&people);
    assert_eq!(writes, ["scim", "scim", "team.create", "team.user.add", "team.sort"]);
    assert_eq!(pipeline.swit.organisation().members("Dev"), ["ane@example.org"]);
    pipeline.swit.change(|swit| swit.place_user("Bo", "bo@example.org", 30));
    assert_eq!(pipeline.settled(&people), ["scim", "team.user.add"]);
}

#[test]
fn nobody_is_deactivated_after_a_read_that_is_not_whole() {
    let pipeline = Pipeline::new();
    let all = [person("Ane"), person("Bo"), team("Dev", None, &["Ane", "Bo"])];
    pipeline.done(&all);
    pipeline.swit.forget();
    let less = [person("Ane"), team("Dev", None, &["Ane"])];
    let broken = stream(&less, &json!({ "complete": false, "error": "size limit" }));
    pipeline.command(&[]).stdin(broken).run().with_status(4);
    let cut = state(&less).lines().take(2).map(|line| format!("{line}\n")).collect::<String>();
    pipeline.command(&[]).stdin(cut).run().with_status(4);
    let unknown = [person("Ane"), team("Dev", None, &["Ane", "Bo"]), unreadable("user", "key-bo")];
    assert!(pipeline.push(&unknown, &[]).status <= 1);
    assert_eq!(pipeline.operations(), [""; 0]);
}

#[test]
fn an_answer_that_is_lost_makes_nobody_twice() {
    let pipeline = Pipeline::new();
    pipeline.swit.faults().add(Rule::once(Fault::Cut(0)).path("user.create"));
    pipeline.swit.faults().add(Rule::once(Fault::Cut(0)).path("team.create"));
    assert_eq!(
        pipeline.settled(&[person("Ane"), team("Dev", None, &["Ane"])]),
        ["organization.user.create", "team.create", "team.user.add", "team.sort"]
    );
}

#[test]
fn a_bot_makes_nobody_and_is_told_why() {
    let pipeline = Pipeline::new();
    let ran = pipeline.command(&[]).env("SWIT_ACCESS_TOKEN", BOT_TOKEN).stdin(state(&[person("Ane")])).run();
    assert_eq!(ran.with_status(1).records()[0]["status"], "failed");
    let ran = pipeline.command(&[]).env("SWIT_ACCESS_TOKEN", BOT_TOKEN).stdin(state(&[person("Ane")])).run();
    assert!(ran.stdout.contains("not a bot's"), "{}", ran.stdout);
}

#[test]
fn a_primary_team_is_set_once_the_person_is_in_it() {
    let pipeline = Pipeline::new();
    let ane = changed(person("Ane"), json!({ "primary": "cn=ops,ou=groups" }));
    let teams = [team("Dev", None, &["Ane"]), team("Ops", None, &["Ane"])];
    let records = [ane, teams[0].clone(), teams[1].clone()];
    let writes = pipeline.settled(&records);
    assert_eq!(writes.last().unwrap(), "team.user.primary.update");
    let swit = pipeline.swit.organisation();
    assert_eq!(swit.user("ane@example.org").unwrap().primary, Some(swit.team("Ops").unwrap().id.clone()));
}
