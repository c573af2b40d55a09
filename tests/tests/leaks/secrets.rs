//! Secrets: in logs, messages, results, ledgers, temporary files, the list of processes.

use crate::commands::{COMMANDS, Command};
use crate::ways::{CANARY, KEPT, WAYS, Way};
use crate::{assert_hidden, echo, holds};
use muster_tests::cli::{Cli, Ran};
use std::path::Path;
use std::sync::mpsc::Receiver;

/// Run `command` against `url` with the canary set by `way` and more arguments, and look for it in what is left.
fn run(command: &Command, way: Way, url: &str, more: &[&str]) -> Ran {
    let value = command.form.replace("URL", url).replace("CANARY", CANARY);
    let set = way(command.at(url).args(more), command, &value);
    let (ran, dir) = set.cli.run_in(tempfile::tempdir().unwrap());
    assert_hidden(&ran, dir.path(), set.allowed, CANARY);
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
        // Every way with each answer would say the same again: the ways take turns.
        for (number, command) in COMMANDS.iter().filter(|command| command.speaks_http).enumerate() {
            let (url, seen) = echo(status);
            run(command, WAYS[(number + status.len()) % WAYS.len()], &url, &["-vv"]);
            assert_sent(command, &seen);
        }
    }
}

/// That the canary was sent, and that no process showed it then.
fn assert_sent(command: &Command, seen: &Receiver<(String, Vec<u8>)>) {
    let requests: Vec<_> = seen.try_iter().collect();
    let is_sent = requests.iter().any(|(request, _)| request.contains(CANARY));
    assert!(is_sent, "{} sends no {}", command.name, command.key);
    assert!(requests.iter().all(|(_, command_lines)| !holds(command_lines, CANARY)));
}

#[test]
fn no_way_in_lets_a_secret_out() {
    for command in COMMANDS.iter().filter(|command| command.speaks_http) {
        for way in WAYS.into_iter().chain([KEPT]) {
            let (url, seen) = echo("403 Forbidden");
            run(command, way, &url, &["-vv"]);
            assert_sent(command, &seen);
        }
    }
}

#[test]
fn a_secret_that_comes_back_encoded_is_not_said() {
    let secret = "canary \"c0ffee+71/ä";
    let (url, seen) = echo("400 Bad Request");
    let cli =
        Cli::new("extract-os2mo").args(["--url", &url, "--retries", "0", "--client-id", "muster", "-vv"]);
    let ran = cli.env("OS2MO_CLIENT_SECRET", secret).run();
    let (request, _) = seen.recv().unwrap();
    let encoded = "canary+%22c0ffee%2B71%2F%C3%A4";
    assert!(request.contains(encoded), "{request}");
    assert!(!ran.stderr.contains("c0ffee") && ran.stderr.contains("client_secret=***"), "{}", ran.stderr);
}

#[test]
fn a_secret_is_not_said_when_nobody_answers() {
    for (number, command) in COMMANDS.iter().enumerate() {
        let (scheme, way) = (command.scheme(), WAYS[number % WAYS.len()]);
        run(command, way, &format!("{scheme}://127.0.0.1:1"), &["-vv"]);
        run(command, way, &format!("{scheme}s://127.0.0.1:1"), &["-vv"]);
        run(command, way, &format!("{scheme}://127.0.0.1:1"), &["-vv", "--cacert-file", "/dev/null"]);
    }
}

#[test]
fn a_secret_is_masked_where_settings_and_requests_are_shown() {
    for command in &COMMANDS {
        for way in WAYS {
            let url = format!("{}://127.0.0.1:1", command.scheme());
            let shown = run(command, way, &url, &["--show-settings"]).with_status(0).stdout;
            assert!(shown.contains(&format!("{} = ***", command.key)), "{shown}");
        }
    }
}

#[test]
fn a_dry_run_masks_the_key_in_its_requests() {
    let command = COMMANDS.iter().find(|command| command.name == "push-os2sync").unwrap();
    for way in WAYS {
        let shown = run(command, way, "http://127.0.0.1:1", &["--dry-run"]).with_status(0).stdout;
        assert!(shown.contains("\"ApiKey\":\"***\""), "{shown}");
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
