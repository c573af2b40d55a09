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
use muster_base::{Error, Exit};
use muster_stream::{Line, Map};
use std::io::Write;

/// What makes the page searchable.
const SCRIPT: &str = include_str!("page.js");

/// Write the page of `difference` to `output`.
pub fn page(mut difference: Difference, output: &mut dyn Write) -> Result<(), Error> {
    head::write(&difference, output)?;
    let mut kind: Option<String> = None;
    while let Some(step) = difference.next_step()? {
        let change = parsed(&step.line)?;
        if kind.as_deref() != Some(text(&change, "_kind")) {
            section(&difference, text(&change, "_kind"), kind.is_none(), output)?;
            kind = Some(text(&change, "_kind").to_owned());
        }
        output.write_all(Shown::of(&change).drawn().as_bytes())?;
    }
    if kind.is_some() {
        output.write_all(b"</section>\n")?;
    }
    foot(&difference, output)
}

fn parsed(line: &[u8]) -> Result<Map, Error> {
    match Line::parse(line.trim_ascii_end()) {
        Ok(Line::Change(change)) => Ok(change.map),
        _ => Err(Error::new(Exit::Bug, "a step is no change")),
    }
}

/// The beginning of a kind's changes, behind the end of another's.
fn section(difference: &Difference, kind: &str, is_first: bool, output: &mut dyn Write) -> Result<(), Error> {
    let before = if is_first { "" } else { "</section>\n" };
    let id = escape::id("kind", kind, "");
    let counts = difference.summary.kinds.get(kind).copied().unwrap_or_default();
    writeln!(
        output,
        "{before}<section class=\"kind\" data-kind=\"{kind}\" aria-labelledby=\"{id}\">\n\
         <h2 id=\"{id}\"><span>{name}</span> <small>{counts}</small></h2>",
        kind = html(kind),
        name = html(&said(kind)),
        counts = heading(counts)
    )?;
    Ok(())
}

/// A kind as people say it: `org_unit` as `org unit`.
fn said(kind: &str) -> String {
    kind.replace('_', " ")
}

fn foot(difference: &Difference, output: &mut dyn Write) -> Result<(), Error> {
    let facts = [
        ("Made", difference.made().map(str::to_owned)),
        ("Drawn from", Some(difference.from().to_owned())),
        ("Scope", Some(difference.scope().to_owned())),
        ("Digest of the deletes", (difference.summary.total().delete > 0).then(|| difference.digest())),
    ];
    write!(output, "</main>\n<footer id=\"end\">\n")?;
    let said =
        facts.iter().filter_map(|(name, fact)| Some((name, fact.as_ref().filter(|fact| !fact.is_empty())?)));
    let rows: String = said.map(|(name, fact)| format!("<dt>{name}</dt><dd>{}</dd>\n", html(fact))).collect();
    if !rows.is_empty() {
        write!(output, "<dl>\n{rows}</dl>\n")?;
    }
    write!(output, "</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n")?;
    Ok(output.flush()?)
}
