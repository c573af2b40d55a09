//! The configuration file: which one it is, and what stands in it.

use crate::{OldFile, ini, json, variable_name, variables};
use muster_base::{Error, Exit};
use std::env;
use std::path::{Path, PathBuf};

/// The section whose settings stand behind those of every other.
pub(crate) const DEFAULT: &str = "DEFAULT";

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
    /// Lines that belong to no setting, with the section they stand in.
    pub(crate) stray: Vec<(String, usize)>,
    /// Those of the `.env` file: they stand before this one, by their own names and by those of old programs.
    variables: Vec<Entry>,
    path_of_variables: Option<PathBuf>,
}

impl File {
    /// The file at `named`, else at `$MUSTER_CONFIG`, which must exist; else the first that exists of `$`[`OldFile::variable`],
    /// `./config.ini`, the old file in `.`, `$XDG_CONFIG_HOME/muster/config.ini`, `/etc/muster/config.ini`, the old file
    /// beside the program.
    pub fn load(named: Option<&Path>, old: Option<OldFile>) -> Result<Self, Error> {
        if let Some(path) = named.map(Path::to_owned).or_else(|| path_in("MUSTER_CONFIG")) {
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
        let text = read_text(path, "settings")?;
        let ini = match text.trim_start().starts_with('{') {
            true => ini::Ini { entries: json::read(&text, &shown)?, ..ini::Ini::default() },
            false => ini::read(&text, &shown)?,
        };
        let ini::Ini { entries, sections, stray } = ini;
        Ok(Self { path: Some(path.to_owned()), entries, sections, stray, ..Self::default() })
    }

    /// The same behind the variables of the file `named`, else of `./.env` if there is one.
    pub fn with_variables(mut self, named: Option<&Path>) -> Result<Self, Error> {
        let usual = || Some(PathBuf::from(".env")).filter(|path| path.is_file());
        if let Some(path) = named.map(Path::to_owned).or_else(usual) {
            let shown = path.display().to_string();
            self.variables = variables::read(&read_text(&path, "variables")?, &shown)?;
            self.path_of_variables = Some(path);
        }
        Ok(self)
    }

    /// The entry for `key` in `section`: a variable of the `.env` file, else the last in `section`, else under one of `names`
    /// (`section.key`, or a bare key that stands in `section` or outside all sections; outside also the name of its
    /// environment variable), else in `[DEFAULT]`. An empty value counts as absent.
    pub fn find(&self, section: &str, key: &str, names: &[&str]) -> Option<&Entry> {
        let last = |is_meant: &dyn Fn(&Entry) -> bool| {
            self.entries.iter().rfind(|entry| !entry.value.is_empty() && is_meant(entry))
        };
        self.variable(section, key, names)
            .or_else(|| last(&|entry| entry.section == section && entry.key == key))
            .or_else(|| last(&|entry| has_other_name(entry, section, key, names)))
            .or_else(|| last(&|entry| entry.section == DEFAULT && entry.key == key))
    }

    /// The variable of the `.env` file for `key` in `section`: by its own name, else by one of `names`.
    fn variable(&self, section: &str, key: &str, names: &[&str]) -> Option<&Entry> {
        let own = variable_name(section, key);
        let last = |is_meant: &dyn Fn(&Entry) -> bool| {
            self.variables.iter().rfind(|entry| !entry.value.is_empty() && is_meant(entry))
        };
        last(&|entry| entry.key.eq_ignore_ascii_case(&own))
            .or_else(|| last(&|entry| names.iter().any(|name| is_variable(name, entry))))
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

/// Whether `entry` is the setting as the environment writes it, in a file without sections, or by one of its other names.
fn has_other_name(entry: &Entry, section: &str, key: &str, names: &[&str]) -> bool {
    let as_variable =
        || entry.section.is_empty() && entry.key.eq_ignore_ascii_case(&variable_name(section, key));
    as_variable()
        || names.iter().any(|name| match name.split_once('.') {
            Some((named_section, named_key)) if entry.section == named_section => {
                entry.key == named_key.to_lowercase()
            }
            _ => (entry.section == section || entry.section.is_empty()) && entry.key == name.to_lowercase(),
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
    let home = path_in("XDG_CONFIG_HOME").or_else(|| path_in("HOME").map(|home| home.join(".config")));
    let of_user = home.map(|home| home.join("muster/config.ini"));
    [Some(PathBuf::from("config.ini")), of_user, Some("/etc/muster/config.ini".into())]
}

/// Where the variable says, in the working directory, beside the program.
fn old_places(old: OldFile) -> [Option<PathBuf>; 3] {
    let beside = env::current_exe().ok().and_then(|program| Some(program.parent()?.join(old.name)));
    [path_in(old.variable), Some(PathBuf::from(old.name)), beside]
}

/// Whether the file at `path` has a section of this name. One that cannot be read has none.
fn has_section(path: &PathBuf, section: &str) -> bool {
    let header = format!("[{section}]");
    std::fs::read_to_string(path).is_ok_and(|text| text.lines().any(|line| line.starts_with(&header)))
}

/// The path in the environment variable `name`; an empty one counts as not set.
fn path_in(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// The text of the file at `path`, in UTF-8, without a byte order mark.
fn read_text(path: &Path, what: &str) -> Result<String, Error> {
    let bytes = std::fs::read(path).map_err(|error| {
        Error::new(Exit::Config, format!("cannot read the {what}: {error}")).at(path.display())
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        Error::new(Exit::Config, format!("the {what} are not in UTF-8"))
            .at(format!("{}:{line}", path.display()))
            .hint("save the file as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
