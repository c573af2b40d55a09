//! `--apply`: the desired records again.

use crate::arguments::Args;
use crate::input;
use muster_base::{Error, Exit};
use muster_changes::apply;
use muster_command::{Context, standard_output};
use muster_stream::Writer;
use std::path::Path;

/// Write what comes of the current records.
pub fn write(plan: &Path, args: &Args, context: &Context) -> Result<Exit, Error> {
    let current = input::open(args.applied_to())?;
    let mut output = Writer::new(standard_output()?, context.name());
    match apply(plan, current, args.spool_dir.as_deref(), &mut output) {
        Ok(None) => Ok(Exit::Done),
        Ok(Some(why)) => {
            tracing::warn!("{why}; so is what is written");
            Ok(Exit::Partial)
        }
        Err(error) if error.is_quiet() => Err(error),
        Err(error) => {
            // The first failure is the one to tell of; that the end could not be written either shows downstream.
            let _ = output.end(Some(error.to_string()));
            Err(error)
        }
    }
}
