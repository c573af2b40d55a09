//! What becomes of units in the registry.

use crate::client::{
    BELOW, KLE, OTHER, TOP, UNKNOWN, USER, call, delete, get, plain, post, push, started, top, unit, user,
    with,
};
use muster_tests::simulator::os2sync::{Kind, Options, Os2sync, RootChange};
use serde_json::{Value, json};

fn stored(os2sync: &Os2sync) -> Value {
    os2sync.registry().unit(BELOW).unwrap()
}

fn pushed(options: Options, field: &str, value: Value) -> Value {
    let os2sync = started(options);
    push(&os2sync, "/orgUnit", &with(unit(BELOW), field, value));
    assert!(os2sync.registry().failures().is_empty());
    stored(&os2sync)[field].clone()
}

#[test]
fn a_post_answers_the_object_as_parsed_with_every_field() {
    let answer = post(&plain(), "/orgUnit", &with(unit(BELOW), "Tasks", Value::Null)).json();
    let expected = json!({
        "Uuid": BELOW, "ShortKey": null, "Name": "Borgerservice", "ParentOrgUnitUuid": TOP, "PayoutUnitUuid": null,
        "ManagerUuid": null, "Type": "DEPARTMENT", "PhoneNumber": null, "Landline": null, "Email": null,
        "Location": null, "LOSShortName": null, "LOSId": null, "DtrId": null, "ContactOpenHours": null,
        "PhoneOpenHours": null, "EmailRemarks": null, "Contact": null, "Post": null, "PostSecondary": null,
        "PostReturn": null, "Ean": null, "Url": null, "FOA": null, "PNR": null, "SOR": null, "Tasks": [],
        "ItSystems": [], "ContactForTasks": [], "ContactPlaces": [], "Timestamp": null,
    });
    assert_eq!(answer, expected);
}

#[test]
fn a_get_has_the_same_members_as_a_post() {
    let os2sync = plain();
    let names = |value: Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let sent = post(&os2sync, "/orgUnit", &unit(BELOW)).json();
    assert_eq!(names(get(&os2sync, &format!("/orgUnit/{BELOW}")).json()), names(sent));
    assert_eq!(get(&os2sync, &format!("/orgUnit/{UNKNOWN}")).status, 404);
}

#[test]
fn null_clears_and_short_key_null_keeps() {
    let os2sync = plain();
    let full = with(with(unit(BELOW), "Url", json!("https://example.org")), "ShortKey", json!("BS"));
    push(&os2sync, "/orgUnit", &with(full, "ItSystems", json!([KLE])));
    assert_eq!(stored(&os2sync)["ItSystems"], json!([KLE]));
    push(&os2sync, "/orgUnit", &unit(BELOW));
    assert_eq!((&stored(&os2sync)["Url"], &stored(&os2sync)["ShortKey"]), (&Value::Null, &json!("BS")));
    assert_eq!(stored(&os2sync)["ItSystems"], json!([]));
}

#[test]
fn omitting_type_turns_a_team_into_a_department() {
    let os2sync = plain();
    push(&os2sync, "/orgUnit", &with(unit(BELOW), "Type", json!("TEAM")));
    assert_eq!(stored(&os2sync)["Type"], "TEAM");
    push(&os2sync, "/orgUnit", &unit(BELOW));
    assert_eq!(stored(&os2sync)["Type"], "DEPARTMENT");
}

#[test]
fn post_secondary_needs_post() {
    let secondary = with(unit(BELOW), "PostSecondary", json!("Torvet 2"));
    let os2sync = plain();
    push(&os2sync, "/orgUnit", &with(secondary.clone(), "Post", json!("Torvet 1")));
    assert_eq!(stored(&os2sync)["PostSecondary"], "Torvet 2");
    push(&os2sync, "/orgUnit", &secondary);
    assert_eq!(stored(&os2sync)["PostSecondary"], Value::Null);
}

#[test]
fn without_a_parent_a_unit_becomes_the_root() {
    let os2sync = plain();
    assert_eq!((os2sync.registry().root(), os2sync.registry().root_changes()), (Some(TOP), &[][..]));
    push(&os2sync, "/orgUnit", &top());
    push(&os2sync, "/orgUnit", &unit(BELOW));
    assert!(os2sync.registry().root_changes().is_empty());
    push(&os2sync, "/orgUnit", &with(unit(BELOW), "ParentOrgUnitUuid", Value::Null));
    let change = RootChange { from: Some(TOP.to_owned()), to: BELOW.to_owned() };
    assert_eq!(os2sync.registry().root_changes(), [change]);
    assert_eq!(os2sync.registry().root(), Some(BELOW));
}

#[test]
fn the_first_top_unit_is_a_root_change_from_nothing() {
    let os2sync = Os2sync::start(Options::default());
    push(&os2sync, "/orgUnit", &top());
    assert_eq!(os2sync.registry().root_changes(), [RootChange { from: None, to: TOP.to_owned() }]);
}

#[test]
fn an_unknown_parent_fails_later() {
    let os2sync = plain();
    push(&os2sync, "/orgUnit", &with(unit(BELOW), "ParentOrgUnitUuid", json!(UNKNOWN)));
    let failure = os2sync.registry().failures().remove(0);
    assert_eq!((failure.kind, failure.uuid.as_str()), (Kind::Unit, BELOW));
    let text = "Invalid registration object - the following fields are invalid: ParentOrgUnitUuid";
    assert_eq!(failure.text, text);
}

#[test]
fn only_its_own_uuid_is_lower_cased() {
    let os2sync = plain();
    push(&os2sync, "/orgUnit", &with(unit(BELOW), "Uuid", json!(BELOW.to_uppercase())));
    assert!(os2sync.registry().failures().is_empty());
    push(&os2sync, "/orgUnit", &with(unit(BELOW), "ManagerUuid", json!(USER.to_uppercase())));
    assert_eq!(stored(&os2sync)["ManagerUuid"], USER.to_uppercase());
    push(&os2sync, "/orgUnit", &with(unit(BELOW), "ParentOrgUnitUuid", json!(TOP.to_uppercase())));
    assert_eq!(os2sync.registry().failures().len(), 1);
}

#[test]
fn bad_uuids_fail_later_by_field() {
    let os2sync = plain();
    let bad = with(with(unit("bad"), "ManagerUuid", json!("anna")), "Tasks", json!([KLE, "00.01"]));
    push(&os2sync, "/orgUnit", &bad);
    let text = "Invalid registration object - the following fields are invalid: Uuid,ManagerUuid,Tasks";
    assert_eq!(os2sync.registry().failures()[0].text, text);
}

#[test]
fn a_manager_replaces_all_and_null_removes_it() {
    let os2sync = plain();
    os2sync.place_unit(&with(unit(BELOW), "Managers", json!([UNKNOWN, OTHER])));
    assert_eq!(stored(&os2sync)["Managers"].as_array().unwrap().len(), 2);
    push(&os2sync, "/orgUnit", &with(unit(BELOW), "ManagerUuid", json!(USER)));
    assert_eq!((&stored(&os2sync)["ManagerUuid"], stored(&os2sync).get("Managers")), (&json!(USER), None));
    push(&os2sync, "/orgUnit", &unit(BELOW));
    assert_eq!(stored(&os2sync)["ManagerUuid"], Value::Null);
}

#[test]
fn a_los_short_name_makes_a_payout_unit() {
    let os2sync = plain();
    push(&os2sync, "/orgUnit", &with(unit(BELOW), "LOSShortName", json!("BS")));
    assert_eq!(os2sync.registry().payout_units(), [BELOW]);
}

#[test]
fn as_installed_contact_places_payout_units_and_sor_are_dropped() {
    let dropped = |field, value| pushed(Options::default(), field, value);
    assert_eq!(dropped("ContactForTasks", json!([KLE])), json!([]));
    assert_eq!(dropped("ContactPlaces", json!([OTHER])), json!([]));
    assert_eq!(dropped("PayoutUnitUuid", json!(OTHER)), Value::Null);
    assert_eq!(dropped("SOR", json!("123")), Value::Null);
    assert_eq!(dropped("Tasks", json!([KLE])), json!([KLE]));
    assert_eq!(dropped("Ean", json!("5790000000000")), "5790000000000");
}

#[test]
fn the_settings_decide_what_is_dropped() {
    let open = || Options {
        disable_contact_places: false,
        disable_payout_units: false,
        disable_tasks: true,
        ignored_address_types: ["EAN", "DTRID", "PNR", "LOCATION", "CONTACT"].map(str::to_owned).to_vec(),
        ..Options::default()
    };
    assert_eq!(pushed(open(), "ContactForTasks", json!([KLE])), json!([KLE]));
    assert_eq!(pushed(open(), "ContactPlaces", json!([OTHER])), json!([OTHER]));
    assert_eq!(pushed(open(), "PayoutUnitUuid", json!(OTHER)), OTHER);
    assert_eq!(pushed(open(), "SOR", json!("123")), "123");
    assert_eq!(pushed(open(), "Tasks", json!([KLE])), json!([]));
    for field in ["Ean", "DtrId", "PNR", "Location", "Contact"] {
        assert_eq!(pushed(open(), field, json!("text")), Value::Null);
    }
}

#[test]
fn a_unit_is_deleted_softly_revived_and_passivated() {
    let os2sync = plain();
    assert_eq!(delete(&os2sync, &format!("/orgUnit/{BELOW}")).text, "");
    assert_eq!(os2sync.registry().deleted(), [(Kind::Unit, BELOW.to_owned())]);
    assert_eq!(get(&os2sync, &format!("/orgUnit/{BELOW}")).status, 404);
    push(&os2sync, "/orgUnit", &unit(BELOW));
    assert_eq!(get(&os2sync, &format!("/orgUnit/{BELOW}")).status, 200);
    assert_eq!(call(&os2sync, "POST", &format!("/orgUnit/passiver/{BELOW}"), "").status, 200);
    assert_eq!(os2sync.registry().passivated(), [(Kind::Unit, BELOW.to_owned())]);
}

#[test]
fn a_deleted_unit_is_unknown_as_parent_and_in_positions() {
    let os2sync = plain();
    delete(&os2sync, &format!("/orgUnit/{BELOW}"));
    push(&os2sync, "/orgUnit", &with(unit(OTHER), "ParentOrgUnitUuid", json!(BELOW)));
    push(&os2sync, "/user", &user());
    let failed: Vec<_> = os2sync.registry().failures().into_iter().map(|failure| failure.uuid).collect();
    assert_eq!(failed, [OTHER, USER]);
}
