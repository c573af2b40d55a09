//! What `map --explain` tells is what `map` does, and `map --profile` writes what `map` writes: over the input of all cases.

use muster_tests::cli::{Cli, Ran, root};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The cases of `map` that map something: their folders, and the line up to the first sign of the shell.
fn cases() -> Vec<(PathBuf, String)> {
    let entries = std::fs::read_dir(root().join("tests/cases/map")).unwrap();
    let mut cases: Vec<(PathBuf, String)> =
        entries.filter_map(|entry| command(entry.unwrap().path())).collect();
    cases.sort();
    cases
}

fn command(case: PathBuf) -> Option<(PathBuf, String)> {
    let line = std::fs::read_to_string(case.join("cmd")).unwrap();
    let line = &line[line.find("map --spec")?..];
    let special = ["--check", "--schema", "--explain", "--profile", "--import", "--list", "--show"];
    if special.iter().any(|flag| line.contains(flag)) {
        return None;
    }
    let mut quote = None;
    let end = line.find(|c| match quote {
        Some(open) => {
            quote = (c != open).then_some(open);
            false
        }
        None => {
            quote = ['"', '\''].contains(&c).then_some(c);
            ['|', ';', '&', '>', '<', '\n'].contains(&c)
        }
    });
    Some((case.clone(), line[..end.unwrap_or(line.len())].trim().to_owned()))
}

fn run(case: &Path, line: &str) -> Ran {
    let cli = Cli::shell(line).stdin(std::fs::read(case.join("stdin")).unwrap_or_default());
    for entry in std::fs::read_dir(case).unwrap().map(|entry| entry.unwrap()) {
        std::fs::copy(entry.path(), cli.dir.path().join(entry.file_name())).unwrap();
    }
    cli.run()
}

/// A line, as far as both tell the same: the text of an error names what could not be read only where it is explained.
fn comparable(line: &Value) -> Value {
    match line["_kind"].as_str() {
        Some("_error") => serde_json::json!({"of": line["of"], "_key": line["_key"]}),
        _ => line.clone(),
    }
}

/// The lines that `map` writes, without ends and without changes, which `--explain` does not tell line by line.
fn written(stdout: &str) -> Vec<Value> {
    let lines = stdout.lines().map(|line| serde_json::from_str(line).unwrap());
    lines
        .filter(|line: &Value| line["_kind"] != "_end" && line.get("_op").is_none())
        .map(|line| comparable(&line))
        .collect()
}

/// The same, out of what `--explain=json` tells.
fn told(stdout: &str) -> Vec<Value> {
    let mut lines = Vec::new();
    for told in stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let error = serde_json::json!({"_kind": "_error", "of": told["kind"], "_key": told["key"]});
        match told["outcome"].as_str().unwrap() {
            "mapped" => lines.extend(records(&told)),
            "unreadable" | "unknown" => lines.push(comparable(&error)),
            "rejected" if told.get("kind").is_some() => lines.push(comparable(&error)),
            _ => (),
        }
    }
    lines
}

fn records(told: &Value) -> Vec<Value> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let lines = list(&told["maps"]).into_iter().flat_map(|map| list(&map["lines"]));
    lines.filter_map(|line| line.get("record").cloned()).collect()
}

#[test]
fn what_is_explained_is_what_is_written() {
    let (mut compared, mut records) = (0, 0);
    for (case, line) in cases() {
        let mapped = run(&case, &line);
        if mapped.status > 4 {
            continue;
        }
        let explained = run(&case, &format!("{line} --explain=json"));
        let told = told(&explained.stdout);
        assert_eq!(told, written(&mapped.stdout), "{}: {line}\n{}", case.display(), explained.stderr);
        records += told.len();
        compared += 1;
    }
    println!("{compared} cases, {records} lines");
    assert!(compared > 50 && records > 50);
}

#[test]
fn what_is_profiled_is_what_is_written() {
    for (case, line) in cases() {
        let mapped = run(&case, &line);
        let profiled = run(&case, &format!("{line} --profile"));
        assert_eq!(mapped.status, profiled.status, "{}", case.display());
        let lines = |ran: &Ran| -> Vec<String> {
            ran.stdout.lines().filter(|line| !line.contains("\"_end\"")).map(str::to_owned).collect()
        };
        assert_eq!(lines(&mapped), lines(&profiled), "{}: {line}", case.display());
    }
}
