//! Files that are whole at every moment, for one writer at a time.

use muster_base::{Error, Exit};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const TEMPORARY: &str = ".strongbox-";

/// The right to write beside `path`; others wait until it is dropped.
pub(super) struct Lock(#[expect(dead_code, reason = "closing it gives the lock up")] File);

impl Lock {
    pub(super) fn take(path: &Path) -> Result<Self, Error> {
        let at = path.with_extension("lock");
        let lock = || {
            let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&at)?;
            file.lock().map(|()| Self(file))
        };
        lock().map_err(|error| failed("cannot lock the strongbox", &error, &at))
    }
}

/// Make the folder of `path`, for this user alone, if it is not there.
pub(super) fn make_folder(path: &Path) -> Result<(), Error> {
    let folder = folder(path);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .map_err(|error| failed("cannot make the folder", &error, &folder))
}

/// Put `content` in the place of `path`, durably. The caller holds the lock.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), Error> {
    let folder = folder(path);
    let replace = || {
        sweep(&folder)?;
        // Its mode is 0600 from the first moment.
        let mut file = tempfile::Builder::new().prefix(TEMPORARY).suffix(".tmp").tempfile_in(&folder)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        File::open(&folder)?.sync_all()
    };
    replace().map_err(|error| failed("cannot write the strongbox", &error, path))
}

/// Take away what killed writers left. The lock says that no other writer is at work.
fn sweep(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(TEMPORARY) && name.ends_with(".tmp") {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn failed(what: &str, error: &std::io::Error, path: &Path) -> Error {
    Error::new(Exit::Io, format!("{what}: {error}")).at(path.display())
}
