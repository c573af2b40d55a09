//! Every setting of the OS2 exporters, in each of its spellings, reaches exactly one command or is answered by one.

use muster_tests::cli::{Cli, Ran};
use muster_tests::simulator::os2mo::{self, Organisation, Os2mo};
use muster_tests::simulator::os2sync::{self, Os2sync};
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

/// Variables of the second generation, which had a prefix, and of the third, with the key that each sets and whom it
/// reaches.
const VARIABLES: [(&str, &str, &str, &str, &str); 30] = [
    ("MO_URL", "FASTRAMQPI__MO_URL", "url", "https://mo.example.org", EXTRACT),
    ("CLIENT_ID", "FASTRAMQPI__CLIENT_ID", "client_id", "dipex", EXTRACT),
    ("CLIENT_SECRET", "FASTRAMQPI__CLIENT_SECRET", "client_secret", "canary", EXTRACT),
    ("AUTH_SERVER", "FASTRAMQPI__AUTH_SERVER", "auth_server", "https://auth.example.org", EXTRACT),
    ("AUTH_REALM", "FASTRAMQPI__AUTH_REALM", "auth_realm", "mo", EXTRACT),
    ("OS2SYNC_CA_VERIFY_OS2MO", "CA_VERIFY_OS2MO", "verify_ssl", "false", EXTRACT),
    ("MUNICIPALITY", "MUNICIPALITY", "municipality", "12345678", OS2SYNC),
    ("OS2SYNC_API_URL", "OS2SYNC_API_URL", "api_url", "https://os2sync.example.org/api", OS2SYNC),
    ("OS2SYNC_CA_VERIFY_OS2SYNC", "CA_VERIFY_OS2SYNC", "verify_ssl", "false", OS2SYNC),
    ("OS2SYNC_AUTOWASH", "AUTOWASH", "autowash", "true", PUSH),
    ("OS2SYNC_TOP_UNIT_UUID", "TOP_UNIT_UUID", "top_unit_uuid", "a8b26d0c-7268-56d3-9a49-7f2ecdad54a3", MAP),
    ("OS2SYNC_XFER_CPR", "SYNC_CPR", "sync_cpr", "true", MAP),
    ("OS2SYNC_PHONE_SCOPE_CLASSES", "PHONE_SCOPE_CLASSES", "phone_scope_classes", "[]", MAP),
    ("OS2SYNC_LANDLINE_SCOPE_CLASSES", "LANDLINE_SCOPE_CLASSES", "landline_scope_classes", "[]", MAP),
    ("OS2SYNC_EMAIL_SCOPE_CLASSES", "EMAIL_SCOPE_CLASSES", "email_scope_classes", "[]", MAP),
    ("OS2SYNC_IGNORED_UNIT_LEVELS", "IGNORED_UNIT_LEVELS", "ignored_unit_levels", "[]", MAP),
    ("OS2SYNC_IGNORED_UNIT_TYPES", "IGNORED_UNIT_TYPES", "ignored_unit_types", "[]", MAP),
    ("OS2SYNC_TEMPLATES", "TEMPLATES", "templates", "{}", MAP),
    ("OS2SYNC_SYNC_MANAGERS", "SYNC_MANAGERS", "sync_managers", "true", MAP),
    ("OS2SYNC_USE_CONTACT_FOR_TASKS", "USE_CONTACT_FOR_TASKS", "use_contact_for_tasks", "true", MAP),
    (
        "OS2SYNC_EMPLOYEE_ENGAGEMENT_ADDRESS",
        "EMPLOYEE_ENGAGEMENT_ADDRESS",
        "employee_engagement_address",
        "[]",
        MAP,
    ),
    ("OS2SYNC_UUID_FROM_IT_SYSTEMS", "UUID_FROM_IT_SYSTEMS", "uuid_from_it_systems", "[]", MAP),
    ("OS2SYNC_TRUNCATE_LENGTH", "TRUNCATE_LENGTH", "truncate_length", "100", MAP),
    ("OS2SYNC_USER_KEY_IT_SYSTEM_NAME", "USER_KEY_IT_SYSTEM_NAMES", "user_key_it_system_names", "AD", MAP),
    ("OS2SYNC_FILTER_HIERARCHY_NAMES", "FILTER_HIERARCHY_NAMES", "filter_hierarchy_names", "[]", MAP),
    (
        "OS2SYNC_FILTER_USERS_BY_IT_SYSTEM",
        "FILTER_USERS_BY_IT_SYSTEM",
        "filter_users_by_it_system",
        "true",
        MAP,
    ),
    ("OS2SYNC_FILTER_ORGUNIT_UUID", "FILTER_ORGUNIT_UUID", "filter_orgunit_uuid", "[]", MAP),
    ("OS2SYNC_ENABLE_KLE", "ENABLE_KLE", "enable_kle", "true", MAP),
    ("OS2SYNC_GROUP_BY_ENGAGEMENT_UUID", "GROUP_BY_ENGAGEMENT_UUID", "group_by_engagement_uuid", "true", MAP),
    (
        "OS2SYNC_USE_EXTENSION_FIELD_AS_JOB_FUNCTION",
        "USE_EXTENSION_FIELD_AS_JOB_FUNCTION",
        "extension_field_as_job_function",
        "true",
        MAP,
    ),
];

#[test]
fn every_variable_of_the_later_exporters_reaches_its_command() {
    for (second, third, key, value, of) in VARIABLES {
        for variable in [second, third] {
            let origin = format!("# {variable}\n");
            let read_as = |command: &&str| {
                let spec: &[&str] = if *command == MAP { &["--spec", "os2sync"] } else { &[] };
                let ran = Cli::new(command).args(["--show-settings"]).args(spec).env(variable, value).run();
                let shown = ran.with_status(0).stdout;
                let lines: Vec<_> =
                    shown.lines().filter(|line| format!("{line}\n").ends_with(&origin)).collect();
                assert!(lines.iter().all(|line| line.starts_with(&format!("{key} = "))), "{lines:?}");
                !lines.is_empty()
            };
            let readers: Vec<_> = COMMANDS.into_iter().filter(read_as).collect();
            assert_eq!(readers, commands(of), "{variable}");
        }
    }
}

#[test]
fn our_own_variable_wins_over_an_old_one_and_both_over_the_file() {
    let shown = |variables: &[(&str, &str)]| {
        let cli = Cli::new(PUSH).file("settings.json", &json_file("municipality.cvr", "33333333"));
        let cli = variables.iter().fold(cli, |cli, (name, value)| cli.env(name, value));
        let shown = cli.args(["--config", "settings.json", "--show-settings"]).run().with_status(0).stdout;
        shown
            .lines()
            .find(|line| line.starts_with("municipality"))
            .unwrap()
            .split_whitespace()
            .nth(2)
            .unwrap()
            .to_owned()
    };
    let (own, old) = (("OS2SYNC_MUNICIPALITY", "11111111"), ("MUNICIPALITY", "22222222"));
    assert_eq!(
        (shown(&[own, old]), shown(&[old]), shown(&[])),
        ("11111111".to_owned(), "22222222".to_owned(), "33333333".to_owned())
    );
    assert_eq!(shown(&[("OS2SYNC_MUNICIPALITY", "11111111"), ("MUNICIPALITY", "")]), "11111111");
}

/// A whole settings file of the first generation, other programs' keys included.
fn settings_json(os2mo: &Os2mo, os2sync: &Os2sync) -> String {
    json!({
        "municipality.name": "Fjordby Kommune",
        "municipality.cvr": "12345678",
        "mora.base": os2mo.url(),
        "mox.base": "http://localhost:8080",
        "integrations.ad.settings": { "search_base": "OU=x" },
        "os2sync.api_url": os2sync.api_url(),
        "os2sync.top_unit_uuid": os2mo.organisation().top_unit,
        "os2sync.xfer_cpr": true,
        "os2sync.hash_cache": "/opt/docker/os2mo/queries/os2sync_hash_cache",
        "os2sync.log_file": "/var/log/os2sync.log",
        "os2sync.log_level": 10,
        "os2sync.phone_scope_classes": [],
        "os2sync.email_scope_classes": [],
        "os2sync.ignored.unit_levels": [],
        "os2sync.ignored.unit_types": [],
        "os2sync.templates": { "person.name": "{{ name }}" },
        "os2sync.sync_managers": false,
        "os2sync.use_lc_db": false,
        "os2sync.ca_verify_os2mo": true,
        "os2sync.ca_verify_os2sync": true,
    })
    .to_string()
}

const PIPELINE: &str =
    "extract-os2mo --today $TODAY | map --spec os2sync | push-os2sync --ledger ledger && extract-os2sync";

fn systems() -> (Os2mo, Os2sync) {
    let os2mo = Os2mo::start(Organisation::generated(3, 30, 8), os2mo::Options::default()).unwrap();
    (os2mo, Os2sync::start(os2sync::Options { hierarchy_polls: 0, ..os2sync::Options::default() }))
}

fn users(ran: &Ran) -> usize {
    ran.records().iter().filter(|line| line["_kind"] == "user").count()
}

#[test]
fn a_whole_settings_file_drives_all_four_commands() {
    let (os2mo, os2sync) = systems();
    let ran = Cli::shell(PIPELINE)
        .file("settings.json", &settings_json(&os2mo, &os2sync))
        .env("MUSTER_CONFIG", "settings.json")
        .env("TODAY", &os2mo.organisation().today.to_string())
        .run()
        .with_status(0);
    assert!(users(&ran) > 10, "{}", ran.stderr);
    assert!(!ran.stderr.contains("nobody knows"), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("has no effect").count(), 4, "{}", ran.stderr);
}

#[test]
fn the_environment_of_each_later_exporter_drives_all_four_commands() {
    for (url, top, cpr) in [
        ("MO_URL", "OS2SYNC_TOP_UNIT_UUID", "OS2SYNC_XFER_CPR"),
        ("FASTRAMQPI__MO_URL", "TOP_UNIT_UUID", "SYNC_CPR"),
    ] {
        let (os2mo, os2sync) = systems();
        let ran = Cli::shell(PIPELINE)
            .env("TODAY", &os2mo.organisation().today.to_string())
            .env("MUNICIPALITY", "12345678")
            .env("OS2SYNC_API_URL", &os2sync.api_url())
            .env(url, &os2mo.url())
            .env(top, &os2mo.organisation().top_unit.to_string())
            .env(cpr, "true")
            .run()
            .with_status(0);
        assert!(users(&ran) > 10, "{}", ran.stderr);
        assert!(os2sync.registry().users().iter().any(|user| user["Person"]["Cpr"].is_string()));
    }
}
