//! The desktop's Secret Service and the kernel's keyring: real ones.

use crate::stage::Stage;
use muster_tests::cli::{Cli, Ran};
use std::process::Command;

/// Whether these programs are here. Where they must be (`CI=true`), their absence is a failure.
pub fn has(programs: &[&str]) -> bool {
    let is_here = |name: &&&str| {
        Command::new("sh")
            .args(["-c", &format!("command -v {name}")])
            .output()
            .is_ok_and(|ran| ran.status.success())
    };
    let absent: Vec<_> = programs.iter().filter(|name| !is_here(name)).collect();
    if absent.is_empty() {
        return true;
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "there is no {absent:?} here");
    println!("skipped: there is no {absent:?} here");
    false
}

/// A desktop session without a screen, in which `line` runs; `unlock` is how the keyring is opened, if it is.
fn session(stage: &Stage, unlock: &str, line: &str) -> Option<Ran> {
    if !has(&["dbus-run-session", "gnome-keyring-daemon", "secret-tool"]) {
        return None;
    }
    let runtime = stage.path("runtime");
    let _ = std::fs::DirBuilder::new().create(&runtime);
    std::fs::set_permissions(&runtime, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let home = stage.folder.path().to_str().unwrap().to_owned();
    stage.write("line", line);
    // What the bus and its daemons say goes nowhere: some of them write to standard output.
    let whole = format!(
        "exec 3>&1; dbus-run-session -- bash -c '{{ {unlock} }} 3>&-; bash line >&3 2>&3' > /dev/null 2>&1"
    );
    let cli =
        stage.at(Cli::shell(&whole)).env("HOME", &home).env("XDG_RUNTIME_DIR", runtime.to_str().unwrap());
    Some(cli.run())
}

const OPEN: &str = "printf \"pw\\n\" | gnome-keyring-daemon --unlock --components=secrets > /dev/null 2>&1;";
const LOCKED: &str = "gnome-keyring-daemon --start --components=secrets > /dev/null 2>&1;";

#[test]
fn the_secret_service_keeps_secrets_as_the_old_program_did() {
    let stage = Stage::new();
    let line = "set -e
        printf 'pässword\\n' | strongbox -q --connector=ldap.Contractors --key=password --value=
        strongbox get --connector ldap.Contractors --key password; echo
        secret-tool lookup service ldap.Contractors username password; echo
        printf 'by the old one' | secret-tool store --label=x service okta username api_token application 'Python keyring library'
        strongbox get --connector okta --key api_token; echo
        printf 'changed' | strongbox -q --connector okta --key api_token
        secret-tool lookup service okta username api_token; echo
        strongbox list | sed 's/  */ /g'
        strongbox list --connector ldap.Contractors --format json | grep -c updated.:.2
        printf 'second' | strongbox -q rotate --connector okta --key api_token
        strongbox get --connector okta --key api_token --previous; echo
        strongbox -q rotate --connector okta --key api_token --confirm
        strongbox -q delete --connector okta --key api_token
        secret-tool lookup service okta username api_token || echo gone
        strongbox get --connector okta --key api_token || echo \"code $?\"";
    let Some(ran) = session(&stage, OPEN, line) else { return };
    let ran = ran.with_status(0);
    assert_eq!(
        ran.stdout,
        "pässword\npässword\nby the old one\nchanged\n\
         ldap.Contractors password keyring just now\nokta api_token keyring just now\n1\nchanged\ngone\n\
         strongbox: there is no secret 'api_token' for 'okta' in the backend 'keyring'; see `strongbox list`\ncode 78\n"
    );
    assert!(!stage.path("strongbox.age").exists(), "with a keyring there is no need of a file");
}

#[test]
fn a_locked_keyring_no_service_and_no_secret_are_told_apart() {
    let stage = Stage::with_settings("[ldap]\nvault_backend = keyring\n");
    let Some(ran) = session(&stage, OPEN, "printf x | strongbox -q --connector ldap --key password") else {
        return;
    };
    ran.with_status(0);
    let get = "strongbox get --connector ldap --key password";
    let ran = session(&stage, LOCKED, get).unwrap().with_status(77);
    assert!(ran.stdout.contains("the keyring is locked"), "{}", ran.stdout);
    let ran =
        session(&stage, LOCKED, "printf y | strongbox --connector ldap --key other").unwrap().with_status(77);
    assert!(ran.stdout.contains("the keyring is locked"), "{}", ran.stdout);
    let ran = session(&stage, LOCKED, "strongbox get --connector ldap --key absent").unwrap().with_status(78);
    assert!(ran.stdout.contains("there is no secret 'absent'"), "{}", ran.stdout);
    let ran = stage.strongbox("get --connector ldap --key password").run().with_status(69);
    assert!(
        ran.stderr.contains("no Secret Service can be reached: there is no session bus"),
        "{}",
        ran.stderr
    );
    let dead = stage
        .strongbox("get --connector ldap --key password")
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/none");
    let ran = dead.run().with_status(69);
    assert!(ran.stderr.contains("no Secret Service can be reached"), "{}", ran.stderr);
}

#[test]
fn a_command_gets_its_secret_from_the_keyring_while_it_runs() {
    let stage = Stage::with_settings(
        "[os2mo]\nurl = http://127.0.0.1:1\nclient_id = reader\nvault_keys = client_secret\nretries = 0\n",
    );
    let line = "printf x | strongbox -q --connector os2mo --key client_secret; extract-os2mo > /dev/null";
    let Some(ran) = session(&stage, OPEN, line) else { return };
    // With the secret in hand, the next thing is the server, which is not there.
    assert!(ran.with_status(69).stdout.contains("cannot connect"), "the keyring is asked inside the runtime");
    stage.write(
        "config.ini",
        "[os2mo]\nurl = http://127.0.0.1:1\nclient_id = reader\nclient_secret = strongbox://keyring@of%20all/secret\nretries = 0\n",
    );
    let line = "printf x | strongbox -q --connector 'of all' --key secret; extract-os2mo > /dev/null";
    let ran = session(&stage, OPEN, line).unwrap();
    assert!(ran.with_status(69).stdout.contains("cannot connect"), "and let go inside it");
}

#[test]
fn the_kernel_keeps_secrets_for_this_user() {
    if !has(&["keyctl"]) {
        return;
    }
    let stage = Stage::new();
    let name = format!("test-{}", std::process::id());
    let line = format!(
        "set -e
        printf 'in the kernel' | strongbox -q --connector '{name} ø' --key 'a:b' --backend keyutils
        strongbox get --connector '{name} ø' --key 'a:b' --backend keyutils; echo
        strongbox list --connector '{name} ø' --backend keyutils --format json | grep -c '\"key\":\"a:b\"'
        strongbox -q delete --connector '{name} ø' --key 'a:b' --backend keyutils
        strongbox get --connector '{name} ø' --key 'a:b' --backend keyutils || echo \"code $?\""
    );
    stage.write("line", &line);
    let ran = stage.at(Cli::shell("keyctl session - bash line 2> errors")).run();
    if stage.read("errors").contains("keyring cannot be used") {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"));
        return println!("skipped: {}", stage.read("errors"));
    }
    assert_eq!(ran.with_status(0).stdout, "in the kernel\n1\ncode 78\n");
    let direct = stage.at(Cli::shell("bash line 2> errors || cat errors")).run();
    assert!(
        direct.stdout.starts_with("in the kernel\n"),
        "without a session keyring, as under cron: {}",
        direct.stdout
    );
}
