//! The encrypted file made, its key put into the kernel's keyring and taken out again.

use crate::{Args, ask, place};
use muster_base::{Error, Exit};
use muster_command::Context;
use muster_secrets::{Protection, State};
use std::time::Duration;

pub fn init(args: &Args, context: &Context) -> Result<Exit, Error> {
    let file = place::file(args, context)?;
    if file.state() == State::Present {
        return Err(Error::new(Exit::Config, "there is a strongbox already").at(file.path().display()));
    }
    let protection = match (&args.existing_key, args.passphrase) {
        (Some(path), _) => Protection::Existing(path.clone()),
        (None, true) => Protection::Passphrase(ask::secret("new passphrase", true)?),
        (None, false) => Protection::KeyFile,
    };
    let key = file.create(&protection)?;
    let open = if file.needs_passphrase()? { "; `strongbox unlock` opens it" } else { "" };
    context.summary(&format!(
        "'{}' is made; its key lies in '{}': keep the two in different backups{open}",
        file.path().display(),
        key.display()
    ));
    Ok(Exit::Done)
}

pub fn unlock(args: &Args, context: &Context) -> Result<Exit, Error> {
    let file = place::file(args, context)?;
    if file.state() == State::Absent {
        return Err(Error::new(Exit::Config, "there is no strongbox")
            .at(file.path().display())
            .hint("`strongbox init`"));
    }
    let lifetime = Duration::try_from(args.lifetime)
        .map_err(|_| Error::new(Exit::Usage, "--for takes a time such as 8h or 30m"))?;
    let passphrase = file.needs_passphrase()?.then(|| ask::secret("passphrase", false)).transpose()?;
    file.unlock(passphrase.as_ref(), lifetime)?;
    context.summary(&format!("'{}' is unlocked for {:#}", file.path().display(), args.lifetime));
    Ok(Exit::Done)
}

pub fn lock(args: &Args, context: &Context) -> Result<Exit, Error> {
    let file = place::file(args, context)?;
    let what = if file.lock()? { "is locked" } else { "was not unlocked" };
    context.summary(&format!("'{}' {what}", file.path().display()));
    Ok(Exit::Done)
}
