//! Golden cases: each folder in `cases/<command>/` is one run with its exact output. `UPDATE=1` rewrites what is expected.
//!
//! `cmd` is a line for the shell; `stdin`, `stdout`, `stderr` and `status` (absent: empty, 0) are what goes in and comes
//! out; every other file lies in the folder where the line runs. In `_end` lines times, and the digest of a shipped spec,
//! which every edit of it changes, are replaced by `…`.

use muster_tests::cli::{Cli, Ran, root};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const PARTS: [&str; 5] = ["cmd", "stdin", "stdout", "stderr", "status"];

fn folders() -> Vec<PathBuf> {
    let below = |dir: PathBuf| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(dir).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
    };
    let mut cases: Vec<PathBuf> = below(root().join("tests/cases")).into_iter().flat_map(below).collect();
    cases.sort();
    cases
}

fn part(case: &Path, name: &str) -> String {
    std::fs::read_to_string(case.join(name)).unwrap_or_default()
}

/// `text` with what changes from run to run, or with every word of a shipped spec, replaced in its `_end` lines: times and
/// digests.
fn timeless(text: &str) -> String {
    let lines = text.split_inclusive('\n');
    lines
        .map(
            |line| if line.starts_with("{\"_kind\":\"_end\"") { timeless_end(line) } else { line.to_owned() },
        )
        .collect()
}

fn timeless_end(line: &str) -> String {
    let marks = ["\"digest\":\"", " map:", "\"started\":\"", "\"ended\":\""];
    marks.into_iter().fold(line.to_owned(), |line, mark| match line.split_once(mark) {
        Some((before, after)) => {
            let behind = after.find('"').map_or("", |end| &after[end..]);
            format!("{before}{mark}…{behind}")
        }
        None => line,
    })
}

fn run(case: &Path) -> Ran {
    let cli = Cli::shell(part(case, "cmd").trim()).stdin(part(case, "stdin"));
    for entry in std::fs::read_dir(case).unwrap().map(|entry| entry.unwrap()) {
        let name = entry.file_name().into_string().unwrap();
        if !PARTS.contains(&name.as_str()) {
            let to = cli.dir.path().join(&name);
            std::fs::copy(entry.path(), &to).unwrap();
            std::fs::set_permissions(&to, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
    }
    let ran = cli.run();
    Ran { stdout: timeless(&ran.stdout), ..ran }
}

/// What differs from what is expected, nothing when nothing does.
fn differences(case: &Path, ran: &Ran) -> Vec<String> {
    let status = part(case, "status").trim().parse().unwrap_or(0);
    let pairs = [("stdout", &ran.stdout), ("stderr", &ran.stderr)];
    let texts = pairs.into_iter().filter(|(name, text)| part(case, name) != **text);
    let mut found: Vec<String> = texts
        .map(|(name, text)| format!("--- expected {name}\n{}--- {name}\n{text}", part(case, name)))
        .collect();
    if status != ran.status {
        found.push(format!("--- expected status {status}, got {}", ran.status));
    }
    found
}

fn rewrite(case: &Path, ran: &Ran) {
    let status = if ran.status == 0 { String::new() } else { format!("{}\n", ran.status) };
    for (name, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr), ("status", &status)] {
        if text.is_empty() {
            let _ = std::fs::remove_file(case.join(name));
        } else {
            std::fs::write(case.join(name), text).unwrap();
        }
    }
}

#[test]
fn every_case_gives_exactly_what_is_expected() {
    let (cases, next) = (folders(), AtomicUsize::new(0));
    let failures = Mutex::new(Vec::new());
    let update = std::env::var_os("UPDATE").is_some();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ran = run(case);
                    let found = differences(case, &ran);
                    if !found.is_empty() && update {
                        rewrite(case, &ran);
                    } else if !found.is_empty() {
                        failures.lock().unwrap().push(format!("{}\n{}", case.display(), found.join("\n")));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    println!("{} cases, {} failed", cases.len(), failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(!cases.is_empty(), "there are no cases");
}
