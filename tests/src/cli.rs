//! Runs the built commands as a user does: as processes, in an empty environment, in a folder of their own.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

/// The folder of the built commands. They are built once in a test run; `MUSTER_BIN_DIR` names others instead.
pub fn bin_dir() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| match std::env::var_os("MUSTER_BIN_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => built(),
    })
}

/// The root of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn built() -> PathBuf {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--workspace", "--bins", "--locked", "--quiet"]).current_dir(root());
    // Build scripts watch these: with them in place everything above ring would compile again at each run.
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR")
    {
        cargo.env_remove(name);
    }
    assert!(cargo.status().unwrap().success(), "the commands do not build");
    // This test stands in target/debug/deps.
    std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned()
}

/// A command line to run.
pub struct Cli {
    command: Command,
    stdin: Vec<u8>,
    /// Its working folder; configuration of the person who tests is not seen from here.
    pub dir: tempfile::TempDir,
}

/// What came of it.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Cli {
    /// The command `name`.
    pub fn new(name: &str) -> Self {
        Self::of(Command::new(bin_dir().join(name)))
    }

    /// A line for the shell, with our commands on the path.
    pub fn shell(line: &str) -> Self {
        let mut command = Command::new("bash");
        command.args(["-c", line]);
        Self::of(command)
    }

    fn of(mut command: Command) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = format!("{}:{}", bin_dir().display(), std::env::var("PATH").unwrap_or_default());
        command
            .env_clear()
            .env("PATH", path)
            .env("HOME", dir.path())
            .env("XDG_CONFIG_HOME", dir.path().join(".config"))
            .env("NO_COLOR", "1")
            .current_dir(dir.path());
        Self { command, stdin: Vec::new(), dir }
    }

    /// With further arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    /// With an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// In a working folder that is kept elsewhere.
    pub fn in_dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// With this standard input; empty when none is given.
    pub fn stdin(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.stdin = input.into();
        self
    }

    /// With a file in the working folder.
    pub fn file(self, name: &str, content: &str) -> Self {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        // As an administrator would keep what may hold secrets.
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        self
    }

    /// Run it to its end in `dir`, to which its files move, and keep what it leaves there.
    pub fn run_in(mut self, dir: tempfile::TempDir) -> (Ran, tempfile::TempDir) {
        for entry in std::fs::read_dir(self.dir.path()).unwrap().map(Result::unwrap) {
            std::fs::rename(entry.path(), dir.path().join(entry.file_name())).unwrap();
        }
        self.command.current_dir(dir.path());
        (self.run(), dir)
    }

    /// Run it to its end.
    pub fn run(mut self) -> Ran {
        let mut child = self.spawn();
        let mut stdin = child.stdin.take().unwrap();
        let input = std::mem::take(&mut self.stdin);
        // A command that reads nothing closes the pipe; that is its right.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        output.into()
    }

    /// Start it, with all three streams piped. Its folder lives as long as `self`.
    pub fn spawn(&mut self) -> Child {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// That a failed read says so in its last line, in one line of words and in its status.
pub fn assert_partial(ran: &Ran, why: &str) {
    let end = ran.ends().pop().unwrap();
    assert_eq!(end["complete"], false, "{end}");
    assert!(end["error"].as_str().unwrap().contains(why), "{end}");
    assert_eq!(ran.stderr.lines().filter(|line| !line.contains("warning")).count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains(why), "{}", ran.stderr);
}

impl Ran {
    /// The lines of standard output as JSON.
    pub fn lines(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The lines of standard output that are no `_end`.
    pub fn records(&self) -> Vec<serde_json::Value> {
        self.lines().into_iter().filter(|line| line["_kind"] != "_end").collect()
    }

    /// The `_end` lines.
    pub fn ends(&self) -> Vec<serde_json::Value> {
        self.lines().into_iter().filter(|line| line["_kind"] == "_end").collect()
    }

    /// The same, when it ended with `status`; else the test fails with all that was said.
    pub fn with_status(self, status: i32) -> Self {
        assert_eq!(self.status, status, "\nstdout: {}\nstderr: {}", shortened(&self.stdout), self.stderr);
        self
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(3000).collect()
}
