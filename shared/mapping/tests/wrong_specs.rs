//! What is wrong with a spec is said before the first record, with its place and what to do.

#![allow(clippy::unwrap_used, clippy::panic)] // outside #[test] functions, too: these are helpers of tests

use muster_mapping::Spec;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn parsed(text: &str) -> String {
    Spec::parse("my.json", text).map(|_| "right".to_owned()).unwrap_or_else(|error| error.to_string())
}

fn compiled(spec: Value, settings: Value) -> String {
    let values: BTreeMap<String, Value> = serde_json::from_value(settings).unwrap();
    let spec = Spec::parse("my.json", &spec.to_string()).unwrap_or_else(|error| panic!("{error}"));
    spec.compile(values).map(|_| "right".to_owned()).unwrap_or_else(|error| error.to_string())
}

fn map(parts: Value) -> Value {
    let mut map = json!({"from":"p","to":"u"});
    map.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
    json!({"settings":{"city":{"default":"x"}},"maps":[map]})
}

#[test]
fn a_misspelt_member_has_a_place_and_a_suggestion() {
    assert_eq!(
        parsed("{\"maps\":[\n  {\"from\":\"p\",\"feilds\":{}}]}"),
        "unknown member 'feilds' (my.json:2:15); did you mean 'fields'?"
    );
    assert_eq!(
        parsed(r#"{"maps":[{"fields":{"A":{"sorce":"a"}}}]}"#),
        "unknown member 'sorce' (my.json:1:26); did you mean 'source'?"
    );
}

#[test]
fn a_name_twice_is_refused() {
    assert_eq!(
        parsed(r#"{"maps":[{"fields":{"A":"a","A":"b"}}]}"#),
        "'A' stands twice in one object (my.json:1:29); keep one of them"
    );
}

#[test]
fn expressions_are_checked_before_the_first_record() {
    let field = |field: Value| compiled(map(json!({"fields":{"A":field}})), json!({}));
    assert!(field(json!({"expr":"a +"})).starts_with("p to u.A: syntax error"));
    assert_eq!(
        field(json!({"expr":"settings.citty"})),
        "p to u.A: there is no setting 'citty' (my.json:1:90); did you mean 'city'?"
    );
    assert_eq!(
        field(json!({"source":"a","converter":"lowr"})),
        "p to u.A: there is no converter 'lowr' (my.json:1:107); did you mean 'lower'?"
    );
    assert!(field(json!({"source":"a","expr":"a"})).contains("comes from two places"));
    assert!(field(json!({})).contains("nowhere"));
}

#[test]
fn names_mean_one_thing() {
    let lets = |lets: Value| compiled(map(json!({ "let": lets, "fields": {} })), json!({}));
    assert!(lets(json!({"a":"b","b":"1"})).contains("uses 'b', which is not there yet"));
    assert!(lets(json!({"a":"a"})).contains("record.a"));
    assert_eq!(lets(json!({"a":"record.a"})), "right");
    assert!(lets(json!({"settings":"1"})).contains("meaning of its own"));
    assert!(compiled(map(json!({"each":{"x":"xs"}})), json!({})).contains("'key' must tell them apart"));
}

#[test]
fn converters_do_not_run_in_circles() {
    let spec = json!({"converters":{"a":"value | b","b":"value is a"},"maps":[]});
    assert!(compiled(spec, json!({})).starts_with("converter 'a': it uses itself"));
}

#[test]
fn settings_are_checked() {
    let spec = json!({"settings":{"top":{"type":"uuid","required":true,"names":["old.top"]},
        "texts":{"type":"templates","default":{}},"side":{"default":"left","values":["left","right"]}},"maps":[]});
    let given = |settings: Value| compiled(spec.clone(), settings);
    assert!(given(json!({})).starts_with("setting 'top' is missing"));
    let uuid = "6299c45f-9902-5da0-b25b-3698ed4c0f33";
    assert_eq!(given(json!({"old.top":uuid})), "right");
    assert!(given(json!({"top":uuid,"side":"up"})).starts_with("setting 'side' takes one of left, right"));
    assert!(given(json!({"tpo":uuid,"top":uuid})).contains("did you mean 'top'?"));
    assert!(
        given(json!({"top":uuid,"texts":{"a.name":"{% if %}"}}))
            .starts_with("template 'a.name' is wrong: syntax")
    );
}

#[test]
fn the_population_follows_what_decides_it() {
    let digest = |when: &str, name: &str, city: &str| {
        let spec = json!({"settings":{"city":{"default":"x"},"other":{"default":"y"}},
            "converters":{"here":"value.city == settings.city"},
            "maps":[{"from":"p","to":"u","when":when,"let":{"l":"record | here"},"fields":{"N":{"hardcoded":name}}}]});
        let values = BTreeMap::from([("city".to_owned(), json!(city))]);
        let spec = Spec::parse("my.json", &spec.to_string()).unwrap();
        spec.compile(values).unwrap().population_digest().to_owned()
    };
    assert_eq!(digest("l", "a", "x"), digest("l", "b", "x"));
    assert_ne!(digest("l", "a", "x"), digest("l", "a", "z"));
    assert_eq!(digest("true", "a", "x"), digest("true", "a", "z"));
    assert_ne!(digest("true", "a", "x"), digest("false", "a", "x"));
}

#[test]
fn a_spec_extends_one_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let base = r#"{"settings":{"a":{"default":1}},"maps":[{"from":"p","to":"u","fields":{"A":"a"}}]}"#;
    std::fs::write(dir.path().join("base.json"), base).unwrap();
    let over = r#"{"extends":"base.json","maps":[{"from":"p","to":"u","fields":{"A":{"sauce":"b"}}}]}"#;
    let over_path = dir.path().join("over.json");
    std::fs::write(&over_path, over).unwrap();
    let error = Spec::find(over_path.to_str().unwrap()).err().unwrap().to_string();
    assert!(error.contains("over.json:1:") && error.ends_with("did you mean 'source'?"), "{error}");
    std::fs::write(&over_path, over.replace("sauce", "source")).unwrap();
    let spec = Spec::find(over_path.to_str().unwrap()).unwrap();
    assert_eq!((spec.name(), spec.settings()[0].name.as_str()), ("over", "a"));
}

#[test]
fn shipped_specs_are_found_and_others_are_suggested() {
    assert_eq!(Spec::find("os2sync").unwrap().name(), "os2sync");
    assert_eq!(Spec::find("os2sync.json").unwrap().name(), "os2sync");
    let error = Spec::find("os2snyc").err().unwrap().to_string();
    assert_eq!(error, "there is no spec 'os2snyc'; did you mean 'os2sync'?");
}
