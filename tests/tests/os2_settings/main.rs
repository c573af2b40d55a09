//! Every setting of the OS2 exporters, in each of its spellings, reaches exactly one command or is answered by one.

mod variables;
mod whole;

use muster_tests::cli::{Cli, Ran, root};
use serde_json::{Value, json};

const EXTRACT: &str = "extract-os2mo";
const MAP: &str = "map";
const PUSH: &str = "push-os2sync";
const REGISTRY: &str = "extract-os2sync";
/// Both commands that speak to OS2sync.
const OS2SYNC: &str = "";
const COMMANDS: [&str; 4] = [EXTRACT, MAP, REGISTRY, PUSH];

/// Setting in the JSON file of the first generation, setting in section `[os2sync]` of an INI file, a value, and whom it
/// reaches.
const SETTINGS: [(&str, &str, &str, &str); 26] = [
    ("mora.base", "", "https://mo.example.org", EXTRACT),
    ("crontab.SAML_TOKEN", "", "3e2b4f0e-0000-4000-8000-000000000001", EXTRACT),
    ("os2sync.ca_verify_os2mo", "ca_verify_os2mo", "false", EXTRACT),
    ("municipality.cvr", "municipality", "12345678", OS2SYNC),
    ("os2sync.api_url", "api_url", "https://os2sync.example.org/api", OS2SYNC),
    ("os2sync.ca_verify_os2sync", "ca_verify_os2sync", "false", OS2SYNC),
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
const RETIRED: [(&str, &str, &str); 8] = [
    ("os2sync.hash_cache", "--ledger", PUSH),
    ("os2sync.log_file", "standard error", PUSH),
    ("os2sync.log_level", "-v", PUSH),
    ("os2sync.randomize_fk_org_uuid", "OS2mo", PUSH),
    ("os2sync.use_lc_db", "in bulk", EXTRACT),
    ("os2sync.new", "--spec os2sync-accounts", MAP),
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
    COMMANDS.into_iter().filter(reads).collect()
}

fn commands(of: &'static str) -> Vec<&'static str> {
    if of == OS2SYNC { vec![REGISTRY, PUSH] } else { vec![of] }
}

fn json_file(name: &str, value: &str) -> String {
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    json!({ name: value }).to_string()
}

#[test]
fn every_setting_of_the_settings_file_reaches_one_command() {
    for (name, _, value, command) in SETTINGS.iter().filter(|(name, ..)| !name.is_empty()) {
        let readers = readers("settings.json", &json_file(name, value), "os2sync");
        assert_eq!(readers, commands(command), "{name}");
    }
}

#[test]
fn every_setting_of_an_ini_file_reaches_one_command() {
    for (_, name, value, command) in SETTINGS.iter().filter(|(_, name, ..)| !name.is_empty()) {
        let text = format!("[os2sync]\n{name} = {value}\n");
        assert_eq!(readers("os2sync.ini", &text, "os2sync"), commands(command), "{name}");
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
fn no_setting_of_os2syncs_commands_is_taken_for_a_misspelt_one_of_the_spec() {
    let all_of = |command| Cli::new(command).args(["--show-settings"]).run().with_status(0).stdout;
    let settings = all_of(PUSH) + &all_of(REGISTRY);
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
        let answers: Vec<_> = COMMANDS
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

#[test]
fn no_setting_of_a_spec_is_unknown_to_os2syncs_commands() {
    for spec in ["os2sync", "os2sync-accounts"] {
        let file = root().join(format!("shared/mapping/specs/{spec}.json"));
        let spec: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let text: String =
            spec["settings"].as_object().unwrap().keys().map(|key| format!("{key} =\n")).collect();
        assert!(text.contains("one_manager_only"));
        for command in [PUSH, REGISTRY] {
            let stderr = self::shown(command, "os2sync.ini", &format!("[os2sync]\n{text}"), "").stderr;
            assert_eq!(stderr, "", "{command}");
        }
    }
}

#[test]
fn no_setting_of_one_command_of_os2sync_is_unknown_to_the_other() {
    for (of, other) in [(PUSH, REGISTRY), (REGISTRY, PUSH)] {
        let settings = Cli::new(of).args(["--show-settings"]).run().with_status(0).stdout;
        let keys = settings.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key);
        let text: String = keys.filter(|key| *key != "kind").map(|key| format!("{key} =\n")).collect();
        let stderr = shown(other, "os2sync.ini", &format!("[os2sync]\n{text}"), "").stderr;
        assert_eq!(stderr, "", "{other}");
    }
}

#[test]
fn a_misspelt_setting_is_answered_with_the_nearest_one() {
    for (command, key, near) in [
        (EXTRACT, "graphql_versoin", "graphql_version"),
        (PUSH, "muncipality", "municipality"),
        (REGISTRY, "hierachy_wait", "hierarchy_wait"),
        (MAP, "sync_mangers", "sync_managers"),
    ] {
        let section = if command == EXTRACT { "os2mo" } else { "os2sync" };
        let ran = shown(command, "settings.ini", &format!("[{section}]\n{key} = 1\n"), "os2sync");
        assert!(ran.stderr.contains(&format!("did you mean '{near}'?")), "{command}: {}", ran.stderr);
    }
}
