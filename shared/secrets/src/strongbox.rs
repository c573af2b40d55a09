//! The secrets of one name: in which backend they are, and what was read of them.

use crate::cache::{Cache, forget_all};
use crate::file::{File, State};
use crate::{Backend, Change, Found, Kind, Options, Reference};
use muster_base::{Error, Exit};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Opened = BTreeMap<(Kind, String), Arc<dyn Backend>>;
type Read = BTreeMap<(Kind, String, String), Option<Found>>;

/// The secrets of one name. What was read is kept for as long as it lives.
pub struct Strongbox {
    name: String,
    options: Options,
    opened: Mutex<Opened>,
    read: Mutex<Read>,
}

impl Strongbox {
    /// The secrets of `name`, kept as `options` say.
    pub fn new(name: &str, options: Options) -> Self {
        Self { name: name.to_owned(), options, opened: Mutex::default(), read: Mutex::default() }
    }

    /// Their name: of the section, or its alias.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The settings.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The backend that is set, else the local one.
    pub fn kind(&self) -> Result<Kind, Error> {
        self.options.backend()?.map_or_else(|| self.local_kind(), Ok)
    }

    /// The backend on this machine: the one that is set if it is local, else the encrypted file if there is one, else the
    /// Secret Service if a session bus is there, else the encrypted file, still to be made.
    pub fn local_kind(&self) -> Result<Kind, Error> {
        if let Some(kind) = self.options.backend()?.filter(|kind| kind.is_local()) {
            return Ok(kind);
        }
        Ok(match File::new(&self.options)?.state() {
            State::Present => Kind::File,
            State::Absent if crate::keyring::is_there() => Kind::Keyring,
            State::Absent => Kind::File,
        })
    }

    /// The secret `key` in the backend `kind`.
    pub fn find_in(&self, kind: Kind, key: &str) -> Result<Option<Found>, Error> {
        self.find_of(kind, &self.name, key)
    }

    /// The secret `key` of `name` on this machine. A desktop without keyring, which nobody set, keeps none.
    pub(crate) fn find_local(&self, name: &str, key: &str) -> Result<Option<Found>, Error> {
        match self.find_of(self.local_kind()?, name, key) {
            Err(error) if error.exit() == Exit::Unavailable && !self.is_local_set()? => Ok(None),
            found => found,
        }
    }

    /// The secret `key` on this machine, as it is now.
    pub fn find_kept(&self, key: &str) -> Result<Option<Found>, Error> {
        self.forget();
        self.find_local(&self.name, key)
    }

    fn is_local_set(&self) -> Result<bool, Error> {
        Ok(self.options.backend()?.is_some_and(Kind::is_local))
    }

    /// The secret `key` where this name's secrets are, if it is there.
    pub fn find(&self, key: &str) -> Result<Option<Found>, Error> {
        self.find_in(self.kind()?, key)
    }

    /// The secret that `reference` means, which must be there.
    pub fn resolve(&self, reference: &Reference) -> Result<Found, Error> {
        let kind = reference.backend.map_or_else(|| self.kind(), Ok)?;
        if reference.version.is_some() && kind.is_local() {
            return Err(Error::new(Exit::Config, format!("the backend '{kind}' keeps one version only")));
        }
        let key = match reference.version {
            Some(version) => format!("{}?version={version}", reference.key),
            None => reference.key.clone(),
        };
        self.find_of(kind, &reference.name, &key)?
            .ok_or_else(|| missing(&reference.name, &reference.key, kind))
    }

    /// Change secrets of this name in the backend `kind`.
    pub fn write(&self, kind: Kind, changes: &[Change]) -> Result<(), Error> {
        self.backend(kind)?.write(&self.name, changes)?;
        if let Some(cache) = Cache::new(kind, &self.name, &self.options)? {
            cache.forget();
        }
        // What opens a remote backend decides what is found there.
        if changes.iter().any(|change| change.key.starts_with("vault_")) {
            let _ = forget_all(File::new(&self.options)?.path());
        }
        self.forget();
        Ok(())
    }

    /// Forget what was read, so that the next look is a new one.
    pub fn forget(&self) {
        self.what_was_read().clear();
    }

    /// The backend `kind`, opened once.
    pub fn backend(&self, kind: Kind) -> Result<Arc<dyn Backend>, Error> {
        self.backend_of(kind, &self.name)
    }

    fn find_of(&self, kind: Kind, name: &str, key: &str) -> Result<Option<Found>, Error> {
        let place = (kind, name.to_owned(), key.to_owned());
        if let Some(found) = self.what_was_read().get(&place) {
            return Ok(found.clone());
        }
        // One request brings all keys that this name is known to need.
        let mut keys = vec![key];
        if name == self.name && self.options.backend()? == Some(kind) {
            let read = self.what_was_read();
            let is_unread = |other: &&str| !read.contains_key(&(kind, name.to_owned(), (*other).to_owned()));
            keys.extend(self.options.keys().filter(|other| *other != key).filter(is_unread));
        }
        // Opening a backend looks for what opens it: nothing is locked here.
        let found = self.fetched(kind, name, &keys)?;
        let mut read = self.what_was_read();
        for (key, found) in keys.iter().zip(found) {
            read.insert((kind, name.to_owned(), (*key).to_owned()), found);
        }
        Ok(read.get(&place).cloned().flatten())
    }

    /// From the cache, if there is one and all of it is there, else from the backend.
    fn fetched(&self, kind: Kind, name: &str, keys: &[&str]) -> Result<Vec<Option<Found>>, Error> {
        let cache = Cache::new(kind, name, &self.options)?;
        if let Some(found) = cache.as_ref().and_then(|cache| cache.read(keys)) {
            return Ok(found);
        }
        let found = self.backend_of(kind, name)?.read(name, keys)?;
        if let Some(cache) = cache {
            cache.write(keys, &found);
        }
        Ok(found)
    }

    fn what_was_read(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn backend_of(&self, kind: Kind, name: &str) -> Result<Arc<dyn Backend>, Error> {
        let place = (kind, if kind.is_local() { String::new() } else { name.to_owned() });
        if let Some(backend) = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return Ok(backend.clone());
        }
        let backend: Arc<dyn Backend> = match kind {
            Kind::File => Arc::new(File::new(&self.options)?),
            Kind::Keyring => Arc::new(crate::keyring::Keyring::open()?),
            Kind::Keyutils => Arc::new(crate::keyutils::Keyutils),
            Kind::Vault => Arc::new(self.vault(name)?),
            Kind::Cyberark => Arc::new(self.conjur(name)?),
        };
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).insert(place, backend.clone());
        Ok(backend)
    }
}

/// That there is no such secret, and how to put it there.
pub(crate) fn missing(name: &str, key: &str, kind: Kind) -> Error {
    let error =
        Error::new(Exit::Config, format!("there is no secret '{key}' for '{name}' in the backend '{kind}'"));
    error.hint(format!("store it with `strongbox --connector {name} --key {key}`"))
}
