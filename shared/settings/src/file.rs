//! The configuration file: which one it is, and what stands in it.

use crate::{ini, json};
use muster_base::{Error, Exit};
use std::env;
use std::path::{Path, PathBuf};

/// One setting of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its section; empty outside all.
    pub section: String,
    /// Its key, in lower case.
    pub key: String,
    /// Its value as written.
    pub value: String,
    /// Its line, 0 in formats without lines.
    pub line: usize,
}

/// A configuration file that was read.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// Where it lies; none when there is no file.
    pub path: Option<PathBuf>,
    entries: Vec<Entry>,
    sections: Vec<String>,
}

impl File {
    /// The file at `named`, else the first that exists of `$MUSTER_CONFIG`, `./config.ini`,
    /// `$XDG_CONFIG_HOME/muster/config.ini`, `/etc/muster/config.ini`. A named one must exist.
    pub fn load(named: Option<&Path>) -> Result<Self, Error> {
        match named.map(Path::to_owned).or_else(|| env::var_os("MUSTER_CONFIG").map(PathBuf::from)) {
            Some(path) => Self::read(&path),
            None => usual_places()
                .find(|path| path.exists())
                .map_or_else(|| Ok(Self::default()), |path| Self::read(&path)),
        }
    }

    fn read(path: &Path) -> Result<Self, Error> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::new(Exit::Config, format!("cannot read the settings: {error}")).at(&shown)
        })?;
        let (entries, sections) = match text.trim_start().starts_with('{') {
            true => (json::read(&text, &shown)?, Vec::new()),
            false => ini::read(&text, &shown).map(|ini| (ini.entries, ini.sections))?,
        };
        Ok(Self { path: Some(path.to_owned()), entries, sections })
    }

    /// The last entry with `key` in `section` or in `[DEFAULT]`, or with one of `names`: `section.key`, or a bare key
    /// that stands in `section` or outside all sections; outside also the name of its environment variable. An empty value counts as absent.
    pub fn find(&self, section: &str, key: &str, names: &[&str]) -> Option<&Entry> {
        let meant = |entry: &&Entry| is_meant(entry, section, key, names);
        self.entries.iter().filter(meant).rfind(|entry| !entry.value.is_empty())
    }

    /// The entries of `section`.
    pub fn section<'a>(&'a self, section: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.section == section)
    }

    /// The names of its sections, those without entries too; none in a format without sections.
    pub fn sections(&self) -> &[String] {
        &self.sections
    }

    /// All entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How a message names the place of `entry`.
    pub fn place(&self, entry: &Entry) -> String {
        let path = self.path.as_deref().unwrap_or(Path::new("-")).display();
        if entry.line == 0 { path.to_string() } else { format!("{path}:{}", entry.line) }
    }
}

fn is_meant(entry: &Entry, section: &str, key: &str, names: &[&str]) -> bool {
    let here = entry.section == section;
    let own = (here || entry.section == "DEFAULT") && entry.key == key;
    // As the environment writes it, in a file without sections.
    let as_variable = || {
        entry.section.is_empty()
            && entry.key == format!("{section}_{key}").to_lowercase().replace(['.', '-'], "_")
    };
    own || as_variable()
        || names.iter().any(|name| match name.split_once('.') {
            Some((named_section, named_key)) if entry.section == named_section => {
                entry.key == named_key.to_lowercase()
            }
            _ => (here || entry.section.is_empty()) && entry.key == name.to_lowercase(),
        })
}

fn usual_places() -> impl Iterator<Item = PathBuf> {
    let home = env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")));
    [
        Some(PathBuf::from("config.ini")),
        home.map(|home| home.join("muster/config.ini")),
        Some("/etc/muster/config.ini".into()),
    ]
    .into_iter()
    .flatten()
}
