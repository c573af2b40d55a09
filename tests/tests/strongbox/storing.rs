//! The seed's form, and each action on the encrypted file.

use crate::stage::{Stage, names};
use std::os::unix::fs::PermissionsExt;

#[test]
fn the_old_form_asks_and_stores() {
    for words in [
        "--connector=ldap --key=password --value=",
        "--connector=ldap --key=password --value",
        "--connector ldap --key password --value -",
        "--connector ldap --key password",
        "set --connector ldap --key password",
    ] {
        let stage = Stage::new();
        let ran = stage.strongbox(words).stdin("hunter2\n").run().with_status(0);
        assert_eq!(ran.stdout, "", "{words}");
        assert!(
            ran.stderr.contains("'password' of 'ldap' is stored in the backend 'file'"),
            "{}",
            ran.stderr
        );
        assert_eq!(stage.get("ldap", "password"), "hunter2", "{words}");
    }
}

#[test]
fn a_secret_in_an_argument_is_refused_with_the_reason() {
    let stage = Stage::new();
    for words in
        ["--connector ldap --key password --value=canary", "--connector ldap --key password --value canary"]
    {
        let ran = stage.strongbox(words).stdin("x").run().with_status(64);
        assert!(ran.stderr.contains("where every user of this machine can read it"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("canary"), "{}", ran.stderr);
    }
    for words in
        ["set canary", "--connector ldap --key password canary", "canary", "get canary --connector ldap"]
    {
        let ran = stage.strongbox(words).stdin("x").run().with_status(64);
        assert!(ran.stderr.contains("a secret is n") && ran.stderr.lines().count() == 1, "{}", ran.stderr);
        assert!(!ran.stderr.contains("canary"), "{words}: {}", ran.stderr);
    }
    assert!(names(stage.folder.path()).is_empty());
}

#[test]
fn what_comes_from_a_pipe_is_kept_to_the_byte_but_for_one_line_end() {
    let stage = Stage::new();
    for (given, kept) in [
        ("a\n", "a"),
        ("a\r\n", "a"),
        ("a\n\n", "a\n"),
        (" \ta ", " \ta "),
        ("l1\nl2\n", "l1\nl2"),
        ("æ\0ø", "æ\0ø"),
    ] {
        stage.strongbox("--connector a --key b").stdin(given).run().with_status(0);
        assert_eq!(stage.get("a", "b"), kept, "{given:?}");
    }
}

#[test]
fn nothing_and_what_is_no_text_are_refused() {
    let stage = Stage::new();
    for (given, status, words) in [
        (b"".to_vec(), 64, "is empty"),
        (b"\n".to_vec(), 64, "is empty"),
        (vec![0xff, 0xfe], 65, "no UTF-8 text"),
    ] {
        let ran = stage.strongbox("--connector a --key b").stdin(given).run().with_status(status);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
    let ran = stage.strongbox("--connector a").stdin("x").run().with_status(64);
    assert!(ran.stderr.contains("--key is missing"), "{}", ran.stderr);
    let ran = stage.strongbox("--key a").stdin("x").run().with_status(64);
    assert!(ran.stderr.contains("--connector is missing"), "{}", ran.stderr);
}

#[test]
fn odd_names_are_kept_apart() {
    let stage = Stage::new();
    let pairs = [("a/b", "c"), ("a", "b/c"), ("I love cats", "%2F"), ("ldap.Contractors", "k:e:y")];
    for (number, (connector, key)) in pairs.iter().enumerate() {
        stage.store(connector, key, &number.to_string());
    }
    for (number, (connector, key)) in pairs.iter().enumerate() {
        assert_eq!(stage.get(connector, key), number.to_string());
    }
}

#[test]
fn the_alias_of_a_section_names_its_secrets() {
    let stage =
        Stage::with_settings("[ldap]\nvault_alias = I_love_cats\n[okta]\nvault_alias = I_love_cats\n");
    stage.store("ldap", "password", "shared");
    assert_eq!(stage.get("I_love_cats", "password"), "shared");
    assert_eq!(stage.get("okta", "password"), "shared");
    let listed = stage.strongbox("list --format json").run().with_status(0);
    assert_eq!(listed.lines()[0]["name"], "I_love_cats");
}

#[test]
fn list_has_names_and_ages_but_no_values() {
    let stage = Stage::new();
    let ran = stage.strongbox("list").run().with_status(0);
    assert_eq!(ran.stderr, "strongbox: no secret is stored yet in the backend 'file'\n");
    assert_eq!(ran.stdout, "");
    stage.store("ldap", "password", "canary");
    stage.store("okta", "api_token", "canary");
    let text = stage.strongbox("list").run().with_status(0).stdout;
    assert_eq!(text.lines().count(), 2);
    assert!(text.starts_with("ldap ") && text.contains(" file ") && text.contains("just now"), "{text}");
    let json = stage.strongbox("list --connector okta --format json").run().with_status(0);
    assert_eq!(json.lines().len(), 1);
    assert_eq!((&json.lines()[0]["key"], &json.lines()[0]["rotating"]), (&"api_token".into(), &false.into()));
    assert!(!text.contains("canary") && !json.stdout.contains("canary"));
}

#[test]
fn get_adds_nothing_and_can_be_json() {
    let stage = Stage::new();
    stage.store("ldap", "password", "hunter2");
    assert_eq!(stage.get("ldap", "password"), "hunter2");
    let json = stage.strongbox("get --connector ldap --key password --format json").run().with_status(0);
    assert_eq!((&json.lines()[0]["value"], &json.lines()[0]["backend"]), (&"hunter2".into(), &"file".into()));
    let ran = stage.strongbox("get --connector ldap --key other").run().with_status(78);
    assert_eq!(
        ran.stderr,
        "strongbox: there is no secret 'other' for 'ldap' in the backend 'file'; see `strongbox list`\n"
    );
}

#[test]
fn delete_takes_the_secret_and_its_old_value() {
    let stage = Stage::new();
    stage.store("ldap", "password", "first");
    stage.strongbox("rotate --connector ldap --key password").stdin("second").run().with_status(0);
    stage.strongbox("delete --connector ldap --key password").run().with_status(0);
    assert_eq!(stage.strongbox("list").run().with_status(0).stdout, "");
    stage.strongbox("get --connector ldap --key password --previous").run().with_status(78);
    stage.strongbox("delete --connector ldap --key password").run().with_status(78);
}

#[test]
fn a_rotation_is_confirmed_or_undone() {
    let stage = Stage::new();
    stage.store("ldap", "password", "first");
    let rotate = |more: &str, value: &str| {
        stage.strongbox(&format!("rotate --connector ldap --key password {more}")).stdin(value).run()
    };
    rotate("--confirm", "").with_status(78);
    rotate("", "first").with_status(64);
    rotate("", "second").with_status(0);
    let ran = rotate("", "third").with_status(78);
    assert!(ran.stderr.contains("rotate --confirm"), "{}", ran.stderr);
    assert_eq!(stage.get("ldap", "password"), "second");
    let listed = stage.strongbox("list --format json").run().with_status(0);
    assert_eq!((listed.lines().len(), &listed.lines()[0]["rotating"]), (1, &true.into()));
    rotate("--undo", "").with_status(0);
    assert_eq!(stage.get("ldap", "password"), "first");
    rotate("", "third").with_status(0);
    rotate("--confirm", "").with_status(0);
    assert_eq!(stage.get("ldap", "password"), "third");
    stage.strongbox("get --connector ldap --key password --previous").run().with_status(78);
}

#[test]
fn another_key_and_damage_are_told_apart() {
    let (stage, other) = (Stage::new(), Stage::new());
    stage.store("a", "b", "x");
    other.store("a", "b", "x");
    let (key, whole) = (stage.read("strongbox.key"), std::fs::read(stage.path("strongbox.age")).unwrap());
    stage.write("strongbox.key", &other.read("strongbox.key"));
    let ran = stage.strongbox("get --connector a --key b").run().with_status(77);
    assert!(ran.stderr.contains("is not the key of this strongbox"), "{}", ran.stderr);
    stage.write("strongbox.key", &key);
    std::fs::write(stage.path("strongbox.age"), &whole[..whole.len() - 3]).unwrap();
    let ran = stage.strongbox("get --connector a --key b").run().with_status(65);
    assert!(ran.stderr.contains("the strongbox is damaged"), "{}", ran.stderr);
    let ran = stage.strongbox("--connector a --key b").stdin("y").run().with_status(65);
    assert!(ran.stderr.contains("backup"), "{}", ran.stderr);
}

#[test]
fn files_are_for_their_owner_alone_and_open_ones_are_refused() {
    let stage = Stage::new();
    let line = "umask 0; strongbox -q --connector a --key b";
    stage.at(muster_tests::cli::Cli::shell(line)).stdin("x").run().with_status(0);
    for name in names(stage.folder.path()) {
        let mode = std::fs::metadata(stage.path(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    for name in ["strongbox.age", "strongbox.key"] {
        std::fs::set_permissions(stage.path(name), PermissionsExt::from_mode(0o644)).unwrap();
        let ran = stage.strongbox("get --connector a --key b").run().with_status(78);
        assert!(ran.stderr.contains("chmod 600"), "{}", ran.stderr);
        std::fs::set_permissions(stage.path(name), PermissionsExt::from_mode(0o600)).unwrap();
    }
}
