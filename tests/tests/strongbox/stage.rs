//! A folder with a strongbox and a settings file.

use muster_tests::cli::Cli;
use std::path::{Path, PathBuf};

pub struct Stage {
    pub folder: tempfile::TempDir,
}

impl Stage {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With a settings file.
    pub fn with_settings(text: &str) -> Self {
        let stage = Self::new();
        stage.write("config.ini", text);
        stage
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(self.path(name), text).unwrap();
        std::fs::set_permissions(self.path(name), PermissionsExt::from_mode(0o600)).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// A command in this folder.
    pub fn command(&self, name: &str) -> Cli {
        self.at(Cli::new(name))
    }

    pub fn at(&self, cli: Cli) -> Cli {
        cli.in_dir(self.folder.path())
            .env("STRONGBOX_FILE", self.path("strongbox.age").to_str().unwrap())
            .env("VAULT_MAX_RETRIES", "0")
            .env("CONJUR_MAX_RETRIES", "0")
    }

    /// `strongbox` with these words.
    pub fn strongbox(&self, words: &str) -> Cli {
        self.command("strongbox").args(words.split_whitespace())
    }

    /// Store a secret.
    pub fn store(&self, connector: &str, key: &str, value: &str) {
        let cli = self.command("strongbox").args([
            "-q",
            "--connector",
            connector,
            "--key",
            key,
            "--backend",
            "file",
        ]);
        let ran = cli.stdin(value).run().with_status(0);
        assert!(ran.stdout.is_empty());
    }

    /// What `strongbox get` prints.
    pub fn get(&self, connector: &str, key: &str) -> String {
        let ran = self.command("strongbox").args(["get", "--connector", connector, "--key", key]).run();
        ran.with_status(0).stdout
    }
}

/// The names of all files in a folder.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}
