//! Files that are their owner's alone.

use crate::{Error, Exit};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Whether others than its owner can read or write the file at `path`. What is no file (a pipe, nothing) is not open.
pub fn is_open(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.mode() & 0o077 != 0)
}

/// Refuse a file that others can read or write; `what` says what it does or holds: "holds the secret 'password'".
pub fn refuse_open(path: &Path, what: &str) -> Result<(), Error> {
    match is_open(path) {
        false => Ok(()),
        true => Err(Error::new(
            Exit::Config,
            format!("others can read or write '{}', which {what}", path.display()),
        )
        .hint(format!("`chmod 600 {}`", path.display()))),
    }
}
