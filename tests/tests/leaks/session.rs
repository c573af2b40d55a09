//! A desktop session without a screen: a bus, and the Secret Service on it.

use muster_tests::cli::Cli;
use muster_tests::servers::find;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

/// It ends when this is dropped.
pub struct Session {
    bus: Child,
    keyring: Option<Child>,
    address: String,
    _home: tempfile::TempDir,
}

impl Session {
    /// Nothing where the programs are not here; where they must be (`CI=true`), that fails.
    pub fn start() -> Option<Self> {
        let programs = [find("dbus-daemon"), find("gnome-keyring-daemon")];
        let [Some(bus), Some(keyring)] = programs else {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "there is no Secret Service here");
            println!("skipped: there is no Secret Service here");
            return None;
        };
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(bus);
        command.args(["--session", "--nofork", "--nopidfile", "--print-address"]);
        let mut bus = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        let mut command = Command::new(keyring);
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        command.env("DBUS_SESSION_BUS_ADDRESS", &address).env("HOME", home.path());
        command.env("XDG_RUNTIME_DIR", home.path()).env_remove("DISPLAY");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut keyring = command.spawn().unwrap();
        keyring.stdin.take().unwrap().write_all(b"pw\n").unwrap();
        Some(Self { bus, keyring: Some(keyring), address, _home: home })
    }

    /// `cli` in this session.
    pub fn given(&self, cli: Cli) -> Cli {
        cli.env("DBUS_SESSION_BUS_ADDRESS", &self.address)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in self.keyring.iter_mut().chain([&mut self.bus]) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
