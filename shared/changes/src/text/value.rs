//! The old and the new value of a member, as rows.

use super::fold::{Ink, Piece, Pieces, width};
use super::marks::marked;
use crate::canonical;
use muster_base::text::one_line;
use muster_stream::Value;
use std::collections::HashSet;

/// What stands between an old and a new value in one row.
const ARROW: &str = " → ";

/// The rows of a member that was `old` and shall be `new`, of which one has about `room` columns. What
/// differs in texts is marked, if asked for also by brackets.
pub(crate) fn rows(old: Option<&Value>, new: Option<&Value>, room: usize, brackets: bool) -> Vec<Pieces> {
    let there = |value: Option<&Value>| value.is_some_and(|value| !value.is_null());
    match (old, new) {
        (Some(Value::Array(old)), Some(Value::Array(new))) => lists(old, new),
        (_, Some(Value::Array(new))) if !there(old) && !new.is_empty() => lists(&[], new),
        (_, Some(new)) if !there(old) => vec![vec![Piece::new(Ink::New, &said(new))]],
        (Some(old), new) if !there(new) => {
            vec![vec![
                Piece::new(Ink::Old, &said(old)),
                Piece::plain(ARROW),
                Piece::new(Ink::Faint, "nothing"),
            ]]
        }
        (Some(Value::String(old)), Some(Value::String(new))) if is_bare(old) && is_bare(new) => {
            let (old, new) = (one_line(old), one_line(new));
            texts(marked(&old, &new, brackets), room)
        }
        (Some(old), Some(new)) => {
            texts((vec![Piece::new(Ink::Old, &exact(old))], vec![Piece::new(Ink::New, &exact(new))]), room)
        }
        _ => Vec::new(),
    }
}

fn texts((mut before, after): (Pieces, Pieces), room: usize) -> Vec<Pieces> {
    let columns = |pieces: &Pieces| pieces.iter().map(|piece| width(&piece.text)).sum::<usize>();
    if columns(&before) + width(ARROW) + columns(&after) <= room {
        before.push(Piece::plain(ARROW));
        before.extend(after);
        return vec![before];
    }
    vec![signed('-', Ink::Old, before), signed('+', Ink::New, after)]
}

fn signed(sign: char, ink: Ink, pieces: Pieces) -> Pieces {
    [Piece::new(ink, &format!("{sign} "))].into_iter().chain(pieces).collect()
}

/// What was taken out of a list and what was put in, each as often as it was.
fn lists(old: &[Value], new: &[Value]) -> Vec<Pieces> {
    let row = |sign, ink, item: &Value| signed(sign, ink, vec![Piece::new(ink, &said(item))]);
    let mut rows: Vec<Pieces> = without(old, new).into_iter().map(|item| row('-', Ink::Old, item)).collect();
    rows.extend(without(new, old).into_iter().map(|item| row('+', Ink::New, item)));
    if rows.is_empty() {
        rows.push(vec![Piece::new(Ink::Changed, "the same in another order")]);
    }
    rows
}

/// The items of `list` that `other` has not, or not as often.
pub(crate) fn without<'v>(list: &'v [Value], other: &[Value]) -> Vec<&'v Value> {
    let form = |value: &Value| canonical::part(value, "", &HashSet::new());
    let mut rest: Vec<Vec<u8>> = other.iter().map(form).collect();
    let is_new = |item: &&Value| match rest.iter().position(|other| *other == form(item)) {
        Some(place) => {
            rest.swap_remove(place);
            false
        }
        None => true,
    };
    list.iter().filter(is_new).collect()
}

/// A value on one line, as people say it.
fn said(value: &Value) -> String {
    match value {
        Value::String(text) if is_bare(text) => one_line(text),
        Value::Array(items) => format!("[{}]", items.iter().map(said).collect::<Vec<_>>().join(", ")),
        Value::Object(members) if members.values().any(|value| !value.is_null()) => {
            let members = members.iter().filter(|(_, value)| !value.is_null());
            let members = members.map(|(name, value)| format!("{}: {}", one_line(name), said(value)));
            members.collect::<Vec<_>>().join(", ")
        }
        value => one_line(&value.to_string()),
    }
}

/// A value beside one of another type: text bare only where nobody can take it for something else.
fn exact(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => one_line(text),
        value => one_line(&value.to_string()),
    }
}

/// Whether a text can be seen as it is.
fn is_bare(text: &str) -> bool {
    !text.is_empty() && text.trim() == text
}

/// Whether a text, besides, reads like no other value.
pub(crate) fn is_plain(text: &str) -> bool {
    is_bare(text) && serde_json::from_str::<Value>(text).is_err()
}
