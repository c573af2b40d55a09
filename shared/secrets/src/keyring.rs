//! The desktop's Secret Service (GNOME Keyring, KWallet, KeePassXC), over the session bus.
//!
//! Attributes `service` (the name) and `username` (the key), as Python's keyring has them: what the Oomnitza connector's
//! strongbox stored is found. Items of ours say so in `application`, and in `updated` when they were changed. The bus is
//! connected when the first secret is asked for.

use crate::apart::apart;
use crate::{Backend, Change, Found, Listed};
use jiff::Timestamp;
use keyring_core::api::CredentialStore;
use keyring_core::{Entry, Error as Refused};
use muster_base::{Error, Exit, Secret};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;
use zbus_secret_service_keyring_store::Store;
use zeroize::Zeroizing;

const OURS: &str = "muster";
/// Who else keeps secrets for the same purpose.
const APPLICATIONS: [&str; 2] = [OURS, "Python keyring library"];
/// A session bus that takes longer than this to answer is none.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

pub(crate) struct Keyring {
    store: Arc<CredentialStore>,
}

/// Whether there is a session bus at all. The service itself may still not answer.
pub(crate) fn is_there() -> bool {
    let named = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty());
    let socket = || std::env::var_os("XDG_RUNTIME_DIR").map(|dir| std::path::Path::new(&dir).join("bus"));
    named || socket().is_some_and(|path| path.exists())
}

impl Keyring {
    pub(crate) fn open() -> Result<Self, Error> {
        if !is_there() {
            return Err(unavailable("there is no session bus"));
        }
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || drop(sender.send(Store::new())));
        match receiver.recv_timeout(LONGEST_WAIT) {
            Ok(Ok(store)) => Ok(Self { store }),
            Ok(Err(error)) => Err(refused(&error)),
            Err(_) => Err(unavailable("the session bus does not answer")),
        }
    }

    fn entry(&self, name: &str, key: &str) -> Result<Entry, Error> {
        let label = format!("{key} of {name}");
        let modifiers = HashMap::from([("label", label.as_str())]);
        self.store.build(name, key, Some(&modifiers)).map_err(|error| refused(&error))
    }

    fn find(&self, name: &str, key: &str) -> Result<Option<Found>, Error> {
        let entry = self.entry(name, key)?;
        let bytes = match entry.get_secret() {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(Refused::NoEntry) => return Ok(None),
            Err(error) => return Err(refused(&error).at(format!("'{key}' of '{name}'"))),
        };
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            Error::new(Exit::Data, format!("the secret '{key}' of '{name}' in the keyring is no text"))
        })?;
        Ok(Some(Found { secret: Secret::new(text), updated: updated(&entry) }))
    }

    fn change(&self, name: &str, change: &Change) -> Result<(), Error> {
        let entry = self.entry(name, &change.key)?;
        let done = match &change.value {
            Some(value) => entry.set_secret(value.reveal().as_bytes()).and_then(|()| {
                let now = Timestamp::now().to_string();
                entry.update_attributes(&HashMap::from([("application", OURS), ("updated", now.as_str())]))
            }),
            None => match entry.delete_credential() {
                Err(Refused::NoEntry) => Ok(()),
                done => done,
            },
        };
        done.map_err(|error| refused(&error).at(format!("'{}' of '{name}'", change.key)))
    }

    fn listed(&self, name: Option<&str>) -> Result<Vec<Listed>, Error> {
        let wanted = name.map(|name| ("service", name)).into_iter().collect();
        let found = self.store.search(&wanted).map_err(|error| refused(&error))?;
        let listed = |entry: &Entry| {
            let attributes = entry.get_attributes().ok()?;
            let is_ours = attributes.get("application").is_some_and(|by| APPLICATIONS.contains(&by.as_str()));
            (is_ours || name.is_some()).then_some(())?;
            let (name, key) = entry.get_specifiers()?;
            Some(Listed { name, key, updated: attributes.get("updated").and_then(|time| time.parse().ok()) })
        };
        let mut listed: Vec<Listed> = found.iter().filter_map(listed).collect();
        listed.sort();
        Ok(listed)
    }
}

impl Backend for Keyring {
    fn read(&self, name: &str, keys: &[&str]) -> Result<Vec<Option<Found>>, Error> {
        apart(|| keys.iter().map(|key| self.find(name, key)).collect())
    }

    fn write(&self, name: &str, changes: &[Change]) -> Result<(), Error> {
        apart(|| changes.iter().try_for_each(|change| self.change(name, change)))
    }

    fn list(&self, name: Option<&str>) -> Result<Vec<Listed>, Error> {
        apart(|| self.listed(name))
    }
}

fn updated(entry: &Entry) -> Option<Timestamp> {
    entry.get_attributes().ok()?.get("updated")?.parse().ok()
}

fn unavailable(what: &str) -> Error {
    Error::new(Exit::Unavailable, format!("no Secret Service can be reached: {what}"))
        .hint("start the command in a desktop session, or use the backend 'file'")
}

/// What the service said. A value that could not be decoded stands in some of its errors and is not shown.
fn refused(error: &Refused) -> Error {
    match error {
        Refused::NoStorageAccess(cause) => Error::new(Exit::NoPerm, "the keyring is locked")
            .hint("unlock it in the desktop session")
            .because(cause),
        Refused::PlatformFailure(cause) => unavailable("it does not answer").because(cause),
        Refused::Ambiguous(_) => Error::new(Exit::Config, "the keyring has several secrets of this name")
            .hint("take the wrong ones away in the desktop's password manager"),
        Refused::Invalid(what, why) => {
            Error::new(Exit::Usage, format!("the keyring refuses '{what}': {why}"))
        }
        _ => Error::new(Exit::Protocol, "the keyring answers what cannot be understood"),
    }
}
