//! Where the tokens are kept between runs.

use muster_base::{Error, Exit, Secret};
use muster_command::{Change, Context};

/// A place for secrets that a program writes back itself.
pub trait Store {
    /// The secret `key`, as it is now.
    fn load(&self, key: &str) -> Result<Option<Secret>, Error>;

    /// Keep all of `entries`, or none of them; an entry without secret is forgotten.
    fn keep(&self, entries: &[(&str, Option<&Secret>)]) -> Result<(), Error>;
}

/// Tokens that came from the environment or a file: nothing is written back.
#[derive(Default)]
pub struct Fixed(pub Vec<(&'static str, Secret)>);

impl Store for Fixed {
    fn load(&self, key: &str) -> Result<Option<Secret>, Error> {
        Ok(self.0.iter().find(|(name, _)| *name == key).map(|(_, secret)| secret.clone()))
    }

    fn keep(&self, _: &[(&str, Option<&Secret>)]) -> Result<(), Error> {
        Err(Error::new(
            Exit::Config,
            "the tokens come from the environment or a file, which nobody writes back",
        ))
    }
}

/// The strongbox of this machine.
pub struct Kept<'a>(pub &'a Context);

impl Store for Kept<'_> {
    fn load(&self, key: &str) -> Result<Option<Secret>, Error> {
        self.0.kept_secret(key)
    }

    fn keep(&self, entries: &[(&str, Option<&Secret>)]) -> Result<(), Error> {
        let change = |(key, secret): &(&str, Option<&Secret>)| match secret {
            Some(secret) => Change::set(key, secret),
            None => Change::remove(key),
        };
        self.0.keep_secrets(&entries.iter().map(change).collect::<Vec<_>>())
    }
}
