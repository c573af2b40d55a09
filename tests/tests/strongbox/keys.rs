//! What opens the encrypted file: a passphrase, a key file, an SSH key, a credential of systemd, the kernel's keyring.

use crate::stage::Stage;
use muster_tests::cli::{Cli, Ran};

#[test]
fn a_passphrase_locks_the_file_until_it_is_unlocked() {
    let stage = Stage::new();
    let ran = stage.strongbox("init --passphrase").stdin("correct horse").run().with_status(0);
    assert!(ran.stderr.contains("`strongbox unlock` opens it"), "{}", ran.stderr);
    let ran = stage.strongbox("--connector a --key b").stdin("x").run().with_status(77);
    assert!(
        ran.stderr.contains("the strongbox is locked") && ran.stderr.contains("`strongbox unlock`"),
        "{}",
        ran.stderr
    );
    let ran = stage.strongbox("unlock").stdin("wrong canary").run().with_status(77);
    assert!(
        ran.stderr.contains("the passphrase is wrong") && !ran.stderr.contains("canary"),
        "{}",
        ran.stderr
    );
    if !unlocks(&stage.strongbox("unlock --for 10m").stdin("correct horse\n").run()) {
        return;
    }
    stage.strongbox("--connector a --key b").stdin("x").run().with_status(0);
    assert_eq!(stage.get("a", "b"), "x");
    stage.strongbox("lock").run().with_status(0);
    stage.strongbox("get --connector a --key b").run().with_status(77);
    stage.strongbox("init").run().with_status(78);
}

#[test]
fn an_ssh_key_or_a_credential_of_systemd_opens_the_file() {
    if !crate::keyrings::has(&["ssh-keygen"]) {
        return;
    }
    let stage = Stage::new();
    let made = stage.at(Cli::shell("ssh-keygen -q -t ed25519 -N '' -f id_ed25519")).run();
    made.with_status(0);
    stage.strongbox("init --existing-key id_ed25519").run().with_status(0);
    stage.store("a", "b", "x");
    assert_eq!(stage.get("a", "b"), "x");
    std::fs::remove_file(stage.path("strongbox.key")).unwrap();
    let ran = stage.strongbox("get --connector a --key b").run().with_status(77);
    assert!(ran.stderr.contains("there is no key for the strongbox"), "{}", ran.stderr);
    std::fs::create_dir(stage.path("credentials")).unwrap();
    std::fs::rename(stage.path("id_ed25519"), stage.path("credentials/strongbox.key")).unwrap();
    let credentials = stage.path("credentials");
    let ran = stage
        .strongbox("get --connector a --key b")
        .env("CREDENTIALS_DIRECTORY", credentials.to_str().unwrap());
    assert_eq!(ran.run().with_status(0).stdout, "x");
}

/// Whether the file is unlocked now; a machine without the kernel's keyring skips the rest.
fn unlocks(ran: &Ran) -> bool {
    if ran.stderr.contains("keyring cannot be used") || ran.stderr.contains("refuses access") {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{}", ran.stderr);
        println!("skipped: {}", ran.stderr);
        return false;
    }
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    true
}

#[test]
fn an_ssh_key_with_a_passphrase_is_unlocked() {
    if !crate::keyrings::has(&["ssh-keygen"]) {
        return;
    }
    for kind in ["ed25519", "rsa -b 2048"] {
        let stage = Stage::new();
        let line = format!("ssh-keygen -q -t {kind} -a 1 -N 'correct horse' -f id");
        stage.at(Cli::shell(&line)).run().with_status(0);
        stage.strongbox("init --existing-key id").run().with_status(0);
        let ran = stage.strongbox("get --connector a --key b").run().with_status(77);
        assert!(ran.stderr.contains("the strongbox is locked"), "{}", ran.stderr);
        let ran = stage.strongbox("unlock").stdin("wrong canary").run().with_status(77);
        assert!(
            ran.stderr.contains("the passphrase is wrong") && !ran.stderr.contains("canary"),
            "{}",
            ran.stderr
        );
        if !unlocks(&stage.strongbox("unlock --for 10m").stdin("correct horse\n").run()) {
            return;
        }
        stage.store("a", "b", "x");
        assert_eq!(stage.get("a", "b"), "x");
        stage.strongbox("lock").run().with_status(0);
        stage.strongbox("get --connector a --key b").run().with_status(77);
    }
}

#[test]
fn a_key_that_is_none_is_refused_before_anything_is_made() {
    let stage = Stage::new();
    stage.write("none", "no key at all\n");
    let ran = stage.strongbox("init --existing-key none").run().with_status(78);
    assert!(ran.stderr.contains("is no key of a strongbox"), "{}", ran.stderr);
    stage.strongbox("init --existing-key absent").run().with_status(78);
    assert!(!stage.path("strongbox.age").exists() && !stage.path("strongbox.key").exists());
}
