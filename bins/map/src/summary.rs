//! What is said at the end, and the exit code.

use muster_base::{Exit, text};
use muster_mapping::Summary;
use std::path::Path;

/// Say what a person should look at; nothing when there is nothing.
pub fn tell(summary: &Summary, rejects: Option<&Path>) -> Exit {
    for (kind, count) in &summary.unmapped {
        tracing::warn!("no map takes the kind '{}': {count} records dropped", text::one_line(kind));
    }
    if summary.unknown > 0 {
        tracing::warn!("{} records are unknown: what decides about them could not be read", summary.unknown);
    }
    let mut exit = Exit::Done;
    if let Some(first) = &summary.first_reject {
        let next = match rejects {
            Some(path) => format!("all of them are in '{}'", path.display()),
            None => "--rejects FILE keeps them".to_owned(),
        };
        tracing::warn!("{} records rejected, the first: {first}; {next}", summary.rejected);
        exit = exit.and(Exit::Look);
    }
    if let Some(why) = &summary.partial {
        tracing::warn!("the input is partial: {why}; so is the output");
        exit = exit.and(Exit::Partial);
    }
    tracing::info!("{} records read, {} written", summary.read, summary.written);
    exit
}
