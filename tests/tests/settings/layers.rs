//! Flag, environment, `.env`, section, `[DEFAULT]`, the command's default: which one counts, and what each may hold.

use muster_tests::cli::{Cli, Ran};

/// `extract-os2mo --show-settings` with these variables, this `.env` and this `config.ini`; empty ones are left out.
fn show(arguments: &[&str], variables: &[(&str, &str)], env_file: &str, config: &str) -> Ran {
    let mut cli = Cli::new("extract-os2mo").args(["--show-settings"]).args(arguments);
    for (name, value) in variables {
        cli = cli.env(name, value);
    }
    for (name, text) in [(".env", env_file), ("config.ini", config)] {
        if !text.is_empty() {
            cli = cli.file(name, text);
        }
    }
    cli.run()
}

/// The line of `key`, its blanks folded.
fn line(ran: &Ran, key: &str) -> String {
    let line = ran.stdout.lines().find(|line| line.split(' ').next() == Some(key));
    let words: Vec<_> = line.unwrap_or_else(|| panic!("{key}: {}", ran.stderr)).split_whitespace().collect();
    words.join(" ")
}

const CONFIG: &str = "[os2mo]\nauth_realm = file\n[DEFAULT]\nauth_realm = general\ntop_unit = 6f5c0000-0000-4000-8000-00000000000a\n";

#[test]
fn each_layer_stands_before_the_next() {
    let flag: &[&str] = &["--auth-realm", "flag"];
    let variable: &[(&str, &str)] = &[("OS2MO_AUTH_REALM", "variable")];
    let env_file = "OS2MO_AUTH_REALM=env-file\n";
    let realm = |ran: Ran| line(&ran, "auth_realm");
    assert_eq!(realm(show(flag, variable, env_file, CONFIG)), "auth_realm = flag # flag");
    assert_eq!(realm(show(&[], variable, env_file, CONFIG)), "auth_realm = variable # OS2MO_AUTH_REALM");
    assert_eq!(realm(show(&[], &[], env_file, CONFIG)), "auth_realm = env-file # .env:1");
    assert_eq!(realm(show(&[], &[], "", CONFIG)), "auth_realm = file # config.ini:2");
    let general = CONFIG.replace("auth_realm = file", "auth_realm =");
    assert_eq!(realm(show(&[], &[], "", &general)), "auth_realm = general # config.ini:4");
    assert_eq!(realm(show(&[], &[], "", "")), "auth_realm = mo # default");
}

#[test]
fn the_section_counts_before_default_in_whatever_order_they_stand() {
    let turned = "[DEFAULT]\nauth_realm = general\n[os2mo]\nauth_realm = file\n";
    for config in [CONFIG, turned] {
        assert!(line(&show(&[], &[], "", config), "auth_realm").contains("= file #"), "{config}");
    }
    assert!(line(&show(&[], &[], "", CONFIG), "top_unit").contains("6f5c0000"));
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let empty: &[(&str, &str)] = &[("OS2MO_AUTH_REALM", ""), ("OS2MO_URL", ""), ("OS2MO_PARALLEL", "")];
    let ran = show(&[], empty, "OS2MO_AUTH_REALM=\n", CONFIG).with_status(0);
    assert_eq!(line(&ran, "auth_realm"), "auth_realm = file # config.ini:2");
    assert_eq!(line(&ran, "parallel"), "parallel = 4 # default");
    let nowhere: &[(&str, &str)] = &[("MUSTER_CONFIG", ""), ("XDG_CONFIG_HOME", "")];
    assert_eq!(line(&show(&[], nowhere, "", CONFIG), "auth_realm"), "auth_realm = file # config.ini:2");
}

#[test]
fn a_list_may_stand_in_every_layer() {
    for value in ["org_unit,person", "[\"org_unit\", \"person\"]", "org_unit, person"] {
        let by_variable = show(&[], &[("OS2MO_KIND", value)], "", "");
        assert_eq!(line(&by_variable, "kind"), "kind = org_unit, person # OS2MO_KIND");
        let by_file = show(&[], &[], &format!("OS2MO_KIND='{value}'\n"), "");
        assert_eq!(line(&by_file, "kind"), "kind = org_unit, person # .env:1");
    }
    let by_lines = show(&[], &[], "", "[os2mo]\nkind =\n  org_unit\n  person\n");
    assert_eq!(line(&by_lines, "kind"), "kind = org_unit, person # config.ini:2");
}

#[test]
fn a_section_with_a_suffix_has_variables_of_its_own() {
    let config = "[os2mo.Fjordby]\nauth_realm = file\n";
    let section: &[&str] = &["--section", "os2mo.Fjordby"];
    let both: &[(&str, &str)] = &[
        ("OS2MO_FJORDBY_AUTH_REALM", "theirs"),
        ("OS2MO_AUTH_REALM", "all"),
        ("OS2MO_FJORDBY_SESSION", "canary"),
    ];
    let ran = show(section, both, "", config);
    assert_eq!(line(&ran, "auth_realm"), "auth_realm = theirs # OS2MO_FJORDBY_AUTH_REALM");
    assert_eq!(line(&ran, "session"), "session = *** # OS2MO_FJORDBY_SESSION");
    assert_eq!(
        line(&show(section, &both[1..], "", config), "auth_realm"),
        "auth_realm = all # OS2MO_AUTH_REALM"
    );
    let env_file = "OS2MO_FJORDBY_AUTH_REALM=theirs\nOS2MO_AUTH_REALM=all\n";
    assert_eq!(line(&show(section, &[], env_file, config), "auth_realm"), "auth_realm = theirs # .env:1");
    assert_eq!(line(&show(section, &[], &env_file[32..], config), "auth_realm"), "auth_realm = all # .env:1");
}

#[test]
fn a_setting_that_is_no_secret_may_refer_to_one() {
    let config = "[os2mo]\nclient_id = env:THEIR_ID\nauth_realm = file:realm\n";
    let cli = || Cli::new("extract-os2mo").args(["--show-settings"]).file("config.ini", config);
    let ran = cli().file("realm", "the realm\n").env("THEIR_ID", "their-id").run().with_status(0);
    assert_eq!(line(&ran, "client_id"), "client_id = *** # config.ini:2");
    assert_eq!(line(&ran, "auth_realm"), "auth_realm = *** # config.ini:3");
    let ran = cli().file("realm", "the realm\n").run().with_status(78);
    assert!(
        ran.stderr.contains("the variable THEIR_ID, which 'client_id' names, is not set (config.ini:2)"),
        "{}",
        ran.stderr
    );
    // What a flag or a variable overrides need not be there.
    let ran = cli().args(["--auth-realm", "x"]).env("OS2MO_CLIENT_ID", "y").run().with_status(0);
    assert_eq!(line(&ran, "client_id"), "client_id = y # OS2MO_CLIENT_ID");
    let by_variable = show(&[], &[("OS2MO_CLIENT_ID", "env:THEIR_ID"), ("THEIR_ID", "their-id")], "", "");
    assert_eq!(line(&by_variable, "client_id"), "client_id = *** # OS2MO_CLIENT_ID");
}

#[test]
fn a_wrong_value_is_named_with_its_place_and_what_is_wrong() {
    let said = |ran: Ran| ran.with_status(78).stderr;
    let parallel = said(show(&[], &[("OS2MO_PARALLEL", "many")], "", ""));
    assert!(parallel.contains("the value 'many' of 'parallel' is wrong: invalid digit"), "{parallel}");
    assert!(parallel.contains("(OS2MO_PARALLEL)"), "{parallel}");
    let kind = said(show(&[], &[], "", "[os2mo]\nkind = persons\n"));
    let expected = "the value 'persons' of 'kind' is wrong: it is none of org_unit, person (config.ini:2)";
    assert!(kind.contains(expected), "{kind}");
    let hidden = said(show(&[], &[("PARALLEL", "canary-9")], "OS2MO_PARALLEL=env:PARALLEL\n", ""));
    assert!(
        hidden.contains("the value of 'parallel' is wrong (.env:1)") && !hidden.contains("canary"),
        "{hidden}"
    );
    let address = said(show(&[], &[], "", "[os2mo]\nurl = http://reader:canary@:x/\n"));
    assert!(address.contains("of 'url' is wrong") && !address.contains("canary"), "{address}");
}

#[test]
fn what_a_child_of_the_strongbox_gets_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let strongbox = || Cli::new("strongbox").in_dir(dir.path()).env("STRONGBOX_FILE", "./strongbox.age");
    let arguments = ["--backend", "file", "--connector", "os2mo.Fjordby", "--key", "session"];
    strongbox().args(arguments).stdin("canary").run().with_status(0);
    let run = [
        "run",
        "--connector",
        "os2mo.Fjordby",
        "--backend",
        "file",
        "--",
        "extract-os2mo",
        "--show-settings",
    ];
    let ran = strongbox().args(run).args(["--section", "os2mo.Fjordby"]).run().with_status(0);
    assert_eq!(line(&ran, "session"), "session = *** # OS2MO_FJORDBY_SESSION");
}
