//! One run at a time for a ledger, and one for a target, whoever starts it and whatever ledger it has.
//!
//! A lock is a file that is held as long as the process lives; the kernel lets go of it however the process ends. That of
//! a ledger stays beside it. That of a target has a name made of the target's identity, in a directory that all users of
//! the machine share; it holds a process number and a time, nothing else, and is taken away by whoever held it. So
//! whoever gets a lock looks whether its file is still the one of that name.

use muster_base::{Error, Exit};
use std::fmt;
use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the locks of targets are: the first of these that can be written to. Both are everybody's.
const SHARED: [&str; 2] = ["/run/lock", "/tmp"];
/// Somebody who only looks whether a lock is held holds it for a moment.
const MOMENTS: u32 = 3;
const MOMENT: Duration = Duration::from_millis(20);

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    /// The file that goes with it.
    shared: Option<PathBuf>,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Another user's cannot be taken away, and one that stays does no harm.
        if let Some(place) = self.shared.take().filter(|place| is_at(&self.file, place)) {
            let _ = std::fs::remove_file(place);
        }
    }
}

fn is_at(file: &File, place: &Path) -> bool {
    let identity = |status: std::fs::Metadata| (status.dev(), status.ino());
    let (ours, there) = (file.metadata().map(identity), std::fs::symlink_metadata(place).map(identity));
    matches!((ours, there), (Ok(ours), Ok(there)) if ours == there)
}

/// Who holds a lock, as far as its file tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holder {
    /// Its process.
    pub(crate) process: Option<u32>,
    /// Since when, in seconds since 1970.
    pub(crate) since: Option<i64>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.since.and_then(|since| jiff::Timestamp::from_second(since).ok());
        match (self.process, since) {
            (Some(process), Some(since)) => write!(f, " (process {process}, since {since})"),
            (Some(process), None) => write!(f, " (process {process})"),
            _ => Ok(()),
        }
    }
}

/// Hold the ledger at `path`, or say who does.
pub(crate) fn of_ledger(path: &Path) -> Result<Lock, Error> {
    let place = beside(path);
    let failed = |error: std::io::Error| failure("ledger", &error, &place);
    let mut private = OpenOptions::new();
    private.read(true).write(true).create(true).truncate(false).mode(0o600);
    hold(private.open(&place).map_err(failed)?, &place, "ledger", &path.display().to_string())
}

/// Hold the target of this identity, or say who does.
pub(crate) fn of_target(identity: &str) -> Result<Lock, Error> {
    loop {
        let (file, place) = shared_file(identity)?;
        let mut lock = hold(file, &place, "target", identity)?;
        if is_at(&lock.file, &place) {
            lock.shared = Some(place);
            return Ok(lock);
        }
    }
}

/// Who holds the ledger at `path` at this moment.
pub(crate) fn holder_of_ledger(path: &Path) -> Option<Holder> {
    let mut file = File::open(beside(path)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(read(&mut file)),
        _ => None,
    }
}

fn beside(ledger: &Path) -> PathBuf {
    ledger.with_added_extension("lock")
}

fn hold(mut file: File, place: &Path, what: &str, of: &str) -> Result<Lock, Error> {
    let failed = |error: std::io::Error| failure(what, &error, place);
    let mut tried = 0;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) if tried < MOMENTS => std::thread::sleep(MOMENT),
            Err(TryLockError::WouldBlock) => {
                let said = format!("another run holds the {what}{}", read(&mut file));
                return Err(Error::new(Exit::Busy, said).at(of).hint("try again when it has ended"));
            }
        }
        tried += 1;
    }
    let now = jiff::Timestamp::now().as_second();
    let told = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(format!("{} {now}\n", std::process::id()).as_bytes()));
    match told {
        // A file of another user may be there to be locked, not to be written.
        Err(error) if what == "ledger" => Err(failed(error)),
        _ => Ok(Lock { file, shared: None }),
    }
}

/// What a lock file says; others may have written it, so no more than two numbers are taken from it.
fn read(file: &mut File) -> Holder {
    let mut text = String::new();
    // It is empty in the moment between its lock and its number.
    if file.rewind().and_then(|()| file.take(64).read_to_string(&mut text)).is_err() {
        return Holder::default();
    }
    let mut words = text.split_whitespace();
    Holder {
        process: words.next().and_then(|word| word.parse().ok()),
        since: words.next().and_then(|word| word.parse().ok()),
    }
}

/// The lock file of a target, made for everybody if it is not yet there.
fn shared_file(identity: &str) -> Result<(File, PathBuf), Error> {
    let digest = blake3::hash(identity.as_bytes()).to_hex();
    let name = format!("muster-{}.lock", &digest[..32]);
    let mut last = None;
    for place in SHARED.map(|directory| Path::new(directory).join(&name)) {
        match open_shared(&place) {
            Ok(file) => return Ok((file, place)),
            Err(error) => last = Some(failure("target", &error, &place)),
        }
    }
    Err(last.unwrap_or_else(|| Error::new(Exit::Bug, "there is no directory for locks")))
}

/// Others own the directory as well: no link is followed, nothing but a file is taken, and one that is there is opened
/// without asking for it to be made, which the kernel may refuse for the file of another user.
fn open_shared(place: &Path) -> std::io::Result<File> {
    let open = || {
        let there = OpenOptions::new().read(true).write(true).custom_flags(NO_LINKS).open(place);
        match there {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                OpenOptions::new().read(true).custom_flags(NO_LINKS).open(place)
            }
            there => there,
        }
    };
    let make = || OpenOptions::new().read(true).write(true).create_new(true).open(place);
    let file = match open() {
        Err(error) if error.kind() == ErrorKind::NotFound => match make() {
            // The umask does not know that it is everybody's.
            Ok(file) => file.set_permissions(Permissions::from_mode(0o666)).map(|()| file)?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => open()?,
            Err(error) => return Err(error),
        },
        other => other?,
    };
    let status = file.metadata()?;
    if !status.is_file() || status.nlink() != 1 {
        return Err(std::io::Error::other("it is no file of its own"));
    }
    Ok(file)
}

/// `O_NOFOLLOW | O_NONBLOCK`, so that neither a link nor a pipe leads or holds us anywhere.
const NO_LINKS: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK;

fn failure(what: &str, error: &std::io::Error, place: &Path) -> Error {
    Error::new(Exit::Io, format!("cannot lock the {what}: {error}")).at(place.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_held_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let identity = folder.path().display().to_string();
        let first = of_target(&identity).unwrap();
        let error = of_target(&identity).unwrap_err();
        let process = format!("another run holds the target (process {}, since 2", std::process::id());
        assert!(error.exit() == Exit::Busy && error.to_string().contains(&process), "{error}");
        of_target(&format!("{identity}, another one")).unwrap();
        let (file, place) = shared_file(&identity).unwrap();
        assert_eq!(place.metadata().unwrap().mode() & 0o777, 0o666);
        drop((file, first));
        assert!(!place.exists());
        of_target(&identity).unwrap();
    }

    #[test]
    fn links_and_strange_files_are_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link, pipe) =
            (folder.path().join("file"), folder.path().join("link"), folder.path().join("pipe"));
        std::fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        open_shared(&file).unwrap();
        open_shared(&link).unwrap_err();
        std::fs::hard_link(&file, &pipe).unwrap();
        open_shared(&pipe).unwrap_err();
    }

    #[test]
    fn what_others_wrote_is_taken_for_two_numbers_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("lock");
        for (text, shown) in [
            ("", ""),
            ("x\u{1b}[31m", ""),
            ("12", " (process 12)"),
            ("12 0\n", " (process 12, since 1970-01-01T00:00:00Z)"),
        ] {
            std::fs::write(&place, text).unwrap();
            assert_eq!(read(&mut File::open(&place).unwrap()).to_string(), shown);
        }
    }
}
