//! CyberArk Conjur as a backend: ids encoded whole, tokens that end, several variables at once.

use crate::stage::Stage;
use muster_tests::simulator::conjur::{Conjur, Options};
use muster_tests::simulator::{Fault, Rule};

const SETTINGS: &str = "[ldap]\nvault_backend = cyberark\nvault_keys = username password\n";

fn filled(options: Options) -> Conjur {
    let conjur = Conjur::start(options);
    conjur.put("username", "reader");
    conjur.put("password", "first");
    conjur.put("password", "pässword");
    conjur
}

fn stage(conjur: &Conjur, settings: &str) -> Stage {
    let stage = Stage::with_settings(settings);
    stage.store("ldap", "vault_url", &conjur.url());
    stage.store("ldap", "vault_token", "conjur-api-key");
    stage
}

#[test]
fn several_variables_come_in_one_request() {
    for encodes in [true, false] {
        let conjur = filled(Options { encodes, ..Options::default() });
        let stage = stage(&conjur, SETTINGS);
        let ran = stage.strongbox("check --format json").run().with_status(0);
        assert_eq!(ran.lines().len(), 2);
        let seen = conjur.served().seen();
        let paths: Vec<&str> = seen.iter().map(|seen| seen.path_and_query.as_str()).collect();
        let ids = "ldap%3Avariable%3Ausername,ldap%3Avariable%3Apassword";
        assert_eq!(paths, ["/authn/ldap/admin/authenticate", &format!("/secrets?variable_ids={ids}")]);
        assert_eq!(stage.get("ldap", "password"), "pässword");
    }
}

#[test]
fn ids_and_logins_are_encoded_whole() {
    let conjur = filled(Options { account: "prod".to_owned(), ..Options::default() });
    conjur.inside().logins.insert("host/apps/muster".to_owned(), "host-key".to_owned());
    conjur.put("data/people & places/ldap/the password+", "odd");
    let settings = "[ldap]\nvault_backend = cyberark\nvault_account = prod\nvault_login = host/apps/muster\n\
                    vault_prefix = data/people & places\n";
    let stage = stage(&conjur, settings);
    stage.store("ldap", "vault_token", "host-key");
    let get = ["get", "--connector", "ldap", "--key", "the password+"];
    assert_eq!(stage.command("strongbox").args(get).run().with_status(0).stdout, "odd");
    let seen = conjur.served().seen();
    let paths: Vec<&str> = seen.iter().map(|seen| seen.path_and_query.as_str()).collect();
    assert_eq!(
        paths,
        [
            "/authn/prod/host%2Fapps%2Fmuster/authenticate",
            "/secrets/prod/variable/data%2Fpeople%20%26%20places%2Fldap%2Fthe%20password%2B"
        ]
    );
}

#[test]
fn the_form_of_ids_can_be_set() {
    let conjur = filled(Options::default());
    conjur.put("apps/password/of/ldap", "elsewhere");
    let stage = stage(&conjur, &format!("{SETTINGS}vault_id = apps/{{key}}/of/{{name}}\n"));
    assert_eq!(stage.get("ldap", "password"), "elsewhere");
}

#[test]
fn a_token_that_has_ended_is_replaced() {
    let conjur = filled(Options { uses: 1, ..Options::default() });
    conjur.put("other", "x");
    let stage = stage(&conjur, &format!("{SETTINGS}other = strongbox://ldap/other?version=1\n"));
    stage.strongbox("check").run().with_status(0);
    assert_eq!(conjur.inside().issued, 2);
}

#[test]
fn a_missing_variable_is_named_and_the_others_are_still_read() {
    let conjur = filled(Options::default());
    let settings = SETTINGS.replace("password", "password api_token");
    let stage = stage(&conjur, &settings);
    let ran = stage.strongbox("check --format json").run().with_status(78);
    let ok: Vec<bool> = ran.lines().iter().map(|line| line["ok"] == true).collect();
    assert_eq!(ok, [true, true, false]);
    assert!(ran.lines()[2]["error"].as_str().unwrap().contains("there is no secret 'api_token' for 'ldap'"));
}

#[test]
fn older_values_can_be_read() {
    let conjur = filled(Options::default());
    let stage = stage(&conjur, SETTINGS);
    let run = stage.strongbox("run -- sh -c").args(["printf %s \"$OLD\""]);
    let ran = run.env("OLD", "strongbox://cyberark@ldap/password?version=1").run().with_status(0);
    assert_eq!(ran.stdout, "first");
}

#[test]
fn values_are_written_where_a_policy_has_the_variable_and_never_deleted() {
    let conjur = filled(Options::default());
    let stage = stage(&conjur, SETTINGS);
    stage.strongbox("--connector ldap --key password").stdin("newest\n").run().with_status(0);
    assert_eq!(stage.get("ldap", "password"), "newest");
    let ran = stage.strongbox("--connector ldap --key unknown").stdin("x").run().with_status(78);
    assert!(ran.stderr.contains("has no variable 'unknown'"), "{}", ran.stderr);
    let ran = stage.strongbox("delete --connector ldap --key password").run().with_status(64);
    assert!(ran.stderr.contains("by its policies only"), "{}", ran.stderr);
    let ran = stage.strongbox("rotate --connector ldap --key password").stdin("x").run().with_status(64);
    assert!(ran.stderr.contains("last 20 values"), "{}", ran.stderr);
    let listed = stage.strongbox("list --connector ldap --backend cyberark").run().with_status(0).stdout;
    assert!(listed.contains("password") && listed.contains("username"), "{listed}");
}

#[test]
fn every_refusal_has_its_own_words_and_exit() {
    let conjur = filled(Options::default());
    let stage = stage(&conjur, SETTINGS);
    let said = |status: i32, words: &str| {
        let ran = stage.strongbox("get --connector ldap --key password").run().with_status(status);
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
        assert!(!ran.stderr.contains("canary"), "{}", ran.stderr);
    };
    conjur.inside().forbidden.insert("password".to_owned());
    said(77, "does not let this login read");
    conjur.inside().forbidden.clear();
    conjur.served().faults.add(Rule::always(Fault::Status(500)).path("/secrets"));
    said(69, "CyberArk failed: 500");
    conjur.served().faults.clear();
    conjur.inside().variables.insert("password".to_owned(), vec![vec![0xff, 0xfe]]);
    said(65, "no UTF-8 text");
    stage.store("ldap", "vault_token", "key-canary");
    said(77, "refuses the login or its API key");
}

#[test]
fn no_token_follows_a_redirect_to_another_origin() {
    let (conjur, other) = (filled(Options::default()), filled(Options::default()));
    let stage = stage(&conjur, SETTINGS);
    let elsewhere = format!("{}/secrets/ldap/variable/password", other.url());
    conjur.served().faults.add(Rule::always(Fault::Redirect(elsewhere)).path("/secrets"));
    let ran = stage.strongbox("get --connector ldap --key password").run().with_status(76);
    assert!(ran.stderr.contains("redirects to another origin") && ran.stdout.is_empty(), "{}", ran.stderr);
    assert_eq!(other.served().seen().len(), 0, "nothing reached the other host");
}
