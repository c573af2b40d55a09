//! SSH private keys, ed25519 or RSA, as keys of the encrypted file.
//!
//! One with a passphrase cannot be written down without it: the kernel's keyring keeps both, as JSON, while it is unlocked.

use age::secrecy::SecretString;
use age::ssh::{Identity as Ssh, Recipient as Public};
use age::{Identity, Recipient};
use muster_base::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// How an SSH key begins.
const BEGIN: &str = "-----BEGIN";

/// A key with its passphrase.
#[derive(Serialize, Deserialize)]
struct Unlocked {
    passphrase: Zeroizing<String>,
    key: Zeroizing<String>,
}

/// What opens and what seals a file.
type Pair = (Box<dyn Identity>, Box<dyn Recipient>);

/// Whether `text` has the form of an SSH key, alone or with its passphrase.
pub(super) fn is_one(text: &str) -> bool {
    text.starts_with(BEGIN) || text.starts_with('{')
}

/// Whether it is an SSH key that a passphrase opens.
pub(super) fn has_passphrase(text: &[u8]) -> bool {
    text.starts_with(BEGIN.as_bytes()) && matches!(Ssh::from_buffer(text, None), Ok(Ssh::Encrypted(_)))
}

/// What `text` opens and seals; nothing when it is no key that age knows. A key with a passphrase seals without it.
pub(super) fn read(text: &str) -> Option<Pair> {
    let identity = match text.starts_with(BEGIN) {
        true => Ssh::from_buffer(text.as_bytes(), None).ok()?,
        false => {
            let unlocked: Unlocked = serde_json::from_str(text).ok()?;
            opened(&unlocked.key, &unlocked.passphrase)?
        }
    };
    let recipient = Public::try_from(identity.clone()).ok()?;
    Some((Box::new(identity), Box::new(recipient)))
}

/// The key with its passphrase, for the kernel's keyring; nothing when the passphrase is wrong.
pub(super) fn unlocked(key: &[u8], passphrase: &Secret) -> Option<Zeroizing<Vec<u8>>> {
    let key = std::str::from_utf8(key).ok()?;
    opened(key, passphrase.reveal())?;
    let [passphrase, key] = [passphrase.reveal(), key].map(|text| Zeroizing::new(text.to_owned()));
    // Escaped, a character takes up to six bytes: a buffer that grows would leave copies behind.
    let mut json = Zeroizing::new(Vec::with_capacity(6 * (passphrase.len() + key.len()) + 64));
    serde_json::to_writer(&mut *json, &Unlocked { passphrase, key }).ok()?;
    Some(json)
}

fn opened(key: &str, passphrase: &str) -> Option<Ssh> {
    match Ssh::from_buffer(key.as_bytes(), None).ok()? {
        Ssh::Encrypted(sealed) => {
            sealed.decrypt(SecretString::from(passphrase.to_owned())).ok().map(Ssh::from)
        }
        _ => None,
    }
}
