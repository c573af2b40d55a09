//! `strongbox run`: its child gets what was asked for, and nobody else gets anything.

use crate::{command_lines, holds};
use muster_tests::cli::Cli;

/// A folder with three secrets.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (connector, key) in [("ldap", "password"), ("ldap", "other"), ("netbox", "auth_token")] {
        let arguments = ["-q", "--connector", connector, "--key", key, "--backend", "file"];
        let cli = strongbox(&folder).args(arguments).stdin(canary(connector, key));
        cli.run().with_status(0);
    }
    folder
}

fn canary(connector: &str, key: &str) -> String {
    format!("canary-of-{connector}-{key}-5d")
}

fn strongbox(folder: &tempfile::TempDir) -> Cli {
    Cli::new("strongbox").in_dir(folder.path()).env("STRONGBOX_FILE", "./strongbox.age")
}

/// The variables with a canary in what `env` printed.
fn given(printed: &str) -> Vec<String> {
    let mut lines: Vec<String> =
        printed.lines().filter(|line| line.contains("canary")).map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn a_child_gets_what_was_asked_for() {
    let folder = folder();
    let password = format!("LDAP_PASSWORD={}", canary("ldap", "password"));
    let other = format!("LDAP_OTHER={}", canary("ldap", "other"));
    for (arguments, variables) in [
        (&["run", "-q", "--connector", "ldap", "--key", "password", "--", "env"][..], vec![password.clone()]),
        (&["run", "-q", "--connector", "ldap", "--", "env"][..], vec![other, password]),
        (&["run", "-q", "--", "env"][..], vec![]),
    ] {
        let ran = strongbox(&folder).args(arguments).run().with_status(0);
        assert_eq!(given(&ran.stdout), variables);
        assert!(!ran.stderr.contains("canary"), "{}", ran.stderr);
    }
    let cli =
        strongbox(&folder).args(["run", "-q", "--", "env"]).env("TOKEN", "strongbox://netbox/auth_token");
    let token = format!("TOKEN={}", canary("netbox", "auth_token"));
    assert_eq!(given(&cli.run().with_status(0).stdout), [token]);
}

#[test]
fn no_arguments_show_a_secret_while_a_child_runs() {
    let folder = folder();
    let arguments = ["run", "-q", "--connector", "ldap", "--", "sh", "-c", "echo ready; read line"];
    let mut cli = strongbox(&folder).args(arguments);
    let mut child = cli.spawn();
    let mut ready = [0; 5];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
    assert!(!holds(&command_lines(), &canary("ldap", "password")));
    drop(child.stdin.take());
    child.wait().unwrap();
}
