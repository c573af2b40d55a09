//! `--show-settings`: each setting, its value and where it came from.

use crate::layers::is_setting;
use crate::{Layers, Origin};
use clap::{ArgMatches, Command};

impl Layers {
    /// The settings in lines of `key = value  # origin`, secrets masked.
    pub fn shown(&self, command: &Command, matches: &ArgMatches) -> String {
        let arguments = command.get_arguments().filter(|arg| is_setting(arg)).map(|arg| {
            let id = arg.get_id().as_str();
            let values: Vec<String> = matches
                .get_raw(id)
                .map(|values| values.map(|value| value.to_string_lossy().into_owned()).collect())
                .unwrap_or_default();
            line(&crate::layers::key_of(arg), &values.join(", "), &self.origin(id, matches))
        });
        let secrets = self.declaration.secrets.iter().map(|secret| {
            let variable = self.declaration.variable(secret.key);
            let in_environment = std::env::var_os(&variable).is_some_and(|value| !value.is_empty());
            let in_file = self.entry(secret.key).map(|entry| Origin::File(self.file.place(entry)));
            let origin = if in_environment { Some(Origin::Variable(variable)) } else { in_file };
            match origin {
                Some(origin) => line(secret.key, "***", &origin),
                None => line(secret.key, "", &Origin::Default),
            }
        });
        arguments.chain(secrets).collect()
    }
}

fn line(key: &str, value: &str, origin: &Origin) -> String {
    let origin = match origin {
        Origin::Flag => "flag".to_owned(),
        Origin::Variable(name) => name.clone(),
        Origin::File(place) => place.clone(),
        Origin::Default => "default".to_owned(),
    };
    let setting = format!("{key} = {value}");
    format!("{setting:<60}  # {origin}\n")
}
