//! The backend `vault` against a server that others wrote: RustyVault, with a KV engine of version 1. `scripts/soak` builds it.
//!
//! It differs from HashiCorp's: `sys/internal/ui/mounts` is 404, so the version is found out by trying; errors are
//! `{"error": …}`, of which nothing is shown; policies are not kept; the name of a role has three characters or more.

use super::strongbox::strongbox;
use muster_tests::cli::{Cli, Ran};
use muster_tests::servers::{find, free_port, put, wait_until};
use muster_tests::simulator::os2mo::{Authentication, Options, Organisation, Os2mo};
use serde_json::{Value, json};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server with one key and a root token; it ends when this is dropped.
struct RustyVault {
    child: Child,
    url: String,
    key: String,
    token: String,
    _dir: tempfile::TempDir,
}

impl RustyVault {
    /// Start and initialise it; it is sealed then. None, said aloud, where there is no such program.
    fn start() -> Option<Self> {
        let Some(program) = std::env::var_os("RVAULT").map(PathBuf::from).or_else(|| find("rvault")) else {
            println!("skipped: there is no rvault here; the whole of `scripts/soak` builds it");
            return None;
        };
        // Somebody may take the port in between.
        let mut server = (0..5).find_map(|_| Self::listen(&program)).expect("RustyVault does not start");
        let shares = json!({"secret_shares": 1, "secret_threshold": 1});
        let made = server.done("PUT", "sys/init", &shares);
        server.key = made["keys"][0].as_str().unwrap().to_owned();
        server.token = made["root_token"].as_str().unwrap().to_owned();
        Some(server)
    }

    fn listen(program: &Path) -> Option<Self> {
        let (dir, port) = (tempfile::tempdir().unwrap(), free_port("127.0.0.1"));
        let folder = dir.path().display().to_string();
        for name in ["data", "work"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        // A block in one line with two attributes is an error to it.
        let text = format!(
            "storage \"file\" {{\n  path = \"{folder}/data\"\n}}\n\
             listener \"tcp\" {{\n  address = \"127.0.0.1:{port}\"\n  tls_disable = \"true\"\n}}\n\
             api_addr = \"http://127.0.0.1:{port}\"\nlog_level = \"warn\"\n\
             pid_file = \"{folder}/pid\"\nwork_dir = \"{folder}/work\"\n"
        );
        let mut command = Command::new(program);
        command.args(["server", "--config"]).arg(put(dir.path(), "vault.hcl", &text)).current_dir(dir.path());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let mut server = Self { child, url, key: String::new(), token: String::new(), _dir: dir };
        let answers = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        let child = &mut server.child;
        wait_until(answers, || child.try_wait().unwrap().is_some()).then_some(server)
    }

    /// Status and body of an answer to the root token, or to nobody while there is none.
    fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let request = ureq::http::Request::builder().method(method).uri(format!("{}/v1/{path}", self.url));
        let request = request.header("X-Vault-Token", &self.token);
        let agent = ureq::Agent::new_with_config(config);
        let mut answer = match body {
            Value::Null => agent.run(request.body(()).unwrap()).unwrap(),
            _ => agent.run(request.body(body.to_string()).unwrap()).unwrap(),
        };
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default())
    }

    /// The same, for what must be done.
    fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call(method, path, body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    fn unseal(&self) {
        assert_eq!(self.done("PUT", "sys/unseal", &json!({"key": self.key}))["sealed"], false);
    }

    /// A role id and a secret id of it.
    fn app_role(&self) -> (String, String) {
        self.done("POST", "sys/auth/approle", &json!({"type": "approle"}));
        self.done("POST", "auth/approle/role/muster", &json!({"bind_secret_id": true}));
        let role = self.done("GET", "auth/approle/role/muster/role-id", &Value::Null);
        let secret = self.done("POST", "auth/approle/role/muster/secret-id", &json!({}));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&role["data"]["role_id"]), text(&secret["data"]["secret_id"]))
    }

    /// A folder whose strongbox knows this server and these secrets for it.
    fn stage(&self, opening: &[(&str, &str)]) -> Stage {
        let stage = Stage { folder: tempfile::tempdir().unwrap() };
        put(stage.folder.path(), "config.ini", SETTINGS);
        for (key, value) in [("vault_url", self.url.as_str())].iter().chain(opening) {
            let words = format!("-q --connector strongbox --backend file --key {key}");
            stage.strongbox(&words).stdin(*value).run().with_status(0);
        }
        stage
    }
}

impl Drop for RustyVault {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where nothing lies yet, nothing tells the version.
const SETTINGS: &str = "[ldap]\nvault_backend = vault\nvault_keys = username password\n\
                        [netbox]\nvault_backend = vault\nvault_kv_version = 1\n\
                        [okta]\nvault_backend = vault\n\
                        [os2mo]\nvault_backend = vault\nvault_keys = client_secret\n";

struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    fn strongbox(&self, words: &str) -> Cli {
        strongbox(self.folder.path(), words).env("VAULT_MAX_RETRIES", "0")
    }

    fn get(&self, connector: &str, key: &str) -> Ran {
        self.strongbox(&format!("get --connector {connector} --key {key}")).run()
    }

    /// That the password of `ldap` cannot be had: in one line of words, without what `hidden` says.
    fn is_refused(&self, status: i32, words: &str, hidden: &str) {
        let ran = self.get("ldap", "password").with_status(status);
        assert!(ran.stderr.contains(words) && ran.stderr.lines().count() == 1, "{words}: {}", ran.stderr);
        assert!(ran.stdout.is_empty() && !ran.stderr.contains(hidden), "{}", ran.stderr);
    }

    /// `extract-os2mo`, its client secret out of the vault.
    fn extract(&self, os2mo: &Os2mo) -> Ran {
        let today = os2mo.organisation().today.to_string();
        let cli = Cli::new("extract-os2mo").in_dir(self.folder.path());
        cli.args([
            "-q",
            "--url",
            &os2mo.url(),
            "--today",
            &today,
            "--client-id",
            "reader",
            "--retry-wait",
            "0",
        ])
        .env("STRONGBOX_FILE", self.folder.path().join("strongbox.age").to_str().unwrap())
        .env("VAULT_MAX_RETRIES", "0")
        .run()
    }
}

const SEALED: &str = "Vault is under maintenance or sealed: 503";

#[test]
#[ignore = "long: scripts/soak"]
fn a_vault_that_others_wrote_is_spoken_to() {
    let Some(vault) = RustyVault::start() else { return };
    let stage = vault.stage(&[("vault_token", &vault.token)]);
    stage.is_refused(69, SEALED, &vault.token);
    vault.unseal();
    version_1_is_found_out_and_kept_whole(&vault, &stage);
    a_first_secret_is_made_and_taken_away(&vault, &stage);
    a_rotation_is_undone_and_a_child_gets_its_secrets(&stage);
    nothing_is_written_while_the_version_is_unknown(&vault, &stage);
    let wrong = vault.stage(&[("vault_token", "token-canary")]);
    wrong.is_refused(77, "the token is wrong or has ended", "canary");
    logins_are_taken_and_refused(&vault);
    a_source_gets_its_secret(&vault, &stage);
    vault.done("PUT", "sys/seal", &Value::Null);
    stage.is_refused(69, SEALED, &vault.token);
    vault.unseal();
    assert_eq!(stage.get("ldap", "password").with_status(0).stdout, "sécond");
}

fn version_1_is_found_out_and_kept_whole(vault: &RustyVault, stage: &Stage) {
    vault.done("POST", "secret/ldap", &json!({"username": "reader", "password": "pässword", "port": 636}));
    assert_eq!(stage.get("ldap", "password").with_status(0).stdout, "pässword");
    assert_eq!(stage.get("ldap", "port").with_status(0).stdout, "636");
    let ran = stage.strongbox("check --connector ldap --format json").run().with_status(0);
    assert!(ran.lines().len() == 2 && ran.lines().iter().all(|line| line["ok"] == true), "{}", ran.stdout);
    stage.strongbox("-q set --connector ldap --key password").stdin("sécond").run().with_status(0);
    stage.strongbox("delete --connector ldap --key port").run().with_status(0);
    let held = vault.done("GET", "secret/ldap", &Value::Null);
    assert_eq!(held["data"], json!({"username": "reader", "password": "sécond"}));
    assert_eq!(
        vault.call("GET", "secret/data/ldap", &Value::Null).0,
        404,
        "this is where version 2 would be"
    );
    let listed =
        stage.strongbox("list --connector ldap --backend vault --format json").run().with_status(0).lines();
    let keys: Vec<_> = listed.iter().map(|line| line["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["password", "username"]);
    let ran = stage.get("ldap", "absent").with_status(78);
    assert!(ran.stderr.contains("there is no secret 'absent' for 'ldap'"), "{}", ran.stderr);
}

fn a_first_secret_is_made_and_taken_away(vault: &RustyVault, stage: &Stage) {
    let ran = stage.get("netbox", "auth_token").with_status(78);
    assert!(ran.stderr.contains("there is no secret 'auth_token' for 'netbox'"), "{}", ran.stderr);
    stage.strongbox("-q set --connector netbox --key auth_token").stdin("first").run().with_status(0);
    assert_eq!(vault.done("GET", "secret/netbox", &Value::Null)["data"], json!({"auth_token": "first"}));
    assert_eq!(stage.get("netbox", "auth_token").with_status(0).stdout, "first");
    stage.strongbox("delete --connector netbox --key auth_token").run().with_status(0);
    stage.get("netbox", "auth_token").with_status(78);
    let listed = stage.strongbox("list --connector netbox --backend vault").run().with_status(0);
    assert_eq!(listed.stdout, "");
}

fn a_rotation_is_undone_and_a_child_gets_its_secrets(stage: &Stage) {
    let rotate = |more: &str| stage.strongbox(&format!("-q rotate --connector ldap --key password{more}"));
    rotate("").stdin("third").run().with_status(0);
    assert_eq!(stage.get("ldap", "password").stdout, "third");
    assert_eq!(stage.get("ldap", "password --previous").with_status(0).stdout, "sécond");
    rotate(" --undo").run().with_status(0);
    let ran =
        stage.strongbox("run --connector ldap -- env").env("VAULT_TOKEN", "canary").run().with_status(0);
    assert!(
        ran.stdout.contains("LDAP_PASSWORD=sécond\n") && !ran.stdout.contains("canary"),
        "{}",
        ran.stdout
    );
}

fn nothing_is_written_while_the_version_is_unknown(vault: &RustyVault, stage: &Stage) {
    let ran = stage.strongbox("set --connector okta --key api_token").stdin("x").run().with_status(78);
    assert!(ran.stderr.contains("set vault_kv_version to 1 or 2"), "{}", ran.stderr);
    for path in ["secret/okta", "secret/data/okta"] {
        assert_eq!(vault.call("GET", path, &Value::Null).0, 404, "{path}");
    }
}

fn logins_are_taken_and_refused(vault: &RustyVault) {
    let made = vault.done("POST", "auth/token/create", &json!({"policies": ["default"], "ttl": "1h"}));
    let token = made["auth"]["client_token"].as_str().unwrap();
    let given = vault.stage(&[("vault_token", token)]);
    assert_eq!(given.get("ldap", "password").with_status(0).stdout, "sécond");
    let (role, secret) = vault.app_role();
    let logged_in = vault.stage(&[("vault_role_id", &role), ("vault_secret_id", &secret)]);
    assert_eq!(logged_in.get("ldap", "password").with_status(0).stdout, "sécond");
    let (role, secret) = (role.as_str(), secret.as_str());
    for (role, secret) in [(role, "secret-canary"), ("role-canary", secret)] {
        let refused = vault.stage(&[("vault_role_id", role), ("vault_secret_id", secret)]);
        refused.is_refused(77, "Vault refuses the login", "canary");
    }
}

fn a_source_gets_its_secret(vault: &RustyVault, stage: &Stage) {
    let authentication = Some(Authentication::new("reader", "of the vault"));
    let organisation = Organisation::generated(7, 40, 12);
    let os2mo = Os2mo::start(organisation, Options { authentication, ..Options::default() }).unwrap();
    vault.done("POST", "secret/os2mo", &json!({"client_secret": "of the vault"}));
    let ran = stage.extract(&os2mo).with_status(0);
    assert!(ran.records().len() > 40 && ran.ends()[0]["complete"] == true, "{}", ran.stderr);
    vault.done("POST", "secret/os2mo", &json!({"client_secret": "canary"}));
    let ran = stage.extract(&os2mo).with_status(77);
    assert!(ran.stderr.contains("no token for the client 'reader'"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("canary") && !ran.stdout.contains("canary"), "{}", ran.stderr);
    vault.done("DELETE", "secret/os2mo", &Value::Null);
    let ran = stage.extract(&os2mo).with_status(78);
    assert!(ran.stderr.contains("there is no secret 'client_secret' for 'os2mo'"), "{}", ran.stderr);
    vault.done("PUT", "sys/seal", &Value::Null);
    let ran = stage.extract(&os2mo).with_status(69);
    assert!(ran.stderr.contains(SEALED) && ran.records().is_empty(), "{}", ran.stderr);
    vault.unseal();
}
