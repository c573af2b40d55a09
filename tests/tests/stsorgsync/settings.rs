//! The exporter's `settings.ini`: every key reaches exactly one command or is answered by one; its three places.

use super::*;
use muster_tests::cli::bin_dir;

const COMMANDS: [&str; 3] = ["extract-os2mo", "map", "push-stsorgsync"];
const UUID: &str = "a8b26d0c-7268-56d3-9a49-7f2ecdad54a3";

/// Key, value, whom it reaches, and the name it has there.
const SETTINGS: [(&str, &str, &str, &str); 11] = [
    ("OS2MO_SERVICE_URL", "https://mo.example.org/service", "extract-os2mo", "url"),
    ("OS2MO_SAML_TOKEN", "3e2b4f0e-0000-4000-8000-000000000001", "extract-os2mo", "session"),
    ("OS2MO_ORG_UUID", UUID, "extract-os2mo", "organisation"),
    ("OS2MO_CA_BUNDLE", "/etc/ssl/mo.pem", "extract-os2mo", "ca_bundle"),
    ("OS2MO_TOP_UNIT_UUID", UUID, "map", "top_unit_uuid"),
    ("STSORGSYNC_API_URL", "https://sts.example.org/api/v1_1", "push-stsorgsync", "api_url"),
    ("STSORGSYNC_CA_BUNDLE", "false", "push-stsorgsync", "ca_bundle"),
    ("STSORGSYNC_MUNICIPALITY", "12345678", "push-stsorgsync", "municipality"),
    ("STSORGSYNC_PHONE_SCOPE_CLASSES", UUID, "map", "phone_scope_classes"),
    ("STSORGSYNC_EMAIL_SCOPE_CLASSES", UUID, "map", "email_scope_classes"),
    ("STSORGSYNC_TRUNCATE", "150", "map", "truncate_length"),
];

/// Keys without counterpart, and a word of the line that says what replaces them.
const RETIRED: [(&str, &str); 3] =
    [("MOX_LOG_LEVEL", "-v"), ("MOX_LOG_FILE", "standard error"), ("STSORGSYNC_HASH_CACHE", "--ledger")];

fn show(command: &str) -> Cli {
    let cli = Cli::new(command).args(["--show-settings"]);
    if command == "map" { cli.args(["--spec", "stsorgsync"]) } else { cli }
}

fn with_file(command: &str, text: &str) -> Ran {
    show(command).file("settings.ini", &format!("; exporter\n[settings]\n{text}\n")).run().with_status(0)
}

#[test]
fn every_key_reaches_one_command() {
    for (key, value, reader, name) in SETTINGS {
        for key in [key.to_owned(), key.to_lowercase()] {
            let text = format!("{key} = {value}");
            let readers: Vec<_> = COMMANDS
                .into_iter()
                .filter(|command| {
                    let ran = with_file(command, &text);
                    assert_eq!(ran.stderr, "", "{command}");
                    let mut lines = ran.stdout.lines().filter(|line| line.contains("# settings.ini:3"));
                    let line = lines.next();
                    assert!(lines.next().is_none());
                    line.is_some_and(|line| line.starts_with(&format!("{name} = ")))
                })
                .collect();
            assert_eq!(readers, [reader], "{key}");
        }
    }
}

#[test]
fn what_has_no_counterpart_is_answered_by_one_command_in_one_line() {
    for (key, word) in RETIRED {
        let answers: Vec<_> = COMMANDS
            .into_iter()
            .filter(|command| {
                let stderr = with_file(command, &format!("{key} = x")).stderr;
                assert!(
                    stderr.is_empty() || stderr.contains(word) && stderr.lines().count() == 1,
                    "{stderr}"
                );
                stderr.contains("has no effect")
            })
            .collect();
        assert_eq!(answers, ["push-stsorgsync"], "{key}");
    }
}

#[test]
fn an_unknown_key_is_said_once_with_the_nearest_name() {
    let said: Vec<String> =
        COMMANDS.into_iter().map(|command| with_file(command, "OS2MO_SERVIC_URL = x").stderr).collect();
    assert_eq!((said[0].as_str(), said[1].as_str()), ("", ""));
    assert!(said[2].contains("nobody knows the setting 'os2mo_servic_url'"), "{}", said[2]);
    assert!(said[2].contains("did you mean 'os2mo_service_url'?"), "{}", said[2]);
}

#[test]
fn the_token_is_never_shown() {
    let ran = with_file("extract-os2mo", "OS2MO_SAML_TOKEN = 3e2b4f0e-0000-4000-8000-000000000001");
    assert!(!ran.stdout.contains("3e2b4f0e") && !ran.stderr.contains("3e2b4f0e"));
}

#[test]
fn variables_win_over_the_file() {
    let other = "00000000-0000-4000-8000-000000000001";
    let text = format!("[settings]\nSTSORGSYNC_PHONE_SCOPE_CLASSES = {UUID}\n");
    let cli = show("map").file("settings.ini", &text).env("STSORGSYNC_PHONE_SCOPE_CLASSES", other);
    let ran = cli.run().with_status(0);
    let line = ran.stdout.lines().find(|line| line.starts_with("phone_scope_classes = ")).unwrap();
    assert!(line.contains(other) && line.ends_with("# STSORGSYNC_PHONE_SCOPE_CLASSES"), "{line}");
}

/// What `--show-settings` says of the municipality.
fn municipality(cli: Cli) -> String {
    let ran = cli.run().with_status(0);
    ran.stdout.lines().find(|line| line.starts_with("municipality = ")).unwrap().to_owned()
}

fn cvr(number: &str) -> String {
    format!("[settings]\nSTSORGSYNC_MUNICIPALITY = {number}\n")
}

#[test]
fn the_variable_names_the_file_before_the_working_directory() {
    let named = |path: &str| {
        let cli = show("push-stsorgsync")
            .file("settings.ini", &cvr("11111111"))
            .file("named.ini", &cvr("22222222"));
        municipality(cli.env("MOX_MO_CONFIG", path))
    };
    assert!(named("named.ini").contains("22222222"));
    assert!(named("none.ini").contains("11111111"), "one that does not exist is passed over");
}

#[test]
fn our_own_files_come_first() {
    let own = "[stsorgsync]\nmunicipality = 33333333\n";
    let cli = || show("push-stsorgsync").file("settings.ini", &cvr("11111111")).file("config.ini", own);
    assert!(municipality(cli()).contains("33333333"));
    assert!(municipality(cli().args(["--config", "settings.ini"])).contains("11111111"));
    assert!(municipality(cli().env("MUSTER_CONFIG", "settings.ini")).contains("11111111"));
}

#[test]
fn a_file_of_this_name_that_is_somebody_elses_does_no_harm() {
    let cli = show("push-stsorgsync")
        .file("settings.ini", "[desktop]\nSTSORGSYNC_MUNICIPALITY = 11111111\nnonsense\n");
    assert!(municipality(cli).ends_with("# default"));
}

#[test]
fn the_file_beside_the_program_is_the_last() {
    let place = tempfile::tempdir().unwrap();
    let program = place.path().join("push-stsorgsync");
    std::fs::copy(bin_dir().join("push-stsorgsync"), &program).unwrap();
    std::fs::write(place.path().join("settings.ini"), cvr("44444444")).unwrap();
    let line = format!("{} --show-settings", program.display());
    assert!(municipality(Cli::shell(&line)).contains("44444444"));
    let here = Cli::shell(&line).file("settings.ini", &cvr("11111111"));
    assert!(municipality(here).contains("11111111"));
}

#[test]
fn an_authority_may_stand_where_the_switch_does() {
    let bundle = |value: &str| {
        let text = format!(
            "[settings]\nSTSORGSYNC_API_URL = https://127.0.0.1:1/api/v1_1\nSTSORGSYNC_CA_BUNDLE = {value}\n"
        );
        let cli = Cli::new("push-stsorgsync").file("settings.ini", &text).args(["--retries", "0"]);
        cli.stdin(state(&[unit(1, None)])).run().stderr
    };
    assert!(bundle("no-such.pem").contains("no-such.pem"));
    assert!(bundle("false").contains("the server's certificate is not checked"));
    assert!(!bundle("true").contains("is not checked"));
    assert!(!bundle("").contains("is not checked"));
}

#[test]
fn no_setting_of_the_push_is_taken_for_a_misspelt_one_of_the_spec() {
    let settings = Cli::new("push-stsorgsync").args(["--show-settings"]).run().with_status(0).stdout;
    for key in settings.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key) {
        let ran = show("map").file("config.ini", &format!("[stsorgsync]\n{key} = x\n")).run();
        assert_eq!(ran.stderr, "", "{key}");
    }
}
