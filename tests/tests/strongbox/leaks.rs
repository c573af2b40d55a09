//! A canary is set through every way in and must be nowhere in the clear: not in arguments, environments, messages, files.

use crate::stage::Stage;
use muster_tests::cli::Cli;
use std::io::Write;
use std::path::Path;

const CANARY: &str = "canary-6f1d";

fn holds_canary(content: &[u8]) -> bool {
    content.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
}

/// The processes that show the canary in their arguments or environment.
fn processes_with_canary() -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok).map(|entry| entry.path());
    let shows = |path: &Path| {
        ["cmdline", "environ"]
            .iter()
            .any(|name| std::fs::read(path.join(name)).is_ok_and(|text| holds_canary(&text)))
    };
    entries.filter(|path| shows(path)).map(|path| path.display().to_string()).collect()
}

#[test]
fn no_process_shows_a_secret_while_it_is_stored() {
    let stage = Stage::new();
    let mut cli = stage.strongbox("--connector ldap --key password");
    let mut child = cli.spawn();
    let mut stdin = child.stdin.take().unwrap();
    // Without the end of its input the command waits, with the secret in its memory.
    stdin.write_all(CANARY.as_bytes()).unwrap();
    assert_eq!(processes_with_canary(), [""; 0]);
    drop(stdin);
    assert!(child.wait().unwrap().success());
    assert_eq!(stage.get("ldap", "password"), CANARY);
}

#[test]
fn no_file_holds_a_secret_in_the_clear() {
    let stage = Stage::with_settings("[ldap]\npassword = canary-6f1d\n");
    stage.strongbox("import").run().with_status(0);
    std::fs::remove_file(stage.path("config.ini.before-import")).unwrap();
    stage.strongbox("rotate --connector ldap --key password").stdin("canary-6f1d-2").run().with_status(0);
    for name in crate::stage::names(stage.folder.path()) {
        assert!(!holds_canary(&std::fs::read(stage.path(&name)).unwrap()), "{name}");
    }
}

#[test]
fn no_message_of_any_action_shows_a_secret() {
    let stage =
        Stage::with_settings("[ldap]\npassword = strongbox://ldap/password\napi_token = canary-6f1d\n");
    stage.store("ldap", "password", CANARY);
    for words in [
        "-vv check",
        "-vv list",
        "-vv import --dry-run",
        "-vv --connector ldap --key other",
        "-vv rotate --connector ldap --key password",
        "-vv get --connector ldap --key nothing",
        "-vv delete --connector ldap --key password",
        "-vv --show-settings",
        "-vv --log-format json --connector ldap --key x --backend keyring",
        "--connector ldap --key password --value=canary-6f1d",
    ] {
        let ran = stage.strongbox(words).stdin(CANARY).run();
        assert!(
            !ran.stderr.contains(CANARY) && !ran.stdout.contains(CANARY),
            "{words}: {}{}",
            ran.stdout,
            ran.stderr
        );
    }
}

#[test]
fn a_reference_that_is_wrong_is_not_quoted() {
    let stage = Stage::with_settings(
        "[os2mo]\nurl = http://127.0.0.1:1\nclient_id = r\nclient_secret = strongbox://canary-6f1d\n",
    );
    let ran = stage.command("extract-os2mo").run().with_status(78);
    assert!(ran.stderr.contains("the reference to a secret is wrong (config.ini:4)"), "{}", ran.stderr);
    assert!(!ran.stderr.contains(CANARY) && !ran.stdout.contains(CANARY));
}

#[test]
fn a_setting_from_the_strongbox_that_is_wrong_is_not_quoted() {
    let stage = Stage::with_settings("[os2mo]\nurl = strongbox://os2mo/url\n");
    stage.store("os2mo", "url", CANARY);
    let ran = stage.command("extract-os2mo").run().with_status(78);
    assert!(ran.stderr.contains("the value of 'url' is wrong"), "{}", ran.stderr);
    assert!(!ran.stderr.contains(CANARY), "{}", ran.stderr);
}

#[test]
fn no_command_leaves_a_core_dump() {
    let stage = Stage::new();
    let line = "ulimit -S -c unlimited 2> /dev/null; strongbox run -- bash -c 'ulimit -S -c'";
    assert_eq!(stage.at(Cli::shell(line)).run().with_status(0).stdout, "0\n");
}
