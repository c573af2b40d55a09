//! Files that nobody else may read.

use muster_base::{Error, Exit};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Refuse `path`, which is or holds `what` (in words), when others can read or write it. What systemd keeps for this
/// service alone passes: what its mode shows as the group's access there may be the mask of an access list, by which the
/// service's user reads it.
pub fn refuse_open(path: &Path, what: &str) -> Result<(), Error> {
    if is_credential(path) {
        return Ok(());
    }
    let open = std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.mode() & 0o077 != 0);
    if !open {
        return Ok(());
    }
    Err(Error::new(Exit::Config, format!("others can read '{}', which holds {what}", path.display()))
        .hint(format!("`chmod 600 {}`", path.display())))
}

fn is_credential(path: &Path) -> bool {
    credentials().is_some_and(|dir| path.starts_with(dir))
}

/// The folder in which systemd keeps credentials for this service.
pub(crate) fn credentials() -> Option<std::path::PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").filter(|dir| !dir.is_empty()).map(Into::into)
}
