//! What is too long, too deep or too much is refused by itself; the rest goes on. Files of ours are their owner's alone.

use muster_tests::cli::{Cli, Ran};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};

const SPEC: &str = r#"{"maps":[{"from":"user","to":"user","fields":{"name":"name"}}]}"#;
const EACH: &str = r#"{"maps":[{"from":"user","to":"user","each":{"item":"items"},"key":{"expr":"item"},"fields":{"name":"name"}}]}"#;

/// `map` with `spec` over `input`.
fn map(spec: &str, input: impl Into<Vec<u8>>) -> Ran {
    let map = Cli::new("map").args(["--spec", "./spec.json", "--rejects", "rejects", "--assume-complete"]);
    map.file("spec.json", spec).stdin(input).run()
}

fn names(ran: &Ran) -> Vec<String> {
    let records = ran.records().into_iter().filter(|record| record["_kind"] == "user");
    records.map(|record| record["_key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_line_above_64_mib_is_no_record_and_no_end_of_the_others() {
    let long = format!("{{\"_kind\":\"user\",\"_key\":\"2\",\"name\":\"{}\"}}\n", "x".repeat(64 << 20));
    let line = |key: &str| format!("{{\"_kind\":\"user\",\"_key\":\"{key}\",\"name\":\"Ane\"}}\n");
    let ran = map(SPEC, line("1") + &long + &line("3")).with_status(4);
    assert_eq!(names(&ran), ["1", "3"]);
    assert_eq!(ran.ends()[0]["complete"], false, "a line without readable key");
}

#[test]
fn a_record_128_deep_is_a_reject() {
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!("{{\"_kind\":\"user\",\"_key\":\"{depth}\",\"name\":{open}{close}}}\n")
    };
    let ran = map(SPEC, nested(126) + &nested(128) + &nested(100_000) + &nested(1));
    assert_eq!(names(&ran), ["126", "1"]);
    assert!(ran.stdout.contains("nested deeper than 128"), "{}", ran.stdout);
}

#[test]
fn each_gives_at_most_10_000_records() {
    let user = |count: usize| {
        let items = serde_json::json!((0..count).map(|item| format!("{count}-{item}")).collect::<Vec<_>>());
        format!("{{\"_kind\":\"user\",\"_key\":\"{count}\",\"name\":\"Ane\",\"items\":{items}}}\n")
    };
    let ran = map(EACH, user(10_001) + &user(10_000)).with_status(1);
    assert_eq!(names(&ran).len(), 10_000);
    let errors: Vec<_> = ran.records().into_iter().filter(|line| line["_kind"] == "_error").collect();
    assert_eq!(errors[0]["_key"], "10001");
}

#[test]
fn an_expression_without_end_is_a_reject() {
    let loops = "{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}";
    let spec = SPEC.replace("\"name\"}", &format!("{{\"template\":\"{loops}\"}}}}"));
    let ran = map(&spec, "{\"_kind\":\"user\",\"_key\":\"1\"}\n").with_status(1);
    assert!(ran.stdout.contains("fuel"), "{}", ran.stdout);
}

/// 300 MiB of blanks, compressed.
fn bomb() -> Vec<u8> {
    let mut gzip = Command::new("gzip").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, mut output) = (gzip.stdin.take().unwrap(), gzip.stdout.take().unwrap());
    let writer = std::thread::spawn(move || (0..300).all(|_| input.write_all(&vec![b' '; 1 << 20]).is_ok()));
    let mut bytes = Vec::new();
    output.read_to_end(&mut bytes).unwrap();
    assert!(writer.join().unwrap() && gzip.wait().unwrap().success());
    bytes
}

#[test]
fn an_answer_is_at_most_256_mib_when_it_is_unpacked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (body, end) = (bomb(), "connection: close\r\n\r\n");
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let _ = connection.read(&mut [0; 4096]);
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n{end}", body.len());
        let _ = connection.write_all(&[head.as_bytes(), &body].concat());
        // Closed before it has read everything, a server resets the connection.
        let _ = connection.shutdown(std::net::Shutdown::Write);
        let _ = connection.read_to_end(&mut Vec::new());
    });
    let ran = Cli::new("extract-os2mo").args(["--url", &url, "--retries", "0"]).run().with_status(76);
    assert!(ran.stderr.contains("the answer is longer than 256 MiB"), "{}", ran.stderr);
}

#[test]
fn files_are_their_owners_alone_whatever_the_umask() {
    let line = "umask 000; echo '{\"_kind\":\"user\",\"_key\":\"1\"}' | map --spec ./spec.json --rejects map.rejects --assume-complete > /dev/null
                echo '{\"_kind\":\"user\",\"_key\":\"1\"}' | push-os2sync --api-url stub --municipality 12345678 --rejects push.rejects --assume-complete > /dev/null
                echo '{\"_kind\":\"user\",\"_key\":\"1\"}' | push-os2sync --api-url http://127.0.0.1:1 --municipality 12345678 --ledger ledger --assume-complete --retries 0 > /dev/null
                true";
    let (ran, dir) = Cli::shell(line).file("spec.json", SPEC).run_in(tempfile::tempdir().unwrap());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(dir.path()).unwrap().map(Result::unwrap) {
        let (name, mode) =
            (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().mode() & 0o777);
        assert_eq!(mode, 0o600, "{name}");
        seen.push(name);
    }
    for file in ["map.rejects", "push.rejects", "ledger"] {
        assert!(seen.iter().any(|name| name == file), "{file} is not there: {seen:?}");
    }
}

#[test]
fn a_file_that_others_can_read_is_not_written() {
    for (command, arguments, file) in [
        ("map", &["--spec", "./spec.json", "--rejects", "old"][..], "old"),
        (
            "push-os2sync",
            &["--api-url", "http://127.0.0.1:1", "--municipality", "12345678", "--rejects", "old"],
            "old",
        ),
        (
            "push-os2sync",
            &["--api-url", "http://127.0.0.1:1", "--municipality", "12345678", "--ledger", "old"],
            "old",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let cli = Cli::new(command).args(arguments).file("spec.json", SPEC).file(file, "of yesterday");
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        std::fs::set_permissions(cli.dir.path().join(file), open).unwrap();
        let (ran, dir) = cli.stdin("{\"_kind\":\"user\",\"_key\":\"1\"}\n").run_in(dir);
        let ran = ran.with_status(78);
        assert!(ran.stderr.contains("others can read"), "{command}: {}", ran.stderr);
        assert_eq!(std::fs::read_to_string(dir.path().join(file)).unwrap(), "of yesterday");
    }
}

#[test]
fn the_spool_has_no_name_and_lies_where_it_is_told_to() {
    let dir = tempfile::tempdir().unwrap();
    let push = |spool: &str| {
        let push = Cli::new("push-os2sync").args([
            "--api-url",
            "stub",
            "--municipality",
            "12345678",
            "--assume-complete",
        ]);
        push.args(["--spool-dir", spool]).stdin("{\"_kind\":\"user\",\"_key\":\"1\"}\n").run()
    };
    push(dir.path().to_str().unwrap());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    let ran = push("/nowhere").with_status(74);
    assert!(ran.stderr.contains("/nowhere"), "{}", ran.stderr);
}

#[test]
fn the_spool_has_no_name_while_it_is_filled() {
    let dir = tempfile::tempdir().unwrap();
    let arguments = ["--api-url", "stub", "--municipality", "12345678", "--assume-complete", "--spool-dir"];
    let mut push = Cli::new("push-os2sync").args(arguments).args([dir.path()]);
    let mut child = push.spawn();
    let mut stdin = child.stdin.take().unwrap();
    let line = |number: usize| {
        format!("{{\"_kind\":\"user\",\"_key\":\"{number}\",\"name\":\"{}\"}}\n", "x".repeat(1000))
    };
    // More than any buffer holds.
    (0..3000).for_each(|number| stdin.write_all(line(number).as_bytes()).unwrap());
    let files = std::path::Path::new("/proc").join(child.id().to_string()).join("fd");
    let spool = |path: &std::path::Path| {
        let target = std::fs::read_link(path).ok()?;
        target
            .starts_with(dir.path())
            .then(|| (target.clone(), std::fs::metadata(path).map(|about| about.mode())))
    };
    let opened = std::fs::read_dir(&files)
        .map(|files| files.map_while(Result::ok).filter_map(|file| spool(&file.path())).collect::<Vec<_>>());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "it has a name");
    match opened {
        Ok(opened) if !opened.is_empty() => {
            for (target, mode) in opened {
                assert!(target.to_string_lossy().ends_with("(deleted)"), "{}", target.display());
                assert_eq!(mode.unwrap() & 0o777, 0o600);
            }
        }
        _ => println!("skipped: this user may not look into the process"),
    }
    drop(stdin);
    child.wait_with_output().unwrap();
}
