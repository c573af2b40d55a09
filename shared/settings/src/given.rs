//! What the environment, the file and the strongbox give becomes the default of the arguments, so that a flag wins over it.

use crate::layers::{is_setting, key_of};
use crate::{Layers, Secrets, declaration::is_set, value};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command, builder::Resettable, parser::ValueSource};
use muster_base::{Error, Exit, Secret};
use muster_secrets::{Reference, plain};
use std::ffi::OsString;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    Flag,
    /// An environment variable.
    Variable(String),
    /// A file, with the line.
    File(String),
    /// The strongbox.
    Strongbox,
    /// The command's own default.
    Default,
}

/// Gives a setting from the strongbox: what the reference means, else the secret of this key, which `vault_keys` lists.
/// Commands without one have no backends linked into them.
pub type Kept = fn(&Layers, &str, Option<&Reference>) -> Result<Secret, Error>;

/// The values of one argument that is no flag.
pub(crate) struct Given {
    values: Vec<OsString>,
    origin: Origin,
    /// Where they are no secret's business: what a reference means is kept here, so that no message shows it.
    hidden: Option<Secret>,
}

impl Layers {
    /// `command` with the values of the environment and the file as defaults. What `vault_keys` names, and what references
    /// mean, is looked up, by way of `kept`; not for the arguments that `flags` gave.
    pub fn with_given(
        &mut self,
        command: Command,
        flags: &ArgMatches,
        kept: Option<Kept>,
    ) -> Result<Command, Error> {
        for arg in command.get_arguments().filter(|arg| is_setting(arg)) {
            let id = arg.get_id().as_str();
            if flags.value_source(id) != Some(ValueSource::CommandLine)
                && let Some(given) = self.given_for(arg, kept)?
            {
                self.given.insert(id.to_owned(), given);
            }
        }
        Ok(without_variables(command).mut_args(|arg| match self.given.get(arg.get_id().as_str()) {
            Some(given) => arg.default_values(given.values.iter().cloned()).required(false),
            None => arg,
        }))
    }

    fn given_for(&self, arg: &Arg, kept: Option<Kept>) -> Result<Option<Given>, Error> {
        let key = key_of(arg);
        let variable = self.variable(&key);
        if is_set(&variable) {
            let raw = std::env::var_os(&variable).unwrap_or_default();
            let Some(text) = raw.to_str() else {
                return Ok(Some(Given {
                    values: vec![raw],
                    origin: Origin::Variable(variable),
                    hidden: None,
                }));
            };
            let meant = self.meant(&key, text, kept).map_err(|error| error.at(&variable))?;
            return Ok(Some(meant.given(arg, Origin::Variable(variable))));
        }
        if let Some(kept) = kept.filter(|_| self.strongbox().options().keys().any(|listed| listed == key)) {
            return Ok(Some(Meant::Hidden(kept(self, &key, None)?).given(arg, Origin::Strongbox)));
        }
        let Some(entry) = self.entry(&key) else { return Ok(None) };
        let place = self.file.place(entry);
        let meant = self.meant(&key, &entry.value, kept).map_err(|error| error.at(&place))?;
        let origin = match Reference::parse(&entry.value) {
            Some(_) => Origin::Strongbox,
            None => Origin::File(place),
        };
        Ok(Some(meant.given(arg, origin)))
    }

    /// What `text`, which stands for the setting `key`, means: itself, or what it refers to.
    fn meant(&self, key: &str, text: &str, kept: Option<Kept>) -> Result<Meant, Error> {
        if let Some(meant) = plain::meant(text, key) {
            return meant.map(Meant::Hidden);
        }
        match (Reference::parse(text), kept) {
            (None, _) => Ok(Meant::Plain(text.to_owned())),
            (Some(reference), Some(kept)) => kept(self, key, Some(&reference?)).map(Meant::Hidden),
            (Some(_), None) => {
                let what = format!("'{key}' of this command cannot come from the strongbox");
                Err(Error::new(Exit::Config, what).hint("write the value itself, `env:NAME` or `file:PATH`"))
            }
        }
    }

    /// A setting from the strongbox, for [`Layers::with_given`].
    pub fn kept_value(&self, key: &str, reference: Option<&Reference>) -> Result<Secret, Error> {
        match reference {
            Some(reference) => self.resolve(reference),
            None => Secrets::new(self).listed(key),
        }
    }

    /// Where the value of argument `id` came from.
    pub fn origin(&self, id: &str, matches: &ArgMatches) -> Origin {
        match matches.value_source(id) {
            Some(ValueSource::CommandLine) => Origin::Flag,
            _ => self.given.get(id).map_or(Origin::Default, |given| given.origin.clone()),
        }
    }

    /// Whether the value of argument `id` is not to be shown.
    pub(crate) fn is_hidden(&self, id: &str, matches: &ArgMatches) -> bool {
        self.origin(id, matches) != Origin::Flag
            && self.given.get(id).is_some_and(|given| given.hidden.is_some())
    }

    /// The error of clap about a value that came from the environment or the file, in their terms.
    pub fn explained(&self, error: &clap::Error) -> Option<Error> {
        let text = |kind| match error.get(kind) {
            Some(ContextValue::String(text)) => Some(text.as_str()),
            _ => None,
        };
        if !matches!(
            error.kind(),
            ErrorKind::ValueValidation | ErrorKind::InvalidValue | ErrorKind::InvalidUtf8
        ) {
            return None;
        }
        let argument = text(ContextKind::InvalidArg)?;
        let id = argument.trim_start_matches('-').split([' ', '=', '[']).next()?.replace('-', "_");
        let given = self.given.get(&id)?;
        let what = match text(ContextKind::InvalidValue).filter(|_| given.hidden.is_none()) {
            Some(value) => format!("the value '{value}' of '{id}' is wrong{}", why(error)),
            // What is hidden may be secret: neither the value nor what was made of it is shown.
            None => format!("the value of '{id}' is wrong"),
        };
        Some(Error::new(Exit::Config, what).at(match &given.origin {
            Origin::Variable(place) | Origin::File(place) => place.clone(),
            _ => format!("strongbox, '{}'", self.strongbox().name()),
        }))
    }
}

/// What a text stands for.
enum Meant {
    Plain(String),
    Hidden(Secret),
}

impl Meant {
    fn given(self, arg: &Arg, origin: Origin) -> Given {
        match self {
            Self::Plain(text) => Given { values: values_of(arg, &text), origin, hidden: None },
            Self::Hidden(secret) => {
                Given { values: values_of(arg, secret.reveal()), origin, hidden: Some(secret) }
            }
        }
    }
}

/// `command` reading no environment variables.
pub fn without_variables(command: Command) -> Command {
    command.mut_args(|arg| if is_setting(&arg) { arg.env(Resettable::Reset) } else { arg })
}

/// What the parser of the value said, or which values there are.
fn why(error: &clap::Error) -> String {
    if let Some(source) = std::error::Error::source(error) {
        return format!(": {source}");
    }
    match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) if !values.is_empty() => {
            format!(": it is none of {}", values.join(", "))
        }
        _ => String::new(),
    }
}

fn values_of(arg: &Arg, text: &str) -> Vec<OsString> {
    match arg.get_action() {
        ArgAction::Append => value::list(text).into_iter().map(OsString::from).collect(),
        // A value that begins on its second line begins with a line's end and blanks.
        _ => vec![text.trim_start().into()],
    }
}
