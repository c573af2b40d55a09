//! Runs a command with secrets in its environment: those of `--connector` under the names that our commands read, and
//! those that variables refer to.
//!
//! What opens a remote backend stays here: a child that was given one secret must not be able to read all of them.

use crate::exchange::PREVIOUS;
use crate::{Args, place, variables};
use muster_base::{Error, Exit, Secret};
use muster_command::Context;
use muster_secrets::{Reference, opening_variables};
use muster_settings::variable_name;
use std::os::unix::process::CommandExt;
use std::process::Command;

pub fn run(args: &Args, context: &Context) -> Result<Exit, Error> {
    let [program, arguments @ ..] = args.command.as_slice() else {
        return Err(no_command());
    };
    let mut command = Command::new(program);
    command.args(arguments);
    // What is no text is no reference either, and is handed on as it is.
    for (name, value) in std::env::vars_os() {
        let reference = value.to_str().and_then(Reference::parse);
        if let Some(reference) = reference {
            let found = reference.and_then(|reference| resolved(args, context, &reference));
            command.env(&name, found.map_err(|error| error.at(name.to_string_lossy()))?.reveal());
        }
    }
    // Behind what refers to secrets, and before what is asked for by name.
    let opening = context.layers().file.entries().iter().filter(|entry| entry.key.starts_with("vault_"));
    let named = opening.filter_map(|entry| entry.value.trim().strip_prefix("env:"));
    for name in opening_variables() {
        command.env_remove(name);
    }
    for name in named {
        command.env_remove(name);
    }
    if let Some(path) = &args.variables {
        for (name, value) in variables::read(path, |reference| resolved(args, context, reference))? {
            command.env(name, value.reveal());
        }
    }
    if args.connector.is_some() {
        add_all(args, context, &mut command)?;
    }
    // Only a failure comes back from here.
    let error = command.exec();
    Err(Error::new(Exit::Io, format!("cannot run '{}': {error}", program.to_string_lossy())))
}

/// That `run` was called without a command.
pub fn no_command() -> Error {
    Error::new(Exit::Usage, "there is no command to run")
        .hint("write it behind --: `strongbox run --connector ldap -- COMMAND`")
}

fn resolved(args: &Args, context: &Context, reference: &Reference) -> Result<Secret, Error> {
    let section = context.layers().section_named(&reference.name);
    place::of_section(args, context, section).resolve(reference).map(|found| found.secret)
}

/// All secrets of `--connector`, or the one that `--key` names: `password` of `ldap` as `LDAP_PASSWORD`. What opens a remote
/// backend is given only when it is named.
fn add_all(args: &Args, context: &Context, command: &mut Command) -> Result<(), Error> {
    let strongbox = place::strongbox(args, context)?;
    let kind = place::kind(args, &strongbox, args.key.as_deref().unwrap_or_default())?;
    let keys: Vec<String> = match &args.key {
        Some(key) => vec![key.clone()],
        None => {
            let listed = strongbox.backend(kind)?.list(Some(strongbox.name()))?;
            listed.into_iter().map(|listed| listed.key).filter(|key| !key.starts_with("vault_")).collect()
        }
    };
    let keys: Vec<&str> = keys.iter().map(String::as_str).filter(|key| !key.ends_with(PREVIOUS)).collect();
    let connector = args.connector.as_deref().unwrap_or_default();
    if keys.is_empty() {
        let what = format!("there is no secret for '{}' in the backend '{kind}'", strongbox.name());
        return Err(Error::new(Exit::Config, what).hint("see `strongbox list`"));
    }
    for (key, found) in keys.iter().zip(strongbox.backend(kind)?.read(strongbox.name(), &keys)?) {
        let missing = || {
            let what = format!("there is no secret '{key}' for '{}'", strongbox.name());
            Error::new(Exit::Config, what).hint("see `strongbox list`")
        };
        command.env(variable_name(connector, key), found.ok_or_else(missing)?.secret.reveal());
    }
    Ok(())
}
