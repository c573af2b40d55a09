//! `--show-settings`: each setting, its value and where it came from.

use crate::layers::is_setting;
use crate::{Layers, Origin, declaration::is_set};
use clap::{ArgMatches, Command};
use muster_base::text;
use std::fmt;

/// A setting as it is shown.
pub struct Shown {
    /// Its key.
    pub key: String,
    /// Its value as written.
    pub value: String,
    /// Where that came from.
    pub origin: Origin,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = match &self.origin {
            Origin::Flag => "flag",
            Origin::Variable(name) => name,
            Origin::File(place) => place,
            Origin::Strongbox => "strongbox",
            Origin::Default => "default",
        };
        let setting = format!("{} = {}", self.key, text::one_line(&text::mask_userinfo(&self.value)));
        writeln!(f, "{setting:<60}  # {origin}")
    }
}

impl Layers {
    /// The settings, secrets masked.
    pub fn shown(&self, command: &Command, matches: &ArgMatches) -> Vec<Shown> {
        let arguments = command.get_arguments().filter(|arg| is_setting(arg)).map(|arg| {
            let id = arg.get_id().as_str();
            let values: Vec<String> = matches
                .get_raw(id)
                .map(|values| values.map(|value| value.to_string_lossy().into_owned()).collect())
                .unwrap_or_default();
            let origin = self.origin(id, matches);
            Shown {
                key: crate::layers::key_of(arg),
                value: if self.is_hidden(id, matches) { "***".to_owned() } else { values.join(", ") },
                origin,
            }
        });
        let secrets = self.declaration.secrets.iter().map(|secret| {
            let variable = self.variable(secret.key);
            let listed = self.strongbox().options().keys().any(|key| key == secret.key);
            let in_file = self.entry(secret.key).map(|entry| Origin::File(self.file.place(entry)));
            let origin = match is_set(&variable) {
                true => Some(Origin::Variable(variable)),
                false if listed => Some(Origin::Strongbox),
                false => in_file,
            };
            let value = if origin.is_some() { "***" } else { "" }.to_owned();
            Shown { key: secret.key.to_owned(), value, origin: origin.unwrap_or(Origin::Default) }
        });
        arguments.chain(secrets).collect()
    }
}
