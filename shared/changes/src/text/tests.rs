//! What a plan looks like.

use super::*;
use muster_stream::Op;
use serde_json::json;

fn drawn(change: Value, width: usize) -> String {
    let mut summary = Summary::default();
    summary.step("user", Op::Update);
    let Value::Object(change) = change else { panic!("no change") };
    Text::new(Style { width, colours: false }).change(&change, &summary)
}

fn update(before: Value, after: Value, changed: &[&str], width: usize) -> String {
    let change = json!({
        "_op": "update", "_kind": "user", "_key": "1", "after": after, "before": before, "changed": changed,
    });
    drawn(change, width)
}

#[test]
fn the_differing_part_is_marked() {
    assert_eq!(
        update(json!({"name":"Ane","mail":"ane@old.org"}), json!({"mail":"ane@new.org"}), &["/mail"], 80),
        "user: 1 to update\n  ~ 1  Ane\n      mail  ane@[-old-].org → ane@{+new+}.org\n"
    );
}

#[test]
fn words_that_differ_side_by_side_are_marked_at_once() {
    let (old, new) = (json!({"a":"Ågade 7, st., 8000 Aarhus"}), json!({"a":"Ågade 7, st., 9000 Aalborg"}));
    let text = update(old, new, &["/a"], 120);
    assert!(text.contains("Ågade 7, st., [-8000 Aarhus-] → Ågade 7, st., {+9000 Aalborg+}"), "{text}");
}

#[test]
fn values_without_common_part_are_not_marked_and_cleared_ones_become_nothing() {
    assert_eq!(
        update(json!({"a":"x","b":"12","c":1}), json!({"a":"y","b":12,"c":null}), &["/a", "/b", "/c"], 80),
        "user: 1 to update\n  ~ 1\n      a     x → y\n      b     \"12\" → 12\n      c     1 → nothing\n"
    );
}

#[test]
fn lists_show_what_came_and_went() {
    assert_eq!(
        update(json!({"g":["a","b","b"],"h":[1,2]}), json!({"g":["b","c"],"h":[2,1]}), &["/g", "/h"], 80),
        "user: 1 to update\n  ~ 1\n      g     - a\n            - b\n            + c\n      h     the same in another order\n"
    );
}

#[test]
fn long_values_are_folded_to_the_width() {
    let (old, new) = ("one two three four five six", "one two three four five seven");
    let text = update(json!({ "note": old }), json!({ "note": new }), &["/note"], 34);
    assert_eq!(
        text,
        "user: 1 to update\n  ~ 1\n      note  - one two three four\n              five [-six-]\n            + one two three four\n              five {+seven+}\n"
    );
}

#[test]
fn nothing_drawn_can_rearrange_a_terminal() {
    let hostile = "\u{1b}[2J\u{202e}x\n";
    let change =
        json!({"_op":"create","_kind":hostile,"_key":hostile,"after":{hostile:hostile,"name":hostile}});
    let text = drawn(change, 80);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'), "{text:?}");
    assert_eq!(text.lines().count(), 4, "{text}");
}

#[test]
fn a_stat_line_has_a_sign_for_each_object_as_long_as_they_fit() {
    let mut summary = Summary::default();
    [Op::Create, Op::Create, Op::Update, Op::Delete].into_iter().for_each(|op| summary.step("user", op));
    (0..300).for_each(|_| summary.step("asset", Op::Create));
    summary.step("asset", Op::Delete);
    let narrow = stat(&summary, Style { width: 40, colours: false });
    assert_eq!(narrow, format!(" asset | 301 {}-\n user  |   4 +~-\n", "+".repeat(26)));
}
