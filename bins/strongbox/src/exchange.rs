//! One secret: set, got, deleted, rotated.

use crate::{Args, Format, ask, place};
use muster_base::{Error, Exit, Secret};
use muster_command::{Context, standard_output};
use muster_secrets::{Change, Found, Kind, Strongbox};
use serde_json::json;
use std::io::{IsTerminal, Write, stdout};

/// Behind the key of a value that a rotation has replaced.
pub const PREVIOUS: &str = "@previous";

/// One secret and its place.
struct Place<'a> {
    strongbox: Strongbox,
    key: &'a str,
    kind: Kind,
}

impl<'a> Place<'a> {
    fn new(args: &'a Args, context: &Context) -> Result<Self, Error> {
        let strongbox = place::strongbox(args, context)?;
        let key = place::key(args)?;
        let kind = place::kind(args, &strongbox, key)?;
        Ok(Self { strongbox, key, kind })
    }

    fn previous(&self) -> String {
        format!("{}{PREVIOUS}", self.key)
    }

    fn find(&self, key: &str) -> Result<Option<Found>, Error> {
        self.strongbox.find_in(self.kind, key)
    }

    fn get(&self) -> Result<Found, Error> {
        self.find(self.key)?.ok_or_else(|| self.missing())
    }

    fn missing(&self) -> Error {
        let (key, name) = (self.key, self.strongbox.name());
        Error::new(
            Exit::Config,
            format!("there is no secret '{key}' for '{name}' in the backend '{}'", self.kind),
        )
        .hint("see `strongbox list`")
    }

    /// A secret for this place, from a person or a pipe.
    fn asked(&self) -> Result<Secret, Error> {
        ask::secret(&format!("{} of {}", self.key, self.strongbox.name()), true)
    }

    fn write(&self, changes: &[Change]) -> Result<(), Error> {
        self.strongbox.write(self.kind, changes)
    }

    fn told(&self, context: &Context, what: &str) -> Exit {
        context.summary(&format!(
            "'{}' of '{}' {what} in the backend '{}'",
            self.key,
            self.strongbox.name(),
            self.kind
        ));
        Exit::Done
    }
}

pub fn set(args: &Args, context: &Context) -> Result<Exit, Error> {
    let place = Place::new(args, context)?;
    place.write(&[Change::set(place.key, &place.asked()?)])?;
    Ok(place.told(context, "is stored"))
}

pub fn get(args: &Args, context: &Context) -> Result<Exit, Error> {
    let place = Place::new(args, context)?;
    let found = match args.previous {
        true => place.find(&place.previous())?.ok_or_else(|| {
            Error::new(
                Exit::Config,
                format!("'{}' of '{}' is not being rotated", place.key, place.strongbox.name()),
            )
        })?,
        false => place.get()?,
    };
    let value = found.secret.reveal();
    let mut output = standard_output()?;
    match args.format {
        Format::Json => {
            let name = place.strongbox.name();
            let shown = json!({"name": name, "key": place.key, "backend": place.kind.name(),
                               "updated": found.updated.map(|time| time.to_string()), "value": value});
            writeln!(output, "{shown}")?;
        }
        Format::Text => output.write_all(value.as_bytes())?,
    }
    // A person's prompt begins on a line of its own; a program gets what was stored and nothing else.
    if args.format == Format::Text && stdout().is_terminal() {
        output.write_all(b"\n")?;
    }
    output.flush()?;
    Ok(Exit::Done)
}

pub fn delete(args: &Args, context: &Context) -> Result<Exit, Error> {
    let place = Place::new(args, context)?;
    place.get()?;
    place.write(&[Change::remove(place.key), Change::remove(&place.previous())])?;
    Ok(place.told(context, "is deleted"))
}

/// Store a new value beside the old one, which stays readable until it is confirmed that the new one works.
pub fn rotate(args: &Args, context: &Context) -> Result<Exit, Error> {
    let place = Place::new(args, context)?;
    if place.kind == Kind::Cyberark {
        return Err(Error::new(Exit::Usage, "CyberArk keeps the last 20 values itself")
            .hint("`strongbox set`; the one before is strongbox://cyberark@NAME/KEY?version=N"));
    }
    let (current, previous) = (place.get()?, place.find(&place.previous())?);
    match previous {
        Some(_) if args.confirm => {
            place.write(&[Change::remove(&place.previous())])?;
            Ok(place.told(context, "is rotated, the old value forgotten,"))
        }
        Some(previous) if args.undo => {
            place.write(&[Change::set(place.key, &previous.secret), Change::remove(&place.previous())])?;
            Ok(place.told(context, "has its old value again"))
        }
        Some(_) => Err(Error::new(Exit::Config, format!("'{}' is being rotated already", place.key))
            .hint("end that with `rotate --confirm` or `rotate --undo`")),
        None if args.confirm || args.undo => {
            Err(Error::new(Exit::Config, format!("'{}' is not being rotated", place.key)))
        }
        None => {
            let new = place.asked()?;
            if new == current.secret {
                return Err(
                    Error::new(Exit::Usage, "the new value is the old one").hint("nothing was changed")
                );
            }
            place.write(&[Change::set(&place.previous(), &current.secret), Change::set(place.key, &new)])?;
            Ok(place.told(context, "has a new value, until `rotate --confirm` the old one beside it,"))
        }
    }
}
