//! Every command that speaks HTTP connects in the same way, by the same settings.

use crate::certificates::identity;
use crate::origins::{answer, answering};
use muster_tests::cli::{Cli, Ran};
use muster_tests::servers::Certificates;
use muster_tests::tls::TlsFront;
use std::sync::mpsc::Receiver;

/// A command, and what makes it ask its server for something.
struct Speaker {
    command: &'static str,
    section: &'static str,
    /// The keys that hold addresses.
    urls: &'static [&'static str],
    settings: &'static str,
    credential: (&'static str, &'static str),
    input: &'static str,
}

const UNIT: &str = r#"{"_kind":"org_unit","_key":"6f5c0000-0000-4000-8000-00000000000a","Uuid":"6f5c0000-0000-4000-8000-00000000000a","Name":"Fjordby"}"#;

const SPEAKERS: [Speaker; 6] = [
    Speaker {
        command: "extract-os2mo",
        section: "os2mo",
        urls: &["url"],
        settings: "",
        credential: ("OS2MO_SESSION", "a-session"),
        input: "",
    },
    Speaker {
        command: "extract-os2sync",
        section: "os2sync",
        urls: &["api_url"],
        settings: "municipality = 12345678\n",
        credential: ("OS2SYNC_API_KEY", "a-key"),
        input: "",
    },
    Speaker {
        command: "push-os2sync",
        section: "os2sync",
        urls: &["api_url"],
        settings: "municipality = 12345678\n",
        credential: ("OS2SYNC_API_KEY", "a-key"),
        input: UNIT,
    },
    Speaker {
        command: "push-stsorgsync",
        section: "stsorgsync",
        urls: &["api_url"],
        settings: "municipality = 12345678\n",
        credential: ("UNUSED", ""),
        input: UNIT,
    },
    Speaker {
        command: "extract-swit",
        section: "swit",
        urls: &["base_url", "scim_url"],
        settings: "",
        credential: ("SWIT_ACCESS_TOKEN", "a-token"),
        input: "",
    },
    Speaker {
        command: "push-swit",
        section: "swit",
        urls: &["base_url", "scim_url"],
        settings: "",
        credential: ("SWIT_ACCESS_TOKEN", "a-token"),
        input: r#"{"_kind":"user","_key":"1","mail":"ane@example.org","name":"Ane Larsen"}"#,
    },
];

impl Speaker {
    /// The command with its section, in which the address and `settings` stand.
    fn cli(&self, url: &str, settings: &str) -> Cli {
        let urls: String = self.urls.iter().map(|key| format!("{key} = {url}\n")).collect();
        let config = format!("[{}]\nretries = 0\n{urls}{}{settings}", self.section, self.settings);
        let assumed = self.command.starts_with("push").then_some("--assume-complete");
        let input = if self.input.is_empty() { String::new() } else { format!("{}\n", self.input) };
        Cli::new(self.command)
            .args(assumed)
            .file("config.ini", &config)
            .env(self.credential.0, self.credential.1)
            .stdin(input)
    }

    /// `key` of the section as the environment names it.
    fn variable(&self, key: &str) -> String {
        format!("{}_{key}", self.section).to_uppercase()
    }
}

/// A server behind TLS that refuses everybody, and what it was asked.
struct Refusing {
    front: TlsFront,
    asked: Receiver<String>,
    certificates: Certificates,
    dir: tempfile::TempDir,
}

impl Refusing {
    fn start(asks: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let certificates = Certificates::create(dir.path());
        let (url, asked) = answering(answer("401 Unauthorized", ""));
        Self { front: TlsFront::start(&url, &certificates, asks), asked, certificates, dir }
    }

    fn authority(&self) -> &str {
        self.certificates.authority.to_str().unwrap()
    }

    fn assert_reached(&self, ran: &Ran, how: &str) {
        assert!(self.asked.try_iter().count() > 0 && ran.status != 69, "{how}: {}", ran.stderr);
    }

    fn assert_not_reached(&self, ran: &Ran, how: &str) {
        assert!(self.asked.try_iter().count() == 0 && ran.status != 0, "{how}: {}", ran.stderr);
    }
}

#[test]
fn every_command_trusts_by_the_same_settings() {
    for speaker in SPEAKERS {
        // One for each: what a command sent at its end may come after it.
        let server = Refusing::start(false);
        let (url, authority) = (server.front.url(), server.authority());
        let trusted = server.dir.path().join("trusted");
        std::fs::create_dir(&trusted).unwrap();
        std::fs::copy(authority, trusted.join("fjordby.pem")).unwrap();
        let name = speaker.command;
        let ran = speaker.cli(&url, "").run();
        server.assert_not_reached(&ran, name);
        assert!(ran.stderr.contains("--cacert-file"), "{name}: {}", ran.stderr);
        let by_file = speaker.cli(&url, &format!("cacert_file = {authority}\n")).run();
        server.assert_reached(&by_file, name);
        let variable = speaker.variable("cacert_dir");
        let by_directory = speaker.cli(&url, "").env(&variable, trusted.to_str().unwrap()).run();
        server.assert_reached(&by_directory, name);
        let unchecked = speaker.cli(&url, "verify_ssl = False\n").run();
        server.assert_reached(&unchecked, name);
        assert!(unchecked.stderr.contains("is not checked"), "{name}: {}", unchecked.stderr);
        let old = speaker.cli(&url, "ssl_protocol = sslv3\nverify_ssl = no\n").run();
        server.assert_reached(&old, name);
        let told = "the setting 'ssl_protocol' has no effect: TLS 1.2 or newer is spoken";
        assert!(old.stderr.contains(told), "{name}: {}", old.stderr);
    }
}

#[test]
fn every_command_says_who_we_are() {
    for speaker in SPEAKERS {
        let server = Refusing::start(true);
        let (url, us) = (server.front.url(), identity(&server.certificates, server.dir.path(), 0o600));
        let trust = format!("cacert_file = {}\n", server.authority());
        let name = speaker.command;
        server.assert_not_reached(&speaker.cli(&url, &trust).run(), name);
        let ran = speaker.cli(&url, &format!("{trust}user_pem_file = {}\n", us.display())).run();
        server.assert_reached(&ran, name);
    }
}

#[test]
fn every_command_goes_through_the_proxy_and_keeps_its_password_to_itself() {
    let start = || {
        let (proxy, asked) = answering(answer("407 Proxy Authentication Required", ""));
        (proxy.replace("http://", "http://clerk:canary-7f3a@"), asked)
    };
    for speaker in SPEAKERS {
        let name = speaker.command;
        for (variable, scheme) in [("HTTPS_PROXY", "https"), ("HTTP_PROXY", "http"), ("ALL_PROXY", "https")] {
            let (proxy, asked) = start();
            let cli = speaker.cli(&format!("{scheme}://server.example.org"), "").args(["-vv"]);
            let ran = cli.env(variable, &proxy).run();
            let head = asked.try_iter().next().unwrap_or_default();
            // clerk:canary-7f3a
            let said = head.to_lowercase().contains("proxy-authorization: basic y2xlcms6y2fuyxj5ltdmm2e=");
            assert!(said && head.contains("server.example.org"), "{name}: {head}\n{}", ran.stderr);
            assert!(!(ran.stdout + &ran.stderr).contains("canary"), "{name}");
        }
        let (proxy, asked) = start();
        let nobody = speaker.cli("http://127.0.0.1:1", "").env("HTTP_PROXY", &proxy);
        let ran = nobody.env("NO_PROXY", "localhost,127.0.0.0/8").run();
        assert!(ran.status != 0 && asked.try_recv().is_err(), "{name}: {}", ran.stderr);
    }
}

#[test]
fn a_proxy_that_is_not_there_is_named_without_its_password() {
    for variable in ["HTTPS_PROXY", "https_proxy"] {
        let cli = SPEAKERS[0].cli("https://server.example.org", "").args(["-vv"]);
        let ran = cli.env(variable, "http://clerk:canary-7f3a@127.0.0.1:1").run().with_status(69);
        assert!(!ran.stderr.contains("canary"), "{}", ran.stderr);
    }
}
