//! The desktop's Secret Service (GNOME Keyring, KWallet, KeePassXC), over the session bus.
//!
//! Attributes `service` (the name) and `username` (the key), as Python's keyring has them: what the Oomnitza connector's
//! strongbox stored is found. Items of ours say so in `application`. The bus is connected when the first secret is asked for.

use crate::apart::apart;
use crate::{Backend, Change, Found, Listed};
use jiff::Timestamp;
use muster_base::{Error, Exit, Secret};
use secret_service::blocking::{Item, SecretService};
use secret_service::{EncryptionType, Error as Refused};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;
use zeroize::Zeroizing;

const OURS: &str = "muster";
const CONTENT: &str = "text/plain";
/// Who else keeps secrets for the same purpose.
const APPLICATIONS: [&str; 2] = [OURS, "Python keyring library"];
/// A session bus that takes longer than this to answer is none.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

pub(crate) struct Keyring {
    /// There until this is dropped.
    service: Mutex<Option<SecretService<'static>>>,
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
        std::thread::spawn(move || drop(sender.send(SecretService::connect(EncryptionType::Dh))));
        match receiver.recv_timeout(LONGEST_WAIT) {
            Ok(Ok(service)) => Ok(Self { service: Mutex::new(Some(service)) }),
            Ok(Err(error)) => Err(refused(&error)),
            Err(_) => Err(unavailable("the session bus does not answer")),
        }
    }

    /// Do `work` with the service; what it refuses is said of `what`.
    fn with<T>(
        &self,
        what: &str,
        work: impl FnOnce(&SecretService) -> Result<T, Refused>,
    ) -> Result<T, Error> {
        let service = self.service.lock().unwrap_or_else(PoisonError::into_inner);
        let service = service.as_ref().ok_or_else(|| Error::new(Exit::Bug, "the keyring is closed"))?;
        work(service).map_err(|error| refused(&error).at(what))
    }

    fn find(&self, name: &str, key: &str) -> Result<Option<Found>, Error> {
        let what = format!("'{key}' of '{name}'");
        let found = self.with(&what, |service| {
            let Some(item) = newest(service, name, key)? else { return Ok(None) };
            Ok(Some((Zeroizing::new(item.get_secret()?), modified(&item))))
        })?;
        let Some((bytes, updated)) = found else { return Ok(None) };
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            Error::new(Exit::Data, format!("the secret '{key}' of '{name}' in the keyring is no text"))
        })?;
        Ok(Some(Found { secret: Secret::new(text), updated }))
    }

    fn change(&self, name: &str, change: &Change) -> Result<(), Error> {
        let (key, what) = (change.key.as_str(), format!("'{}' of '{name}'", change.key));
        self.with(&what, |service| match (newest(service, name, key)?, &change.value) {
            (Some(item), Some(value)) => item.set_secret(value.reveal().as_bytes(), CONTENT),
            (Some(item), None) => item.delete(),
            (None, Some(value)) => {
                let collection =
                    service.get_default_collection().or_else(|_| service.get_any_collection())?;
                collection.ensure_unlocked().or_else(|_| collection.unlock())?;
                let attributes = HashMap::from([("service", name), ("username", key), ("application", OURS)]);
                let label = format!("{key} of {name}");
                collection.create_item(&label, attributes, value.reveal().as_bytes(), true, CONTENT).map(drop)
            }
            (None, None) => Ok(()),
        })
    }

    fn listed(&self, name: Option<&str>) -> Result<Vec<Listed>, Error> {
        let wanted = name.map(|name| ("service", name)).into_iter().collect();
        let mut listed = self.with("list", |service| {
            let found = service.search_items(wanted)?;
            Ok(found
                .unlocked
                .iter()
                .chain(&found.locked)
                .filter_map(|item| of_item(item, name))
                .collect::<Vec<_>>())
        })?;
        listed.sort();
        Ok(listed)
    }
}

/// The item of this name and key, unlocked; of several the one that was changed last.
fn newest<'a>(service: &'a SecretService<'a>, name: &str, key: &str) -> Result<Option<Item<'a>>, Refused> {
    let found = service.search_items(HashMap::from([("service", name), ("username", key)]))?;
    let item = found.unlocked.into_iter().chain(found.locked).max_by_key(|item| item.get_modified().ok());
    if let Some(item) = &item
        && item.is_locked()?
    {
        item.unlock()?;
    }
    Ok(item)
}

/// Name and key of an item. Asked for all, only those that were stored for this purpose.
fn of_item(item: &Item, wanted: Option<&str>) -> Option<Listed> {
    let mut attributes = item.get_attributes().ok()?;
    let is_ours = attributes.get("application").is_some_and(|by| APPLICATIONS.contains(&by.as_str()));
    (is_ours || wanted.is_some()).then_some(())?;
    let (name, key) = (attributes.remove("service")?, attributes.remove("username")?);
    Some(Listed { name, key, updated: modified(item) })
}

fn modified(item: &Item) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(item.get_modified().ok()?).ok()?).ok()
}

impl Drop for Keyring {
    fn drop(&mut self) {
        // The session on the bus ends with a call, which cannot be made inside another runtime.
        let service = self.service.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let _ = apart(|| {
            drop(service);
            Ok(())
        });
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

fn unavailable(what: &str) -> Error {
    Error::new(Exit::Unavailable, format!("no Secret Service can be reached: {what}"))
        .hint("start the command in a desktop session, or make an encrypted file, `strongbox init`, which is used from then on")
}

/// What the service said.
fn refused(error: &Refused) -> Error {
    match error {
        Refused::Locked | Refused::Prompt | Refused::NoResult => {
            Error::new(Exit::NoPerm, "the keyring is locked")
                .hint("unlock it in the desktop session")
                .because(error)
        }
        _ => unavailable("it does not answer").because(error),
    }
}
