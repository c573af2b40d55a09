//! The specs that work fit the JSON Schema of specs: the shipped ones, and those of the cases that are not about mistakes.

#![allow(clippy::unwrap_used, clippy::panic)] // outside #[test] functions, too: these are helpers of tests

use muster_mapping::{Finding, Weight, check, shipped};
use std::path::{Path, PathBuf};

fn below(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Whether a file is a spec that its case maps by, for one that is only extended need not be whole.
fn is_spec(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let command = std::fs::read_to_string(path.with_file_name("cmd")).unwrap_or_default();
    let is_named = name.ends_with(".json") && command.contains(&name);
    is_named && std::fs::read_to_string(path).is_ok_and(|text| text.contains("\"maps\""))
}

fn errors(name: &str) -> Vec<Finding> {
    let found = check(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    found.into_iter().filter(|finding| finding.weight == Weight::Error).collect()
}

#[test]
fn shipped_specs_fit() {
    for (name, _) in shipped() {
        assert_eq!(check(name).unwrap(), [], "{name}");
    }
}

#[test]
fn the_specs_of_cases_fit() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/map");
    // A case that ends with 65 or is about checking has a spec that is meant to be wrong.
    let works = |case: &PathBuf| {
        let status = std::fs::read_to_string(case.join("status")).unwrap_or_default();
        let command = std::fs::read_to_string(case.join("cmd")).unwrap_or_default();
        !["65", "74"].contains(&status.trim()) && !command.contains("--check")
    };
    let specs: Vec<PathBuf> = below(&cases)
        .iter()
        .filter(|case| works(case))
        .flat_map(|case| below(case))
        .filter(|path| is_spec(path))
        .collect();
    assert!(!specs.is_empty());
    for spec in specs {
        assert_eq!(errors(&spec.display().to_string()), [], "{}", spec.display());
    }
}
