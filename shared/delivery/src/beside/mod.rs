//! What a push does beside its runs: say how its ledger stands, pause, back up, forget, export.
//!
//! None of it needs the target, credentials or input, so nothing else of a command's arguments has to be there.

mod export;
mod standing;
mod status;

use crate::Ledger;
use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches};
use muster_base::{Error, Exit};
use muster_changes::Limit;
use muster_command::Context;
use muster_settings::{Declared, value};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Arguments of every push for the days between runs.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Beside {
    /// Say how the ledger stands, and end
    #[arg(long, help_heading = HEADING, conflicts_with_all = OTHERS)]
    status: bool,

    /// Form of --status
    #[arg(long, value_name = "FORM", value_enum, default_value = "text", help_heading = HEADING)]
    format: Form,

    /// With --status: end with 1 when the last complete success is older, as in 26h
    #[arg(long, value_name = "DURATION", value_parser = value::duration, help_heading = HEADING)]
    max_age: Option<Duration>,

    /// Have this ledger refuse every run until --unpause, for this reason, and end
    #[arg(long, value_name = "REASON", value_parser = reason, help_heading = HEADING)]
    pause: Option<String>,

    /// Let this ledger's runs go on, and end
    #[arg(long, help_heading = HEADING, conflicts_with = "pause")]
    unpause: bool,

    /// Write a copy of the ledger to this file, also while a run is going on, and end
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    backup: Option<PathBuf>,

    /// Take an object out of the ledger, as if it had never been brought to the target, and end; may be repeated
    #[arg(long, value_name = "KIND/KEY", value_parser = object, help_heading = HEADING)]
    forget: Vec<(String, String)>,

    /// Write the ledger's objects to standard output as lines of a stream, and end
    #[arg(long, help_heading = HEADING)]
    export: bool,
}

const HEADING: &str = "Beside a run (with --ledger alone)";
const OTHERS: [&str; 5] = ["pause", "unpause", "backup", "forget", "export"];

/// A form of the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    // No doc comments here: with them, the help would take four lines an option.
    Text,
    Json,
}

/// A parser for the reason of a pause: whoever meets it wants to know.
fn reason(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("it is empty; say why".to_owned()) } else { Ok(text.to_owned()) }
}

/// A parser for an object's name in an argument: `user/77ab…`.
pub(crate) fn object(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((kind, key)) if !kind.is_empty() && !key.is_empty() => Ok((kind.to_owned(), key.to_owned())),
        _ => Err("it is no KIND/KEY, as in user/77ab0000-0000-4000-8000-00000000000a".to_owned()),
    }
}

/// Run a push, or what its arguments ask for beside one.
pub fn main<A: Declared>(work: impl AsyncFnOnce(A, &Context) -> Result<Exit, Error>) -> ExitCode {
    muster_command::push_or(beside, work)
}

/// What the arguments ask for beside a run, done; nothing when they ask for a run.
fn beside(matches: &ArgMatches, name: &str) -> Option<Result<Exit, Error>> {
    // A file or a variable that says `pause` would end every run with it.
    let said = |argument: &str| matches.value_source(argument) == Some(ValueSource::CommandLine);
    if !OTHERS.iter().chain(&["status"]).any(|argument| said(argument)) {
        let stray = ["max_age", "format"].into_iter().find(|argument| said(argument))?;
        let what = format!("--{} says nothing without --status", stray.replace('_', "-"));
        return Some(Err(Error::new(Exit::Usage, what).hint("give both, or leave it out")));
    }
    let path = matches.try_get_one::<PathBuf>("ledger").ok().flatten();
    Some(match (Beside::from_arg_matches(matches), path) {
        (Err(error), _) => Err(Error::new(Exit::Bug, error.to_string())),
        (_, None) => Err(Error::new(Exit::Usage, "which ledger is not said").hint("give --ledger FILE")),
        (Ok(beside), Some(path)) => {
            let limit = matches.try_get_one::<Limit>("max_deletes").ok().flatten();
            beside.carry_out(path, name, limit.copied())
        }
    })
}

impl Beside {
    fn carry_out(&self, path: &Path, name: &str, max_deletes: Option<Limit>) -> Result<Exit, Error> {
        if self.status {
            let status = status::Status::of(&there(path)?, path, max_deletes)?;
            status.print(self.format == Form::Json, self.max_age)?;
            return Ok(if status.is_young(self.max_age) { Exit::Done } else { Exit::Look });
        }
        if let Some(to) = &self.backup {
            there(path)?.back_up(to)?;
        }
        if let Some(reason) = &self.pause {
            Ledger::change(path)?.pause(reason)?;
        }
        if self.unpause {
            Ledger::change(path)?.unpause()?;
        }
        if !self.forget.is_empty() {
            Ledger::hold(path)?.forget(&self.forget)?;
        }
        if self.export {
            export::export(&there(path)?, name)?;
        }
        Ok(Exit::Done)
    }
}

/// The ledger to look at, which must be there.
fn there(path: &Path) -> Result<Ledger, Error> {
    Ledger::glance(path)?.ok_or_else(|| Ledger::absent(path))
}
