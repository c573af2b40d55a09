//! `--ledger`: what a push of the desired records would do, by what it remembers.

use crate::arguments::Args;
use crate::input;
use muster_base::{Error, Exit};
use muster_changes::{Difference, show};
use muster_command::Context;
use muster_delivery::Preview;
use muster_stream::Writer;
use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::path::Path;

/// The plan, in the order of kind and key.
pub fn difference(ledger: &Path, args: &Args, context: &Context) -> Result<Difference, Error> {
    context.progress.say("reading");
    let usual = std::env::temp_dir();
    let spool_dir = args.spool_dir.as_deref().unwrap_or(&usual);
    let failed = |error: std::io::Error| {
        Error::new(Exit::Io, format!("cannot write in '{}': {error}", spool_dir.display()))
            .hint("give another directory with --spool-dir")
    };
    let mut plan: File = tempfile::tempfile_in(spool_dir).map_err(failed)?;
    let copy = plan.try_clone().map_err(failed)?;
    let mut output = Writer::new(Box::new(copy), context.name());
    let preview = Preview { ledger, spool_dir, assume_complete: args.assume_complete };
    preview.write(input::open(args.only_side())?, &mut output)?;
    plan.seek(SeekFrom::Start(0)).map_err(failed)?;
    show(BufReader::with_capacity(1 << 16, plan), args.showing())
}
