//! The settings of the later exporters, which are environment variables.

use super::*;

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
