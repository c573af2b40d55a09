//! The settings of Swit's provisioning example as they are, all of them: from the environment alone, from a `.env` alone.

use crate::fixture::UNHURRIED;
use muster_tests::cli::{Cli, Ran, root};
use muster_tests::servers::OpenLdap;
use muster_tests::servers::openldap::{READER, READER_PASSWORD, SUFFIX, Setup};
use muster_tests::simulator::swit::{Options, Swit};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const BASE: &str = "OU=HQ,dc=example,dc=org";

fn unit(name: &str, above: &str) -> String {
    format!("dn: ou={name},{above}\nobjectClass: organizationalUnit\nou: {name}\n\n")
}

fn person(uid: &str, unit: &str) -> String {
    format!(
        "dn: uid={uid},ou={unit},{BASE}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid}\nsn: Larsen\n\
         displayName: {uid} Larsen\nmobile: +45 12 34\nmail: {uid}@example.org\n\n"
    )
}

fn group(cn: &str, members: &[&str]) -> String {
    let members: String = members.iter().map(|member| format!("member: {member},{BASE}\n")).collect();
    format!("dn: cn={cn},ou=Groups,{BASE}\nobjectClass: groupOfNames\ncn: {cn}\n{members}\n")
}

fn directory() -> Option<OpenLdap> {
    let ldif = [
        unit("HQ", SUFFIX),
        unit("Employees", BASE),
        unit("Partners", BASE),
        unit("Groups", BASE),
        unit("Elsewhere", BASE),
        person("ane", "Employees"),
        person("bo", "Partners"),
        person("cy", "Elsewhere"),
        group("Leaf", &["uid=ane,ou=Employees"]),
        group("Printers", &["uid=bo,ou=Partners"]),
        group("Sales", &["uid=ane,ou=Employees", "uid=bo,ou=Partners", "cn=Leaf,ou=Groups"]),
        group("Admin Division", &["uid=ane,ou=Employees", "cn=Printers,ou=Groups"]),
    ];
    OpenLdap::start(&Setup { ldif: ldif.concat(), ..Setup::default() })
}

/// Every variable of the example, and beside them only where the simulator's other host is, and its pace.
fn variables(ldap: &OpenLdap, swit: &Swit) -> Vec<(&'static str, String)> {
    let url = ldap.url();
    let (host, port) = url.trim_start_matches("ldap://").split_once(':').unwrap();
    let own = |text: &str| text.to_owned();
    vec![
        ("IS_RUNNING_LOCALLY", own("False")),
        ("SWIT_CLIENT_ID", own("muster")),
        ("SWIT_CLIENT_SECRET", own("client-secret")),
        ("OPERATION_AUTH_KEY", own("1234")),
        ("PORT", own("5000")),
        ("SCHEDULE_TIME", own("00:00")),
        ("DEFAULT_USER_LANGUAGE", own("ko")),
        ("SWIT_WEBHOOK_URL", swit.webhook_url()),
        ("SWIT_BASE_URL", swit.url()),
        ("TEAMS_TO_EXCLUDE", own("Admin Division")),
        ("LDAP_SERVER_DOMAIN", own(host)),
        ("LDAP_SERVER_PORT", own(port)),
        ("LDAP_USER", own(READER)),
        ("LDAP_PASSWORD", own(READER_PASSWORD)),
        ("LDAP_SEARCH_BASE", own(BASE)),
        ("LDAP_USER_OUS", own("Employees,Partners")),
        ("LDAP_GROUP_OUS", own("Groups")),
        ("SWIT_SCIM_URL", swit.scim_url()),
        ("SWIT_RATE", own(UNHURRIED)),
    ]
}

/// Log in, then run the pipeline twice; `with` gives the settings. What the second run did not send.
fn assert_provisioned(swit: &Swit, home: &Path, with: impl Fn(Cli) -> Cli) -> Ran {
    // Where the tokens are kept is nobody's setting.
    let own = |name: &str| home.join(name).to_str().unwrap().to_owned();
    let at_home =
        |cli: Cli| with(cli).env("HOME", &own("")).env("XDG_CONFIG_HOME", &own(".config")).in_dir(home);
    log_in(at_home(Cli::new("push-swit").args([
        "--login",
        "--redirect-url",
        "http://127.0.0.1:0/oauth_callback",
    ])));
    let script = root().join("scripts/pipelines/ldap-to-swit");
    let run = || {
        let cli = Cli::shell(&format!("exec {}", script.display()));
        at_home(cli).env("STATE_DIRECTORY", &own("state")).run()
    };
    let first = run().with_status(0);
    let organisation = swit.organisation();
    let mut people: Vec<(&str, &str, &str)> = organisation
        .users
        .iter()
        .map(|user| (user.email.as_str(), user.name.as_str(), user.language.as_str()))
        .collect();
    people.sort_unstable();
    assert_eq!(
        people,
        [
            ("ane@example.org", "ane Larsen", "ko"),
            ("bo@example.org", "bo Larsen", "ko"),
            ("master@example.org", "The Master", "en")
        ]
    );
    let mut paths: Vec<String> = organisation
        .teams
        .iter()
        .filter(|team| team.parent.is_some())
        .map(|team| format!("{}: {}", organisation.path(team), organisation.members(&team.name).join(" ")))
        .collect();
    paths.sort();
    assert_eq!(
        paths,
        [
            "Printers: bo@example.org",
            "Sales / Leaf: ane@example.org",
            "Sales: ane@example.org bo@example.org",
            "Unassigned: "
        ]
    );
    let message = organisation.messages.last().expect("no message in the channel");
    assert!(message.starts_with("push-swit: ") && message.contains("created"), "{message}");
    swit.forget();
    run().with_status(0);
    assert!(swit.writes().is_empty(), "{:?}", swit.writes());
    first
}

/// Agree in a browser.
fn log_in(mut cli: Cli) {
    use std::io::BufRead;
    let mut child = cli.spawn();
    let mut page = String::new();
    std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut page).unwrap();
    ureq::get(page.trim()).call().unwrap();
    Ran::from(child.wait_with_output().unwrap()).with_status(0);
}

#[test]
fn the_environment_of_the_example_is_enough() {
    let Some(ldap) = directory() else { return };
    let (swit, home) = (Swit::start(Options::default()), tempfile::tempdir().unwrap());
    let variables = variables(&ldap, &swit);
    assert_provisioned(&swit, home.path(), |cli| {
        variables.iter().fold(cli, |cli, (name, value)| cli.env(name, value))
    });
}

#[test]
fn the_env_file_of_the_example_is_enough() {
    let Some(ldap) = directory() else { return };
    let (swit, home) = (Swit::start(Options::default()), tempfile::tempdir().unwrap());
    let quoted = |name: &str, value: &str| match name {
        // As the example quotes them.
        "TEAMS_TO_EXCLUDE" | "LDAP_SEARCH_BASE" => format!("{name}=\"{value}\"\n"),
        "SCHEDULE_TIME" => format!("{name}='{value}'\n\n# LDAP (only for LDAP)\n"),
        "IS_RUNNING_LOCALLY" => format!("{name}={value} # Set to False when running on the server\n"),
        _ => format!("{name}={value}\n"),
    };
    let text: String = variables(&ldap, &swit).iter().map(|(name, value)| quoted(name, value)).collect();
    let file = home.path().join(".env");
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    let ran = assert_provisioned(&swit, home.path(), |cli| cli);
    assert!(ran.stderr.contains("the variable 'SCHEDULE_TIME' has no effect"), "{}", ran.stderr);
    for secret in ["client-secret", READER_PASSWORD, "1234", "secretwebhookid"] {
        assert!(!ran.stderr.contains(secret), "{}", ran.stderr);
    }
}

#[test]
fn variables_that_are_set_to_nothing_are_not_set() {
    let ran = Cli::new("extract-ldap")
        .env("LDAP_SERVER_DOMAIN", "127.0.0.1")
        .env("LDAP_SERVER_PORT", "")
        .env("LDAP_USER_OUS", "")
        .env("LDAP_SEARCH_BASE", BASE)
        .args(["--show-settings"])
        .run()
        .with_status(0);
    assert!(ran.stdout.contains("server_domain = 127.0.0.1"), "{}", ran.stdout);
}
