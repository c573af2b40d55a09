//! Our client and our simulator of Conjur, both against the vendor's own OpenAPI document: Prism stands between them and
//! refuses what the document does not have. `scripts/soak` fetches both.

use super::strongbox::strongbox;
use muster_tests::simulator::conjur::{Conjur, Options};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Prism in front of `upstream`; it ends when this is dropped.
struct Prism {
    child: Child,
    url: String,
}

impl Prism {
    fn start(program: &str, document: &str, upstream: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let command = Command::new(program)
            .args(["proxy", "--errors", "-h", "127.0.0.1", "-p", &port.to_string(), document, upstream])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let prism = Self { child: command.unwrap(), url: format!("http://127.0.0.1:{port}") };
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return prism;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("Prism does not come up");
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "long: scripts/soak"]
fn conjur_is_spoken_to_as_its_own_document_says() {
    let (Ok(program), Ok(document)) = (std::env::var("PRISM"), std::env::var("CONJUR_DOCUMENT")) else {
        return println!("skipped: there is no Prism here, or no document of Conjur");
    };
    // The document wants keys of 55 characters and more.
    let key = "k".repeat(60);
    let conjur = Conjur::start(Options::default());
    conjur.inside().logins.insert("admin".to_owned(), key.clone());
    conjur.put("password", "first");
    conjur.put("prod/ldap & more", "odd");
    let prism = Prism::start(&program, &document, &conjur.url());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (name, value) in [("vault_url", prism.url.as_str()), ("vault_token", &key)] {
        strongbox(folder, &format!("-q --connector ldap --key {name}")).stdin(value).run().with_status(0);
    }
    let get =
        |key: &str| strongbox(folder, "get --backend cyberark --connector ldap").args(["--key", key]).run();
    assert_eq!(get("password").with_status(0).stdout, "first");
    assert_eq!(get("prod/ldap & more").with_status(0).stdout, "odd");
    get("absent").with_status(78);
    std::fs::write(
        folder.join("config.ini"),
        "[ldap]\nvault_backend = cyberark\nvault_keys = password prod/ldap\n",
    )
    .unwrap();
    conjur.put("prod/ldap", "odd");
    let ran = strongbox(folder, "check --format json").run().with_status(0);
    assert_eq!(ran.lines().len(), 2, "several at once");
    let set =
        strongbox(folder, "-q set --backend cyberark --connector ldap --key password").stdin("second").run();
    set.with_status(0);
    assert_eq!(get("password").with_status(0).stdout, "second");
    let listed = strongbox(folder, "list --backend cyberark --connector ldap").run().with_status(0);
    assert_eq!(listed.stdout.lines().count(), 3);
    // What the document does not have is refused here, so what passed above was looked at.
    let refused = Command::new("curl")
        .args(["-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST"])
        .arg(format!("{}/nowhere", prism.url))
        .output();
    assert_ne!(String::from_utf8_lossy(&refused.unwrap().stdout), "200");
}
