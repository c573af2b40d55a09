//! Values: alone, or an old and a new one with the part marked in which they differ.

use super::escape::{escaped, html, lines, visible};
use crate::text::marks::marked;
use crate::text::value::{is_plain, without};
use crate::text::{Ink, Pieces};
use muster_stream::Value;

/// A value that has no other beside it.
pub(super) fn alone(value: &Value) -> String {
    match value {
        Value::Null => none("nothing"),
        Value::String(text) if text.is_empty() => none("empty text"),
        Value::String(text) => lines(text),
        Value::Array(items) if items.is_empty() => none("empty list"),
        Value::Array(items) => list(items.iter(), None),
        Value::Object(members) if members.is_empty() => none("nothing in it"),
        Value::Object(members) => {
            let members = members.iter().filter(|(_, value)| !value.is_null());
            let items: String = members
                .map(|(name, value)| format!("<li><i>{}</i> {}</li>", html(name), alone(value)))
                .collect();
            format!("<ul class=\"object\">{items}</ul>")
        }
        other => html(&other.to_string()),
    }
}

/// The old and the new value of a member.
pub(super) fn pair(old: Option<&Value>, new: Option<&Value>) -> (String, String) {
    let (old, new) = (old.unwrap_or(&Value::Null), new.unwrap_or(&Value::Null));
    match (old, new) {
        (Value::Array(old), Value::Array(new)) => lists(old, new),
        (Value::String(old), Value::String(new)) if !old.is_empty() && !new.is_empty() => {
            let (before, after) = marked(&visible(old), &visible(new), false);
            let has_common =
                before.iter().chain(&after).any(|piece| piece.ink != Ink::Old && piece.ink != Ink::New);
            if has_common {
                (parts(&before, "del"), parts(&after, "ins"))
            } else {
                (whole(&lines(old), "del"), whole(&lines(new), "ins"))
            }
        }
        _ => (strict(old, new, "del"), strict(new, old, "ins")),
    }
}

/// A value beside one of another type: a text that reads like something else stands in quotes.
fn strict(value: &Value, other: &Value, tag: &str) -> String {
    match value {
        Value::Null => none("nothing"),
        Value::String(text) if !other.is_null() && !text.is_empty() && !is_plain(text) => {
            whole(&html(&value.to_string()), tag)
        }
        value => whole(&alone(value), tag),
    }
}

/// Lists, with what goes and what comes; what stays is counted.
fn lists(old: &[Value], new: &[Value]) -> (String, String) {
    let (gone, come) = (without(old, new), without(new, old));
    if gone.is_empty() && come.is_empty() {
        let order = |items: &[Value]| {
            format!("{}<p class=\"stay\">the same in another order</p>", list(items.iter(), None))
        };
        return (order(old), order(new));
    }
    let stay = |count: usize| match count {
        0 => String::new(),
        1 => "<p class=\"stay\">1 other stays</p>".to_owned(),
        count => format!("<p class=\"stay\">{count} others stay</p>"),
    };
    let side = |items: Vec<&Value>, all: &[Value], tag| {
        let drawn = match (items.is_empty(), all.is_empty()) {
            (true, true) => none("empty list"),
            (true, false) => String::new(),
            _ => list(items.iter().copied(), Some(tag)),
        };
        format!("{drawn}{}", stay(all.len() - items.len()))
    };
    (side(gone, old, "del"), side(come, new, "ins"))
}

fn list<'v>(items: impl Iterator<Item = &'v Value>, tag: Option<&str>) -> String {
    let items: String = items
        .map(|item| match tag {
            Some(tag) => format!("<li>{}</li>", whole(&alone(item), tag)),
            None => format!("<li>{}</li>", alone(item)),
        })
        .collect();
    format!("<ul>{items}</ul>")
}

fn whole(drawn: &str, tag: &str) -> String {
    format!("<{tag} class=\"whole\">{drawn}</{tag}>")
}

fn parts(pieces: &Pieces, tag: &str) -> String {
    let drawn = pieces.iter().filter(|piece| !piece.text.is_empty()).map(|piece| match piece.ink {
        Ink::OldPart | Ink::NewPart => format!("<{tag}>{}</{tag}>", escaped(&piece.text)),
        _ => escaped(&piece.text),
    });
    drawn.collect()
}

fn none(what: &str) -> String {
    format!("<em>{what}</em>")
}
