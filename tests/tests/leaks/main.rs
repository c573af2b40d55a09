//! A canary, given as a secret in every way and as a CPR number in every place, is found nowhere that it must not be.

mod children;
mod commands;
mod cpr;
mod ldap;
mod openings;
mod secrets;
mod session;
mod ways;

use muster_tests::cli::Ran;
use muster_tests::raw::request;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};

/// A server that answers each request with `status` and the request itself, credentials and all.
///
/// What it saw, and what every process showed of itself at that moment.
fn echo(status: &'static str) -> (String, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, seen) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let request = request(&connection);
            let said = request.replace("\r\n", " ");
            let _ = sender.send((request, command_lines()));
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{said}",
                said.len()
            );
            let _ = (&connection).write_all(answer.as_bytes());
        }
    });
    (url, seen)
}

/// The arguments of all processes of this machine.
fn command_lines() -> Vec<u8> {
    let processes = std::fs::read_dir("/proc").unwrap().map_while(Result::ok);
    processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok()).flatten().collect()
}

/// That `canary` stands neither in what was said nor in a file of `dir` that is none of `allowed`.
fn assert_hidden(ran: &Ran, dir: &Path, allowed: &[&str], canary: &str) {
    assert!(!ran.stdout.contains(canary), "on standard output: {}", ran.stdout);
    assert!(!ran.stderr.contains(canary), "on standard error: {}", ran.stderr);
    for path in files(dir) {
        let is_allowed = allowed.iter().any(|name| path.ends_with(name));
        assert!(is_allowed || !holds(&std::fs::read(&path).unwrap(), canary), "in {}", path.display());
    }
}

fn holds(bytes: &[u8], canary: &str) -> bool {
    bytes.windows(canary.len()).any(|window| window == canary.as_bytes())
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
