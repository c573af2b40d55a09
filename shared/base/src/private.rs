//! Files that are their owner's alone.

use crate::{Error, Exit};
use std::fs::{File, Metadata, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Whether others than its owner can read or write a file. What is no file (a pipe, a device) is not open.
pub fn is_open(about: &Metadata) -> bool {
    about.is_file() && about.mode() & 0o077 != 0
}

/// Why the file at `path`, in words `what`, is refused: it is open.
pub fn refusal(path: &Path, what: &str) -> Error {
    Error::new(Exit::Config, format!("others can read or write {what}"))
        .hint(format!("`chmod 600 {}`", path.display()))
}

/// Refuse a file that others can read or write; `what` says what it does or holds: "holds the secret 'password'".
///
/// What systemd keeps for this service alone passes: what its mode shows as the group's access there may be the mask of an
/// access list, by which the service's user reads it.
pub fn refuse_open(path: &Path, what: &str) -> Result<(), Error> {
    let is_credential = credentials().is_some_and(|dir| path.starts_with(dir));
    match !is_credential && std::fs::metadata(path).is_ok_and(|about| is_open(&about)) {
        true => Err(refusal(path, &format!("'{}', which {what}", path.display()))),
        false => Ok(()),
    }
}

/// A file that was just made, for its owner alone whatever the umask.
pub fn owned(file: File) -> std::io::Result<File> {
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

/// The folder in which systemd keeps credentials for this service.
pub fn credentials() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").filter(|dir| !dir.is_empty()).map(Into::into)
}
