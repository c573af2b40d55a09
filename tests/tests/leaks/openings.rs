//! What opens a remote backend: given in every way, and not said whatever that backend answers.

use crate::ways::CANARY;
use crate::{assert_hidden, echo, holds};
use muster_tests::cli::Cli;

/// The settings of a backend, the key of what opens it, its variable, and what must be there besides.
type Opening = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const OPENINGS: [Opening; 4] = [
    ("vault_backend = vault\n", "vault_token", "VAULT_TOKEN", &[]),
    ("vault_backend = vault\n", "vault_secret_id", "VAULT_SECRET_ID", &[("VAULT_ROLE_ID", "of-muster")]),
    (
        "vault_backend = vault\n",
        "vault_wrapped_secret_id",
        "VAULT_WRAPPED_SECRET_ID",
        &[("VAULT_ROLE_ID", "of-muster")],
    ),
    ("vault_backend = cyberark\n", "vault_token", "CONJUR_AUTHN_API_KEY", &[]),
];

const STATUSES: [&str; 7] = [
    "200 OK",
    "400 Bad Request",
    "401 Unauthorized",
    "403 Forbidden",
    "404 Not Found",
    "500 Internal Server Error",
    "503 Service Unavailable",
];

fn strongbox(words: &str, url: &str, settings: &str) -> Cli {
    let settings = format!("[ldap]\nvault_url = {url}\nvault_keys = password\n{settings}");
    let cli = Cli::new("strongbox").args(words.split(' ')).file("config.ini", &settings);
    cli.env("STRONGBOX_FILE", "./strongbox.age").env("VAULT_MAX_RETRIES", "0").env("CONJUR_MAX_RETRIES", "0")
}

/// With the canary in the encrypted file of its folder.
fn kept(cli: Cli, key: &str) -> Cli {
    let store = Cli::new("strongbox").in_dir(cli.dir.path()).env("STRONGBOX_FILE", "./strongbox.age");
    let store = store.args(["-q", "--connector", "ldap", "--key", key, "--backend", "file"]);
    store.stdin(CANARY).run().with_status(0);
    cli
}

#[test]
fn what_opens_a_vault_is_not_said_whatever_it_answers() {
    for (number, status) in STATUSES.into_iter().enumerate() {
        for (place, (settings, key, variable, beside)) in OPENINGS.into_iter().enumerate() {
            let words = [
                "-vv get --connector ldap --key password",
                "-vv check --format json",
                "-vv --connector ldap --key password",
                "-vv run --connector ldap -- env",
            ][(number + place) % 4];
            let (url, seen) = echo(status);
            let cli = strongbox(words, &url, settings).stdin("another");
            let cli = beside.iter().fold(cli, |cli, (name, value)| cli.env(name, value));
            let cli = if number % 2 == 0 { cli.env(variable, CANARY) } else { kept(cli, key) };
            let (ran, dir) = cli.run_in(tempfile::tempdir().unwrap());
            assert!(ran.status != 0, "{status}: {}", ran.stdout);
            assert_hidden(&ran, dir.path(), &[], CANARY);
            let requests: Vec<_> = seen.try_iter().collect();
            assert!(requests.iter().any(|(request, _)| request.contains(CANARY)), "{variable} is not used");
            assert!(requests.iter().all(|(_, command_lines)| !holds(command_lines, CANARY)));
        }
    }
}

#[test]
fn settings_and_dry_runs_do_not_show_what_opens_a_vault() {
    for words in ["--show-settings", "-vv import --dry-run", "-vv list", "-vv lock"] {
        let cli = kept(strongbox(words, "http://127.0.0.1:1", ""), "vault_token").env("VAULT_TOKEN", CANARY);
        let (ran, dir) = cli.run_in(tempfile::tempdir().unwrap());
        assert_hidden(&ran, dir.path(), &[], CANARY);
    }
}
