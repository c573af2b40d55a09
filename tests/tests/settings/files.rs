//! Settings files as they come: by other editors, in odd places, with slips of all kinds.

use muster_tests::cli::{Cli, Ran};
use std::os::unix::fs::PermissionsExt;

const NAMES: [&str; 3] = ["extract-os2mo", "push-os2sync", "extract-ldap"];

/// The command with bytes as its `config.ini`.
fn with_bytes(name: &str, bytes: &[u8]) -> Cli {
    let cli = Cli::new(name).args(["--show-settings"]);
    let path = cli.dir.path().join("config.ini");
    std::fs::write(&path, bytes).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    cli
}

fn told(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().collect()
}

#[test]
fn a_mark_at_the_begin_and_other_line_ends_do_no_harm() {
    for text in ["\u{feff}[os2mo]\r\nclient_id = muster\r\n", "\u{feff}{\"os2mo.client_id\": \"muster\"}"] {
        let ran = with_bytes("extract-os2mo", text.as_bytes()).run().with_status(0);
        assert!(ran.stdout.contains("client_id = muster ") && ran.stderr.is_empty(), "{}", ran.stdout);
    }
    let env = Cli::new("extract-os2mo")
        .args(["--show-settings"])
        .file(".env", "\u{feff}OS2MO_CLIENT_ID=muster\r\n");
    assert!(env.run().with_status(0).stdout.contains("client_id = muster "));
}

#[test]
fn what_is_not_utf_8_is_named_with_its_line() {
    for name in NAMES {
        let ran = with_bytes(name, b"[os2mo]\n# \xc3\xb8\nclient_id = \xf8\n").run().with_status(78);
        let expected =
            format!("{name}: the settings are not in UTF-8 (config.ini:3); save the file as UTF-8");
        assert_eq!(told(&ran), [expected.as_str()]);
    }
    let cli = Cli::new("extract-os2mo").args(["--show-settings"]);
    std::fs::write(cli.dir.path().join(".env"), b"A=\xf8\n").unwrap();
    let ran = cli.run().with_status(78);
    assert!(ran.stderr.contains("the variables are not in UTF-8 (.env:1)"), "{}", ran.stderr);
}

#[test]
fn a_file_that_cannot_be_read_is_no_reason_to_go_on_without() {
    for name in NAMES {
        let absent = Cli::new(name).args(["--show-settings", "--config", "absent.ini"]).run().with_status(78);
        assert!(absent.stderr.contains("cannot read the settings: No such file"), "{}", absent.stderr);
        let absent = Cli::new(name).args(["--show-settings"]).env("MUSTER_CONFIG", "absent.ini");
        assert!(absent.run().with_status(78).stderr.contains("(absent.ini)"));
        let folder = Cli::new(name).args(["--show-settings"]);
        std::fs::create_dir(folder.dir.path().join("config.ini")).unwrap();
        let folder = folder.run().with_status(78);
        assert!(folder.stderr.contains("cannot read the settings: Is a directory"), "{}", folder.stderr);
    }
}

#[test]
fn a_section_that_is_not_there_is_refused_and_the_nearest_named() {
    let config = "[os2mo.Fjordby]\nurl = https://mo.example.org\n";
    let cli = |section: &str| {
        let cli = Cli::new("extract-os2mo").args(["--show-settings", "--section", section]);
        cli.file("config.ini", config)
    };
    let ran = cli("os2mo.Fjordbye").run().with_status(78);
    let expected =
        "extract-os2mo: there is no section [os2mo.Fjordbye] (config.ini); did you mean [os2mo.Fjordby]?";
    assert_eq!(told(&ran), [expected]);
    cli("os2mo.Fjordby").run().with_status(0);
    // Where all of it comes from the environment, a file of other sections does no harm.
    cli("os2mo.Bjergby").env("OS2MO_BJERGBY_URL", "https://b.example.org").run().with_status(0);
    let ran = with_bytes("extract-os2mo", b"[OS2MO]\nurl = https://mo.example.org\n").run().with_status(0);
    assert_eq!(
        told(&ran),
        ["extract-os2mo: warning: [OS2MO] is not read: the section is [os2mo] (config.ini)"]
    );
}

#[test]
fn an_indented_line_behind_a_section_is_told_of() {
    let ran = with_bytes("extract-os2mo", b"[os2mo]\n  url = https://mo.example.org\n[x]\n  y = 1\n").run();
    let expected = "extract-os2mo: warning: the line is not read: it begins with a blank and continues nothing (config.ini:2)";
    assert_eq!(told(&ran.with_status(0)), [expected]);
}

#[test]
fn a_switch_in_default_holds_for_all_and_a_section_may_say_otherwise() {
    let run = |config: &str| {
        let cli = Cli::new("extract-os2mo").args(["--url", "http://127.0.0.1:1", "--retries", "0"]);
        cli.file("config.ini", config).run()
    };
    let off = run("[os2mo]\n[DEFAULT]\nenable = False\n").with_status(78);
    assert!(off.stderr.contains("'os2mo' is switched off (config.ini:3)"), "{}", off.stderr);
    run("[os2mo]\nenable = True\n[DEFAULT]\nenable = False\n").with_status(69);
}

#[test]
fn a_slip_in_a_variable_is_told_of_and_what_belongs_to_others_is_not() {
    let env_file =
        "OS2MO_AUTH_REALN=x\nOS2MO_ENABLED=1\nOS2MO_COLOUR=red\nPATH_OF_OTHERS=1\nOS2MO_PAGE_SIZE=7\n";
    let ran = Cli::new("extract-os2mo").args(["--show-settings"]).file(".env", env_file).run().with_status(0);
    let expected = "extract-os2mo: warning: nobody knows the variable 'OS2MO_AUTH_REALN' (.env:1); did you mean 'OS2MO_AUTH_REALM'?";
    assert_eq!(told(&ran), [expected]);
}
