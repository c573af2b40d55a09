//! The kernel's keyring of this user: memory only, kept until its time is up or the machine restarts.
//!
//! A process may read a key of the user's keyring only when it possesses it, that is when the keyring is linked below one
//! of the process's own. Under cron or in a service it is not, so it is linked into the process's keyring first.

use linux_keyutils::{Key, KeyError, KeyRing, KeyRingIdentifier, LinkNode};
use muster_base::{Error, Exit};
use std::time::Duration;
use zeroize::Zeroizing;

/// More keys than this are not listed.
const MOST_KEYS: usize = 4096;

/// The user's keyring, possessed.
fn ring() -> Result<KeyRing, KeyError> {
    let process = KeyRing::from_special_id(KeyRingIdentifier::Process, true)?;
    process.link_keyring_id(KeyRingIdentifier::User)?;
    KeyRing::from_special_id(KeyRingIdentifier::User, false)
}

fn found(description: &str) -> Result<Option<Key>, KeyError> {
    match ring()?.search(description) {
        Ok(key) => Ok(Some(key)),
        Err(KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The content of the key `description`, if there is one.
pub(crate) fn read(description: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let read = || match found(description)? {
        Some(key) => key.read_to_vec().map(Zeroizing::new).map(Some),
        None => Ok(None),
    };
    read().map_err(refused)
}

/// Keep `content` as the key `description`, for `lifetime` when there is one.
pub(crate) fn write(description: &str, content: &[u8], lifetime: Option<Duration>) -> Result<(), Error> {
    let write = || {
        let key = ring()?.add_key(description, content)?;
        match lifetime {
            Some(lifetime) => {
                key.set_timeout(usize::try_from(lifetime.as_secs().max(1)).unwrap_or(usize::MAX))
            }
            None => Ok(()),
        }
    };
    write().map_err(refused)
}

/// Forget the key `description`; whether there was one.
pub(crate) fn remove(description: &str) -> Result<bool, Error> {
    let remove = || match found(description)? {
        Some(key) => key.invalidate().map(|()| true),
        None => Ok(false),
    };
    remove().map_err(refused)
}

/// The descriptions of all keys that begin with `prefix`.
pub(crate) fn list(prefix: &str) -> Result<Vec<String>, Error> {
    let links = ring().and_then(|ring| ring.get_links(MOST_KEYS)).map_err(refused)?;
    let description = |node: &LinkNode| match node {
        LinkNode::Key(key) => key.metadata().ok().map(|about| about.get_description().to_owned()),
        LinkNode::KeyRing(_) => None,
    };
    Ok(links.iter().filter_map(description).filter(|text| text.starts_with(prefix)).collect())
}

fn refused(error: KeyError) -> Error {
    let (exit, what) = match error {
        KeyError::AccessDenied | KeyError::PermissionDenied => {
            (Exit::NoPerm, "the kernel's keyring refuses access")
        }
        KeyError::QuotaExceeded => (Exit::Io, "the kernel's keyring is full"),
        _ => (Exit::Unavailable, "the kernel's keyring cannot be used here"),
    };
    Error::new(exit, format!("{what}: {error}")).hint("containers often forbid it; use the backend 'file'")
}
