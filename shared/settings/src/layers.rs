//! The layers put together: what stands in the environment and in the file becomes the default of the arguments.

use crate::{Declaration, Entry, File, Secrets, common, value};
use clap::{Arg, ArgMatches, Command, parser::ValueSource};
use muster_base::{Error, Exit, Secret};
use muster_secrets::{Options, Reference, Strongbox};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

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

/// Gives the value of a setting that is kept in the strongbox: [`Layers::kept_value`], or [`never_kept`].
pub type Kept = fn(&Layers, &str, Option<&Entry>) -> Result<Option<String>, Error>;

/// For commands whose settings are never kept in the strongbox: the backends are not linked into them.
pub fn never_kept(_: &Layers, _: &str, _: Option<&Entry>) -> Result<Option<String>, Error> {
    Ok(None)
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
    from_strongbox: BTreeSet<String>,
    strongbox: OnceLock<Strongbox>,
}

impl Layers {
    /// The layers of a command that reads `section` of `file`.
    pub fn new(declaration: Declaration, section: Option<&str>, file: File) -> Self {
        let section = section.unwrap_or(declaration.section).to_owned();
        Self {
            declaration,
            section,
            file,
            from_file: BTreeMap::new(),
            from_strongbox: BTreeSet::new(),
            strongbox: OnceLock::new(),
        }
    }

    /// `command` with an environment variable for each of its own arguments, as `--help` shows it. One that is set to
    /// nothing counts as not set, as in files.
    pub fn with_variables(declaration: &Declaration, command: Command) -> Command {
        command.mut_args(|arg| {
            let variable = declaration.variable(&key_of(&arg));
            let is_empty = std::env::var_os(&variable).is_some_and(|value| value.is_empty());
            if is_setting(&arg) && !is_empty { arg.env(variable).hide_env(true) } else { arg }
        })
    }

    /// `command` with the values of the file as defaults; those that `vault_keys` names, and those that are references,
    /// come from the strongbox by way of `kept`.
    pub fn with_file(&mut self, command: Command, kept: Kept) -> Result<Command, Error> {
        let mut values = BTreeMap::new();
        for arg in command.get_arguments().filter(|arg| is_setting(arg)) {
            let (id, key) = (arg.get_id().to_string(), key_of(arg));
            let entry = self.entry(&key);
            if let Some(found) = kept(self, &key, entry)? {
                self.from_strongbox.insert(id.clone());
                values.insert(id, vec![found]);
            } else if let Some(entry) = entry {
                let (place, found) = (self.file.place(entry), values_of(arg, entry));
                self.from_file.insert(id.clone(), place);
                values.insert(id, found);
            }
        }
        Ok(command.mut_args(|arg| match values.remove(arg.get_id().as_str()) {
            Some(values) => arg.default_values(values).required(false),
            None => arg,
        }))
    }

    /// The value of a setting that is kept in the strongbox.
    pub fn kept_value(&self, key: &str, entry: Option<&Entry>) -> Result<Option<String>, Error> {
        if self.strongbox().options().keys().any(|listed| listed == key) {
            return Secrets::new(self).get(key).map(|secret| Some(secret.reveal().to_owned()));
        }
        let Some((entry, reference)) =
            entry.and_then(|entry| Reference::parse(&entry.value).map(|reference| (entry, reference)))
        else {
            return Ok(None);
        };
        let found = reference.and_then(|reference| self.strongbox().resolve(&reference));
        found
            .map(|found| Some(found.secret.reveal().to_owned()))
            .map_err(|error| error.at(self.file.place(entry)))
    }

    /// Where the secrets of this section are kept.
    pub fn strongbox(&self) -> &Strongbox {
        self.strongbox.get_or_init(|| self.strongbox_of(&self.section))
    }

    /// The secret that `reference` means, where the section of that name keeps its secrets.
    pub fn resolve(&self, reference: &Reference) -> Result<Secret, Error> {
        let found = match reference.name == self.strongbox().name() {
            true => self.strongbox().resolve(reference),
            false => self.strongbox_of(self.section_named(&reference.name)).resolve(reference),
        };
        found.map(|found| found.secret)
    }

    /// The section whose secrets have this name: the section itself, else one that has it as its alias.
    pub fn section_named<'a>(&'a self, name: &'a str) -> &'a str {
        let is_alias = |entry: &&Entry| entry.key == "vault_alias" && entry.value.trim() == name;
        match self.file.sections().iter().any(|section| section == name) {
            true => name,
            false => self.file.entries().iter().find(is_alias).map_or(name, |entry| &entry.section),
        }
    }

    /// Where the secrets of `section` are kept: `vault_alias` names them, else the section does; its `vault_` settings say
    /// how, those of `[DEFAULT]` and `[strongbox]` stand behind them.
    pub fn strongbox_of(&self, section: &str) -> Strongbox {
        let name = self.file.find(section, "vault_alias", &[]).map_or(section, |entry| entry.value.as_str());
        let of = |name: &'static str| self.file.section(name);
        let general = of("strongbox").chain(of("DEFAULT")).chain(self.file.section(section));
        let ours = general.filter(|entry| entry.section == "strongbox" || Options::is_one(&entry.key));
        Strongbox::new(name, Options::new(ours.map(|entry| (entry.key.clone(), entry.value.clone()))))
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
            _ if self.from_strongbox.contains(id) => Origin::Strongbox,
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
        if self.from_strongbox.contains(&id) {
            // What comes from there may be secret: neither the value nor what was made of it is shown.
            return Some(
                Error::new(Exit::Config, format!("the value of '{id}' is wrong"))
                    .at(format!("strongbox, '{}'", self.strongbox().name())),
            );
        }
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
        for entry in self.file.variables() {
            let is = |name: &str| !name.contains('.') && name.eq_ignore_ascii_case(&entry.key);
            if let Some((_, instead)) = self.declaration.retired.iter().find(|(name, _)| is(name)) {
                let place = self.file.place(entry);
                tracing::warn!(
                    "the variable '{}' has no effect: {instead} ({place})",
                    entry.key.to_uppercase()
                );
            }
        }
        for entry in self.file.entries() {
            let is = |name: &str| self.is_named(entry, name);
            let in_old_file =
                self.declaration.old_file.is_some_and(|old| old.is_checked && old.section == entry.section);
            let ours = entry.section == self.section || in_old_file;
            if ours && (Options::is_one(&entry.key) || self.section == "strongbox") {
                continue;
            }
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

/// Whether an argument is a setting: one with a value, and not among those that the house adds or that are about one run.
pub(crate) fn is_setting(arg: &Arg) -> bool {
    arg.get_long().is_some()
        && arg.get_action().takes_values()
        && !arg.get_help_heading().is_some_and(|heading| [value::HOUSE, value::ONCE].contains(&heading))
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
