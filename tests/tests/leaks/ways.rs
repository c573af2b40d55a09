//! The ways in: each sets a secret for a command.

use crate::commands::Command;
use crate::session::Session;
use muster_tests::cli::{Cli, Ran};
use muster_tests::servers::wait_until;
use muster_tests::simulator::conjur::{self, Conjur};
use muster_tests::simulator::vault::{self, Vault};
use serde_json::json;
use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering};

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

pub const WAYS: [Way; 10] = [
    |cli, command, value| by(cli.env(&command.variable(), value), &[]),
    |cli, command, value| by(with_setting(cli, command, "env:CANARY").env("CANARY", value), &[]),
    |cli, command, value| by(with_setting(cli, command, "file:secret").file("secret", value), &["secret"]),
    |cli, command, value| by(with_setting(cli, command, value), &["config.ini"]),
    |cli, command, value| by(cli.file(".env", &format!("{}='{value}'\n", command.variable())), &[".env"]),
    |cli, command, value| {
        let reference = format!("strongbox://shelf/{}", command.key);
        by(stored(with_setting(cli, command, &reference), "shelf", command.key, value), &[])
    },
    of_keyring,
    of_keyutils,
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
    store(strongbox, "file", name, key, value).with_status(0);
    cli.env("STRONGBOX_FILE", "./strongbox.age")
}

fn store(strongbox: Cli, backend: &str, name: &str, key: &str, value: &str) -> Ran {
    let arguments = ["-q", "--connector", name, "--key", key, "--backend", backend];
    strongbox.args(arguments).stdin(value).run()
}

/// The desktop's Secret Service; without it, the environment once more.
fn of_keyring(cli: Cli, command: &Command, value: &str) -> Set {
    let Some(session) = Session::start() else { return by(cli.env(&command.variable(), value), &[]) };
    let strongbox = || session.given(Cli::new("strongbox"));
    // The bus answers before the service on it does.
    let is_stored = || store(strongbox(), "keyring", "shelf", command.key, value).status == 0;
    assert!(wait_until(is_stored, || false));
    let reference = format!("strongbox://keyring@shelf/{}", command.key);
    let cli = session.given(with_setting(cli, command, &reference));
    Set { cli, allowed: &[], _server: Some(Box::new(session)) }
}

/// A secret in the kernel's keyring, taken away when this is dropped.
struct InKernel(String, &'static str);

impl Drop for InKernel {
    fn drop(&mut self) {
        let arguments = ["-q", "delete", "--backend", "keyutils", "--connector", &self.0, "--key", self.1];
        Cli::new("strongbox").args(arguments).run();
    }
}

/// The kernel's keyring; where it cannot be used, the environment once more.
fn of_keyutils(cli: Cli, command: &Command, value: &str) -> Set {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = format!("leaks-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let ran = store(Cli::new("strongbox"), "keyutils", &name, command.key, value);
    if ran.status != 0 {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{}", ran.stderr);
        println!("skipped: {}", ran.stderr);
        return by(cli.env(&command.variable(), value), &[]);
    }
    let reference = format!("strongbox://keyutils@{name}/{}", command.key);
    let cli = with_setting(cli, command, &reference);
    Set { cli, allowed: &[], _server: Some(Box::new(InKernel(name, command.key))) }
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
