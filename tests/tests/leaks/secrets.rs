//! Secrets: in logs, messages, results, ledgers, temporary files, the list of processes.

use crate::{assert_hidden, echo, holds};
use muster_tests::cli::{Cli, Ran};
use std::path::Path;

const CANARY: &str = "canary-c0ffee-71";

/// A command with a secret: its arguments for a server at URL, the secret's section and key.
struct Command {
    name: &'static str,
    arguments: &'static [&'static str],
    section: &'static str,
    key: &'static str,
}

const COMMANDS: [Command; 3] = [
    Command {
        name: "extract-os2mo",
        arguments: &["--url", "URL", "--retries", "0"],
        section: "os2mo",
        key: "session",
    },
    Command {
        name: "extract-os2mo",
        arguments: &["--url", "URL", "--retries", "0", "--client-id", "muster"],
        section: "os2mo",
        key: "client_secret",
    },
    Command {
        name: "push-os2sync",
        arguments: &[
            "--api-url",
            "URL",
            "--municipality",
            "12345678",
            "--retries",
            "0",
            "--assume-complete",
            "--ledger",
            "ledger",
            "--rejects",
            "rejects",
        ],
        section: "os2sync",
        key: "api_key",
    },
];

/// The ways in: each sets the canary for a command, and names the files that hold it then.
type Way = fn(Cli, &Command) -> (Cli, &'static [&'static str]);

const WAYS: [Way; 4] = [
    |cli, command| (cli.env(&format!("{}_{}", command.section, command.key).to_uppercase(), CANARY), &[]),
    |cli, command| {
        let config = format!("[{}]\n{} = env:CANARY\n", command.section, command.key);
        (cli.file("config.ini", &config).env("CANARY", CANARY), &[])
    },
    |cli, command| {
        let config = format!("[{}]\n{} = file:secret\n", command.section, command.key);
        (cli.file("config.ini", &config).file("secret", CANARY), &["secret"])
    },
    |cli, command| {
        let config = format!("[{}]\n{} = {CANARY}\n", command.section, command.key);
        (cli.file("config.ini", &config), &["config.ini"])
    },
];

const UNIT: &str = "{\"_kind\":\"org_unit\",\"_key\":\"6f5c0000-0000-4000-8000-00000000000a\",\
                    \"Uuid\":\"6f5c0000-0000-4000-8000-00000000000a\",\"Name\":\"Fjordby\"}\n";

/// Run `command` against `url` with the canary set by `way` and more arguments, and look for it in what is left.
fn run(command: &Command, way: Way, url: &str, more: &[&str]) -> Ran {
    let arguments = command.arguments.iter().map(|argument| argument.replace("URL", url));
    let dir = tempfile::tempdir().unwrap();
    let cli = Cli::new(command.name).args(arguments).args(more).env("TMPDIR", "/dev/shm").stdin(UNIT);
    let (cli, allowed) = way(cli, command);
    let (ran, dir) = cli.run_in(dir);
    assert_hidden(&ran, dir.path(), allowed, CANARY);
    ran
}

#[test]
fn a_secret_is_not_said_whatever_the_server_does() {
    for status in [
        "200 OK",
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "500 Internal Server Error",
    ] {
        for command in &COMMANDS {
            for way in WAYS {
                let (url, seen) = echo(status);
                run(command, way, &url, &["-vv"]);
                let requests: Vec<_> = seen.try_iter().collect();
                let is_sent = requests.iter().any(|(request, _)| request.contains(CANARY));
                assert!(is_sent, "{} sends no {} ({status})", command.name, command.key);
                assert!(requests.iter().all(|(_, command_lines)| !holds(command_lines, CANARY)));
            }
        }
    }
}

#[test]
fn a_secret_is_not_said_when_nobody_answers() {
    for command in &COMMANDS {
        for way in WAYS {
            run(command, way, "http://127.0.0.1:1", &["-vv"]);
            run(command, way, "https://127.0.0.1:1", &["-vv"]);
            run(command, way, "http://127.0.0.1:1", &["-vv", "--cacert-file", "/dev/null"]);
        }
    }
}

#[test]
fn a_secret_is_masked_where_settings_and_requests_are_shown() {
    for command in &COMMANDS {
        for way in WAYS {
            let shown = run(command, way, "http://127.0.0.1:1", &["--show-settings"]).with_status(0).stdout;
            assert!(shown.contains(&format!("{} = ***", command.key)), "{shown}");
            if command.name.starts_with("push-") {
                let shown = run(command, way, "http://127.0.0.1:1", &["--dry-run"]).with_status(0).stdout;
                assert!(shown.contains("\"ApiKey\":\"***\""), "{shown}");
            }
        }
    }
}

#[test]
fn a_crash_leaves_no_memory_behind() {
    let limits =
        Cli::shell("extract-os2mo --url http://127.0.0.1:1 --generate bash > /dev/null; ulimit -c").run();
    assert_eq!(limits.status, 0, "{}", limits.stderr);
    let (url, seen) = echo("200 OK");
    let mut reader = Cli::new("extract-os2mo").args(["--url", &url, "--retries", "0"]);
    let mut child = reader.spawn();
    seen.recv().unwrap();
    let own = Path::new("/proc").join(child.id().to_string()).join("limits");
    if let Ok(limits) = std::fs::read_to_string(own) {
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    }
    child.wait().unwrap();
}
