//! Each secret that the settings file names, resolved: where it is, how old, or why it cannot be had.

use crate::list::age;
use crate::secret_keys::{is_reference, is_secret};
use crate::{Args, Format, place};
use jiff::Timestamp;
use muster_base::{Error, Exit, private, text};
use muster_command::{Context, standard_output};
use muster_secrets::{Reference, Strongbox};
use muster_settings::Entry;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;

/// What became of one secret.
struct Checked {
    section: String,
    key: String,
    at: String,
    backend: String,
    outcome: Result<Option<Timestamp>, Error>,
}

pub fn check(args: &Args, context: &Context) -> Result<Exit, Error> {
    let file = &context.layers().file;
    let Some(path) = &file.path else {
        return Err(Error::new(Exit::Config, "there is no settings file").hint("name it with --config"));
    };
    let mut checker = Checker { args, context, strongboxes: BTreeMap::new() };
    let (mut exit, mut failed, mut count) = (Exit::Done, 0, 0);
    let mut output = standard_output()?;
    for entry in file.entries() {
        if args.connector.as_deref().is_some_and(|connector| connector != entry.section) {
            continue;
        }
        for checked in checker.check(entry) {
            count += 1;
            if let Err(error) = &checked.outcome {
                failed += 1;
                exit = exit.and(error.exit());
            }
            print(&mut output, args.format, &checked)?;
        }
    }
    output.flush()?;
    context.summary(&format!("{count} secrets in '{}', {failed} to look at", path.display()));
    Ok(exit)
}

struct Checker<'a> {
    args: &'a Args,
    context: &'a Context,
    strongboxes: BTreeMap<String, Strongbox>,
}

impl Checker<'_> {
    /// The secrets that one entry names.
    fn check(&mut self, entry: &Entry) -> Vec<Checked> {
        let value = entry.value.trim();
        match entry.key.as_str() {
            "vault_keys" => {
                let keys =
                    value.split_whitespace().flat_map(|word| word.split(',')).filter(|key| !key.is_empty());
                keys.map(|key| self.listed(entry, key)).collect()
            }
            "env_password" => vec![self.checked(entry, "password", "env", variable(value))],
            _ if is_reference(value) => vec![self.reference(entry, value)],
            key if is_secret(key) && !value.is_empty() => {
                let plain = Error::new(Exit::Look, "it stands in the file itself").hint("`strongbox import`");
                vec![self.checked(entry, key, "plain", Err(plain))]
            }
            _ => Vec::new(),
        }
    }

    fn checked(
        &self,
        entry: &Entry,
        key: &str,
        backend: &str,
        outcome: Result<Option<Timestamp>, Error>,
    ) -> Checked {
        Checked {
            section: entry.section.clone(),
            key: key.to_owned(),
            at: self.context.layers().file.place(entry),
            backend: backend.to_owned(),
            outcome,
        }
    }

    fn listed(&mut self, entry: &Entry, key: &str) -> Checked {
        let strongbox = self.strongbox(&entry.section);
        let backend = strongbox.kind().map(|kind| kind.name());
        let reference = Reference::new(strongbox.name(), key);
        let outcome = strongbox.resolve(&reference).map(|found| found.updated);
        self.checked(entry, key, backend.unwrap_or("?"), outcome)
    }

    fn reference(&mut self, entry: &Entry, value: &str) -> Checked {
        if let Some(name) = value.strip_prefix("env:") {
            return self.checked(entry, &entry.key, "env", variable(name));
        }
        if let Some(path) = value.strip_prefix("file:") {
            return self.checked(entry, &entry.key, "plain file", file(path));
        }
        let Some(Ok(reference)) = Reference::parse(value) else {
            let wrong = Reference::parse(value).and_then(Result::err);
            let wrong = wrong.unwrap_or_else(|| Error::new(Exit::Config, "the reference is wrong"));
            return self.checked(entry, &entry.key, "?", Err(wrong));
        };
        let section = self.context.layers().section_named(&reference.name).to_owned();
        let strongbox = self.strongbox(&section);
        let kind = reference.backend.map_or_else(|| strongbox.kind(), Ok).map(|kind| kind.name());
        let outcome = strongbox.resolve(&reference).map(|found| found.updated);
        self.checked(entry, &entry.key, kind.unwrap_or("?"), outcome)
    }

    /// The secrets of a section, opened once.
    fn strongbox(&mut self, section: &str) -> &Strongbox {
        let (args, context) = (self.args, self.context);
        self.strongboxes
            .entry(section.to_owned())
            .or_insert_with(|| place::of_section(args, context, section))
    }
}

fn variable(name: &str) -> Result<Option<Timestamp>, Error> {
    match std::env::var_os(name).is_some_and(|value| !value.is_empty()) {
        true => Ok(None),
        false => Err(Error::new(Exit::Config, format!("the variable {name} is not set here"))),
    }
}

fn file(path: &str) -> Result<Option<Timestamp>, Error> {
    let path = std::path::Path::new(path);
    private::refuse_open(path, "holds a secret")?;
    let about = std::fs::metadata(path)
        .map_err(|error| Error::new(Exit::Config, format!("cannot read '{}': {error}", path.display())))?;
    Ok(about.modified().ok().and_then(|time| Timestamp::try_from(time).ok()))
}

fn print(output: &mut dyn Write, format: Format, checked: &Checked) -> Result<(), Error> {
    let (section, key) = (text::one_line(&checked.section), text::one_line(&checked.key));
    match format {
        Format::Json => {
            let line = json!({
                "section": checked.section, "key": checked.key, "at": checked.at, "backend": checked.backend,
                "ok": checked.outcome.is_ok(),
                "updated": checked.outcome.as_ref().ok().and_then(|time| time.map(|time| time.to_string())),
                "error": checked.outcome.as_ref().err().map(ToString::to_string),
            });
            writeln!(output, "{line}")?;
        }
        Format::Text => {
            let said = match &checked.outcome {
                Ok(Some(time)) => format!("ok, {}", age(Some(*time))),
                Ok(None) => "ok".to_owned(),
                Err(error) => error.to_string(),
            };
            writeln!(output, "{section:<24} {key:<20} {:<10} {said}", checked.backend)?;
        }
    }
    Ok(())
}
