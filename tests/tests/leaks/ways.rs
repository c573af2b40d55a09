//! The ways in: each sets a secret for a command.

use crate::commands::Command;
use muster_tests::cli::Cli;
use muster_tests::simulator::conjur::{self, Conjur};
use muster_tests::simulator::vault::{self, Vault};
use serde_json::json;
use std::any::Any;

pub const CANARY: &str = "canary-c0ffee-71";

/// What a way has made of a command.
pub struct Set {
    pub cli: Cli,
    /// The files that hold the secret now.
    pub allowed: &'static [&'static str],
    /// The server that the secret comes from; it runs as long as this lives.
    _server: Option<Box<dyn Any>>,
}

/// Sets a secret of a command to a value.
pub type Way = fn(Cli, &Command, &str) -> Set;

pub const WAYS: [Way; 8] = [
    |cli, command, value| by(cli.env(&command.variable(), value), &[]),
    |cli, command, value| by(with_setting(cli, command, "env:CANARY").env("CANARY", value), &[]),
    |cli, command, value| by(with_setting(cli, command, "file:secret").file("secret", value), &["secret"]),
    |cli, command, value| by(with_setting(cli, command, value), &["config.ini"]),
    |cli, command, value| by(cli.file(".env", &format!("{}='{value}'\n", command.variable())), &[".env"]),
    |cli, command, value| {
        let reference = format!("strongbox://shelf/{}", command.key);
        by(stored(with_setting(cli, command, &reference), "shelf", command.key, value), &[])
    },
    of_vault,
    of_conjur,
];

/// In the strongbox, where it is found without any setting; `--show-settings` does not look there.
pub const KEPT: Way = |cli, command, value| by(stored(cli, command.section, command.key, value), &[]);

fn by(cli: Cli, allowed: &'static [&'static str]) -> Set {
    Set { cli, allowed, _server: None }
}

fn with_setting(cli: Cli, command: &Command, value: &str) -> Cli {
    cli.file("config.ini", &format!("[{}]\n{} = {value}\n", command.section, command.key))
}

/// With the secret in the encrypted file of its folder.
fn stored(cli: Cli, name: &str, key: &str, value: &str) -> Cli {
    let strongbox = Cli::new("strongbox").in_dir(cli.dir.path()).env("STRONGBOX_FILE", "./strongbox.age");
    let arguments = ["-q", "--connector", name, "--key", key, "--backend", "file"];
    strongbox.args(arguments).stdin(value).run().with_status(0);
    cli.env("STRONGBOX_FILE", "./strongbox.age")
}

fn of_vault(cli: Cli, command: &Command, value: &str) -> Set {
    let vault = Vault::start(vault::Options::default());
    vault.put(&format!("secret/{}", command.section), json!({ command.key: value }));
    let cli = with_backend(cli, command, "vault", &vault.url()).env("VAULT_TOKEN", "root-token");
    Set { cli, allowed: &[], _server: Some(Box::new(vault)) }
}

fn of_conjur(cli: Cli, command: &Command, value: &str) -> Set {
    let account = command.section.to_owned();
    let conjur = Conjur::start(conjur::Options { account, ..conjur::Options::default() });
    conjur.put(command.key, value);
    let cli =
        with_backend(cli, command, "cyberark", &conjur.url()).env("CONJUR_AUTHN_API_KEY", "conjur-api-key");
    Set { cli, allowed: &[], _server: Some(Box::new(conjur)) }
}

fn with_backend(cli: Cli, command: &Command, backend: &str, url: &str) -> Cli {
    let (section, key) = (command.section, command.key);
    let settings = format!("[{section}]\nvault_backend = {backend}\nvault_keys = {key}\nvault_url = {url}\n");
    cli.file("config.ini", &settings)
}
