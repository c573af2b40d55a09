//! A pipeline whose source fails ends non-zero, says why in one line, and deletes nothing.

use super::Pipeline;
use muster_tests::cli::{Cli, Ran};
use muster_tests::simulator::{Fault, Rule};
use serde_json::json;
use std::process::Command;

/// What was there before the break is there after it, and one line of the extractor says what happened.
fn assert_kept(pipeline: &Pipeline, before: usize, ran: &Ran, why: &str) {
    assert_ne!(ran.status, 0);
    let registry = pipeline.os2sync.registry();
    assert_eq!(registry.users().len(), before, "{}", ran.stderr);
    assert!(registry.deleted().is_empty() && registry.passivated().is_empty());
    let said: Vec<_> = ran.stderr.lines().filter(|line| line.starts_with("extract-os2mo: ")).collect();
    assert_eq!(said.len(), 1, "{}", ran.stderr);
    assert!(said[0].contains(why) && said[0].contains("http://127.0.0.1"), "{}", said[0]);
    assert!(ran.stderr.contains("push-os2sync: ") && ran.stderr.contains("partial"), "{}", ran.stderr);
}

#[test]
fn refused_failing_cut_or_answered_with_errors() {
    let pipeline = Pipeline::new("os2sync", "");
    pipeline.run().with_status(0);
    let before = pipeline.os2sync.registry().users().len();
    let errors = json!({"data": {"employees": {"objects": [], "page_info": {"next_cursor": null}}}, "errors": [{"message": "boom"}]});
    let breaks = [
        (
            Fault::Json(json!({"data": null, "errors": [{"message": "User is not authenticated"}]})),
            "not authenticated",
        ),
        (Fault::Status(500), "500 Internal Server Error"),
        (Fault::Status(503), "503 Service Unavailable"),
        (Fault::Cut(2000), "cut off"),
        (Fault::Json(errors), "boom"),
        (Fault::Text(200, "<html>".to_owned()), "not the JSON"),
    ];
    for (fault, why) in breaks {
        pipeline.os2mo.faults.clear();
        pipeline.os2mo.faults.add(Rule::always(fault).body("query Employees"));
        assert_kept(&pipeline, before, &pipeline.run(), why);
    }
}

#[test]
fn a_killed_source_leaves_a_partial_stream() {
    let pipeline = Pipeline::new("os2sync", "");
    pipeline.run().with_status(0);
    let before = pipeline.os2sync.registry().users().len();
    pipeline.os2mo.forget();
    pipeline.os2mo.faults.add(Rule::always(Fault::Silence).body("query Employees"));
    let line = "{ extract-os2mo & echo $! >pid; wait $! 2>/dev/null; } | map --spec os2sync | push-os2sync --ledger ledger";
    let mut cli = Cli::shell(line).in_dir(pipeline.dir.path());
    let child = cli.spawn();
    while !pipeline.os2mo.seen().iter().any(|seen| seen.body.contains("query Employees")) {
        std::thread::yield_now();
    }
    let pid = std::fs::read_to_string(pipeline.dir.path().join("pid")).unwrap();
    assert!(Command::new("kill").args(["-9", pid.trim()]).status().unwrap().success());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.status, 4, "{}", ran.stderr);
    assert_eq!(pipeline.os2sync.registry().users().len(), before);
    assert!(ran.stderr.contains("push-os2sync: ") && ran.stderr.contains("partial"), "{}", ran.stderr);
}
