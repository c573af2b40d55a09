//! The layers of one command: which section of which file, which environment variables, and where its secrets are kept.

use crate::file::DEFAULT;
use crate::given::Given;
use crate::{Declaration, Entry, File, declaration::is_set, value, variable_name};
use clap::{Arg, Command};
use muster_base::{Error, Secret};
use muster_secrets::{Options, Reference, Strongbox};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The settings of one command before they are typed.
pub struct Layers {
    /// What the command declares.
    pub declaration: Declaration,
    /// The section that is read: the declared one, or `--section`.
    pub section: String,
    /// The configuration file.
    pub file: File,
    /// What environment, file and strongbox give, by argument.
    pub(crate) given: BTreeMap<String, Given>,
    strongbox: OnceLock<Strongbox>,
}

impl Layers {
    /// The layers of a command that reads `section` of `file`.
    pub fn new(declaration: Declaration, section: Option<&str>, file: File) -> Self {
        let section = section.unwrap_or(declaration.section).to_owned();
        Self { declaration, section, file, given: BTreeMap::new(), strongbox: OnceLock::new() }
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
        let general = of("strongbox").chain(of(DEFAULT)).chain(self.file.section(section));
        let ours = general.filter(|entry| entry.section == "strongbox" || Options::is_one(&entry.key));
        let options = Options::new(ours.map(|entry| (entry.key.clone(), entry.value.clone())));
        Strongbox::new(name, options.of_file(self.file.path.as_deref()))
    }

    /// The file's entry for the argument or secret `key`.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        let names = self.declaration.names_of(key);
        if !self.is_another() {
            return self.file.find(&self.section, key, names);
        }
        let general = variable_name(self.declaration.section, key);
        let names: Vec<&str> = names.iter().copied().chain([general.as_str()]).collect();
        self.file.find(&self.section, key, &names)
    }

    /// The environment variable of `key`: in a section with a suffix its own (`LDAP_CONTRACTORS_URL`) while that is set,
    /// else the system's (`LDAP_URL`).
    pub fn variable(&self, key: &str) -> String {
        let own = variable_name(&self.section, key);
        if self.is_another() && is_set(&own) { own } else { self.declaration.variable(key) }
    }

    /// Whether `--section` names another section than the declared one.
    pub(crate) fn is_another(&self) -> bool {
        self.section != self.declaration.section
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
