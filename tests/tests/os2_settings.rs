//! Every setting of the OS2 exporters, in each of its spellings, reaches exactly one command or is answered by one.

use muster_tests::cli::{Cli, Ran};
use serde_json::{Value, json};

const EXTRACT: &str = "extract-os2mo";
const MAP: &str = "map";
const PUSH: &str = "push-os2sync";

/// Setting in the JSON file of the first generation, setting in section `[os2sync]` of an INI file, a value, and whom it
/// reaches.
const SETTINGS: [(&str, &str, &str, &str); 26] = [
    ("mora.base", "", "https://mo.example.org", EXTRACT),
    ("crontab.SAML_TOKEN", "", "3e2b4f0e-0000-4000-8000-000000000001", EXTRACT),
    ("os2sync.ca_verify_os2mo", "ca_verify_os2mo", "false", EXTRACT),
    ("municipality.cvr", "municipality", "12345678", PUSH),
    ("os2sync.api_url", "api_url", "https://os2sync.example.org/api", PUSH),
    ("os2sync.ca_verify_os2sync", "ca_verify_os2sync", "false", PUSH),
    ("os2sync.autowash", "autowash", "true", PUSH),
    ("os2sync.top_unit_uuid", "top_unit_uuid", "a8b26d0c-7268-56d3-9a49-7f2ecdad54a3", MAP),
    ("os2sync.xfer_cpr", "sync_cpr", "true", MAP),
    ("os2sync.phone_scope_classes", "phone_scope_classes", "[\"849308fb-38a7-519f-8c63-09f86f3b2735\"]", MAP),
    ("os2sync.email_scope_classes", "email_scope_classes", "[\"849308fb-38a7-519f-8c63-09f86f3b2735\"]", MAP),
    (
        "os2sync.landline_scope_classes",
        "landline_scope_classes",
        "[\"849308fb-38a7-519f-8c63-09f86f3b2735\"]",
        MAP,
    ),
    ("os2sync.ignored.unit_levels", "ignored_unit_levels", "[\"849308fb-38a7-519f-8c63-09f86f3b2735\"]", MAP),
    ("os2sync.ignored.unit_types", "ignored_unit_types", "[\"849308fb-38a7-519f-8c63-09f86f3b2735\"]", MAP),
    ("os2sync.sync_managers", "sync_managers", "true", MAP),
    ("os2sync.use_contact_for_tasks", "use_contact_for_tasks", "true", MAP),
    ("os2sync.templates", "templates", "{\"person.name\": \"{{ name }}\"}", MAP),
    ("os2sync_user_key_it_system_name", "user_key_it_system_names", "Active Directory", MAP),
    ("os2sync_uuid_from_it_systems", "uuid_from_it_systems", "[\"FK-ORG UUID\"]", MAP),
    ("", "enable_kle", "true", MAP),
    ("", "group_by_engagement_uuid", "true", MAP),
    ("", "employee_engagement_address", "[\"Lokation\"]", MAP),
    ("", "filter_hierarchy_names", "[\"Linjeorganisation\"]", MAP),
    ("", "filter_orgunit_uuid", "[\"849308fb-38a7-519f-8c63-09f86f3b2735\"]", MAP),
    ("", "filter_users_by_it_system", "true", MAP),
    ("", "truncate_length", "100", MAP),
];

/// Settings without counterpart, and a word of the line that says what replaces them.
const RETIRED: [(&str, &str, &str); 7] = [
    ("os2sync.hash_cache", "--ledger", PUSH),
    ("os2sync.log_file", "standard error", PUSH),
    ("os2sync.log_level", "-v", PUSH),
    ("os2sync.randomize_fk_org_uuid", "OS2mo", PUSH),
    ("os2sync.use_lc_db", "in bulk", EXTRACT),
    ("crontab.RUN_OS2SYNC", "timer", EXTRACT),
    ("crontab.RUN_MO_DATA_SANITYCHECK", "timer", EXTRACT),
];

/// Settings that only make sense where users are persons.
const OF_PERSONS: [&str; 6] = [
    "uuid_from_it_systems",
    "user_key_it_system_names",
    "filter_users_by_it_system",
    "group_by_engagement_uuid",
    "employee_engagement_address",
    "templates",
];

fn shown(command: &str, file: &str, text: &str, spec: &str) -> Ran {
    let cli = Cli::new(command).file(file, text).args(["--config", file, "--show-settings"]);
    let cli = if command == MAP { cli.args(["--spec", spec]) } else { cli };
    cli.run().with_status(0)
}

/// The commands that show a setting as read from this file.
fn readers(file: &str, text: &str, spec: &str) -> Vec<&'static str> {
    let origin = format!("# {file}");
    let reads = |command: &&str| {
        let ran = shown(command, file, text, spec);
        assert!(
            !ran.stderr.contains("nobody knows") && !ran.stderr.contains("has no setting"),
            "{text}: {}",
            ran.stderr
        );
        let lines: Vec<_> = ran.stdout.lines().filter(|line| line.contains(&origin)).collect();
        assert!(lines.len() <= 1, "{lines:?}");
        lines.len() == 1
    };
    [EXTRACT, MAP, PUSH].into_iter().filter(reads).collect()
}

fn json_file(name: &str, value: &str) -> String {
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    json!({ name: value }).to_string()
}

#[test]
fn every_setting_of_the_settings_file_reaches_one_command() {
    for (name, _, value, command) in SETTINGS.iter().filter(|(name, ..)| !name.is_empty()) {
        assert_eq!(readers("settings.json", &json_file(name, value), "os2sync"), [*command], "{name}");
    }
}

#[test]
fn every_setting_of_an_ini_file_reaches_one_command() {
    for (_, name, value, command) in SETTINGS.iter().filter(|(_, name, ..)| !name.is_empty()) {
        let text = format!("[os2sync]\n{name} = {value}\n");
        assert_eq!(readers("os2sync.ini", &text, "os2sync"), [*command], "{name}");
    }
}

#[test]
fn settings_of_the_new_mode_reach_the_accounts_spec() {
    let further = [
        ("use_nickname", "true"),
        ("it_system_user_keys", "[\"AD\"]"),
        ("extension_field_as_job_function", "3"),
    ];
    for (name, value) in further {
        let text = format!("[os2sync]\n{name} = {value}\n");
        assert_eq!(readers("os2sync.ini", &text, "os2sync-accounts"), [MAP], "{name}");
    }
    let of_both = SETTINGS.iter().filter(|(_, name, _, command)| *command == MAP && !name.is_empty());
    for (_, name, value, _) in of_both.filter(|(_, name, ..)| !OF_PERSONS.contains(name)) {
        let text = format!("[os2sync]\n{name} = {value}\n");
        assert_eq!(readers("os2sync.ini", &text, "os2sync-accounts"), [MAP], "{name}");
    }
}

#[test]
fn settings_that_the_accounts_spec_does_not_have_are_answered_by_it() {
    for (_, name, value, _) in SETTINGS.iter().filter(|(_, name, ..)| OF_PERSONS.contains(name)) {
        let text = format!("[os2sync]\n{name} = {value}\n");
        assert!(readers("os2sync.ini", &text, "os2sync-accounts").is_empty(), "{name}");
        let stderr = shown(MAP, "os2sync.ini", &text, "os2sync-accounts").stderr;
        assert!(stderr.contains("has no effect") && stderr.lines().count() == 1, "{name}: {stderr}");
    }
}

#[test]
fn no_setting_of_the_push_is_taken_for_a_misspelt_one_of_the_spec() {
    let settings = Cli::new(PUSH).args(["--show-settings"]).run().with_status(0).stdout;
    for key in settings.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key) {
        let stderr = shown(MAP, "os2sync.ini", &format!("[os2sync]\n{key} = x\n"), "os2sync").stderr;
        assert_eq!(stderr, "", "{key}");
    }
}

#[test]
fn what_has_no_counterpart_is_answered_by_one_command_in_one_line() {
    for (name, word, command) in RETIRED {
        let text = json_file(name, "true");
        assert!(readers("settings.json", &text, "os2sync").is_empty(), "{name}");
        let answers: Vec<_> = [EXTRACT, MAP, PUSH]
            .into_iter()
            .filter(|command| {
                let stderr = shown(command, "settings.json", &text, "os2sync").stderr;
                assert!(
                    stderr.is_empty() || stderr.contains(word) && stderr.lines().count() == 1,
                    "{stderr}"
                );
                stderr.contains("has no effect")
            })
            .collect();
        assert_eq!(answers, [command], "{name}");
    }
}
