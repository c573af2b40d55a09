//! How much changes, a line a kind, as `git diff --stat` shows it.

use super::Style;
use super::fold::{Ink, Piece, width};
use crate::Summary;
use crate::count::thousands;
use muster_base::text::one_line;
use std::fmt::Write;

/// The lines of all kinds that change. A sign stands for one object, or for more where they do not fit.
pub fn stat(summary: &Summary, style: Style) -> String {
    let names: Vec<String> = summary.kinds.keys().map(|kind| one_line(kind)).collect();
    let counts: Vec<String> = summary.kinds.values().map(|counts| thousands(counts.all())).collect();
    let widest = |texts: &[String]| texts.iter().map(|text| width(text)).max().unwrap_or_default();
    let (names_width, counts_width) = (widest(&names), widest(&counts));
    let room = style.width.saturating_sub(names_width + counts_width + 5).max(10) as u64;
    let most = summary.kinds.values().map(super::Counts::all).max().unwrap_or_default().max(1);
    // What there is shows, be it ever so little.
    let scaled =
        |count: u64| if most <= room { count } else { (count * room / most).max(u64::from(count > 0)) };
    let mut out = String::new();
    for ((name, count), kind) in names.iter().zip(&counts).zip(summary.kinds.values()) {
        let pad = " ".repeat(names_width - width(name));
        let _ = write!(out, " {name}{pad} | {count:>counts_width$} ");
        let parts = [
            ('+', Ink::New, kind.create),
            ('~', Ink::Changed, kind.update),
            ('-', Ink::Old, kind.delete),
            ('!', Ink::Faint, kind.blocked),
        ];
        for (sign, ink, count) in parts.into_iter().filter(|(_, _, count)| *count > 0) {
            out += &Piece::new(ink, &sign.to_string().repeat(scaled(count) as usize)).drawn(style.colours);
        }
        out.push('\n');
    }
    out
}
