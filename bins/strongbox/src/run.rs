//! Runs a command with secrets in its environment: those of `--connector` under the names that our commands read, and
//! those that variables refer to.

use crate::exchange::PREVIOUS;
use crate::{Args, place};
use muster_base::{Error, Exit, Secret};
use muster_command::Context;
use muster_secrets::Reference;
use muster_settings::variable_name;
use std::os::unix::process::CommandExt;
use std::process::Command;

pub fn run(args: &Args, context: &Context) -> Result<Exit, Error> {
    let [program, arguments @ ..] = args.command.as_slice() else {
        return Err(Error::new(Exit::Usage, "there is no command to run")
            .hint("write it behind --: `strongbox run --connector ldap -- COMMAND`"));
    };
    let mut command = Command::new(program);
    command.args(arguments);
    for (name, value) in further(args)?.into_iter().chain(std::env::vars().map(|(n, v)| (n, Secret::new(v))))
    {
        if let Some(reference) = Reference::parse(value.reveal()) {
            let found = reference.and_then(|reference| resolved(args, context, &reference));
            command.env(&name, found.map_err(|error| error.at(&name))?.reveal());
        } else if std::env::var_os(&name).is_none() {
            command.env(&name, value.reveal());
        }
    }
    if args.connector.is_some() {
        add_all(args, context, &mut command)?;
    }
    // Only a failure comes back from here.
    let error = command.exec();
    Err(Error::new(Exit::Io, format!("cannot run '{}': {error}", program.to_string_lossy())))
}

fn resolved(args: &Args, context: &Context, reference: &Reference) -> Result<Secret, Error> {
    let section = context.layers().section_named(&reference.name);
    place::of_section(args, context, section).resolve(reference).map(|found| found.secret)
}

/// All secrets of `--connector`, or the one that `--key` names: `password` of `ldap` as `LDAP_PASSWORD`.
fn add_all(args: &Args, context: &Context, command: &mut Command) -> Result<(), Error> {
    let strongbox = place::strongbox(args, context)?;
    let kind = place::kind(args, &strongbox, args.key.as_deref().unwrap_or_default())?;
    let keys: Vec<String> = match &args.key {
        Some(key) => vec![key.clone()],
        None => {
            let listed = strongbox.backend(kind)?.list(Some(strongbox.name()))?;
            listed.into_iter().map(|listed| listed.key).collect()
        }
    };
    let keys: Vec<&str> = keys.iter().map(String::as_str).filter(|key| !key.ends_with(PREVIOUS)).collect();
    let connector = args.connector.as_deref().unwrap_or_default();
    for (key, found) in keys.iter().zip(strongbox.backend(kind)?.read(strongbox.name(), &keys)?) {
        let missing = || {
            let what = format!("there is no secret '{key}' for '{}'", strongbox.name());
            Error::new(Exit::Config, what).hint("see `strongbox list`")
        };
        command.env(variable_name(connector, key), found.ok_or_else(missing)?.secret.reveal());
    }
    Ok(())
}

/// The variables of `--variables`: `NAME=VALUE`, nothing is expanded.
fn further(args: &Args) -> Result<Vec<(String, Secret)>, Error> {
    let Some(path) = &args.variables else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::new(Exit::Io, format!("cannot read '{}': {error}", path.display())))?;
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let meant = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let pair = |(number, line): (usize, &str)| {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let wrong =
            || Error::new(Exit::Data, "it is not NAME=VALUE").at(format!("{}:{number}", path.display()));
        let (name, value) = line.split_once('=').ok_or_else(wrong)?;
        Ok((name.trim().to_owned(), Secret::new(unquoted(value.trim()))))
    };
    meant.map(pair).collect()
}

fn unquoted(value: &str) -> &str {
    let within = |quote| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(value)
}
