//! What the scanner takes, the parser takes as the same record.

use super::syntax::plain_text;
use super::*;
use muster_stream::Line;
use proptest::prelude::*;

fn plain(line: &[u8]) -> Option<Plain<'_>> {
    Scanner::default().plain(line)
}

fn content(text: &str) -> Hash {
    plain(text.as_bytes()).unwrap_or_else(|| panic!("not plain: {text}")).content
}

#[test]
fn members_of_ours_and_their_place_do_not_count() {
    let bare = content(r#"{"_kind":"user","_key":"1","a":1,"b":[{"c":null}]}"#);
    assert_eq!(content(r#"{"a":1,"_key":"2","_kind":"user","_from":["x","y"],"b":[{"c":null}]}"#), bare);
    assert_ne!(content(r#"{"_kind":"user","_key":"1","a":2,"b":[{"c":null}]}"#), bare);
}

#[test]
fn what_is_not_plain_is_left_to_the_parser() {
    for text in [
        "",
        "{}",
        r#"{"_kind":"user","_key":""}"#,
        r#"{"_kind":"_end","_key":"1"}"#,
        r#"{"_kind":"user","_key":"1","_op":"delete"}"#,
        r#"{"_kind":"user","_key":"1","a":1,"a":1}"#,
        r#"{"_kind":"user","_key":"1","a":{"b":1,"b":2}}"#,
        r#"{"_kind":"user","_key":"1","a\u0062":1}"#,
        r#"{"_kind":"user","_key":"1","a":"\ud83d\ude00"}"#,
        r#"{"_kind":"user","_key":"1","a":01}"#,
        r#"{"_kind":"user","_key":"1","a":1.}"#,
        r#"{"_kind":"user","_key":"1",}"#,
        r#"{"_kind":"user","_key":"1"} x"#,
        "{\"_kind\":\"user\",\"_key\":\"1\",\"a\":\"\u{1}\"}",
    ] {
        assert_eq!(plain(text.as_bytes()), None, "{text}");
    }
}

proptest! {
    #[test]
    fn plain_text_ends_where_it_ends(text in "[a\\\\\"\u{1}\u{1f} \u{7f}é]{0,40}|[a-zæ]{0,40}[\\\\\"\n]?") {
        let end = text.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
        prop_assert_eq!(plain_text(text.as_bytes()), end.unwrap_or(text.len()));
    }

    /// Lines that are nearly records: whatever is taken must be taken by the parser, as the same record.
    #[test]
    fn what_is_taken_is_a_record(
        text in r#"\{("_kind":"u"|"_key":"1"|"[a-c$]":(-?[0-9]{1,2}(\.[0-9])?(e[0-9])?|null|tru?e|"[a\\nud"]{0,7}"|\[[1,]{0,3}\]|\{("[ab]":1,?){0,2}\})|,){2,7}\}"#,
    ) {
        if let Some(found) = plain(text.as_bytes()) {
            let Ok(Line::Record(record)) = Line::parse(text.as_bytes()) else { panic!("taken: {text}") };
            prop_assert_eq!((record.kind(), record.key()), (found.kind, found.key));
        }
    }

    #[test]
    fn any_written_record_is_taken(members in prop::collection::btree_map("[a-zæ]{1,3}", "\\PC{0,9}", 0..6)) {
        let mut map = muster_stream::Map::new();
        map.insert("_kind".to_owned(), "u".into());
        map.insert("_key".to_owned(), "1".into());
        map.extend(members.into_iter().map(|(name, value)| (name, value.into())));
        prop_assert!(plain(&serde_json::to_vec(&map).unwrap()).is_some());
    }
}
