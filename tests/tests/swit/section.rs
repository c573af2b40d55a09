//! The section `[swit]`, which the commands of the pipeline share.

use muster_tests::cli::{Cli, root};
use serde_json::Value;

/// The keys of a command's example of the section.
fn keys(command: &str) -> Vec<String> {
    let example = Cli::new(command).args(["--example-config"]).run().with_status(0).stdout;
    let keys = example.lines().filter_map(|line| line.trim_start_matches('#').split_once(" ="));
    keys.filter(|(key, _)| !key.contains(' ')).map(|(key, _)| key.to_owned()).collect()
}

#[test]
fn what_one_command_reads_is_no_mistake_to_the_others() {
    let spec = std::fs::read_to_string(root().join("shared/mapping/specs/swit.json")).unwrap();
    let spec: Value = serde_json::from_str(&spec).unwrap();
    let mut all: Vec<String> = spec["settings"].as_object().unwrap().keys().cloned().collect();
    all.extend(["push-swit", "extract-swit"].into_iter().flat_map(keys));
    assert!(all.len() > 50, "{all:?}");
    for key in all {
        for command in ["push-swit", "extract-swit", "map"] {
            let arguments = if command == "map" {
                &["--spec", "swit", "--show-settings"][..]
            } else {
                &["--show-settings"]
            };
            let ran =
                Cli::new(command).args(arguments).file("config.ini", &format!("[swit]\n{key} =\n")).run();
            assert!(
                !ran.stderr.contains("nobody knows") && !ran.stderr.contains("did you mean"),
                "{command}: {}",
                ran.stderr
            );
        }
    }
}
