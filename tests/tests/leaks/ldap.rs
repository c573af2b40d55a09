//! The password of a directory: what servers say of it, and what is left of it in memory.

use crate::ways::{CANARY, WAYS};
use crate::{assert_hidden, command_lines, commands::COMMANDS, holds};
use ldap3_proto::proto::{LdapBindCred, LdapMsg, LdapOp, LdapResultCode};
use muster_tests::cli::Cli;
use muster_tests::servers::scripted_ldap::{Reply, ScriptedLdap, bound};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::mpsc::channel;

/// The password that a request brings.
fn password(request: &LdapMsg) -> Option<String> {
    match &request.op {
        LdapOp::BindRequest(bind) => match &bind.cred {
            LdapBindCred::Simple(password) => Some(password.clone()),
            _ => None,
        },
        _ => None,
    }
}

#[test]
fn a_password_is_not_said_whatever_the_server_does() {
    let command = COMMANDS.iter().find(|command| command.name == "extract-ldap").unwrap();
    let answers: [fn(&str) -> Vec<Reply>; 4] = [
        |said| bound(LdapResultCode::InvalidCredentials, said),
        |said| bound(LdapResultCode::Busy, &format!("{}{said}", "x".repeat(295))),
        |said| vec![Reply::Bytes(said.as_bytes().to_vec())],
        |_| vec![Reply::Close],
    ];
    for answer in answers {
        for way in WAYS {
            let (sender, seen) = channel();
            let server = ScriptedLdap::start(move |request| {
                let said = password(request).unwrap_or_default();
                let _ = sender.send((said.clone(), command_lines()));
                answer(&said)
            });
            let set = way(command.at(&server.url()).args(["-vv"]), command, CANARY);
            let (ran, dir) = set.cli.run_in(tempfile::tempdir().unwrap());
            assert_hidden(&ran, dir.path(), set.allowed, CANARY);
            // Of a long answer that is cut, only its first characters would be left.
            assert!(!ran.stderr.contains("canar"), "{}", ran.stderr);
            let (said, command_lines) = seen.recv().unwrap();
            assert!(said == CANARY && !holds(&command_lines, CANARY));
        }
    }
}

/// The writable memory of a process.
fn memory(process: u32) -> std::io::Result<Vec<u8>> {
    let of_process = Path::new("/proc").join(process.to_string());
    let mut file = std::fs::File::open(of_process.join("mem"))?;
    let mut memory = Vec::new();
    for line in std::fs::read_to_string(of_process.join("maps"))?.lines().filter(|line| line.contains(" rw"))
    {
        let (begin, end) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let [begin, end] = [begin, end].map(|address| u64::from_str_radix(address, 16).unwrap());
        file.seek(SeekFrom::Start(begin))?;
        // Some of what is mapped cannot be read; the rest counts.
        let _ = (&mut file).take(end - begin).read_to_end(&mut memory);
    }
    Ok(memory)
}

#[test]
fn no_request_with_the_password_stays_in_memory() {
    let (sender, bound_to) = channel();
    let (go_on, held) = channel::<()>();
    let held = std::sync::Mutex::new(held);
    let server = ScriptedLdap::start(move |request| match password(request) {
        Some(_) => bound(LdapResultCode::Success, ""),
        None => {
            let _ = sender.send(());
            let _ = held.lock().unwrap().recv();
            vec![Reply::Close]
        }
    });
    let mut cli = Cli::new("extract-ldap")
        .args(["--url", &server.url(), "--username", "cn=reader", "--base-dn", "dc=example,dc=org"])
        .env("LDAP_PASSWORD", CANARY);
    let mut child = cli.spawn();
    bound_to.recv().unwrap();
    let memory = memory(child.id());
    drop(go_on);
    child.wait().unwrap();
    let Ok(memory) = memory else { return println!("skipped: this user may not look into the process") };
    assert!(holds(&memory, CANARY), "the password itself is kept for the next connection");
    let tagged = [&[0x80, u8::try_from(CANARY.len()).unwrap()], CANARY.as_bytes()].concat();
    assert!(!memory.windows(tagged.len()).any(|window| window == tagged), "the bind is still there");
}
