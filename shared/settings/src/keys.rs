//! What is said of the settings file: sections that are missing, keys that nobody knows, keys that have no effect.

use crate::layers::key_of;
use crate::{Entry, Layers, common, value, variable_name};
use clap::Command;
use muster_base::{Error, Exit};
use muster_secrets::Options;

impl Layers {
    /// Refuse a `--section` that the file lacks, unless variables stand in for it; warn where the usual one is only there in
    /// other letters.
    pub fn check_section(&self) -> Result<(), Error> {
        let Some(path) = self.file.path.as_ref().filter(|_| !self.file.sections().is_empty()) else {
            return Ok(());
        };
        if self.file.sections().contains(&self.section) {
            return Ok(());
        }
        let others = || self.file.sections().iter().map(String::as_str);
        if !self.is_another() {
            if let Some(near) = others().find(|name| name.eq_ignore_ascii_case(&self.section)) {
                tracing::warn!(
                    "[{near}] is not read: the section is [{}] ({})",
                    self.section,
                    path.display()
                );
            }
            return Ok(());
        }
        if self.has_variables() {
            return Ok(());
        }
        let error =
            Error::new(Exit::Config, format!("there is no section [{}]", self.section)).at(path.display());
        Err(match value::nearest(&self.section, others()) {
            Some(near) => error.hint(format!("did you mean [{near}]?")),
            None => error,
        })
    }

    /// Whether the environment or the `.env` file has a variable of this section's own.
    fn has_variables(&self) -> bool {
        let prefix = variable_name(&self.section, "");
        let is_ours = |name: &str| name.to_ascii_uppercase().starts_with(&prefix);
        std::env::vars_os().any(|(name, _)| name.to_str().is_some_and(is_ours))
            || self.file.variables().iter().any(|entry| is_ours(&entry.key))
    }

    /// Say of each key of the section that nobody reads, that it is unknown, and of each retired one what replaces it.
    pub fn check_keys(&self, command: &Command) {
        if self.declaration.section_is_shared && self.is_another() {
            return;
        }
        let known = self.known(command);
        self.check_variables(&known);
        let stray = self.file.stray.iter().filter(|(section, _)| *section == self.section);
        for ((_, line), path) in stray.zip(self.file.path.iter().cycle()) {
            let place = format!("{}:{line}", path.display());
            tracing::warn!("the line is not read: it begins with a blank and continues nothing ({place})");
        }
        for entry in self.file.entries() {
            self.check_entry(entry, &known);
        }
    }

    /// The keys of arguments and secrets.
    fn known(&self, command: &Command) -> Vec<String> {
        let secrets = self.declaration.secrets.iter().map(|secret| secret.key.to_owned());
        command.get_arguments().map(key_of).chain(secrets).collect()
    }

    /// The further names of arguments and secrets.
    fn further_names(&self) -> impl Iterator<Item = &'static str> {
        let arguments = self.declaration.names.iter().flat_map(|(_, names)| *names);
        arguments.chain(self.declaration.secrets.iter().flat_map(|secret| secret.names)).copied()
    }

    /// Of the `.env` file's variables those that have no effect, and those with a slip: what resembles none of ours there is
    /// somebody else's.
    fn check_variables(&self, known: &[String]) {
        let section = self.declaration.section;
        let prefix = variable_name(section, "");
        for entry in self.file.variables() {
            let (name, place) = (entry.key.to_uppercase(), self.file.place(entry));
            let is = |other: &str| !other.contains('.') && other.eq_ignore_ascii_case(&name);
            if let Some((_, instead)) = self.declaration.retired.iter().find(|(name, _)| is(name)) {
                tracing::warn!("the variable '{name}' has no effect: {instead} ({place})");
                continue;
            }
            let Some(key) = name.strip_prefix(&prefix).map(str::to_lowercase) else { continue };
            let elsewhere = self.declaration.elsewhere.iter().any(|(other, _)| *other == key);
            let is_known = elsewhere
                || known.contains(&key)
                || Options::is_one(&key)
                || common::is_elsewhere(&key)
                || common::instead_of(&key).is_some()
                || self.further_names().any(is);
            let near = value::nearest(&key, known.iter().map(String::as_str)).filter(|_| !is_known);
            if let Some(near) = near.map(|near| variable_name(section, near)) {
                tracing::warn!("nobody knows the variable '{name}' ({place}); did you mean '{near}'?");
            }
        }
    }

    fn check_entry(&self, entry: &Entry, known: &[String]) {
        let is = |name: &str| self.is_named(entry, name);
        let in_old_file =
            self.declaration.old_file.is_some_and(|old| old.is_checked && old.section == entry.section);
        let ours = entry.section == self.section || in_old_file;
        let is_known = ours && (Options::is_one(&entry.key) || known.contains(&entry.key));
        if is_known || self.further_names().any(is) {
            return;
        }
        let retired = self.declaration.retired.iter().find(|(name, _)| is(name)).map(|(_, instead)| *instead);
        let place = self.file.place(entry);
        if let Some(instead) = retired.or_else(|| common::instead_of(&entry.key).filter(|_| ours)) {
            tracing::warn!("the setting '{}' has no effect: {instead} ({place})", entry.key);
        } else if ours && !self.is_elsewhere(entry) {
            let near = self.nearest(entry, known).map(|name| format!("; did you mean '{name}'?"));
            tracing::warn!("nobody knows the setting '{}' ({place}){}", entry.key, near.unwrap_or_default());
        }
    }

    /// The key that is probably meant by that of `entry`: ours, or an old program's for this section.
    fn nearest<'a>(&self, entry: &Entry, known: &'a [String]) -> Option<&'a str> {
        let elsewhere = self.declaration.elsewhere.iter().map(|(name, _)| *name);
        let old = self.further_names().chain(elsewhere).filter_map(|name| name.split_once('.'));
        let old = old.filter(|(section, _)| *section == entry.section).map(|(_, key)| key);
        let of_secrets = Options::keys_of_all().map(|key| -> &'a str { key });
        let known = known.iter().map(String::as_str).chain(of_secrets);
        value::nearest(&entry.key, known.chain(old))
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
