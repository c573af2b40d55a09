//! The other commands get their secrets by themselves.

use crate::stage::Stage;
use muster_tests::simulator::os2mo::{self, Authentication, Organisation, Os2mo};
use muster_tests::simulator::vault::{self, Vault};
use serde_json::json;

fn server() -> Os2mo {
    let authentication = Some(Authentication::new("reader", "canary"));
    Os2mo::start(
        Organisation::generated(7, 5, 3),
        os2mo::Options { authentication, ..os2mo::Options::default() },
    )
    .unwrap()
}

fn settings(server: &Os2mo, more: &str) -> String {
    let (url, today) = (server.url(), server.organisation().today);
    format!("[os2mo]\nurl = {url}\ntoday = {today}\nretries = 0\n{more}")
}

#[test]
fn a_stored_secret_is_found_without_any_setting() {
    let server = server();
    let stage = Stage::with_settings(&settings(&server, "client_id = reader\n"));
    let ran = stage.command("extract-os2mo").run().with_status(78);
    assert!(
        ran.stderr.contains("store it with `strongbox --connector os2mo --key client_secret`"),
        "{}",
        ran.stderr
    );
    stage.store("os2mo", "client_secret", "canary");
    let ran = stage.command("extract-os2mo").run().with_status(0);
    assert!(!ran.records().is_empty() && !ran.stderr.contains("secret"), "{}", ran.stderr);
}

#[test]
fn a_reference_is_resolved_in_a_file_and_in_a_variable() {
    let server = server();
    let stage = Stage::with_settings(&settings(
        &server,
        "client_id = reader\nclient_secret = strongbox://file@shared/of%20all\n",
    ));
    stage.store("shared", "of all", "canary");
    stage.command("extract-os2mo").run().with_status(0);
    stage.write("config.ini", &settings(&server, "client_id = reader\n"));
    let ran = stage.command("extract-os2mo").env("OS2MO_CLIENT_SECRET", "strongbox://shared/of%20all").run();
    ran.with_status(0);
    let ran = stage
        .command("extract-os2mo")
        .env("OS2MO_CLIENT_SECRET", "strongbox://shared/none")
        .run()
        .with_status(78);
    assert!(ran.stderr.contains("(OS2MO_CLIENT_SECRET)"), "{}", ran.stderr);
}

#[test]
fn keys_of_the_vault_win_over_the_file_and_give_settings_too() {
    let (server, vault) = (server(), Vault::start(vault::Options::default()));
    vault.put("secret/cats", json!({"client_id": "reader", "client_secret": "canary"}));
    let more = "vault_backend = vault\nvault_alias = cats\nvault_keys = client_id client_secret\n\
                client_id = ignored\nclient_secret = ignored\n";
    let stage = Stage::with_settings(&settings(&server, more));
    stage.store("cats", "vault_url", &vault.url());
    stage.store("cats", "vault_token", "root-token");
    let ran = stage.command("extract-os2mo").run().with_status(0);
    assert!(!ran.records().is_empty() && !ran.stderr.contains("secret"), "{}", ran.stderr);
    let reads = vault.served().seen().iter().filter(|seen| seen.path_and_query.contains("/data/")).count();
    assert_eq!(reads, 1, "one read for all keys of a run");
    let shown = stage.command("extract-os2mo").args(["--show-settings"]).run().with_status(0).stdout;
    assert!(!shown.contains("reader") && !shown.contains("canary"), "{shown}");
    assert!(
        shown.lines().any(|line| line.starts_with("client_id = ***") && line.ends_with("# strongbox")),
        "{shown}"
    );
    vault.put("secret/cats", json!({"client_id": "reader", "client_secret": ""}));
    let ran = stage.command("extract-os2mo").run().with_status(78);
    assert!(ran.stderr.contains("there is no secret 'client_secret'"), "{}", ran.stderr);
}

#[test]
fn a_backend_that_does_not_exist_is_named() {
    let stage =
        Stage::with_settings("[os2mo]\nvault_backend = nowhere\nurl = http://127.0.0.1:1\nclient_id = r\n");
    let ran = stage.command("extract-os2mo").run().with_status(78);
    assert!(ran.stderr.contains("the backend 'nowhere' is wrong"), "{}", ran.stderr);
}

#[test]
fn one_backend_can_be_set_for_all_sections() {
    let (server, vault) = (server(), Vault::start(vault::Options::default()));
    let more = "client_id = reader\nvault_keys = client_secret\n[strongbox]\nvault_backend = vault\nvault_mount = secret\n";
    let stage = Stage::with_settings(&settings(&server, more));
    vault.put("secret/os2mo", json!({"client_secret": "canary"}));
    stage.store("strongbox", "vault_url", &vault.url());
    stage.store("strongbox", "vault_token", "root-token");
    stage.command("extract-os2mo").run().with_status(0);
    assert_eq!(stage.get("os2mo", "client_secret"), "canary");
    // A section's own word counts for more.
    stage.write(
        "config.ini",
        &settings(&server, &more.replace("client_id", "vault_backend = file\nclient_id")),
    );
    stage.command("extract-os2mo").run().with_status(78);
    stage.store("os2mo", "client_secret", "canary");
    stage.command("extract-os2mo").run().with_status(0);
    let ran = stage.command("extract-os2mo").env("STRONGBOX_BACKEND", "cyberark").run();
    ran.with_status(0);
}
