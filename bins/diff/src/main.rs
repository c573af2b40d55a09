//! `diff`: what has to be done so that one stream of records becomes another.

mod applied;
mod arguments;
mod input;
mod protect;
mod written;

use arguments::Args;
use muster_base::{Error, Exit};
use muster_changes::{Summary, compare, show, thousands};
use muster_command::Context;
use std::process::ExitCode;

fn diff(args: Args, context: &Context) -> Result<Exit, Error> {
    if let Some(plan) = &args.apply {
        return applied::write(plan, &args, context);
    }
    if let Some(plan) = &args.show {
        let difference = show(input::open(plan)?, args.showing())?;
        let exit = told(&difference.summary, "nobody knows what else it held");
        written::write(difference, &args, context)?;
        return Ok(exit);
    }
    let (desired, current) = args.sides()?;
    let protection = protect::conditions(&args.protect)?;
    let protected = |record: &_| protect::reason(&protection, record);
    let options = args.options((!protection.is_empty()).then_some(&protected));
    context.progress.say("reading");
    let difference = compare(desired, current, &options)?;
    let left_out = if args.require_complete { "nothing is written" } else { "deletes are left out" };
    let exit = told(&difference.summary, left_out);
    if exit == Exit::Partial && args.require_complete {
        return Ok(exit);
    }
    written::write(difference, &args, context)?;
    Ok(exit)
}

/// Say what a person should look at, and what a partial side means; the exit code.
fn told(summary: &Summary, left_out: &str) -> Exit {
    for (side, count, first) in &summary.bad_lines {
        let lines = if *count == 1 { "line" } else { "lines" };
        tracing::warn!("{} {lines} of {side} cannot be read, the first: {first}", thousands(*count));
    }
    for duplicate in &summary.first_duplicates {
        tracing::warn!("{duplicate}");
    }
    let unnamed = summary.duplicates - summary.first_duplicates.len() as u64;
    if unnamed > 0 {
        tracing::warn!("{} more keys come twice", thousands(unnamed));
    }
    if let Some(why) = summary.held_back.as_ref().filter(|_| summary.total().blocked > 0) {
        tracing::warn!("{why}: deletes are blocked; --accept-scope-change lets them pass");
    }
    if let Some(why) = &summary.partial {
        tracing::warn!("{why}; {left_out}");
        return Exit::Partial;
    }
    let is_clean = summary.total().all() == 0 && summary.duplicates == 0 && summary.bad_lines.is_empty();
    if is_clean { Exit::Done } else { Exit::Look }
}

fn main() -> ExitCode {
    muster_command::filter(diff)
}
