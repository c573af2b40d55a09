//! Bytes sealed for a key, and opened again.

use super::check::{Checked, Checking};
use super::key::Key;
use age::{DecryptError, Decryptor, Encryptor};
use muster_base::{Error, Exit};
use std::io::{Read, Write};
use zeroize::Zeroizing;

/// Larger files are no strongboxes.
pub(super) const LARGEST: u64 = 64 << 20;

pub(super) fn seal(open: &[u8], key: &Key) -> Result<Vec<u8>, Error> {
    let bug = |_| Error::new(Exit::Bug, "the strongbox cannot be encrypted");
    let recipient = Checked(key.recipient());
    let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
        .map_err(|error| Error::new(Exit::Bug, "the strongbox cannot be encrypted").because(error))?;
    let mut sealed = Vec::with_capacity(open.len() + 1024);
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(bug)?;
    writer.write_all(open).and_then(|()| writer.finish().map(|_| ())).map_err(bug)?;
    Ok(sealed)
}

/// What `sealed` holds. A key that does not fit (77) is told apart from a file that is not whole (65).
pub(super) fn open(sealed: &[u8], key: &Key) -> Result<Zeroizing<Vec<u8>>, Error> {
    let identity = Checking::new(key.identity());
    let open = || -> Result<_, DecryptError> {
        let decryptor = Decryptor::new_buffered(sealed)?;
        let reader = decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity))?;
        let mut open = Zeroizing::new(Vec::with_capacity(sealed.len()));
        reader.take(LARGEST).read_to_end(&mut open)?;
        Ok(open)
    };
    open().map_err(|error| match error {
        DecryptError::NoMatchingKeys if identity.is_whole.get() => {
            Error::new(Exit::NoPerm, format!("{} is not the key of this strongbox", key.place()))
                .hint("give the right one with STRONGBOX_KEY_FILE")
        }
        DecryptError::KeyDecryptionFailed => {
            Error::new(Exit::NoPerm, format!("{} cannot be used: it is itself encrypted", key.place()))
        }
        other => Error::new(Exit::Data, "the strongbox is damaged")
            .hint("put it back from a backup")
            .because(format!("{other:?}")),
    })
}
