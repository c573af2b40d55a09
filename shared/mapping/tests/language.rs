//! The language of specs and what becomes of a stream, member by member.

#![allow(clippy::unwrap_used, clippy::panic)] // outside #[test] functions, too: these are helpers of tests

mod common;

use muster_mapping::{Spec, Summary};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const END: &str = r#"{"_kind":"_end","form":"FORM","from":"x 1","scope":"s","complete":true,"records":COUNT,"errors":0,"by_kind":{"p":COUNT}}"#;

/// The `maps` entry over records of kind `p`, in a stream of that form.
fn stream(map: Value, records: &[Value], form: &str) -> (Summary, Vec<Value>) {
    let spec = json!({
        "settings": {"role": {"default": 25}, "city": {"default": "Aarhus"}},
        "converters": {"twice": "value ~ value", "long": "value | length > 3"},
        "maps": [map],
    });
    let spec = Spec::parse("test", &spec.to_string()).unwrap();
    let mut input: String = records.iter().map(|record| format!("{record}\n")).collect();
    input += &END.replace("FORM", form).replace("COUNT", &records.len().to_string());
    input.push('\n');
    let (summary, lines) = common::mapped(&spec, BTreeMap::new(), input.as_bytes());
    (summary, lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// The one record that a map with these fields makes of a record with these members.
fn fields(fields: Value, record: Value) -> Value {
    let mut lines = stream(json!({"from":"p","to":"p","fields":fields}), &[with_key(record)], "state").1;
    let mut line = lines.remove(0);
    for ours in ["_kind", "_key"] {
        line.as_object_mut().unwrap().shift_remove(ours);
    }
    line
}

fn with_key(record: Value) -> Value {
    let mut whole = json!({"_kind":"p","_key":"1"});
    whole.as_object_mut().unwrap().extend(record.as_object().unwrap().clone());
    whole
}

fn text(value: &Value) -> String {
    value.to_string()
}

#[test]
fn a_value_comes_from_one_of_six_places() {
    let made = fields(
        json!({"A":"a","B":{"source":"b.0.c"},"C":{"expr":"a ~ 'x'"},"D":{"template":"<{{ a }}>"},
            "E":{"setting":"role"},"F":{"hardcoded":[]},"G":{"fields":{"H":"a","I":"missing"}}}),
        json!({"a":"1","b":[{"c":1.10}]}),
    );
    assert_eq!(text(&made), r#"{"A":"1","B":1.1,"C":"1x","D":"<1>","E":25,"F":[],"G":{"H":"1","I":null}}"#);
}

#[test]
fn converters_follow_each_other_and_null_passes() {
    let made = fields(
        json!({"A":{"source":"a","converter":["trim","lower","truncate:2","twice"]},
            "B":{"source":"b","converter":"upper"},"C":{"expr":"a | twice"},
            "D":{"expr":"[a, 'ab'] | select('long') | list"}}),
        json!({"a":" ABC "}),
    );
    assert_eq!(text(&made), r#"{"A":"abab","B":null,"C":" ABC  ABC ","D":[" ABC "]}"#);
}

#[test]
fn default_set_and_omit_null() {
    let made = fields(
        json!({"A":{"source":"x","default":7},"B":{"source":"x","omit_null":true},
            "C":{"source":"c","set":true},"D":{"source":"c","when":"settings.role == 1"}}),
        json!({"c":[{"b":1,"a":2},"z",{"a":2,"b":1}]}),
    );
    assert_eq!(text(&made), r#"{"_sets":["/C"],"A":7,"C":["z",{"b":1,"a":2}]}"#);
}

#[test]
fn numbers_keep_their_digits_on_a_path() {
    let line = r#"{"_kind":"p","_key":"1","n":123456789012345678901234567890,"d":1.10}"#;
    let spec = r#"{"maps":[{"from":"p","to":"p","fields":{"n":"n","d":"d"}}]}"#;
    let spec = Spec::parse("test", spec).unwrap();
    let (_, lines) = common::mapped(&spec, BTreeMap::new(), format!("{line}\n").as_bytes());
    assert_eq!(lines[0], line);
}

#[test]
fn types_convert_or_reject() {
    let typed = |kind: &str, value: Value| {
        stream(
            json!({"from":"p","to":"p","fields":{"A":{"source":"a","type":kind}}}),
            &[with_key(json!({ "a": value }))],
            "state",
        )
        .1
        .remove(0)
    };
    assert_eq!(typed("integer", json!("12"))["A"], json!(12));
    assert_eq!(typed("string", json!(12))["A"], json!("12"));
    assert_eq!(typed("boolean", json!("Yes"))["A"], json!(true));
    assert_eq!(typed("integer", json!("5E10"))["_kind"], json!("_error"));
}

#[test]
fn one_record_becomes_several_and_names_its_source() {
    let map = json!({"from":"p","to":"u","let":{"n":"name | upper","both":"n ~ account.id"},
        "each":{"account":"accounts"},"when":"account.on","key":"Id",
        "fields":{"Id":{"source":"account.id"},"Name":{"expr":"both"}}});
    let record = with_key(json!({"name":"ane","accounts":[
        {"id":"a","on":true},{"id":"b","on":false},{"id":"c","on":true}]}));
    let (summary, lines) = stream(map, &[record], "state");
    assert_eq!(text(&lines[0]), r#"{"_kind":"u","_key":"a","_from":["p","1"],"Id":"a","Name":"ANEa"}"#);
    assert_eq!(lines[1]["Name"], json!("ANEc"));
    assert_eq!((summary.written, lines.len()), (2, 3));
}

#[test]
fn a_record_that_does_not_fit_is_an_error_in_source_terms() {
    let map = json!({"from":"p","to":"u","fields":{"A":{"source":"a","required":true}}});
    let (summary, lines) = stream(map, &[with_key(json!({"a":""}))], "state");
    assert_eq!(
        text(&lines[0]),
        r#"{"_kind":"_error","of":"p","_key":"1","message":"A: it is required and there is nothing"}"#
    );
    assert_eq!((summary.rejected, lines[1]["rejected"].clone()), (1, json!(1)));
}

#[test]
fn one_bad_item_keeps_all_of_its_record_back() {
    let map = json!({"from":"p","to":"u","each":{"x":"xs"},"key":{"expr":"x | uuid"},"fields":{}});
    let good = "6299c45f-9902-5da0-b25b-3698ed4c0f33";
    let (_, lines) = stream(map, &[with_key(json!({"xs":[good, "bad"]}))], "state");
    assert_eq!(lines[0]["message"], json!("key: 'bad' is no UUID"));
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_key_like_a_cpr_number_is_rejected() {
    let map = json!({"from":"p","to":"u","key":{"expr":"cpr"},"fields":{}});
    let (summary, lines) = stream(map, &[with_key(json!({"cpr":"010101-1234"}))], "state");
    assert!(lines[0]["message"].as_str().unwrap().contains("choose another key"));
    assert_eq!(summary.rejected, 1);
}

#[test]
fn undefined_is_false_and_may_not_be_looked_into() {
    let made =
        fields(json!({"A":{"expr":"1 if nothing else 2"},"B":{"expr":"nothing | default(3)"}}), json!({}));
    assert_eq!(made, json!({"A":2,"B":3}));
    let map = json!({"from":"p","to":"u","fields":{"A":{"expr":"nothing.x"}}});
    assert_eq!(stream(map, &[with_key(json!({}))], "state").0.rejected, 1);
}

#[test]
fn an_endless_expression_runs_out_of_fuel() {
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}.{% endfor %}{% endfor %}";
    let map = json!({"from":"p","to":"u","fields":{"A":{"template":endless}}});
    assert_eq!(stream(map, &[with_key(json!({}))], "state").0.rejected, 1);
}

fn unknown(pointer: &str, map: Value) -> Value {
    let record = with_key(json!({"_unknown":[pointer],"a":[{"t":"x"},{"t":"y","n":"2"}],"b":"B"}));
    stream(map, &[record], "state").1.remove(0)
}

#[test]
fn a_field_that_touches_an_unknown_member_is_unknown() {
    let map = json!({"from":"p","to":"u","let":{"first":"(a | where('t', 'x') | first).n"},"fields":{
        "Touched":{"expr":"a[0].n | default('z')","default":"q"},
        "Path":"a.0","All":{"expr":"a | map(attribute='n') | list"},
        "Let":{"expr":"first"},"Again":"first",
        "Nested":{"fields":{"In":{"expr":"a[0].n.m"},"Out":"b"}},
        "Other":{"expr":"a[1].n"},"OtherPath":"a.1.n",
        "Types":{"expr":"a | where('t', ['x','y']) | map(attribute='t') | list"}}});
    assert_eq!(
        text(&unknown("/a/0/n", map)),
        r#"{"_kind":"u","_key":"1","_from":["p","1"],"_unknown":["/Touched","/Path","/All","/Let","/Again","/Nested/In"],"Nested":{"Out":"B"},"Other":"2","OtherPath":"2","Types":["x","y"]}"#
    );
}

#[test]
fn an_unknown_list_or_element_makes_all_that_looks_at_it_unknown() {
    let map = json!({"from":"p","to":"p","fields":{"A":{"expr":"a | length"},"B":"b"}});
    for pointer in ["/a", "/a/1", "/a/7"] {
        assert_eq!(unknown(pointer, map.clone())["_unknown"], json!(["/A"]), "{pointer}");
    }
}

#[test]
fn what_decides_about_a_record_must_be_known() {
    for map in [
        json!({"from":"p","to":"u","when":"a[0].n","fields":{}}),
        json!({"from":"p","to":"u","key":"K","fields":{"K":{"expr":"a[0].n"}}}),
        json!({"from":"p","to":"u","key":{"expr":"a[0].n"},"fields":{}}),
        json!({"from":"p","to":"u","each":{"x":"[a[0].n]"},"key":{"expr":"x"},"fields":{}}),
        json!({"from":"p","to":"u","fields":{"K":{"expr":"a[0].n","required":true}}}),
    ] {
        let line = unknown("/a/0/n", map);
        assert_eq!(
            (&line["_kind"], &line["of"], &line["_key"]),
            (&json!("_error"), &json!("p"), &json!("1"))
        );
    }
}

#[test]
fn in_a_stream_of_changes_a_dropped_record_is_deleted() {
    let map = json!({"from":"p","to":"u","when":"a","fields":{}});
    let dropped = with_key(json!({"a":0}));
    let (summary, lines) = stream(map.clone(), std::slice::from_ref(&dropped), "changes");
    assert_eq!(text(&lines[0]), r#"{"_op":"delete","_kind":"u","_key":"1","_from":["p","1"]}"#);
    assert_eq!(lines[1]["by_kind"], json!({"u":1}));
    assert_eq!(summary.dropped["p"], 1);
    assert_eq!(stream(map, &[dropped], "state").1.len(), 1);
}

#[test]
fn changes_go_on_in_the_targets_terms() {
    let map = json!({"from":"p","to":"u","when":"a","fields":{"A":"a"}});
    let changes = [
        json!({"_op":"update","_kind":"p","_key":"1","after":{"a":1},"before":{"a":2}}),
        json!({"_op":"update","_kind":"p","_key":"2","after":{"a":0},"before":{"a":2}}),
        json!({"_op":"delete","_kind":"p","_key":"3"}),
    ];
    let (_, lines) = stream(map, &changes, "changes");
    assert_eq!(text(&lines[0]), r#"{"_kind":"u","_key":"1","_from":["p","1"],"A":1}"#);
    assert_eq!(text(&lines[1]), r#"{"_op":"delete","_kind":"u","_key":"3","_from":["p","3"]}"#);
    assert_eq!(text(&lines[2]), r#"{"_op":"delete","_kind":"u","_key":"2","_from":["p","2"]}"#);
}

#[test]
fn many_records_keep_their_order() {
    let records: Vec<Value> = (0..5000).map(|n| json!({"_kind":"p","_key":n.to_string(),"n":n})).collect();
    let (summary, lines) =
        stream(json!({"from":"p","to":"p","fields":{"n":{"expr":"n"}}}), &records, "state");
    assert!(lines.iter().take(5000).enumerate().all(|(place, line)| line["n"] == json!(place)));
    assert_eq!((summary.written, summary.partial, &lines[5000]["complete"]), (5000, None, &json!(true)));
}

fn raw(input: &str) -> (Summary, Vec<String>) {
    let spec = Spec::parse("test", r#"{"maps":[{"from":"p","to":"p","fields":{"a":"a"}}]}"#).unwrap();
    common::mapped(&spec, BTreeMap::new(), input.as_bytes())
}

#[test]
fn a_partial_input_gives_a_partial_output() {
    let record = r#"{"_kind":"p","_key":"1","a":1}"#;
    for input in [String::new(), format!("{record}\n"), format!("{record}\n{record}")] {
        let (summary, lines) = raw(&input);
        assert!(
            summary.partial.is_some() && lines.last().unwrap().contains(r#""complete":false"#),
            "{input}"
        );
    }
    let failed = r#"{"_kind":"_end","form":"state","scope":"s","complete":false,"error":"HTTP 500","records":0,"errors":0,"by_kind":{}}"#;
    assert!(raw(&format!("{failed}\n")).1[0].contains(r#""complete":false,"error":"HTTP 500""#));
}

#[test]
fn a_bad_line_is_an_error_of_the_object_it_names() {
    let end = END.replace("FORM", "state").replace("COUNT", "1");
    let (summary, lines) = raw(&format!("{{\"_kind\":\"p\",\"_key\":\"1\",\"a\":1,\"a\":2}}\n{end}\n"));
    assert!(
        lines[0].starts_with(r#"{"_kind":"_error","of":"p","_key":"1","message":"not a JSON"#),
        "{lines:?}"
    );
    assert_eq!((summary.rejected, summary.partial), (1, None));
    assert!(raw("garbage\n").0.partial.is_some());
}

#[test]
fn errors_pass_and_kinds_without_a_map_are_counted() {
    let input = concat!(
        r#"{"_kind":"_error","of":"q","_key":"7","message":"m","more":1}"#,
        "\n",
        r#"{"_kind":"q","_key":"8"}"#,
        "\n",
        r#"{"_kind":"_end","form":"state","scope":"s","complete":true,"records":1,"errors":1,"by_kind":{"q":1},"x":1}"#,
        "\n",
    );
    let (summary, lines) = raw(input);
    assert_eq!(lines[0], r#"{"_kind":"_error","of":"q","_key":"7","message":"m","more":1}"#);
    let end: Value = serde_json::from_str(&lines[1]).unwrap();
    assert_eq!((&end["complete"], &end["errors"], &end["x"]), (&json!(true), &json!(1), &json!(1)));
    assert_eq!((summary.unmapped["q"], &end["unmapped"]), (1, &json!({"q":1})));
}
