//! What a command says about its settings beside its arguments.

use crate::{Layers, Shown};
use muster_base::Error;

/// Implemented by the arguments of every command.
pub trait Declared: clap::Parser {
    /// The settings beside the arguments.
    const DECLARATION: Declaration;

    /// Settings that only the arguments tell of, such as those of a spec, for `--show-settings`.
    fn further_settings(&self, _layers: &Layers) -> Result<Vec<Shown>, Error> {
        Ok(Vec::new())
    }
}

/// The settings of one command.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    /// The section of the configuration file; upper case with `_`, it begins the environment variables.
    pub section: &'static str,
    /// Settings that are secret: never arguments.
    pub secrets: &'static [SecretSetting],
    /// Further names of arguments (by key) in the files of the old programs: `section.key`, or a bare key, which is also
    /// their environment variable in upper case.
    pub names: &'static [(&'static str, &'static [&'static str])],
    /// Keys of the section that are no arguments, and what each is.
    pub beside: &'static [(&'static str, &'static str)],
    /// Keys of the section that other commands read, and which command that is.
    pub elsewhere: &'static [(&'static str, &'static str)],
    /// Settings of the old programs without counterpart, and what replaces them.
    pub retired: &'static [(&'static str, &'static str)],
    /// The settings file of an old program that is looked for, too.
    pub old_file: Option<OldFile>,
    /// Whether `--section` names a section that other commands share, whose keys are theirs to know.
    pub section_is_shared: bool,
    /// Sections of the manual page, in roff, behind the generated ones.
    pub manual: &'static str,
}

impl Declaration {
    /// A section of which nothing but arguments is read.
    pub const fn of(section: &'static str) -> Self {
        Self {
            section,
            secrets: &[],
            names: &[],
            beside: &[],
            elsewhere: &[],
            retired: &[],
            old_file: None,
            section_is_shared: false,
            manual: "",
        }
    }

    /// The environment variable of a key: its own, or while that is not set, one that an old program had for it.
    pub fn variable(&self, key: &str) -> String {
        variable(self.section, key, self.names_of(key))
    }

    /// The further names of an argument or secret.
    pub fn names_of(&self, key: &str) -> &'static [&'static str] {
        let argument = self.names.iter().find(|(name, _)| *name == key).map(|(_, names)| *names);
        let secret = || self.secrets.iter().find(|secret| secret.key == key).map(|secret| secret.names);
        argument.or_else(secret).unwrap_or_default()
    }
}

/// The environment variable of `key` in `section`: its own, unless that is not set and one of `names`, in upper case, is.
/// A name with a dot stands in files alone.
pub fn variable<'a>(section: &str, key: &str, names: impl IntoIterator<Item = &'a &'a str>) -> String {
    let own = variable_name(section, key);
    if is_set(&own) {
        return own;
    }
    let old = names.into_iter().filter(|name| !name.contains('.')).map(|name| name.to_uppercase());
    old.into_iter().find(|name| is_set(name)).unwrap_or(own)
}

/// The name of the environment variable of `key` in `section`: `LDAP_CONTRACTORS_URL`.
pub fn variable_name(section: &str, key: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("{section}_{key}").chars().map(letter).collect()
}

/// Whether the environment variable `name` is set. An empty one counts as not set.
pub(crate) fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// The settings file of an old program: it serves where it lies, with the names that the settings have there.
///
/// It counts only when it has its section, so that a file of this name which belongs to somebody else does no harm.
#[derive(Clone, Copy, Debug)]
pub struct OldFile {
    /// The environment variable that names it.
    pub variable: &'static str,
    /// Its name in the working directory, and beside the program.
    pub name: &'static str,
    /// Its section.
    pub section: &'static str,
    /// Whether this command warns of keys in it that nobody knows; one of those that read it does.
    pub is_checked: bool,
}

impl OldFile {
    /// The `settings.ini` of the exporter that preceded ours.
    pub const OF_EXPORTER: Self =
        Self { variable: "MOX_MO_CONFIG", name: "settings.ini", section: "settings", is_checked: false };

    /// The same, for the command that warns of keys which nobody knows.
    pub const fn checked(self) -> Self {
        Self { is_checked: true, ..self }
    }
}

/// A secret that a command needs.
#[derive(Clone, Copy, Debug)]
pub struct SecretSetting {
    /// Its key in the section, and the end of its environment variable.
    pub key: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its names in the files of the old programs, and their variables, as those of arguments.
    pub names: &'static [&'static str],
}
