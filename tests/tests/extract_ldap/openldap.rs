//! Against a real OpenLDAP: records, pages, limits, groups.

use super::{all, assert_partial, extract};
use muster_tests::cli::Cli;
use muster_tests::servers::OpenLdap;
use muster_tests::servers::openldap::{
    READER, READER_PASSWORD, SUFFIX, Setup, group, people, person, person_dn,
};
use serde_json::{Value, json};

pub fn started(ldif: String) -> Option<OpenLdap> {
    OpenLdap::start(&Setup { ldif, ..Setup::default() })
}

pub fn group_dn(cn: &str) -> String {
    format!("cn={cn},ou=groups,{SUFFIX}")
}

/// The record whose attribute `cn` is this.
pub fn named<'a>(records: &'a [Value], cn: &str) -> &'a Value {
    records.iter().find(|record| record["cn"] == cn).unwrap()
}

pub fn sorted(mut texts: Vec<&str>) -> Vec<&str> {
    texts.sort_unstable();
    texts
}

#[test]
fn users_and_groups_are_records_with_their_references() {
    let Some(ldap) = started(people(3) + &group("dev", [person_dn("u1"), person_dn("u2")])) else { return };
    let ran = extract(&ldap).args(["--kind", "group", "--kind", "user"]).run().with_status(0);
    let records = ran.records();
    let user = &records[0];
    let key = user["entryUUID"].as_str().unwrap();
    let expected = json!({
        "_kind": "user", "_key": key, "_alias": [person_dn("u1")], "dn": person_dn("u1"), "cn": "Ane u1", "entryUUID": key,
        "givenName": "Ane", "mail": "u1@example.org", "memberOf": [group_dn("dev")], "objectClass": ["inetOrgPerson"],
        "sn": "Larsen u1", "uid": "u1"
    });
    assert_eq!(user.to_string(), expected.to_string());
    assert_eq!(named(&records, "dev")["member"], json!([person_dn("u1"), person_dn("u2")]));
    let ends: Vec<_> =
        ran.ends().iter().map(|end| (end["by_kind"].clone(), end["complete"].clone())).collect();
    assert_eq!(ends, [(json!({"user": 3}), json!(true)), (json!({"group": 1}), json!(true))]);
    let scope = format!("{}/{SUFFIX}??sub?(cn=d%20*)?kind=user", ldap.url());
    let ran = extract(&ldap).args(["--filter", "(cn=d *)"]).run().with_status(0);
    assert_eq!((ran.records().len(), ran.ends()[0]["scope"].as_str().unwrap()), (0, scope.as_str()));
}

#[test]
fn every_page_is_read_and_twice_gives_the_same() {
    let setup = Setup { bulk: people(1203), size_limit: "100", ..Setup::default() };
    let Some(ldap) = OpenLdap::start(&setup) else { return };
    let read = |size: &str| {
        let ran = extract(&ldap).args(["--page-size", size]).run().with_status(0);
        ran.records().iter().map(Value::to_string).collect::<Vec<_>>()
    };
    let whole = read("500");
    assert_eq!(whole.len(), 1203);
    for size in ["1203", "1204", "77", "401"] {
        assert_eq!(read(size), whole, "pages of {size}");
    }
}

#[test]
fn a_limit_of_the_server_is_a_partial_read() {
    let setup = Setup { bulk: people(60), reader_limit: "50", size_limit: "20", ..Setup::default() };
    let Some(ldap) = OpenLdap::start(&setup) else { return };
    let paged = extract(&ldap).args(["--page-size", "10"]).run().with_status(4);
    assert_partial(&paged, "size limit cut the read short: 4 (sizeLimitExceeded)");
    assert_eq!(paged.ends()[0]["records"], paged.records().len());
    let unpaged = extract(&ldap).args(["--protocol-version", "2"]).run();
    assert_partial(&unpaged.with_status(78), "the server refused the bind: 2");
}

#[test]
fn pages_that_are_too_large_say_so() {
    let setup = Setup {
        bulk: people(10),
        access: "access to * by * read",
        global: "sizelimit size.soft=500 size.hard=500 size.pr=5".to_owned(),
        ..Setup::default()
    };
    let Some(ldap) = OpenLdap::start(&setup) else { return };
    let anonymous =
        Cli::new("extract-ldap").args(["--url", &ldap.url(), "--base-dn", SUFFIX, "--page-size", "6"]);
    assert_partial(&anonymous.run().with_status(4), "try a smaller --page-size");
}

#[test]
fn limit_narrows_the_read() {
    let Some(ldap) = started(people(30)) else { return };
    let ran = extract(&ldap).args(["--limit", "7", "--page-size", "5"]).run().with_status(0);
    let end = &ran.ends()[0];
    assert_eq!((ran.records().len(), &end["complete"]), (7, &json!(false)));
    assert_eq!(end["error"], "only 7 records were asked for");
    let all_of_them = extract(&ldap).args(["--limit", "30"]).run().with_status(0);
    assert_eq!(all_of_them.ends()[0]["complete"], true);
}

#[test]
fn an_empty_directory_is_a_complete_read_of_nothing() {
    let Some(ldap) = started(String::new()) else { return };
    let ran = extract(&ldap).run().with_status(0);
    assert_eq!((ran.records().len(), &ran.ends()[0]["complete"]), (0, &json!(true)));
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let Some(ldap) = OpenLdap::start(&Setup { bulk: people(3000), ..Setup::default() }) else { return };
    let line = format!(
        "extract-ldap --url {} --base-dn {SUFFIX} --username {READER} --page-size 100 | head -n 1 | jq -r .uid; \
         echo ${{PIPESTATUS[0]}}",
        ldap.url()
    );
    let ran = Cli::shell(&line).env("LDAP_PASSWORD", READER_PASSWORD).run();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("u1\n0\n", ""));
}

#[test]
fn names_and_filters_with_special_characters_are_found() {
    let dn = format!("cn=Larsen\\, Ane \\28West\\29 \\2A,ou=people,{SUFFIX}");
    let odd = format!(
        "dn: {dn}\nobjectClass: inetOrgPerson\ncn: Larsen, Ane (West) *\nsn: Æble\nuid: a*(b)\\c\n\n"
    );
    let Some(ldap) = started(odd + &person("u1") + &group("odd", [dn])) else { return };
    let cn = "Larsen, Ane (West) *";
    let by_group = extract(&ldap).args(["--group-dn", &group_dn("odd")]).run().with_status(0);
    assert_eq!(all(&by_group.records(), "cn"), [cn]);
    let filter = "(&(cn=Larsen, Ane \\28West\\29 \\2a)(sn=Æble))";
    let by_filter = extract(&ldap).args(["--filter", filter]).run().with_status(0);
    let record = &by_filter.records()[0];
    assert_eq!((record["cn"].as_str(), record["sn"].as_str()), (Some(cn), Some("Æble")));
    assert_eq!(record["_alias"][1], "cn=larsen\\, ane (west) *,ou=people,dc=example,dc=org");
}

#[test]
fn units_of_users_and_groups_are_searched_by_their_names() {
    let unit =
        |name: &str| format!("dn: ou={name},{SUFFIX}\nobjectClass: organizationalUnit\nou: {name}\n\n");
    let ldif = unit("partners")
        + &people(1)
        + &person("p1").replace("ou=people", "ou=partners")
        + &group("dev", [person_dn("u1")]);
    let Some(ldap) = started(ldif) else { return };
    let address = ldap.url();
    let (host, port) = address.trim_start_matches("ldap://").split_once(':').unwrap();
    // As the environment of the Swit program has it.
    let ran = Cli::new("extract-ldap")
        .env("LDAP_SERVER_DOMAIN", host)
        .env("LDAP_SERVER_PORT", port)
        .env("LDAP_USER", "cn=reader,dc=example,dc=org")
        .env("LDAP_PASSWORD", "reader-canary")
        .env("LDAP_SEARCH_BASE", SUFFIX)
        .env("LDAP_USER_OUS", "partners, people")
        .env("LDAP_GROUP_OUS", "groups")
        .run()
        .with_status(0);
    assert_eq!(all(&ran.records(), "uid"), ["p1", "u1"]);
    assert_eq!(ran.ends()[1]["by_kind"], json!({"group": 1}));
    let ran = extract(&ldap).args(["--user-ous", "nowhere"]).run().with_status(78);
    assert_partial(&ran, "there is no entry 'OU=nowhere,dc=example,dc=org'");
}

#[test]
fn several_values_are_lists_when_asked_and_binary_ones_are_marked() {
    let ldif = format!(
        "dn: {}\nobjectClass: inetOrgPerson\nuid: u1\ncn: Ane\nsn: Larsen\nmail: b@example.org\nmail: a@example.org\n\
         jpegPhoto:: /9j/4A==\nuserPKCS12:: gP8=\n\n",
        person_dn("u1")
    );
    let Some(ldap) = started(ldif) else { return };
    let seed = &extract(&ldap).run().with_status(0).records()[0];
    assert_eq!((&seed["mail"], &seed["jpegPhoto;base64"]), (&json!("b@example.org"), &json!("/9j/4A==")));
    // Not known as binary, and no text either.
    assert_eq!((seed["_unknown"].clone(), seed.get("userPKCS12")), (json!(["/userPKCS12"]), None));
    let arguments = ["--lists", "--binary-attrs", "userPKCS12"];
    let lists = &extract(&ldap).args(arguments).run().with_status(0).records()[0];
    assert_eq!(lists["mail"], json!(["a@example.org", "b@example.org"]));
    assert_eq!((&lists["uid"], &lists["userPKCS12;base64"]), (&json!(["u1"]), &json!(["gP8="])));
    let few = &extract(&ldap).args(["--attrs", "mail,sn"]).run().with_status(0).records()[0];
    let names: Vec<&String> = few.as_object().unwrap().keys().collect();
    assert_eq!(names, ["_kind", "_key", "_alias", "dn", "entryUUID", "mail", "sn"]);
}

#[test]
fn a_settings_file_of_the_connector_works_as_it_stands() {
    let device = format!("dn: cn=pc1,{SUFFIX}\nobjectClass: device\ncn: pc1\nserialNumber: S1\n\n");
    let Some(ldap) = started(people(2) + &group("staff", [person_dn("u2")]) + &device) else { return };
    let common = format!(
        "enable = True\nurl = {}\nusername = cn=reader,dc=example,dc=org\npassword = env:PW\nbase_dn = {SUFFIX}\n\
         protocol_version = 3\nfilter = (objectClass=*)\npage_criterium =\ngroup_members_attr = member\n",
        ldap.url()
    );
    let file = format!(
        "[ldap]\n{common}group_dn = {}\ngroups_dn = []\ndefault_role = 25\ndefault_position = Employee\n\n[ldap_assets]\n{}\n",
        group_dn("staff"),
        common.replace("(objectClass=*)", "(objectClass=device)")
    );
    let cli = |section: &str| {
        let cli = Cli::new("extract-ldap").file("config.ini", &file).env("PW", "reader-canary");
        cli.args(["--section", section]).run().with_status(0)
    };
    let users = cli("ldap");
    assert_eq!((all(&users.records(), "uid"), users.stderr.as_str()), (vec!["u2"], ""));
    // What the connector's own mapping makes of the records.
    let line = "map -q --import config.ini --section ldap > spec.json && extract-ldap | map -q --spec ./spec.json --config config.ini";
    let mapped = Cli::shell(line).file("config.ini", &file).env("PW", "reader-canary").run().with_status(0);
    let expected = json!(["u2", "Ane", "Larsen u2", "u2@example.org"]);
    let names = ["USER", "FIRST_NAME", "LAST_NAME", "EMAIL"];
    assert_eq!(json!(names.map(|name| mapped.records()[0][name].clone())), expected);
    let assets = cli("ldap_assets");
    assert_eq!(all(&assets.records(), "serialNumber"), ["S1"]);
    assert_eq!(assets.records()[0]["_kind"], "asset");
}
