//! `--example-config`: the section of a command with every setting, explained, as a file to begin with.

use crate::layers::{is_setting, key_of};
use crate::{Declaration, SecretSetting};
use clap::{Arg, Command};
use std::fmt::Write;

/// Comments are folded so that no line is longer.
const WIDTH: usize = 100;

impl Declaration {
    /// The section of `command`: what is required is open to be filled in, what has a default is commented out.
    pub fn example(&self, command: &Command) -> String {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let mut text = folded(&format!("{}: {about}", command.get_name()));
        let _ = writeln!(text, "[{}]", self.section);
        for arg in command.get_arguments().filter(|arg| is_setting(arg) && !arg.is_hide_set()) {
            text += &self.setting(arg);
        }
        for secret in self.secrets {
            text += &self.secret(secret);
        }
        for (key, about) in self.beside {
            let _ = write!(text, "\n{}#{key} =\n", folded(about));
        }
        text
    }

    fn setting(&self, arg: &Arg) -> String {
        let key = key_of(arg);
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let values: Vec<String> =
            arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        let among = if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
        let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        let is_open = if arg.is_required_set() { "" } else { "#" };
        let line = format!("{is_open}{key} = {}", defaults.join(", "));
        format!("\n{}# ${}\n{}\n", folded(&format!("{help}{among}")), self.variable(&key), line.trim_end())
    }

    fn secret(&self, secret: &SecretSetting) -> String {
        let SecretSetting { key, about, .. } = secret;
        let comment = folded(&format!("{about} (secret)"));
        format!("\n{comment}# ${}\n#{key} = strongbox://{}/{key}\n", self.variable(key), self.section)
    }
}

/// `text` as comment lines.
fn folded(text: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("# {word}")),
        }
    }
    lines.join("\n") + "\n"
}
