//! `diff` killed: no file stays behind, and nothing that was written looks like a whole plan.

use muster_tests::cli::Cli;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command};

const SIGNALS: [(&str, i32); 2] = [("KILL", 9), ("TERM", 15)];
const NOBODY: &str = r#"{"_kind":"_end","form":"state","from":"target 1","scope":"x","complete":true,"records":0,"errors":0,"by_kind":{}}"#;

fn kill(child: &Child, signal: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
}

fn user(number: usize) -> String {
    format!(
        "{{\"_kind\":\"user\",\"_key\":\"{number}\",\"name\":\"Ane Larsen {number}\",\"note\":\"{:200}\"}}\n",
        ""
    )
}

/// Open files of a process that lie in `dir` and have no name there.
fn nameless(child: &Child, dir: &Path) -> usize {
    let open = std::fs::read_dir(format!("/proc/{}/fd", child.id())).unwrap();
    let targets = open.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
    targets.filter(|to| to.starts_with(dir) && to.to_string_lossy().ends_with("(deleted)")).count()
}

fn entries(dir: &Path) -> usize {
    std::fs::read_dir(dir).unwrap().count()
}

#[test]
fn killed_while_it_spills_it_leaves_neither_a_file_nor_a_plan() {
    for (name, number) in SIGNALS {
        let spool = tempfile::tempdir().unwrap();
        let mut cli = Cli::new("diff")
            .args(["--memory", "1", "-", "current", "--spool-dir"])
            .args([spool.path()])
            .file("current", &format!("{NOBODY}\n"));
        let mut child = cli.spawn();
        let mut stdin = child.stdin.take().unwrap();
        // What a pipe does not hold was read, and by then lies in files.
        (0..40_000).for_each(|number| stdin.write_all(user(number).as_bytes()).unwrap());
        assert!(nameless(&child, spool.path()) >= 2, "the copy of the pipe, and the index");
        assert_eq!(entries(spool.path()), 0, "files have no name while they are used, either");
        kill(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.signal(), Some(number));
        assert_eq!((output.stdout.len(), entries(spool.path())), (0, 0));
    }
}

/// What a reader gets of a big plan when its writer is killed in the middle.
fn cut(format: &str, signal: &str) -> String {
    let desired: String = (0..20_000).map(user).collect();
    let mut cli = Cli::new("diff")
        .args(["--assume-complete", "--format", format, "desired", "current"])
        .file("desired", &desired)
        .file("current", &format!("{NOBODY}\n"));
    let mut child = cli.spawn();
    let mut stdout = child.stdout.take().unwrap();
    // There is far more than this and what the pipe holds, so it is still writing.
    let mut begin = vec![0; 100_000];
    stdout.read_exact(&mut begin).unwrap();
    kill(&child, signal);
    child.wait().unwrap();
    stdout.read_to_end(&mut begin).unwrap();
    String::from_utf8_lossy(&begin).into_owned()
}

#[test]
fn killed_while_it_writes_its_plan_is_seen_to_be_partial() {
    for (signal, _) in SIGNALS {
        let plan = cut("ndjson", signal);
        assert!(!plan.contains("_end"));
        let whole_lines = &plan[..=plan.rfind('\n').unwrap()];
        let shown = Cli::new("diff").args(["--show", "-", "--stat"]).stdin(whole_lines).run().with_status(4);
        assert!(shown.stderr.contains("the plan is partial"), "{}", shown.stderr);
    }
}

#[test]
fn killed_while_it_writes_its_page_and_text_have_no_end() {
    for (signal, _) in SIGNALS {
        assert!(!cut("html", signal).contains("id=\"end\""));
        assert!(!cut("text", signal).contains("unchanged"));
    }
}
