//! A ledger is its owner's and one run's at a time.

use muster_base::{Error, Exit};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Hold the lock file beside the ledger, or say who does. The file stays: taking it away would let two runs hold one
/// lock each.
pub(crate) fn lock(ledger: &Path) -> Result<File, Error> {
    let path = ledger.with_added_extension("lock");
    let failed = |error: std::io::Error| {
        Error::new(Exit::Io, format!("cannot lock the ledger: {error}")).at(path.display())
    };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => (),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).map_err(failed)?;
            // Empty in the moment between its lock and its number.
            let holder = holder.trim().parse::<u32>().map(|number| format!(" (process {number})"));
            let what = format!("another run holds the ledger{}", holder.unwrap_or_default());
            return Err(Error::new(Exit::Busy, what)
                .at(ledger.display())
                .hint("try again when it has ended"));
        }
    }
    file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
    writeln!(file, "{}", std::process::id()).map_err(failed)?;
    Ok(file)
}

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
