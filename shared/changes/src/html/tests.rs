//! What can be said of the page without a browser.

use super::*;
use crate::show::{Showing, show};
use serde_json::{Value, json};

fn drawn(lines: &[Value]) -> String {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let showing = Showing { assume_complete: true, memory: 1 << 20, spool_dir: None };
    let mut output = Vec::new();
    page(show(text.as_bytes(), showing).unwrap(), &mut output).unwrap();
    String::from_utf8(output).unwrap()
}

fn update(before: Value, after: Value) -> Value {
    let changed: Vec<String> = after.as_object().unwrap().keys().map(|name| format!("/{name}")).collect();
    json!({"_op": "update", "_kind": "user", "_key": "1", "after": after, "before": before, "changed": changed})
}

fn cells(before: Value, after: Value) -> (String, String) {
    let page = drawn(&[update(json!({ "a": before }), json!({ "a": after }))]);
    let cell = |class: &str| {
        let open = format!("<td class=\"{class}\">");
        page.split_once(&open).unwrap().1.split_once("</td>").unwrap().0.to_owned()
    };
    (cell("before"), cell("after"))
}

#[test]
fn the_differing_part_is_marked() {
    let (before, after) = cells(json!("ane@old.example.org"), json!("ane@new.example.org"));
    assert_eq!(before, "ane@<del>old</del>.example.org");
    assert_eq!(after, "ane@<ins>new</ins>.example.org");
}

#[test]
fn lists_show_what_goes_and_comes() {
    let (before, after) = cells(json!(["a", "b"]), json!(["b", "c"]));
    assert_eq!(before, "<ul><li><del class=\"whole\">a</del></li></ul><p class=\"stay\">1 other stays</p>");
    assert_eq!(after, "<ul><li><ins class=\"whole\">c</ins></li></ul><p class=\"stay\">1 other stays</p>");
}

#[test]
fn a_text_that_reads_like_a_number_is_told_from_one() {
    assert_eq!(cells(json!("12"), json!(12)).0, "<del class=\"whole\">&quot;12&quot;</del>");
    assert_eq!(cells(json!("x"), Value::Null).1, "<em>nothing</em>");
}

#[test]
fn data_stays_text_wherever_it_stands() {
    let hostile = "</script></style>\"'><img src=x onerror=alert(1)>&amp;\u{202e}\u{0}\u{2028}";
    let one = json!({"_op": "create", "_kind": hostile, "_key": hostile, "after": {hostile: [hostile, {hostile: hostile}]}});
    let other = json!({"_op": "blocked", "op": hostile, "reason": hostile, "_kind": hostile, "_key": "2",
        "conflict": {"with": [hostile], "by": hostile}, "before": {hostile: hostile}, "after": {hostile: 1},
        "changed": [format!("/{hostile}")]});
    let page = drawn(&[one, other]);
    let (head, body) = page.split_once("<body>").unwrap();
    assert_eq!(page.matches("<img").count(), 0);
    assert_eq!(body.matches("</script>").count(), 1);
    assert_eq!((head.matches("</style>").count(), body.matches("</style>").count()), (1, 1));
    assert!(!page.chars().any(|c| c == '\u{202e}' || c == '\u{2028}' || c.is_control() && c != '\n'));
}

#[test]
fn changes_without_values_say_so() {
    let page = drawn(&[json!({"_op": "delete", "_kind": "user", "_key": "1"})]);
    assert!(page.contains("Its values are not known."), "{page}");
}

#[test]
fn the_last_of_the_page_is_what_shows_that_it_is_whole() {
    let page = drawn(&[]);
    let (body, end) = page.split_once("id=\"end\"").unwrap();
    assert!(body.contains("Nothing to change") && end.ends_with("</html>\n"));
}
