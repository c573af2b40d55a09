//! How an administrator logs in, and how tokens are renewed.

use crate::fixture::{Pipeline, UNHURRIED, person, state};
use muster_tests::cli::{Cli, Ran};
use muster_tests::simulator::swit::{ACCESS_TOKEN, Options, Swit};
use muster_tests::simulator::{Fault, Rule};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

/// The command `name`, which knows client, server and strongbox, and no token.
fn command(name: &str, swit: &Swit, dir: &Path) -> Cli {
    Cli::new(name)
        .args([
            "--base-url",
            &swit.url(),
            "--scim-url",
            &swit.scim_url(),
            "--retry-wait",
            "0",
            "--retries",
            "0",
        ])
        .env("SWIT_RATE", UNHURRIED)
        .env("SWIT_CLIENT_ID", "muster")
        .env("SWIT_CLIENT_SECRET", "client-secret")
        .env("STRONGBOX_FILE", dir.join("strongbox.age").to_str().unwrap())
}

/// Log in; `browser` gets the page to open and gives what is to be pasted.
fn log_in(swit: &Swit, dir: &Path, redirect: &str, browser: impl FnOnce(&str) -> String) -> Ran {
    let mut cli = command("push-swit", swit, dir).args(["--login", "--redirect-url", redirect]);
    let mut child = cli.spawn();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut page = String::new();
    output.read_line(&mut page).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Who agreed in a browser here has nothing to paste.
    let _ = writeln!(stdin, "{}", browser(page.trim()));
    drop(stdin);
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    child.wait_with_output().unwrap().into()
}

/// Where a browser is sent to by a page.
fn sent_to(page: &str) -> String {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().max_redirects(0).max_redirects_will_error(false).build().into();
    let answer = agent.get(page).call().unwrap();
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// Agree in a browser on this machine.
fn agree(page: &str) -> String {
    let mut answer = ureq::get(page).call().unwrap();
    assert!(answer.body_mut().read_to_string().unwrap().contains("close this window"));
    String::new()
}

fn logged_in(options: Options) -> (Swit, tempfile::TempDir) {
    let (swit, dir) = (Swit::start(options), tempfile::tempdir().unwrap());
    log_in(&swit, dir.path(), "http://127.0.0.1:0/oauth_callback", agree).with_status(0);
    (swit, dir)
}

fn renewals(swit: &Swit) -> usize {
    swit.seen().iter().filter(|seen| seen.body.contains("grant_type=refresh_token")).count()
}

#[test]
fn a_browser_on_this_machine_is_enough() {
    let (swit, dir) = logged_in(Options::default());
    let asked = swit.seen()[0].path_and_query.clone();
    assert!(asked.contains("state=") && asked.contains("code_challenge_method=S256"), "{asked}");
    let ran = command("extract-swit", &swit, dir.path()).run().with_status(0);
    assert!(!ran.stderr.contains("access-"), "{}", ran.stderr);
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let text = String::from_utf8_lossy(&std::fs::read(entry.unwrap().path()).unwrap()).into_owned();
        assert!(!text.contains("access-") && !text.contains("refresh-"), "a token stands in the clear");
    }
}

#[test]
fn a_browser_that_connects_ahead_of_need_does_no_harm() {
    let (swit, dir) = (Swit::start(Options::default()), tempfile::tempdir().unwrap());
    let browser = |page: &str| {
        let back = sent_to(page);
        let place = back.trim_start_matches("http://").split('/').next().unwrap();
        let silent = std::net::TcpStream::connect(place).unwrap();
        ureq::get(&back).call().unwrap();
        drop(silent);
        String::new()
    };
    log_in(&swit, dir.path(), "http://127.0.0.1:0/oauth_callback", browser).with_status(0);
}

#[test]
fn a_refresh_token_that_is_refused_is_no_lost_one() {
    let (swit, dir) = logged_in(Options::default());
    swit.change(|swit| {
        swit.expire_tokens();
        swit.refresh_tokens.clear();
    });
    for _ in 0..2 {
        let ran = command("extract-swit", &swit, dir.path()).run().with_status(77);
        assert!(ran.stderr.contains("Swit does not accept the refresh token: 400"), "{}", ran.stderr);
        assert!(ran.stderr.contains("push-swit --login"), "{}", ran.stderr);
    }
}

#[test]
fn a_server_without_pkce_does_not_mind_it() {
    logged_in(Options { pkce: false, ..Options::default() });
}

#[test]
fn the_address_may_be_pasted_and_must_answer_our_question() {
    let redirect = "https://example.org/oauth_callback";
    let options = || Options { redirect_uris: vec![redirect.to_owned()], ..Options::default() };
    let (swit, dir) = (Swit::start(options()), tempfile::tempdir().unwrap());
    log_in(&swit, dir.path(), redirect, sent_to).with_status(0);
    command("extract-swit", &swit, dir.path()).run().with_status(0);
    let (swit, dir) = (Swit::start(options()), tempfile::tempdir().unwrap());
    let other = |page: &str| sent_to(page).replace("state=", "state=x");
    let ran = log_in(&swit, dir.path(), redirect, other).with_status(77);
    assert!(ran.stderr.contains("another question"), "{}", ran.stderr);
    let nothing = |_: &str| String::new();
    log_in(&swit, dir.path(), redirect, nothing).with_status(64);
    let denied = |_: &str| format!("{redirect}?error=access_denied");
    log_in(&swit, dir.path(), redirect, denied).with_status(77);
}

#[test]
fn an_expired_token_is_renewed_and_both_are_kept() {
    for rotates in [true, false] {
        let (swit, dir) = logged_in(Options { rotates, ..Options::default() });
        for round in 1..=2 {
            swit.change(|swit| swit.expire_tokens());
            command("extract-swit", &swit, dir.path()).run().with_status(0);
            assert_eq!(renewals(&swit), round);
        }
        command("extract-swit", &swit, dir.path()).run().with_status(0);
        assert_eq!(renewals(&swit), 2, "the token that came is used again");
    }
}

#[test]
fn many_refused_requests_make_one_renewal() {
    let (swit, dir) = logged_in(Options::default());
    let people: Vec<Value> = (0..8).map(|number| person(&format!("P{number}"))).collect();
    swit.change(|swit| swit.expires_before = Some("organization.user.create".to_owned()));
    let ran = command("push-swit", &swit, dir.path()).args(["--parallel", "8"]).stdin(state(&people)).run();
    ran.with_status(0);
    assert_eq!((renewals(&swit), swit.organisation().users.len()), (1, 9));
}

#[test]
fn tokens_lost_on_their_way_are_told_of() {
    let (swit, dir) = logged_in(Options::default());
    swit.change(|swit| swit.expire_tokens());
    swit.faults().add(Rule::once(Fault::Cut(0)).path("/oauth/token"));
    command("extract-swit", &swit, dir.path()).run().with_status(69);
    let ran = command("extract-swit", &swit, dir.path()).run().with_status(77);
    assert!(ran.stderr.contains("stopped while it renewed"), "{}", ran.stderr);
    assert!(ran.stderr.contains("push-swit --login"), "{}", ran.stderr);
    log_in(&swit, dir.path(), "http://127.0.0.1:0/oauth_callback", agree).with_status(0);
    swit.change(|swit| swit.expire_tokens());
    command("extract-swit", &swit, dir.path()).run().with_status(0);
}

#[test]
fn a_run_that_is_killed_between_renewal_and_store_is_told_of() {
    let (swit, dir) = logged_in(Options::default());
    swit.change(|swit| swit.expire_tokens());
    let known = swit.organisation().refresh_tokens;
    swit.faults().add(Rule::once(Fault::Mute).path("/oauth/token"));
    let mut cli = command("extract-swit", &swit, dir.path());
    let mut child = cli.spawn();
    // The server has made new tokens, and nobody got them.
    while swit.organisation().refresh_tokens == known {
        assert!(child.try_wait().unwrap().is_none(), "it ended without a renewal");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let ran = command("extract-swit", &swit, dir.path()).run().with_status(77);
    assert!(ran.stderr.contains("an earlier run was stopped while it renewed the tokens"), "{}", ran.stderr);
    log_in(&swit, dir.path(), "http://127.0.0.1:0/oauth_callback", agree).with_status(0);
    command("extract-swit", &swit, dir.path()).run().with_status(0);
}

#[test]
fn the_variables_of_the_example_work_from_a_file() {
    let pipeline = Pipeline::new();
    let swit = &pipeline.swit;
    let dotenv = format!(
        "# of the example\nSWIT_BASE_URL=\"{}\"\nSWIT_SCIM_URL={}\nSWIT_ACCESS_TOKEN=access-token-0\n\
         DEFAULT_USER_LANGUAGE=ko # Korean\nSCHEDULE_TIME=03:00\n",
        swit.url(),
        swit.scim_url()
    );
    let mut ane = person("Ane");
    ane.as_object_mut().unwrap().remove("language");
    let ran = Cli::new("push-swit").file(".env", &dotenv).stdin(state(&[ane])).run().with_status(0);
    assert_eq!(swit.organisation().user("ane@example.org").unwrap().language, "ko");
    assert!(ran.stderr.contains("'SCHEDULE_TIME' has no effect"), "{}", ran.stderr);
    let ran = Cli::new("push-swit").file("swit.env", "no variable\n").args(["--env-file", "swit.env"]).run();
    assert!(ran.with_status(78).stderr.contains("swit.env:1"));
    // The environment wins.
    let ran =
        Cli::new("push-swit").file(".env", &dotenv).env("SWIT_ACCESS_TOKEN", "wrong").stdin(state(&[])).run();
    ran.with_status(77);
}

#[test]
fn the_end_of_a_run_is_told_in_a_channel() {
    let pipeline = Pipeline::new();
    let swit = &pipeline.swit;
    let notify = |records: &[Value]| {
        let webhook = swit.webhook_url();
        pipeline
            .command(&["--notify", "true", "-vv"])
            .env("SWIT_WEBHOOK_URL", &webhook)
            .stdin(state(records))
            .run()
    };
    let ran = notify(&[person("Ane")]).with_status(0);
    assert!(!ran.stderr.contains("secretwebhookid"), "{}", ran.stderr);
    let message = swit.organisation().messages[0].clone();
    assert!(message.starts_with("push-swit: ") && message.contains("created"), "{message}");
    swit.scim_faults().add(Rule::always(Fault::Status(403)).path("/chat"));
    let ran = notify(&[person("Ane")]).with_status(0);
    assert!(ran.stderr.contains("was not sent"), "{}", ran.stderr);
}

#[test]
fn who_has_a_webhook_is_told_without_asking_and_of_failures_too_but_not_of_dry_runs() {
    let pipeline = Pipeline::new();
    let swit = &pipeline.swit;
    let told = |arguments: &[&str], token: &str| {
        swit.forget();
        let cli = pipeline.command(arguments).env("SWIT_WEBHOOK_URL", &swit.webhook_url());
        cli.env("SWIT_ACCESS_TOKEN", token).stdin(state(&[person("Ane")])).run();
        swit.organisation().messages
    };
    assert!(told(&["--dry-run"], ACCESS_TOKEN).is_empty());
    assert!(told(&["--notify", "false"], ACCESS_TOKEN).is_empty());
    assert_eq!(told(&[], ACCESS_TOKEN).len(), 1);
    assert!(told(&[], "wrong")[0].contains("push-swit: failed: "), "{:?}", swit.organisation().messages);
    let ran = pipeline.command(&[]).stdin(state(&[person("Ane")])).run().with_status(0);
    assert!(!ran.stderr.contains("message to Swit"), "{}", ran.stderr);
    let ran = pipeline.command(&["--notify"]).stdin(state(&[person("Ane")])).run().with_status(0);
    assert!(ran.stderr.contains("there is no secret 'webhook_url'"), "{}", ran.stderr);
}
