//! Where the tokens are kept between runs.

use muster_base::{Error, Exit, Secret};

/// A place for secrets that a program writes back itself.
pub trait Store: Send + Sync {
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
