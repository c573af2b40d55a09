//! What every backend does.

use jiff::Timestamp;
use muster_base::{Error, Secret};
use std::fmt;
use std::str::FromStr;

/// A place that keeps secrets.
pub trait Backend: Send + Sync {
    /// The secrets `keys` of `name`, in their order, nothing where there is none. What cannot be read is an error, never
    /// absent.
    fn read(&self, name: &str, keys: &[&str]) -> Result<Vec<Option<Found>>, Error>;

    /// Change secrets of `name`. The file and Vault do all or nothing, the others one after the other.
    fn write(&self, name: &str, changes: &[Change]) -> Result<(), Error>;

    /// The names and keys of all secrets that this backend can list, of one name or of all.
    fn list(&self, name: Option<&str>) -> Result<Vec<Listed>, Error>;
}

/// A secret that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its value.
    pub secret: Secret,
    /// When it was last changed, where the backend says so.
    pub updated: Option<Timestamp>,
}

/// What is to become of one key: a new value, or nothing to take it away.
#[derive(Clone, Debug)]
pub struct Change {
    /// The key.
    pub key: String,
    /// Its new value; nothing takes the secret away.
    pub value: Option<Secret>,
}

impl Change {
    /// Give `key` this value.
    pub fn set(key: &str, value: &Secret) -> Self {
        Self { key: key.to_owned(), value: Some(value.clone()) }
    }

    /// Take `key` away.
    pub fn remove(key: &str) -> Self {
        Self { key: key.to_owned(), value: None }
    }
}

/// A secret without its value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: String,
    /// When it was last changed, where the backend says so.
    pub updated: Option<Timestamp>,
}

/// The kinds of backends, as settings name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The encrypted file.
    File,
    /// The desktop's Secret Service.
    Keyring,
    /// The kernel's keyring: memory only.
    Keyutils,
    /// HashiCorp Vault, KV 1 or 2.
    Vault,
    /// CyberArk Conjur.
    Cyberark,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::File, Self::Keyring, Self::Keyutils, Self::Vault, Self::Cyberark];

    /// As a setting names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Keyring => "keyring",
            Self::Keyutils => "keyutils",
            Self::Vault => "vault",
            Self::Cyberark => "cyberark",
        }
    }

    /// Whether it is reached without a network, so that the address and token of another may be kept in it.
    pub fn is_local(self) -> bool {
        matches!(self, Self::File | Self::Keyring | Self::Keyutils)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = |kind: &Self| kind.name() == text.trim().to_lowercase();
        Self::ALL
            .into_iter()
            .find(known)
            .ok_or_else(|| "it is none of file, keyring, keyutils, vault, cyberark".to_owned())
    }
}
