//! What is evaluated over the line itself comes out as minijinja has it, errors included.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use muster_mapping::Spec;
use serde_json::json;
use std::collections::BTreeMap;

/// Operands: members of each type, missing ones, paths, settings, `let`, literals.
const OPERANDS: [&str; 18] = [
    "text",
    "empty",
    "whole",
    "zero",
    "fraction",
    "large",
    "yes",
    "no",
    "nothing",
    "missing",
    "list",
    "object.inner",
    "object.missing",
    "text.missing",
    "settings.word",
    "chosen",
    "'x'",
    "7",
];

const RECORD: &str = r#"{"_kind":"a","_key":"1","text":"x","empty":"","whole":7,"zero":0,"fraction":1.50,
    "large":123456789012345678901234567890,"yes":true,"no":false,"nothing":null,"list":[1,"\u00e6"],
    "object":{"inner":"\u00e6\n\"","empty":{ }},"range":"ours"}"#;

fn expressions() -> Vec<String> {
    let mut all = vec![
        "range".to_owned(),
        "dict".to_owned(),
        "record.range ~ record._key".to_owned(),
        "record".to_owned(),
        "object".to_owned(),
        "object.empty or list".to_owned(),
        "object.empty and 1".to_owned(),
        "'a' if missing else text".to_owned(),
        "text if missing".to_owned(),
        "not (text and not missing.deep)".to_owned(),
        "-whole".to_owned(),
        "1 == 1 == 1".to_owned(),
        "chosen ~ chosen ~ _kind".to_owned(),
    ];
    for left in OPERANDS {
        all.extend([left.to_owned(), format!("not {left}"), format!("{left} if {left} else 'none'")]);
        for right in OPERANDS {
            all.extend(["or", "and", "==", "!=", "~"].map(|operator| format!("{left} {operator} {right}")));
        }
    }
    all
}

/// What becomes of the record by each expression as an expression, as a filter and in a template; `around` is put around
/// it. One kind for each, so that one failure is one line.
fn lines(expressions: &[String], around: impl Fn(&str) -> String) -> Vec<String> {
    let (mut maps, mut input) = (Vec::new(), String::new());
    for expression in expressions.iter().map(|expression| around(expression)) {
        let template =
            format!("\n{{% if {expression} -%}} 1 {{% else %}}0{{% endif %}}<{{{{ {expression} }}}}>\n");
        for field in [
            json!({"expr": expression}),
            json!({"hardcoded": 1, "when": expression}),
            json!({"template": template}),
        ] {
            let kind = format!("k{}", maps.len());
            input += &RECORD.replace("\n", "").replace("\"_kind\":\"a\"", &format!("\"_kind\":\"{kind}\""));
            input.push('\n');
            let lets = json!({"chosen": "missing or nothing or text"});
            maps.push(json!({"from": kind, "to": kind, "let": lets, "fields": {"A": field}}));
        }
    }
    let spec = json!({
        "settings": {"word": {"default": "x"}},
        "converters": {"same": "value"},
        "maps": maps,
    });
    let spec = Spec::parse("simple", &spec.to_string()).unwrap_or_else(|error| panic!("{error}"));
    let (_, mut lines) = common::mapped(&spec, BTreeMap::new(), input.as_bytes());
    lines.pop();
    lines
}

#[test]
fn simple_expressions_are_those_of_minijinja() {
    let expressions = expressions();
    let simple = lines(&expressions, |expression| format!("({expression})"));
    let full = lines(&expressions, |expression| format!("(({expression}) | same)"));
    assert_eq!(simple.len(), expressions.len() * 3);
    assert_eq!(full.len(), simple.len());
    for (at, (simple, full)) in simple.iter().zip(full).enumerate() {
        assert_eq!(*simple, full, "{}", expressions[at / 3]);
    }
}
