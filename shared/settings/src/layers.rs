//! The layers put together: what stands in the environment and in the file becomes the default of the arguments.

use crate::{Declaration, Entry, File, common, value};
use clap::{Arg, ArgMatches, Command, parser::ValueSource};
use muster_base::{Error, Exit};
use std::collections::BTreeMap;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    Flag,
    /// An environment variable.
    Variable(String),
    /// A file, with the line.
    File(String),
    /// The command's own default.
    Default,
}

/// The settings of one command before they are typed.
pub struct Layers {
    /// What the command declares.
    pub declaration: Declaration,
    /// The section that is read: the declared one, or `--section`.
    pub section: String,
    /// The configuration file.
    pub file: File,
    from_file: BTreeMap<String, String>,
}

impl Layers {
    /// The layers of a command that reads `section` of `file`.
    pub fn new(declaration: Declaration, section: Option<&str>, file: File) -> Self {
        let section = section.unwrap_or(declaration.section).to_owned();
        Self { declaration, section, file, from_file: BTreeMap::new() }
    }

    /// `command` with an environment variable for each of its own arguments, as `--help` shows it.
    pub fn with_variables(declaration: &Declaration, command: Command) -> Command {
        command.mut_args(|arg| match is_setting(&arg) {
            true => {
                let variable = declaration.variable(&key_of(&arg));
                arg.env(variable).hide_env(true)
            }
            false => arg,
        })
    }

    /// `command` with the values of the file as defaults.
    pub fn with_file(&mut self, command: Command) -> Command {
        let mut found = BTreeMap::new();
        let command = command.mut_args(|arg| {
            let key = key_of(&arg);
            let Some(entry) = self.entry(&key).filter(|_| is_setting(&arg)) else { return arg };
            found.insert(arg.get_id().to_string(), self.file.place(entry));
            let values = values_of(&arg, entry);
            arg.default_values(values).required(false)
        });
        self.from_file = found;
        command
    }

    /// The file's entry for the argument or secret `key`.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.file.find(&self.section, key, self.declaration.names_of(key))
    }

    /// Where the value of argument `id` came from.
    pub fn origin(&self, id: &str, matches: &ArgMatches) -> Origin {
        match matches.value_source(id) {
            Some(ValueSource::CommandLine) => Origin::Flag,
            Some(ValueSource::EnvVariable) => Origin::Variable(self.declaration.variable(id)),
            _ => self.from_file.get(id).map_or(Origin::Default, |place| Origin::File(place.clone())),
        }
    }

    /// The error of clap about a value that came from the file, in terms of the file.
    pub fn explained(&self, error: &clap::Error) -> Option<Error> {
        use clap::error::{ContextKind, ContextValue};
        let text = |kind| match error.get(kind) {
            Some(ContextValue::String(text)) => Some(text.as_str()),
            _ => None,
        };
        let argument = text(ContextKind::InvalidArg)?;
        let id = argument.trim_start_matches('-').split([' ', '=', '[']).next()?.replace('-', "_");
        let place = self.from_file.get(&id)?;
        let why = std::error::Error::source(error).map(|why| format!(": {why}")).unwrap_or_default();
        let value = text(ContextKind::InvalidValue).unwrap_or_default();
        Some(Error::new(Exit::Config, format!("the value '{value}' of '{id}' is wrong{why}")).at(place))
    }

    /// Say of each key of the section that nobody reads, that it is unknown, and of each retired one what replaces it.
    pub fn check_keys(&self, command: &Command) {
        if self.declaration.section_is_shared && self.section != self.declaration.section {
            return;
        }
        let mut known: Vec<String> = command.get_arguments().map(key_of).collect();
        known.extend(self.declaration.secrets.iter().map(|secret| secret.key.to_owned()));
        let named: Vec<&str> = self
            .declaration
            .names
            .iter()
            .flat_map(|(_, names)| names.iter().copied())
            .chain(self.declaration.secrets.iter().flat_map(|secret| secret.names.iter().copied()))
            .collect();
        for entry in self.file.entries() {
            let is = |name: &str| self.is_named(entry, name);
            let in_old_file =
                self.declaration.old_file.is_some_and(|old| old.is_checked && old.section == entry.section);
            let ours = entry.section == self.section || in_old_file;
            if (ours && known.contains(&entry.key)) || named.iter().any(|name| is(name)) {
                continue;
            }
            let retired =
                self.declaration.retired.iter().find(|(name, _)| is(name)).map(|(_, instead)| *instead);
            let place = self.file.place(entry);
            if let Some(instead) = retired.or_else(|| common::instead_of(&entry.key).filter(|_| ours)) {
                tracing::warn!("the setting '{}' has no effect: {instead} ({place})", entry.key);
            } else if ours && !self.is_elsewhere(entry) {
                let old =
                    named.iter().copied().chain(self.declaration.elsewhere.iter().map(|(name, _)| *name));
                let old = old
                    .filter_map(|name| name.split_once('.'))
                    .filter(|(section, _)| *section == entry.section);
                let near = value::nearest(
                    &entry.key,
                    known.iter().map(String::as_str).chain(old.map(|(_, key)| key)),
                );
                let near = near.map(|name| format!("; did you mean '{name}'?")).unwrap_or_default();
                tracing::warn!("nobody knows the setting '{}' ({place}){near}", entry.key);
            }
        }
    }

    /// Whether another command reads `entry`.
    fn is_elsewhere(&self, entry: &Entry) -> bool {
        let named = |(name, _): &(&str, &str)| self.is_named(entry, name);
        common::is_elsewhere(&entry.key) || self.declaration.elsewhere.iter().any(named)
    }

    /// Whether `name` (`section.key`, `section.*`, or the bare key of our section) means `entry`.
    fn is_named(&self, entry: &Entry, name: &str) -> bool {
        let ours = entry.section == self.section || entry.section.is_empty();
        match name.split_once('.') {
            Some((section, "*")) => entry.section == section,
            Some((section, key)) if entry.section == section => key.eq_ignore_ascii_case(&entry.key),
            _ => ours && name.eq_ignore_ascii_case(&entry.key),
        }
    }
}

/// Whether an argument is a setting: one with a value, and not among those that the house adds.
pub(crate) fn is_setting(arg: &Arg) -> bool {
    arg.get_long().is_some()
        && arg.get_action().takes_values()
        && arg.get_help_heading() != Some(crate::value::HOUSE)
}

/// The key of an argument: its flag, with `_`.
pub(crate) fn key_of(arg: &Arg) -> String {
    arg.get_long().unwrap_or_else(|| arg.get_id().as_str()).replace('-', "_")
}

fn values_of(arg: &Arg, entry: &Entry) -> Vec<String> {
    match arg.get_action() {
        clap::ArgAction::Append => value::list(&entry.value),
        // A value that begins on its second line begins with a line's end and blanks.
        _ => vec![entry.value.trim_start().to_owned()],
    }
}
