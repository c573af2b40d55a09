//! Changes as one page for a browser: totals, search, filters, and each change folded out to what was and what shall be.
//!
//! The page stands alone and asks nobody for anything: its policy allows no network, and of styles and scripts only the
//! two that it holds, by their hashes. All that comes from data is text between tags or in quotes, escaped for both. It
//! can be read without scripts; with them it can be searched and sorted. Changes are written as they come.

mod change;
mod escape;
mod head;
#[cfg(test)]
mod tests;
mod value;

use crate::Difference;
use crate::text::{heading, text};
use change::Shown;
use escape::html;
use head::head;
use muster_base::{Error, Exit};
use muster_stream::{Line, Map, unwritable};
use std::io::Write;

/// What makes the page searchable.
const SCRIPT: &str = include_str!("page.js");

/// What hides, at the very end, that the page is cut off.
const WHOLE: &str = ".cut{display:none}";

/// Write the page of `difference` to `output`.
pub fn page(mut difference: Difference, output: &mut dyn Write) -> Result<(), Error> {
    let mut put = |text: &str| output.write_all(text.as_bytes()).map_err(unwritable);
    put(&head(&difference))?;
    let mut kind: Option<String> = None;
    while let Some(step) = difference.next_step()? {
        let change = parsed(&step.line)?;
        if kind.as_deref() != Some(text(&change, "_kind")) {
            put(if kind.is_some() { "</div>\n</section>\n" } else { "" })?;
            put(&section(&difference, text(&change, "_kind")))?;
            kind = Some(text(&change, "_kind").to_owned());
        }
        put(&Shown::of(&change).drawn())?;
    }
    put(if kind.is_some() { "</div>\n</section>\n" } else { "" })?;
    put(&foot(&difference))?;
    output.flush().map_err(unwritable)
}

fn parsed(line: &[u8]) -> Result<Map, Error> {
    match Line::parse(line.trim_ascii_end()) {
        Ok(Line::Change(change)) => Ok(change.map),
        _ => Err(Error::new(Exit::Bug, "a step is no change")),
    }
}

/// The beginning of a kind's changes.
fn section(difference: &Difference, kind: &str) -> String {
    let counts = difference.summary.kinds.get(kind).copied().unwrap_or_default();
    format!(
        "<section class=\"kind\" data-kind=\"{kind}\" aria-labelledby=\"{id}\">\n\
         <h2 id=\"{id}\"><span>{name}</span> <small>{counts}</small></h2>\n<div class=\"list\">\n",
        kind = html(kind),
        id = escape::id("kind", kind, ""),
        name = html(&said(kind)),
        counts = heading(counts)
    )
}

/// A kind as people say it: `org_unit` as `org unit`.
fn said(kind: &str) -> String {
    kind.replace('_', " ")
}

/// What the plan says of itself, and the end of the page.
fn foot(difference: &Difference) -> String {
    let has_deletes = difference.summary.total().delete > 0;
    let facts = [
        ("Made", difference.made().unwrap_or_default().to_owned()),
        ("Drawn from", difference.from().to_owned()),
        ("Scope", difference.scope().to_owned()),
        ("Digest of the deletes", if has_deletes { difference.digest() } else { String::new() }),
    ];
    let facts = facts.iter().filter(|(_, fact)| !fact.is_empty());
    let rows: String =
        facts.map(|(name, fact)| format!("<dt>{name}</dt><dd>{}</dd>\n", html(fact))).collect();
    let rows = if rows.is_empty() { rows } else { format!("<dl>\n{rows}</dl>\n") };
    format!(
        "</main>\n<footer id=\"end\">\n{rows}</footer>\n<style>{WHOLE}</style>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )
}
