//! What is refused at once, with which text and in which order.

use crate::client::{Answer, BELOW, USER, call, plain, post, unit, user, with, without};
use serde_json::{Value, json};

fn answer(path: &str, body: &Value) -> Answer {
    let os2sync = plain();
    let answer = post(&os2sync, path, body);
    let queued = os2sync.registry().writes().len();
    assert_eq!(queued, usize::from(answer.status == 200), "refused and queued");
    answer
}

/// The text of the refusal.
fn refused(path: &str, body: &Value) -> String {
    let answer = answer(path, body);
    assert_eq!((answer.status, answer.content_type.as_str()), (400, "text/plain; charset=utf-8"));
    answer.text
}

#[test]
fn a_user_is_checked_in_this_order() {
    let mut body = json!({});
    assert_eq!(refused("/user", &body), "Person.Name is null or empty");
    body["Person"] = json!({ "Name": "" });
    assert_eq!(refused("/user", &body), "Person.Name is null or empty");
    body["Person"]["Name"] = json!("Anna");
    assert_eq!(refused("/user", &body), "UserId is null or empty");
    body["UserId"] = json!("anna");
    assert_eq!(refused("/user", &body), "Uuid is null empty");
    body["Uuid"] = json!(USER);
    assert_eq!(refused("/user", &body), "Positions is null or empty");
    body["Positions"] = json!([]);
    assert_eq!(refused("/user", &body), "Positions is null or empty");
    body["Positions"] = json!([{ "Name": "Leder", "OrgUnitUuid": BELOW }, { "Name": "Leder" }]);
    assert_eq!(refused("/user", &body), "Position Name or OrgUnitUUID is null");
    body["Positions"][1] = json!({ "OrgUnitUuid": BELOW });
    assert_eq!(refused("/user", &body), "Position Name or OrgUnitUUID is null");
    body["Positions"][1]["Name"] = json!("Vikar");
    assert_eq!(answer("/user", &body).status, 200);
}

#[test]
fn a_unit_is_checked_in_this_order() {
    assert_eq!(refused("/orgUnit", &json!({})), "name is null");
    assert_eq!(refused("/orgUnit", &json!({ "Name": "Kommune" })), "uuid is null");
    assert_eq!(refused("/orgUnit", &json!({ "Uuid": BELOW, "Name": null })), "name is null");
}

#[test]
fn missing_values_come_before_long_ones() {
    let body = with(with(user(), "UserId", json!("x".repeat(256))), "Positions", json!([]));
    assert_eq!(refused("/user", &body), "Positions is null or empty");
}

#[test]
fn values_too_long_for_their_column_are_refused_by_the_database() {
    let long = "x".repeat(256);
    for field in ["UserId", "PhoneNumber", "Landline", "Email", "Location", "RacfID", "FMKID"] {
        let text = refused("/user", &with(user(), field, json!(long)));
        assert_eq!(text, format!("Data too long for column '{}' at row 1", field.to_lowercase()));
    }
    refused("/user", &with(user(), "ShortKey", json!("x".repeat(51))));
    refused("/user", &with(user(), "Person", json!({ "Name": long })));
    refused("/user", &with(user(), "Positions", json!([{ "Name": long, "OrgUnitUuid": BELOW }])));
    for field in ["Name", "Post", "PostSecondary", "Url", "SOR", "EmailRemarks"] {
        refused("/orgUnit", &with(unit(BELOW), field, json!(long)));
    }
    refused("/orgUnit", &with(unit(BELOW), "ShortKey", json!("x".repeat(51))));
}

#[test]
fn lengths_count_characters() {
    assert_eq!(answer("/user", &with(user(), "UserId", json!("ø".repeat(255)))).status, 200);
    assert_eq!(answer("/user", &with(user(), "ShortKey", json!("ø".repeat(50)))).status, 200);
}

#[test]
fn a_cpr_has_ten_characters_and_no_dash() {
    let cpr = |cpr: &str| with(user(), "Person", json!({ "Name": "Anna", "Cpr": cpr }));
    assert_eq!(answer("/user", &cpr("0101010101")).status, 200);
    refused("/user", &cpr("010101-0101"));
    refused("/user", &cpr("010101-010"));
    refused("/user", &cpr("01010101012"));
}

#[test]
fn what_cannot_be_read_is_a_500_with_a_page() {
    let os2sync = plain();
    let list = json!([user()]).to_string();
    let bodies = [
        ("/user", "{".to_owned()),
        ("/user", "no json".to_owned()),
        ("/user", list),
        ("/user", with(user(), "Person", json!(null)).to_string()),
        ("/user", with(user(), "UserId", json!(7)).to_string()),
        ("/user", with(user(), "IsRobot", json!("yes")).to_string()),
        ("/user", with(user(), "Positions", json!({})).to_string()),
        ("/user", with(user(), "Timestamp", json!("yesterday")).to_string()),
        ("/orgUnit", with(unit(BELOW), "Type", json!("SECTION")).to_string()),
        ("/orgUnit", with(unit(BELOW), "Tasks", json!("x")).to_string()),
        ("/orgUnit/cleanup", "{}".to_owned()),
    ];
    for (path, body) in bodies {
        let answer = call(&os2sync, "POST", path, &body);
        assert_eq!(
            (answer.status, answer.content_type.as_str()),
            (500, "text/html; charset=utf-8"),
            "{body}"
        );
        assert!(answer.text.contains("<html>"));
    }
    assert!(os2sync.registry().writes().is_empty());
}

#[test]
fn a_missing_person_is_a_missing_name() {
    assert_eq!(refused("/user", &without(user(), "Person")), "Person.Name is null or empty");
}

#[test]
fn a_timestamp_is_accepted_and_not_stored() {
    let os2sync = plain();
    post(&os2sync, "/user", &with(user(), "Timestamp", json!("1999-12-31T00:00:00")));
    let stored = os2sync.registry().user(USER).unwrap();
    assert!(stored["Timestamp"].as_str().unwrap().starts_with("2026-01-01T"));
}
