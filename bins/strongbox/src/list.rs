//! Names and keys of what is stored, with backend and age, never values.

use crate::exchange::PREVIOUS;
use crate::{Args, Format, place};
use jiff::Timestamp;
use muster_base::{Error, Exit, text};
use muster_command::{Context, standard_output};
use muster_secrets::{Kind, Listed, Strongbox};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::Write;

pub fn list(args: &Args, context: &Context) -> Result<Exit, Error> {
    let (strongbox, name) = match &args.connector {
        Some(_) => place::strongbox(args, context).map(|strongbox| {
            let name = strongbox.name().to_owned();
            (strongbox, Some(name))
        })?,
        None => (place::of_section(args, context, "strongbox"), None),
    };
    let mut output = standard_output()?;
    let (kinds, mut is_empty) = (kinds(args, &strongbox)?, true);
    for kind in kinds.iter().copied() {
        let listed = strongbox.backend(kind)?.list(name.as_deref())?;
        let rotating: BTreeSet<(&str, &str)> = listed
            .iter()
            .filter_map(|listed| Some((listed.name.as_str(), listed.key.strip_suffix(PREVIOUS)?)))
            .collect();
        for listed in listed.iter().filter(|listed| !listed.key.ends_with(PREVIOUS)) {
            let is_rotating = rotating.contains(&(listed.name.as_str(), listed.key.as_str()));
            print(&mut output, args.format, kind, listed, is_rotating)?;
            is_empty = false;
        }
    }
    output.flush()?;
    if is_empty {
        let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        context.summary(&format!("no secret is stored yet in the backend '{}'", names.join("' or '")));
    }
    Ok(Exit::Done)
}

/// `--backend`, else the section's own and the local one.
fn kinds(args: &Args, strongbox: &Strongbox) -> Result<Vec<Kind>, Error> {
    if let Some(kind) = args.backend {
        return Ok(vec![kind]);
    }
    let mut kinds = vec![strongbox.local_kind()?, strongbox.kind()?];
    kinds.dedup();
    Ok(kinds)
}

fn print(
    output: &mut dyn Write,
    format: Format,
    kind: Kind,
    listed: &Listed,
    is_rotating: bool,
) -> Result<(), Error> {
    let (name, key) = (text::one_line(&listed.name), text::one_line(&listed.key));
    match format {
        Format::Json => {
            let line = json!({"name": listed.name, "key": listed.key, "backend": kind.name(),
                              "updated": listed.updated.map(|time| time.to_string()), "rotating": is_rotating});
            writeln!(output, "{line}")?;
        }
        Format::Text => {
            let rotating = if is_rotating { ", being rotated" } else { "" };
            writeln!(output, "{name:<24} {key:<20} {:<9} {}{rotating}", kind.name(), age(listed.updated))?;
        }
    }
    Ok(())
}

/// How long ago something was, in words.
pub fn age(updated: Option<Timestamp>) -> String {
    let Some(updated) = updated else { return "of unknown age".to_owned() };
    let seconds = Timestamp::now().duration_since(updated).as_secs();
    let (count, unit) = match seconds {
        ..120 => return "just now".to_owned(),
        120..7_200 => (seconds / 60, "minutes"),
        7_200..172_800 => (seconds / 3600, "hours"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{count} {unit} old")
}
