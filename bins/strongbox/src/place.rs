//! Which secret is meant, and where it is kept.

use crate::Args;
use muster_base::{Error, Exit};
use muster_command::Context;
use muster_secrets::{File, Kind, Options, Strongbox};

/// Settings of this command that decide where the encrypted file and its key lie.
pub fn with_flags(args: &Args, mut options: Options) -> Options {
    for (key, value) in [("file", &args.file), ("key_file", &args.key_file)] {
        if let Some(path) = value {
            options = options.with(key, path.display().to_string());
        }
    }
    options
}

/// The encrypted file.
pub fn file(args: &Args, context: &Context) -> Result<File, Error> {
    File::new(&with_flags(args, context.layers().strongbox().options().clone()))
}

/// The secrets of `--connector`, or of the section that has it as its alias.
pub fn strongbox(args: &Args, context: &Context) -> Result<Strongbox, Error> {
    let connector = args.connector.as_deref().map(str::trim).unwrap_or_default();
    if connector.is_empty() {
        return Err(Error::new(Exit::Usage, "--connector is missing")
            .hint("name the section that uses the secret, `--connector ldap`"));
    }
    let strongbox = of_section(args, context, context.layers().section_named(connector));
    if strongbox.name() != connector {
        tracing::info!("the secrets of [{connector}] have the name '{}'", strongbox.name());
    }
    Ok(strongbox)
}

/// The secrets of a section of the settings file.
pub fn of_section(args: &Args, context: &Context, section: &str) -> Strongbox {
    let strongbox = context.layers().strongbox_of(section);
    Strongbox::new(strongbox.name(), with_flags(args, strongbox.options().clone()))
}

/// `--key`.
pub fn key(args: &Args) -> Result<&str, Error> {
    let key = args.key.as_deref().map(str::trim).unwrap_or_default();
    match key {
        "" => Err(Error::new(Exit::Usage, "--key is missing").hint("name the secret, `--key password`")),
        key if key.contains('@') => {
            Err(Error::new(Exit::Usage, "'@' cannot stand in a key")
                .hint("old values are read with --previous"))
        }
        key => Ok(key),
    }
}

/// The backend of the secret `key`: `--backend`, else the section's. What opens a remote backend is kept on this machine.
pub fn kind(args: &Args, strongbox: &Strongbox, key: &str) -> Result<Kind, Error> {
    match args.backend {
        Some(kind) => Ok(kind),
        None if key.starts_with("vault_") => strongbox.local_kind(),
        None => strongbox.kind(),
    }
}
