//! `strongbox run`: what its child gets, and what it does not.

use crate::stage::Stage;
use std::os::unix::fs::PermissionsExt;

#[test]
fn run_gives_secrets_to_one_command_alone() {
    let stage = Stage::new();
    stage.store("ldap.Contractors", "password", "one");
    stage.store("ldap.Contractors", "api-token", "two");
    stage.store("okta", "token", "three");
    let script = "printf '%s,%s,%s,%s' \"$LDAP_CONTRACTORS_PASSWORD\" \"$LDAP_CONTRACTORS_API_TOKEN\" \"$T\" \"$PLAIN\"; exit 7";
    stage.write("secrets.env", "# for one run\nT=strongbox://okta/token\nexport PLAIN='as it is'\n");
    let ran = stage
        .strongbox("run --connector ldap.Contractors --variables secrets.env -- sh -c")
        .args([script])
        .run()
        .with_status(7);
    assert_eq!(ran.stdout, "one,two,three,as it is");
    let ran = stage.strongbox("run -- true").env("X", "strongbox://okta/other").run().with_status(78);
    assert!(ran.stderr.contains("there is no secret 'other' for 'okta'"), "{}", ran.stderr);
    let ran = stage.strongbox("run --connector nobody -- true").run().with_status(78);
    assert!(ran.stderr.contains("there is no secret for 'nobody'"), "{}", ran.stderr);
}

#[test]
fn a_command_must_be_there_and_stand_behind_two_hyphens() {
    let stage = Stage::new();
    for words in ["run", "run true", "run sh -- -c true", "run --connector ldap true"] {
        let ran = stage.strongbox(words).run().with_status(64);
        assert!(ran.stderr.contains("write it behind --"), "{words}: {}", ran.stderr);
    }
    let ran = stage.strongbox("run -- /does/not/exist").run().with_status(74);
    assert!(ran.stderr.contains("cannot run '/does/not/exist'"), "{}", ran.stderr);
}

const OPENING: [&str; 6] = [
    "VAULT_TOKEN",
    "BAO_TOKEN",
    "VAULT_ROLE_ID",
    "VAULT_SECRET_ID",
    "VAULT_WRAPPED_SECRET_ID",
    "CONJUR_AUTHN_API_KEY",
];

#[test]
fn what_opens_a_vault_is_not_handed_on_unless_it_is_named() {
    let stage = Stage::new();
    stage.store("ldap", "password", "one");
    stage.store("ldap", "vault_token", "canary-kept");
    let env = |words: &str| {
        let cli = stage.strongbox(&format!("{words} -- env")).env("VAULT_ADDR", "https://vault.example.org");
        let cli = OPENING.iter().fold(cli, |cli, name| cli.env(name, "canary-of-the-parent"));
        cli.run().with_status(0).stdout
    };
    let given = env("run --connector ldap");
    assert!(given.contains("LDAP_PASSWORD=one\n") && !given.contains("canary"), "{given}");
    assert!(given.contains("VAULT_ADDR=https://vault.example.org\n"), "an address is no secret: {given}");
    stage.write("asked.env", "VAULT_TOKEN=env:VAULT_TOKEN\n");
    let given = env("run --variables asked.env");
    assert!(given.contains("VAULT_TOKEN=canary-of-the-parent\n"), "{given}");
    assert_eq!(given.matches("canary").count(), 1, "{given}");
    let given = env("run --connector ldap --key vault_token");
    assert!(given.contains("LDAP_VAULT_TOKEN=canary-kept\n"), "{given}");
}

#[test]
fn a_file_of_variables_may_refer_to_variables_files_and_secrets() {
    let stage = Stage::new();
    stage.store("okta", "token", "three");
    stage.write("secret", "of a file\n");
    stage.write("v.env", "A=env:THERE\nB=file:secret\nC=\"strongbox://okta/token\"\nTHERE=from the file\n");
    let run = |file: &str| stage.strongbox(&format!("run --variables {file} -- sh -c")).env("THERE", "here");
    let ran = run("v.env").args(["echo $A,$B,$C,$THERE"]).run().with_status(0);
    assert_eq!(ran.stdout, "here,of a file,three,from the file\n");
    for (text, words) in [
        ("A=env:ABSENT\n", "the variable ABSENT, which 'A' names, is not set (v.env:1)"),
        ("\nA=strongbox://okta/none\n", "(v.env:2)"),
        ("A=strongbox://canary\n", "the reference to a secret is wrong (v.env:1)"),
        ("canary and no more\n", "this is not 'NAME=value' (v.env:1)"),
    ] {
        stage.write("v.env", text);
        let ran = run("v.env").args(["true"]).run().with_status(78);
        assert!(ran.stderr.contains(words) && !ran.stderr.contains("canary"), "{}", ran.stderr);
    }
}

#[test]
fn a_file_of_variables_that_others_can_read_may_hold_references_alone() {
    let stage = Stage::new();
    stage.store("okta", "token", "three");
    for (text, status) in [("T=strongbox://okta/token\nLANG=C\n", 0), ("API_TOKEN=canary\n", 78)] {
        stage.write("v.env", text);
        std::fs::set_permissions(stage.path("v.env"), PermissionsExt::from_mode(0o644)).unwrap();
        let ran = stage.strongbox("run --variables v.env -- true").run().with_status(status);
        assert_eq!(ran.stderr.contains("chmod 600 v.env"), status != 0, "{}", ran.stderr);
    }
}

#[test]
fn variables_that_are_no_text_are_handed_on() {
    let stage = Stage::new();
    let line = "export ODD=$'\\xff\\xfe'; strongbox run -- sh -c 'printf %s \"$ODD\" | wc -c'";
    let ran = stage.at(muster_tests::cli::Cli::shell(line)).run().with_status(0);
    assert_eq!(ran.stdout.trim(), "2");
}
