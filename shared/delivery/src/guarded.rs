//! A ledger is its owner's alone.

use muster_base::{Error, Exit, private};
use std::fs::File;
use std::path::Path;

/// Refuse a ledger that others can read or write.
pub(crate) fn check_private(path: &Path, file: &File) -> Result<(), Error> {
    let failed = |error: std::io::Error| {
        Error::new(Exit::Io, format!("cannot use the ledger: {error}")).at(path.display())
    };
    match private::is_open(&file.metadata().map_err(failed)?) {
        true => Err(private::refusal(path, "the ledger").at(path.display())),
        false => Ok(()),
    }
}
