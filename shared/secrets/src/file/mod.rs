//! The encrypted file: `strongbox.age`, an age file that holds all secrets as JSON, opened by a key that lies elsewhere.
//!
//! It lies at `$STRONGBOX_FILE`, else among systemd's credentials, else in `$XDG_CONFIG_HOME/muster`, for root in
//! `/etc/muster`. A reader takes whatever whole file is there. A writer holds `strongbox.lock`, reads the newest content,
//! writes all of it to a temporary file, makes that durable and renames it: at any moment the name means a whole file,
//! the old or the new one.

mod check;
mod content;
mod durable;
mod key;
mod sealed;
mod ssh;

use crate::{Backend, Change, Found, Listed, Options};
use content::Content;
use key::Key;
pub use key::Protection;
use muster_base::{Error, Exit, Secret, private};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The encrypted file of one place.
pub struct File {
    path: PathBuf,
    key_file: Option<PathBuf>,
}

/// What stands between a command and the content of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There is no file.
    Absent,
    /// There is a file.
    Present,
}

impl File {
    /// The file that `options` and the environment mean.
    pub fn new(options: &Options) -> Result<Self, Error> {
        let path = match options.or_variable("file", &["STRONGBOX_FILE"]) {
            Some(path) => PathBuf::from(path),
            None => usual_place()?,
        };
        let key_file = options.or_variable("key_file", &["STRONGBOX_KEY_FILE"]).map(PathBuf::from);
        Ok(Self { path, key_file })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is one.
    pub fn state(&self) -> State {
        if self.path.exists() { State::Present } else { State::Absent }
    }

    /// Make an empty one, and its key as `protection` says; where that key lies. One that is there is an error.
    pub fn create(&self, protection: &Protection) -> Result<PathBuf, Error> {
        durable::make_folder(&self.path)?;
        let _lock = durable::Lock::take(&self.path)?;
        if self.state() == State::Present {
            return Err(Error::new(Exit::Config, "there is a strongbox already").at(self.path.display()));
        }
        let (key, place) = key::make(&self.path, self.key_file.as_deref(), protection)?;
        self.put(&Content::default(), &key)?;
        Ok(place)
    }

    /// Open the key with `passphrase`, unless it needs none, and keep it in the kernel's keyring for `lifetime`.
    pub fn unlock(&self, passphrase: Option<&Secret>, lifetime: Duration) -> Result<(), Error> {
        key::unlock(&self.path, self.key_file.as_deref(), passphrase, lifetime, |key| {
            self.content(key).map(|_| ())
        })
    }

    /// Forget the key that the kernel's keyring keeps, and what it keeps of remote backends; whether there was a key.
    pub fn lock(&self) -> Result<bool, Error> {
        crate::cache::forget_all(&self.path)?;
        key::lock(&self.path)
    }

    /// Whether the key lies in a file that only a passphrase opens.
    pub fn needs_passphrase(&self) -> Result<bool, Error> {
        key::needs_passphrase(&self.path, self.key_file.as_deref())
    }

    fn key(&self) -> Result<Key, Error> {
        key::find(&self.path, self.key_file.as_deref())
    }

    fn content(&self, key: &Key) -> Result<Content, Error> {
        private::refuse_open(&self.path, "holds secrets")?;
        let sealed = std::fs::read(&self.path).map_err(|error| {
            Error::new(Exit::Io, format!("cannot read the strongbox: {error}")).at(self.path.display())
        })?;
        let open = sealed::open(&sealed, key).map_err(|error| error.at(self.path.display()))?;
        Content::read(&open).map_err(|error| error.at(self.path.display()))
    }

    fn put(&self, content: &Content, key: &Key) -> Result<(), Error> {
        durable::replace(&self.path, &sealed::seal(&content.written()?, key)?)
    }
}

impl Backend for File {
    fn read(&self, name: &str, keys: &[&str]) -> Result<Vec<Option<Found>>, Error> {
        if self.state() == State::Absent {
            return Ok(vec![None; keys.len()]);
        }
        let content = self.content(&self.key()?)?;
        Ok(keys.iter().map(|key| content.find(name, key)).collect())
    }

    /// A file that is not there yet is made, with a key beside it.
    fn write(&self, name: &str, changes: &[Change]) -> Result<(), Error> {
        if self.state() == State::Absent {
            let place = self.create(&Protection::KeyFile)?;
            tracing::warn!(
                "a new strongbox is made: '{}'; its key lies in '{}': keep the two in different backups",
                self.path.display(),
                place.display()
            );
        }
        let _lock = durable::Lock::take(&self.path)?;
        let key = self.key()?;
        let mut content = self.content(&key)?;
        content.change(name, changes);
        self.put(&content, &key)
    }

    fn list(&self, name: Option<&str>) -> Result<Vec<Listed>, Error> {
        if self.state() == State::Absent {
            return Ok(Vec::new());
        }
        Ok(self.content(&self.key()?)?.list(name))
    }
}

fn usual_place() -> Result<PathBuf, Error> {
    let credential = private::credentials().map(|dir| dir.join("strongbox.age")).filter(|path| path.exists());
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let own = || variable("XDG_CONFIG_HOME").map(|dir| dir.join("muster"));
    let system = || rustix::process::geteuid().is_root().then(|| PathBuf::from("/etc/muster"));
    let home = || variable("HOME").map(|home| home.join(".config/muster"));
    let folder = || own().or_else(system).or_else(home).map(|dir| dir.join("strongbox.age"));
    credential.or_else(folder).ok_or_else(|| {
        Error::new(Exit::Config, "nobody says where the strongbox lies").hint("set STRONGBOX_FILE")
    })
}

#[cfg(test)]
mod tests;
