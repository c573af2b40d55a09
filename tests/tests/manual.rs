//! The manual pages: the generated ones are current, all are well formed, and the examples in the written ones work.
//!
//! A comment before an `.EX` block says what the block is. `.\" test: file NAME`: the text of a file. `.\" test: session`:
//! `$ ` and a line for the shell, each with the output that follows it. `.\" test: values`: lines of an expression of
//! `map`, `  -> `, and what it gives for the first record of `staff.ndjson`. All blocks of a page share one folder. What is
//! to be typed against servers (`.\" test: typed`) is, in `shadow_run.rs`.

use muster_tests::cli::{Cli, bin_dir, root};
use muster_tests::pages::blocks;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

fn pages(section: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("man")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == section)).collect();
    pages.sort();
    pages
}

/// The commands of a session, each with what it prints.
fn steps(session: &str) -> Vec<(String, String)> {
    let mut steps: Vec<(String, String)> = Vec::new();
    for line in session.lines() {
        match (line.strip_prefix("$ "), line.strip_prefix("> "), steps.last_mut()) {
            (Some(command), ..) => steps.push((command.to_owned(), String::new())),
            (None, Some(more), Some((command, _))) => *command = format!("{command}\n{more}"),
            (None, None, Some((_, output))) => *output += &format!("{line}\n"),
            (None, _, None) => panic!("a session begins with '$ ', not with '{line}'"),
        }
    }
    steps
}

/// What the expressions give that is not what stands behind their arrow.
fn wrong_values(folder: &Path, text: &str) -> String {
    let lines: Vec<(&str, &str)> = text
        .lines()
        .map(|line| line.rsplit_once("  -> ").expect("an expression, an arrow, a value"))
        .collect();
    let field = |(place, (expr, _)): (usize, &(&str, &str))| (place.to_string(), json!({"expr": expr}));
    let fields: Map<String, Value> = lines.iter().enumerate().map(field).collect();
    let spec = json!({"maps": [{"from": "person", "to": "y", "fields": fields}]});
    std::fs::write(folder.join("values.json"), spec.to_string()).unwrap();
    let ran = Cli::shell("head -n 1 staff.ndjson | map --spec ./values.json").in_dir(folder).run();
    let record = ran.stdout.lines().next().and_then(|line| serde_json::from_str::<Value>(line).ok());
    let Some(record) = record.filter(|record| record["_kind"] == "y") else {
        return format!("{text}--- printed\n{}{}\n", ran.stdout, ran.stderr);
    };
    let lines = lines.iter().enumerate();
    let given = lines.map(|(place, (expr, value))| (expr, value, record[place.to_string()].to_string()));
    given
        .filter(|(_, value, given)| value != &given)
        .map(|(expr, value, given)| format!("{expr}\n--- expected\n{value}\n--- given\n{given}\n"))
        .collect()
}

fn run_examples(page: &Path) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let (mut count, mut wrong) = (0, String::new());
    for block in blocks(&std::fs::read_to_string(page).unwrap()) {
        if let Some(name) = block.what.strip_prefix("file ") {
            std::fs::write(folder.path().join(name), &block.text).unwrap();
            continue;
        }
        if block.what.starts_with("typed") {
            continue;
        }
        if block.what == "values" {
            count += block.text.lines().count();
            wrong += &wrong_values(folder.path(), &block.text);
            continue;
        }
        for (command, expected) in steps(&block.text) {
            let ran = Cli::shell(&format!("{{ {command}\n}} 2>&1")).in_dir(folder.path()).run();
            count += 1;
            if ran.stdout != expected {
                wrong += &format!("$ {command}\n--- expected\n{expected}--- printed\n{}\n", ran.stdout);
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{wrong}", page.display());
    count
}

#[test]
fn the_examples_print_what_the_pages_say() {
    let count: usize = ["5", "7"].into_iter().flat_map(pages).map(|page| run_examples(&page)).sum();
    println!("{count} examples");
}

#[test]
fn the_generated_pages_are_current() {
    let commands = std::fs::read_dir(root().join("bins")).unwrap().map(|entry| entry.unwrap());
    let commands =
        commands.filter(|entry| entry.file_type().unwrap().is_dir()).map(|entry| entry.file_name());
    for command in commands.map(|name| name.into_string().unwrap()) {
        let current = Cli::new(&command).args(["--generate", "man"]).run().with_status(0).stdout;
        let written = std::fs::read_to_string(root().join(format!("man/{command}.1"))).unwrap_or_default();
        assert!(current == written, "man/{command}.1 is not current; run scripts/man");
    }
}

#[test]
fn every_page_is_well_formed() {
    for page in ["1", "5", "7"].into_iter().flat_map(pages) {
        let ran = Command::new("man").args(["--warnings", "--nj", "-E", "UTF-8", "-l"]).arg(&page).output();
        let Ok(ran) = ran else {
            println!("skipped: there is no man here (package man-db)");
            return;
        };
        assert_eq!(String::from_utf8_lossy(&ran.stderr), "", "{}", page.display());
    }
    assert!(bin_dir().exists());
}
