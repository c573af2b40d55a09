//! Where requests and their credentials go: through a proxy if the environment names one, never to another origin.

use crate::{assert_refused, extract, os2mo};
use muster_tests::cli::Cli;
use muster_tests::raw::request;
use std::io::Write;
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

/// A server that gives each connection the same answer, and the requests that it saw.
pub fn answering(answer: String) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, seen) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            if sender.send(request(&connection)).is_err() {
                return;
            }
            let _ = (&connection).write_all(answer.as_bytes());
        }
    });
    (format!("http://{address}"), seen)
}

pub fn answer(status: &str, headers: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: 0\r\nconnection: close\r\n\r\n")
}

#[test]
fn a_proxy_of_the_environment_is_used_but_not_for_its_exceptions() {
    let (proxy, asked) = answering(answer("407 Proxy Authentication Required", ""));
    let ran = extract("http://os2mo.example.org").env("HTTP_PROXY", &proxy).run();
    assert!(
        ran.status != 0 && asked.recv().unwrap().contains(" http://os2mo.example.org/"),
        "{}",
        ran.stderr
    );
    while asked.try_recv().is_ok() {}

    let os2mo = os2mo();
    extract(&os2mo.url()).env("HTTP_PROXY", &proxy).env("NO_PROXY", "127.0.0.1").run().with_status(0);
    assert!(asked.try_recv().is_err());
}

#[test]
fn no_credential_follows_a_redirect_to_another_origin() {
    let (thief, stolen) = answering(answer("200 OK", ""));
    let moved = answer("302 Found", &format!("location: {thief}/graphql/v25\r\n"));
    for (command, variable) in [
        ("extract-os2mo", "OS2MO_SESSION"),
        ("push-os2sync", "OS2SYNC_API_KEY"),
        ("extract-os2sync", "OS2SYNC_API_KEY"),
        ("extract-swit", "SWIT_ACCESS_TOKEN"),
    ] {
        // One for each: what a command sent at its end may come after it.
        let (server, asked) = answering(moved.clone());
        let (url, more) = match command {
            "extract-os2mo" => ("--url", ["--retries", "0"]),
            "extract-swit" => ("--base-url", ["--scim-url", server.as_str()]),
            _ => ("--api-url", ["--municipality", "12345678"]),
        };
        let unit = r#"{"_kind":"org_unit","_key":"6f5c0000-0000-4000-8000-00000000000a","Uuid":"6f5c0000-0000-4000-8000-00000000000a","Name":"Fjordby"}"#;
        let ran = Cli::new(command)
            .args([url, &server])
            .args(more)
            .args((command == "push-os2sync").then_some("--assume-complete"))
            .env(variable, "canary-7f3a")
            .stdin(unit.to_owned() + "\n")
            .run();
        assert!(ran.status != 0, "{command}: {}", ran.stderr);
        assert!(asked.recv().unwrap().contains("canary-7f3a"), "{command} did not send its credential");
        assert!(!(ran.stdout + &ran.stderr).contains("canary"), "{command}");
    }
    assert!(stolen.try_recv().is_err());
}

#[test]
fn user_and_password_in_an_address_are_not_shown() {
    let ran = extract("http://reader:canary-7f3a@127.0.0.1:1").args(["-vv"]).run();
    assert!(!(ran.stdout.clone() + &ran.stderr).contains("canary"), "{}\n{}", ran.stdout, ran.stderr);
    assert_refused(extract("http://reader:canary-7f3a@127.0.0.1:1").run(), 78, "password");
}
