//! The configuration file: which one it is, and what stands in it.

use crate::{OldFile, ini, json, variables};
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
    /// Those of the `.env` file: they stand before this one, by their own names and by those of old programs.
    variables: Vec<Entry>,
    path_of_variables: Option<PathBuf>,
}

impl File {
    /// The file at `named`, else at `$MUSTER_CONFIG`, which must exist; else the first that exists of `$`[`OldFile::variable`],
    /// `./config.ini`, the old file in `.`, `$XDG_CONFIG_HOME/muster/config.ini`, `/etc/muster/config.ini`, the old file
    /// beside the program.
    pub fn load(named: Option<&Path>, old: Option<OldFile>) -> Result<Self, Error> {
        if let Some(path) =
            named.map(Path::to_owned).or_else(|| env::var_os("MUSTER_CONFIG").map(PathBuf::from))
        {
            return Self::read(&path);
        }
        let [here, of_user, of_system] = usual_places();
        let [by_variable, old_here, beside] = old.map(old_places).unwrap_or_default();
        let is_old = |path: &PathBuf| old.is_some_and(|old| has_section(path, old.section));
        [by_variable, here, old_here.filter(is_old), of_user, of_system, beside.filter(is_old)]
            .into_iter()
            .flatten()
            .find(|path| path.exists())
            .map_or_else(|| Ok(Self::default()), |path| Self::read(&path))
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
        Ok(Self { path: Some(path.to_owned()), entries, sections, ..Self::default() })
    }

    /// The same behind the variables of the file `named`, else of `./.env` if there is one.
    pub fn with_variables(mut self, named: Option<&Path>) -> Result<Self, Error> {
        let usual = || Some(PathBuf::from(".env")).filter(|path| path.is_file());
        if let Some(path) = named.map(Path::to_owned).or_else(usual) {
            let shown = path.display().to_string();
            let text = std::fs::read_to_string(&path).map_err(|error| {
                Error::new(Exit::Config, format!("cannot read the variables: {error}")).at(&shown)
            })?;
            self.variables = variables::read(&text, &shown)?;
            self.path_of_variables = Some(path);
        }
        Ok(self)
    }

    /// The last entry with `key` in `section` or in `[DEFAULT]`, or with one of `names`: `section.key`, or a bare key
    /// that stands in `section` or outside all sections; outside also the name of its environment variable. An empty value counts as absent.
    pub fn find(&self, section: &str, key: &str, names: &[&str]) -> Option<&Entry> {
        let has_value = |entry: &&Entry| !entry.value.is_empty();
        let meant = |entry: &&Entry| is_meant(entry, section, key, names);
        let own = format!("{section}_{key}").replace(['.', '-'], "_");
        let named = |entry: &&Entry| {
            entry.key.eq_ignore_ascii_case(&own) || names.iter().any(|name| is_variable(name, entry))
        };
        let variable = self.variables.iter().filter(named).rfind(has_value);
        variable.or_else(|| self.entries.iter().filter(meant).rfind(has_value))
    }

    /// The entries of `section`.
    pub fn section<'a>(&'a self, section: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.section == section)
    }

    /// The names of its sections, those without entries too; none in a format without sections.
    pub fn sections(&self) -> &[String] {
        &self.sections
    }

    /// The variables of the `.env` file.
    pub fn variables(&self) -> &[Entry] {
        &self.variables
    }

    /// The file that `entry` stands in.
    pub fn path_of(&self, entry: &Entry) -> Option<&Path> {
        let is_variable = self.variables.iter().any(|other| std::ptr::eq(other, entry));
        if is_variable { self.path_of_variables.as_deref() } else { self.path.as_deref() }
    }

    /// All entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How a message names the place of `entry`.
    pub fn place(&self, entry: &Entry) -> String {
        let path = self.path_of(entry).unwrap_or(Path::new("-")).display();
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

/// Whether `name` is the old program's name of a variable, which is written in upper case, and `entry` that variable.
fn is_variable(name: &str, entry: &Entry) -> bool {
    !name.contains('.')
        && !name.bytes().any(|byte| byte.is_ascii_lowercase())
        && entry.key.eq_ignore_ascii_case(name)
}

/// In the working directory, of the user, of the system.
fn usual_places() -> [Option<PathBuf>; 3] {
    let home = env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")));
    let of_user = home.map(|home| home.join("muster/config.ini"));
    [Some(PathBuf::from("config.ini")), of_user, Some("/etc/muster/config.ini".into())]
}

/// Where the variable says, in the working directory, beside the program.
fn old_places(old: OldFile) -> [Option<PathBuf>; 3] {
    let beside = env::current_exe().ok().and_then(|program| Some(program.parent()?.join(old.name)));
    [env::var_os(old.variable).map(PathBuf::from), Some(PathBuf::from(old.name)), beside]
}

/// Whether the file at `path` has a section of this name. One that cannot be read has none.
fn has_section(path: &PathBuf, section: &str) -> bool {
    let header = format!("[{section}]");
    std::fs::read_to_string(path).is_ok_and(|text| text.lines().any(|line| line.starts_with(&header)))
}
