//! One section of a settings file, with what it takes from `[DEFAULT]` and `[converters]`.

use super::{python, spec, stub};
use muster_base::{Error, Exit};
use muster_settings::{Entry, File, value};
use std::path::Path;

/// The sections that belong to no integration.
const OTHERS: [&str; 3] = ["oomnitza", "converters", "DEFAULT"];

/// The entries of a section; of entries with one key the last counts, in the place of the first.
pub(super) struct Section<'a> {
    pub(super) name: &'a str,
    /// The name of the file, without the folder that it lies in.
    pub(super) file_name: String,
    path: String,
    text: String,
    entries: Vec<&'a Entry>,
    converters: Vec<&'a Entry>,
}

impl<'a> Section<'a> {
    pub(super) fn find(file: &'a File, path: &Path, name: Option<&'a str>) -> Result<Self, Error> {
        let shown = path.display().to_string();
        let sections: Vec<&str> = file.sections().iter().map(String::as_str).collect();
        if sections.is_empty() {
            return Err(Error::new(Exit::Config, "no INI file: it has no section").at(shown));
        }
        let integrations = sections.iter().copied().filter(|section| !OTHERS.contains(section));
        let Some(name) = name else {
            let integrations: Vec<&str> = integrations.collect();
            return Err(Error::new(Exit::Usage, "--import takes a section, too")
                .at(shown)
                .hint(format!("name one with --section: {}", integrations.join(", "))));
        };
        if OTHERS.contains(&name) {
            return Err(Error::new(Exit::Config, format!("[{name}] is no integration")).at(shown));
        }
        if !sections.contains(&name) {
            return Err(Error::new(Exit::Config, format!("there is no section [{name}]"))
                .at(shown)
                .hint(near(name, integrations)));
        }
        let text = std::fs::read_to_string(path).map_err(|error| Error::from(error).at(&shown))?;
        let file_name = path.file_name().map_or(shown.clone(), |name| name.to_string_lossy().into_owned());
        let entries = last_of_each(file.section("DEFAULT").chain(file.section(name)));
        let converters = last_of_each(file.section("converters"));
        Ok(Self { name, file_name, path: shown, text, entries, converters })
    }

    /// The name of the integration: the section's up to its first dot.
    pub(super) fn integration(&self) -> &str {
        self.name.split('.').next().unwrap_or(self.name)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &'a Entry> + '_ {
        self.entries.iter().copied()
    }

    /// The entry of `key`, unless it is empty.
    pub(super) fn get(&self, key: &str) -> Option<&'a Entry> {
        self.entries().find(|entry| entry.key == key && !entry.value.is_empty())
    }

    /// The converter that the file defines under this name, in any case.
    pub(super) fn converter(&self, name: &str) -> Option<&'a Entry> {
        let name = name.to_lowercase();
        self.converters.iter().copied().find(|entry| entry.key == name)
    }

    /// How a message names the place of an entry.
    pub(super) fn place(&self, entry: &Entry) -> String {
        format!("{}:{}", self.path, entry.line)
    }

    /// How a message names line `number` of a value: blank lines and comments of the file are no part of the value.
    pub(super) fn place_within(&self, entry: &Entry, number: usize) -> String {
        let counts = |line: &str| {
            let is_comment = line.starts_with(['#', ';']) || line.to_lowercase().starts_with("rem ");
            !line.trim().is_empty() && !is_comment
        };
        let lines = self.text.lines().enumerate().skip(entry.line.saturating_sub(1));
        let line = lines.filter(|(_, line)| counts(line)).nth(number.saturating_sub(1));
        format!("{}:{}", self.path, line.map_or(entry.line, |(index, _)| index + 1))
    }

    /// `recordfilter` as the map's `when`.
    pub(super) fn filter(&self, made: &mut spec::Made) {
        let Some(entry) = self.get("recordfilter") else { return };
        match python::expression(&entry.value) {
            Ok(when) => made.when = Some(when),
            Err(why) => {
                let place = self.place_within(entry, why.line);
                made.stubs += 1;
                made.when = Some(stub::expression("recordfilter"));
                made.about = stub::about("recordfilter", &entry.value);
                stub::tell("recordfilter", &why.what, &place);
            }
        }
    }
}

/// What to say of a name that is not there.
pub(super) fn near<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match value::nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean '{near}'?"),
        None if names.is_empty() => "there is none".to_owned(),
        None => format!("there are: {}", names.join(", ")),
    }
}

fn last_of_each<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<&'a Entry> {
    let mut found: Vec<&Entry> = Vec::new();
    for entry in entries {
        match found.iter_mut().find(|other| other.key == entry.key) {
            Some(other) => *other = entry,
            None => found.push(entry),
        }
    }
    found
}
