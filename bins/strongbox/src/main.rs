//! `strongbox`: stores the secrets that the other commands need, and gives them to those who may have them.

mod ask;
mod check;
mod exchange;
mod import;
mod key;
mod list;
mod place;
mod run;
mod secret_keys;
mod variables;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, Parser, ValueEnum};
use muster_base::{Error, Exit};
use muster_command::Context;
use muster_secrets::Kind;
use muster_settings::{Declaration, Declared, value::ONCE};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::ExitCode;

/// Store a secret: it is asked for, never an argument; or read, list, rotate, import and check secrets
#[derive(Parser)]
#[command(name = "strongbox", version, after_help = EXAMPLES)]
struct Args {
    /// What to do [default: set]
    #[arg(value_parser = ActionParser, hide_default_value = true)]
    action: Option<Action>,

    // What is left over may be a secret: it must not come back in a message.
    #[arg(hide = true)]
    left_over: Vec<OsString>,

    /// Name of the secret: the section that uses it, such as ldap.Contractors, or the section's vault_alias
    #[arg(long, value_name = "NAME", help_heading = ONCE)]
    connector: Option<String>,

    /// Key of the secret, such as password
    #[arg(long, value_name = "KEY", help_heading = ONCE)]
    key: Option<String>,

    /// Ask for the value, as without it; a value that is written here is refused, - reads standard input
    #[arg(long, value_name = "VALUE", num_args = 0..=1, default_missing_value = "", hide_default_value = true, help_heading = ONCE)]
    value: Option<String>,

    /// Backend instead of the one that the settings name: file, keyring, keyutils, vault or cyberark
    #[arg(long, value_name = "BACKEND", help_heading = ONCE)]
    backend: Option<Kind>,

    /// Form of what get, list, check and import print
    #[arg(long, value_name = "FORM", value_enum, default_value = "text", help_heading = ONCE)]
    format: Format,

    /// get: the value before an unconfirmed rotation
    #[arg(long, help_heading = ONCE)]
    previous: bool,

    /// rotate: the new value works, forget the old one
    #[arg(long, conflicts_with = "undo", help_heading = ONCE)]
    confirm: bool,

    /// rotate: the new value does not work, take the old one back
    #[arg(long, help_heading = ONCE)]
    undo: bool,

    /// import: say what would be done, and do nothing
    #[arg(long, help_heading = ONCE)]
    dry_run: bool,

    /// run: further variables, one NAME=value a line, whose values may be references
    #[arg(long, value_name = "FILE", help_heading = ONCE)]
    variables: Option<PathBuf>,

    /// init: seal the key with a passphrase, which is asked for
    #[arg(long, conflicts_with = "existing_key", help_heading = ONCE)]
    passphrase: bool,

    /// init: use this key, an age identity or an SSH private key, instead of a new one
    #[arg(long, value_name = "FILE", help_heading = ONCE)]
    existing_key: Option<PathBuf>,

    /// unlock: how long the key stays in the kernel's keyring, such as 8h or 30m
    #[arg(long = "for", value_name = "DURATION", default_value = "8h", help_heading = ONCE)]
    lifetime: jiff::SignedDuration,

    /// The encrypted file [default: strongbox.age in ~/.config/muster, for root in /etc/muster]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Key of the encrypted file [default: the credential strongbox.key of systemd, else strongbox.key beside the file]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,

    /// run: the command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

const EXAMPLES: &str = "\
Examples:
  strongbox --connector ldap --key password
  pass show ldap | strongbox set --connector ldap.Contractors --key password
  strongbox import --config config.ini && strongbox check --config config.ini
  strongbox run --connector ldap -- ./report-ldap       its secrets in LDAP_PASSWORD and so on";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Action {
    /// Ask for a secret and store it
    Set,
    /// Print a secret: the only one that does
    Get,
    /// Print names, keys, backends and ages
    List,
    /// Take a secret away
    Delete,
    /// Store a new value and keep the old one until --confirm or --undo
    Rotate,
    /// Take the secrets out of the settings file and leave references there
    Import,
    /// Look whether each secret that the settings file names is there
    Check,
    /// Run a command with secrets in its environment
    Run,
    /// Make the encrypted file
    Init,
    /// Keep the key of the encrypted file in the kernel's keyring for a while
    Unlock,
    /// Forget that key, and what is kept of remote backends
    Lock,
}

/// Reads an action, without saying again what is none: somebody may have written a secret there.
#[derive(Clone)]
struct ActionParser;

impl TypedValueParser for ActionParser {
    type Value = Action;

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, value: &OsStr) -> Result<Action, clap::Error> {
        value.to_str().and_then(|text| Action::from_str(text, false).ok()).ok_or_else(|| {
            let names: Vec<String> = self
                .possible_values()
                .into_iter()
                .flatten()
                .map(|value| value.get_name().to_owned())
                .collect();
            let what =
                format!("the first word is none of {}; a secret is never an argument", names.join(", "));
            command.clone().error(ErrorKind::InvalidValue, what)
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Action::value_variants().iter().filter_map(Action::to_possible_value)))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    // No doc comments here: with them, the help would take four lines an option.
    Text,
    Json,
}

impl Declared for Args {
    const DECLARATION: Declaration = Declaration {
        beside: muster_secrets::SETTINGS,
        manual: include_str!("manual.roff"),
        ..Declaration::of("strongbox")
    };
}

fn strongbox(args: Args, context: &Context) -> Result<Exit, Error> {
    ask::refuse_value(args.value.as_deref())?;
    if !args.left_over.is_empty() {
        return Err(if args.action == Some(Action::Run) { run::no_command() } else { ask::refusal() });
    }
    match args.action.unwrap_or(Action::Set) {
        Action::Set => exchange::set(&args, context),
        Action::Get => exchange::get(&args, context),
        Action::Delete => exchange::delete(&args, context),
        Action::Rotate => exchange::rotate(&args, context),
        Action::List => list::list(&args, context),
        Action::Import => import::import(&args, context),
        Action::Check => check::check(&args, context),
        Action::Run => run::run(&args, context),
        Action::Init => key::init(&args, context),
        Action::Unlock => key::unlock(&args, context),
        Action::Lock => key::lock(&args, context),
    }
}

fn main() -> ExitCode {
    muster_command::filter(strongbox)
}
