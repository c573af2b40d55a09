//! Changes as a person reads them on a terminal: grouped by kind, `+ ~ - !`, each changed member with its old and new
//! value and the differing part marked, lists as what was added and removed.
//!
//! All that is drawn from data is escaped before it is drawn.

mod fold;
pub(crate) mod marks;
mod stat;
pub(crate) mod value;

pub use stat::stat;

use crate::count::thousands;
use crate::name::name;
use crate::summary::Counts;
use crate::{Summary, pointer};
pub(crate) use fold::{Ink, Piece, Pieces};

use fold::folded;
use muster_base::text::one_line;
use muster_stream::{Map, Value};
use std::fmt::Write;

/// Columns of a member's name, at least and at most.
const NAME_COLUMNS: std::ops::RangeInclusive<usize> = 4..=28;
/// What stands before a member and before a value of its own line.
const MEMBER: usize = 6;

/// How a terminal shows it.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Whether there are colours; without them what differs stands in `[-…-]` and `{+…+}`.
    pub colours: bool,
}

/// Draws changes, one after another.
pub struct Text {
    style: Style,
    kind: Option<String>,
}

impl Text {
    /// Draw in this style.
    pub fn new(style: Style) -> Self {
        Self { style, kind: None }
    }

    /// One change line, under a heading when its kind is a new one.
    pub fn change(&mut self, change: &Map, summary: &Summary) -> String {
        let mut out = String::new();
        let kind = text(change, "_kind");
        if self.kind.as_deref() != Some(kind) {
            if self.kind.is_some() {
                out.push('\n');
            }
            let counts = summary.kinds.get(kind).copied().unwrap_or_default();
            self.line(
                &mut out,
                0,
                &[Piece::new(Ink::Bold, &one_line(kind)), Piece::plain(&format!(": {}", heading(counts)))],
            );
            self.kind = Some(kind.to_owned());
        }
        self.object(&mut out, change);
        self.members(&mut out, change);
        out
    }

    fn object(&self, out: &mut String, change: &Map) {
        let (sign, ink) = match text(change, "_op") {
            "create" => ('+', Ink::New),
            "update" => ('~', Ink::Changed),
            "blocked" => ('!', Ink::Changed),
            _ => ('-', Ink::Old),
        };
        let record = ["before", "after"].into_iter().find_map(|side| change.get(side)?.as_object());
        let name = record.and_then(name).filter(|name| *name != text(change, "_key"));
        let mut pieces = vec![Piece::new(ink, &format!("{sign} {}", one_line(text(change, "_key"))))];
        pieces.extend(name.map(|name| Piece::plain(&format!("  {}", one_line(&name)))));
        pieces.extend(
            remark(change).map(|remark| Piece::new(Ink::Faint, &format!("  ({})", one_line(&remark)))),
        );
        self.line(out, 2, &pieces);
    }

    fn members(&self, out: &mut String, change: &Map) {
        let nothing = Map::new();
        let side = |name: &str| change.get(name).and_then(Value::as_object).unwrap_or(&nothing);
        let (after, before) = (side("after"), side("before"));
        let pointers: Vec<String> = match change.get("changed").and_then(Value::as_array) {
            Some(changed) => changed.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            None if text(change, "_op") == "create" => {
                pointer::leaves(after).into_iter().map(|(pointer, _)| pointer).collect()
            }
            None => Vec::new(),
        };
        let names: Vec<String> = pointers.iter().map(|pointer| shown(pointer)).collect();
        let widest = names.iter().map(|name| fold::width(name)).max().unwrap_or_default();
        let column = widest.clamp(*NAME_COLUMNS.start(), *NAME_COLUMNS.end());
        for (pointer, name) in pointers.iter().zip(names) {
            let (old, new) = (pointer::find(before, pointer), pointer::find(after, pointer));
            self.member(out, &name, column, old, new);
        }
    }

    fn member(&self, out: &mut String, name: &str, column: usize, old: Option<&Value>, new: Option<&Value>) {
        let pad = " ".repeat((column + 2).saturating_sub(fold::width(name)));
        let label = Piece::new(Ink::Faint, &format!("{name}{pad}"));
        let rows: Vec<Pieces> = value::rows(old, new, self.room(column), !self.style.colours);
        let begin = fold::width(&label.text);
        match rows.split_first() {
            // A name that is longer than its column, or values on lines of their own, go below it.
            Some((first, rest)) if begin <= column + 2 => {
                let first: Pieces = [label].into_iter().chain(first.iter().cloned()).collect();
                self.hanging(out, MEMBER, MEMBER + column + 4, &first);
                rest.iter().for_each(|row| self.hanging(out, MEMBER + column + 2, MEMBER + column + 4, row));
            }
            _ => {
                self.line(out, MEMBER, &[label]);
                rows.iter().for_each(|row| self.hanging(out, MEMBER + 2, MEMBER + 4, row));
            }
        }
    }

    fn room(&self, column: usize) -> usize {
        self.style.width.saturating_sub(MEMBER + column + 2)
    }

    fn line(&self, out: &mut String, indent: usize, pieces: &[Piece]) {
        self.hanging(out, indent, indent + 2, pieces);
    }

    /// `pieces` folded to the width, the first line indented by `first`, the others by `rest`.
    fn hanging(&self, out: &mut String, first: usize, rest: usize, pieces: &[Piece]) {
        for (number, line) in folded(pieces, self.style.width, first, rest).into_iter().enumerate() {
            let indent = if number == 0 { first } else { rest };
            let drawn: String = line.iter().map(|piece| piece.drawn(self.style.colours)).collect();
            let _ = writeln!(out, "{:indent$}{}", "", drawn.trim_end());
        }
    }
}

/// `1 to create, 2 to update`.
pub(crate) fn heading(counts: Counts) -> String {
    let all = [
        (counts.create, "to create"),
        (counts.update, "to update"),
        (counts.delete - counts.passive, "to delete"),
        (counts.passive, "to make passive"),
        (counts.blocked, "blocked"),
    ];
    let said = all.into_iter().filter(|(count, _)| *count > 0);
    let said: Vec<String> = said.map(|(count, what)| format!("{} {what}", thousands(count))).collect();
    said.join(", ")
}

/// What else is to be known of a change: why it is blocked, with what it is tied.
fn remark(change: &Map) -> Option<String> {
    let member = |name: &str, part: &str| Some(change.get(name)?.get(part)?.as_str()?.to_owned());
    if text(change, "_op") == "blocked" {
        return Some(format!("no {}: {}", text(change, "op"), text(change, "reason")));
    }
    if text(change, "_op") == "passivate" {
        return Some("made passive".to_owned());
    }
    if let Some(key) = member("rename", "from") {
        return Some(format!("likely renamed from {key}"));
    }
    if let Some(key) = member("rename", "to") {
        return Some(format!("likely renamed to {key}"));
    }
    let adopted = || member("adopts", "_key").unwrap_or_else(|| "one without key".to_owned());
    change.get("adopts").map(|_| format!("takes over {}", adopted()))
}

/// A pointer as it is shown: `/address/city` as `address.city`.
pub(crate) fn shown(pointer: &str) -> String {
    one_line(&pointer::parts(pointer).collect::<Vec<_>>().join("."))
}

/// The text of a member, empty when it has none.
pub(crate) fn text<'a>(map: &'a Map, name: &str) -> &'a str {
    map.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
