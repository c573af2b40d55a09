//! `scripts/pipelines/os2mo-to-stsorgsync` as an administrator uses it.

use super::pipeline::Pipeline;
use super::*;
use muster_tests::cli::root;
use muster_tests::simulator::{Fault, Rule};

const IT: &str = "28132c2e-1fbb-556a-b240-7bf04ac9d8b0";

/// The script with the exporter's settings, in a state folder of its own.
fn run(pipeline: &Pipeline, arguments: &str) -> Ran {
    let script = root().join("scripts/pipelines/os2mo-to-stsorgsync");
    let dir = pipeline.town.dir.path();
    Cli::shell(&format!("{} -q {arguments}", script.display()))
        .env("MOX_MO_CONFIG", dir.join("settings.ini").to_str().unwrap())
        .env("STATE_DIRECTORY", dir.join("state").to_str().unwrap())
        .env("OS2MO_RETRY_WAIT", "0")
        .run()
}

fn writes(pipeline: &Pipeline) -> usize {
    pipeline.town.stsorgsync.seen().iter().filter(|seen| seen.method != "GET").count()
}

#[test]
fn it_brings_everything_once() {
    let pipeline = Pipeline::new("");
    run(&pipeline, "").with_status(0);
    assert_eq!(pipeline.town.stsorgsync.registry().users().len(), 172);
    pipeline.town.stsorgsync.forget();
    run(&pipeline, "").with_status(0);
    assert_eq!(writes(&pipeline), 0);
}

#[test]
fn a_dry_run_prints_and_sends_nothing() {
    let pipeline = Pipeline::new("");
    let ran = run(&pipeline, "--dry-run").with_status(0);
    assert!(ran.records().iter().any(|line| line["_kind"] == "_request" && line["method"] == "POST"));
    assert_eq!(writes(&pipeline), 0);
}

#[test]
fn picked_units_are_brought_alone() {
    let pipeline = Pipeline::new("");
    let ran = run(&pipeline, &format!("--unit {IT}")).with_status(4);
    assert!(ran.stderr.contains("ended with 4 (extract 0, map 4, push 4)"), "{}", ran.stderr);
    let registry = pipeline.town.stsorgsync.registry();
    assert_eq!((registry.units().len(), registry.users().len()), (3, 0));
}

#[test]
fn the_heaviest_exit_code_is_the_scripts() {
    let pipeline = Pipeline::new("");
    pipeline.os2mo.faults.add(Rule::always(Fault::Status(401)));
    let ran = run(&pipeline, "").with_status(77);
    assert!(ran.stderr.contains("ended with 77 (extract 77, map 4, push 4)"), "{}", ran.stderr);
    assert_eq!(writes(&pipeline), 0);
}

#[test]
fn every_setting_of_the_example_is_one() {
    let example = std::fs::read_to_string(root().join("scripts/pipelines/stsorgsync.ini.example")).unwrap();
    let is_setting = |line: &str| line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
    let lines = example.lines().map(|line| {
        let bare = line.trim_start_matches("# ");
        if is_setting(bare) { bare } else { line }
    });
    let whole: String =
        lines.filter(|line| !line.starts_with("session")).flat_map(|line| [line, "\n"]).collect();
    assert!(whole.contains("\nuuid_style = query\n"));
    for command in ["extract-os2mo", "map --spec stsorgsync", "push-stsorgsync"] {
        let ran = Cli::shell(&format!("{command} --show-settings")).file("config.ini", &whole).run();
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{command}");
    }
}
