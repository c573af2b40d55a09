//! The key of the encrypted file: where it lies, what forms it has.
//!
//! A key is an age identity (`AGE-SECRET-KEY-1…`), such an identity sealed with a passphrase, or an SSH private key
//! (ed25519 or RSA, with a passphrase or without). It lies in `$STRONGBOX_KEY_FILE`, else among systemd's credentials
//! (`strongbox.key`), else beside the file (`strongbox.key`). A sealed one, or one that lies nowhere, is taken from the
//! kernel's keyring, where `strongbox unlock` puts it.

use super::{durable, sealed, ssh};
use crate::kernel;
use age::secrecy::{ExposeSecret, SecretString};
use age::{DecryptError, Decryptor, Encryptor, Identity, Recipient, x25519};
use muster_base::{Error, Exit, Secret, private};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// How a new file's key is kept.
#[derive(Clone, Debug)]
pub enum Protection {
    /// A new key in a file beside it.
    KeyFile,
    /// A new key in a file beside it, sealed with this passphrase.
    Passphrase(Secret),
    /// A key that is there already: an age identity or an SSH private key.
    Existing(PathBuf),
}

/// A key that is ready for use.
pub(super) struct Key {
    identity: Box<dyn Identity>,
    recipient: Box<dyn Recipient>,
    place: String,
}

impl Key {
    pub(super) fn identity(&self) -> &dyn Identity {
        &*self.identity
    }

    pub(super) fn recipient(&self) -> &dyn Recipient {
        &*self.recipient
    }

    /// How a message names it.
    pub(super) fn place(&self) -> &str {
        &self.place
    }
}

/// The key of the file at `store`.
pub(super) fn find(store: &Path, named: Option<&Path>) -> Result<Key, Error> {
    let file = key_file(store, named);
    if let Some(path) = &file {
        let text = text_of(path)?;
        if !is_sealed(&text) {
            return parse(&text, format!("'{}'", path.display()));
        }
    }
    // A machine without a kernel keyring has no key in it.
    if let Some(text) = kernel::read(&description(store)).ok().flatten() {
        return parse(&text, "the key in the kernel's keyring".to_owned());
    }
    Err(match file {
        Some(path) => {
            Error::new(Exit::NoPerm, "the strongbox is locked").at(path.display()).hint("`strongbox unlock`")
        }
        None => Error::new(Exit::NoPerm, "there is no key for the strongbox").at(store.display()).hint(
            "put it back beside it as strongbox.key, name it with STRONGBOX_KEY_FILE, or `strongbox unlock`",
        ),
    })
}

/// A key for a new file at `store`, and the place where it lies.
pub(super) fn make(
    store: &Path,
    named: Option<&Path>,
    protection: &Protection,
) -> Result<(Key, PathBuf), Error> {
    // What the kernel keeps for an earlier file of this name would not fit.
    let _ = lock(store);
    let place = named.map_or_else(|| beside(store), Path::to_owned);
    match protection {
        Protection::Existing(path) => {
            let path = std::path::absolute(path)?;
            let key = parse(&text_of(&path)?, format!("'{}'", path.display()))?;
            if path != place {
                std::os::unix::fs::symlink(&path, &place)
                    .map_err(|error| not_made(&place, &error.to_string()))?;
            }
            Ok((key, path))
        }
        // Left by one that was killed here, or put there for us.
        Protection::KeyFile if place.exists() => {
            Ok((parse(&text_of(&place)?, format!("'{}'", place.display()))?, place))
        }
        Protection::KeyFile => {
            let key = x25519::Identity::generate();
            let text = text(&key);
            durable::replace(&place, text.as_bytes())?;
            Ok((of_x25519(key, format!("'{}'", place.display())), place))
        }
        Protection::Passphrase(_) if place.exists() => Err(not_made(&place, "there is one already")),
        Protection::Passphrase(passphrase) => {
            let key = x25519::Identity::generate();
            durable::replace(&place, &sealed_with(passphrase, text(&key).as_bytes())?)?;
            Ok((of_x25519(key, format!("'{}'", place.display())), place))
        }
    }
}

/// Put the key into the kernel's keyring, once `fits` says that it is the right one.
pub(super) fn unlock(
    store: &Path,
    named: Option<&Path>,
    passphrase: Option<&Secret>,
    lifetime: Duration,
    fits: impl FnOnce(&Key) -> Result<(), Error>,
) -> Result<(), Error> {
    let path = key_file(store, named).ok_or_else(|| {
        Error::new(Exit::Config, "there is no key to unlock the strongbox with")
            .at(store.display())
            .hint("name it with STRONGBOX_KEY_FILE")
    })?;
    let mut text = text_of(&path)?;
    if let (true, Some(passphrase)) = (is_sealed(&text), passphrase) {
        text = opened_with(passphrase, &text).map_err(|error| error.at(path.display()))?;
    }
    fits(&parse(&text, format!("'{}'", path.display()))?)?;
    kernel::write(&description(store), &text, Some(lifetime))
}

/// Take the key out of the kernel's keyring; whether it was there.
pub(super) fn lock(store: &Path) -> Result<bool, Error> {
    kernel::remove(&description(store))
}

/// Whether a passphrase opens the key.
pub(super) fn needs_passphrase(store: &Path, named: Option<&Path>) -> Result<bool, Error> {
    key_file(store, named).map_or(Ok(false), |path| text_of(&path).map(|text| is_sealed(&text)))
}

fn key_file(store: &Path, named: Option<&Path>) -> Option<PathBuf> {
    let credential =
        || private::credentials().map(|dir| dir.join("strongbox.key")).filter(|path| path.exists());
    let beside = || Some(beside(store)).filter(|path| path.exists());
    named.map(Path::to_owned).or_else(credential).or_else(beside)
}

fn beside(store: &Path) -> PathBuf {
    store.with_extension("key")
}

fn description(store: &Path) -> String {
    let path = store.canonicalize().or_else(|_| std::path::absolute(store));
    format!("muster-strongbox-key:{}", path.as_deref().unwrap_or(store).display())
}

fn text_of(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    private::refuse_open(path, "holds the key of the strongbox")?;
    std::fs::read(path).map(Zeroizing::new).map_err(|error| {
        Error::new(Exit::Config, format!("cannot read the key of the strongbox: {error}")).at(path.display())
    })
}

/// Whether a passphrase opens it.
fn is_sealed(text: &[u8]) -> bool {
    text.starts_with(b"age-encryption.org/") || ssh::has_passphrase(text)
}

fn parse(text: &[u8], place: String) -> Result<Key, Error> {
    let wrong = || {
        Error::new(Exit::Config, format!("{place} is no key of a strongbox"))
            .hint("it is an age identity (AGE-SECRET-KEY-1…) or an SSH private key, ed25519 or RSA")
    };
    let text = std::str::from_utf8(text).map_err(|_| wrong())?;
    if ssh::is_one(text) {
        let (identity, recipient) = ssh::read(text).ok_or_else(wrong)?;
        return Ok(Key { identity, recipient, place });
    }
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let identity: x25519::Identity = line.and_then(|line| line.parse().ok()).ok_or_else(wrong)?;
    Ok(of_x25519(identity, place))
}

fn of_x25519(identity: x25519::Identity, place: String) -> Key {
    let recipient = Box::new(identity.to_public());
    Key { identity: Box::new(identity), recipient, place }
}

fn text(key: &x25519::Identity) -> Zeroizing<String> {
    Zeroizing::new(format!(
        "# The key of the strongbox beside this file. Whoever has both can read all secrets in it.\n{}\n",
        key.to_string().expose_secret()
    ))
}

fn sealed_with(passphrase: &Secret, text: &[u8]) -> Result<Vec<u8>, Error> {
    let bug = |_| Error::new(Exit::Bug, "the key cannot be sealed");
    let encryptor = Encryptor::with_user_passphrase(SecretString::from(passphrase.reveal().to_owned()));
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(bug)?;
    writer.write_all(text).and_then(|()| writer.finish().map(|_| ())).map_err(bug)?;
    Ok(sealed)
}

fn opened_with(passphrase: &Secret, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    if ssh::has_passphrase(sealed) {
        let wrong = || Error::new(Exit::NoPerm, "the passphrase is wrong");
        return ssh::unlocked(sealed, passphrase).ok_or_else(wrong);
    }
    let identity = age::scrypt::Identity::new(SecretString::from(passphrase.reveal().to_owned()));
    let open = || -> Result<_, DecryptError> {
        let decryptor = Decryptor::new_buffered(sealed)?;
        let reader = decryptor.decrypt(std::iter::once(&identity as &dyn Identity))?;
        let mut open = Zeroizing::new(Vec::with_capacity(sealed.len()));
        reader.take(sealed::LARGEST).read_to_end(&mut open)?;
        Ok(open)
    };
    open().map_err(|error| match error {
        DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => {
            Error::new(Exit::NoPerm, "the passphrase is wrong")
        }
        other => Error::new(Exit::Data, "the key of the strongbox is damaged")
            .hint("put it back from a backup")
            .because(format!("{other:?}")),
    })
}

fn not_made(place: &Path, why: &str) -> Error {
    Error::new(Exit::Config, format!("the key cannot be put into '{}': {why}", place.display()))
        .hint("move it away, or name another place with STRONGBOX_KEY_FILE")
}
