//! A ledger is its owner's alone.

use muster_base::{Error, Exit};
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Refuse a ledger that others can read or write.
pub(crate) fn check_private(path: &Path, file: &File) -> Result<(), Error> {
    let failed = |error: std::io::Error| {
        Error::new(Exit::Io, format!("cannot use the ledger: {error}")).at(path.display())
    };
    let mode = file.metadata().map_err(failed)?.mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Error::new(Exit::Config, "others can read or write the ledger")
        .at(path.display())
        .hint(format!("`chmod 600 {}`", path.display())))
}
