//! The scripts that administrators use: the ready pipeline, its example of the settings file, installation.

use muster_tests::cli::{Cli, Ran, bin_dir, root};
use muster_tests::simulator::os2mo::{self, Organisation, Os2mo};
use muster_tests::simulator::os2sync::{Options, Os2sync};
use muster_tests::simulator::{Fault, Rule};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The pipeline between two simulators, with settings in a file and a state folder of its own.
struct Pipeline {
    os2mo: Os2mo,
    os2sync: Os2sync,
    state: tempfile::TempDir,
}

impl Pipeline {
    fn new() -> Self {
        let organisation = Organisation::recorded(root().join("tests/fixtures/os2mo"));
        Self {
            os2mo: Os2mo::start(organisation, os2mo::Options::default()).unwrap(),
            os2sync: Os2sync::start(Options::default()),
            state: tempfile::tempdir().unwrap(),
        }
    }

    fn settings(&self) -> String {
        let organisation = self.os2mo.organisation();
        format!(
            "[os2mo]\nurl = {}\ntoday = {}\nretry_wait = 0\n\
             [os2sync]\napi_url = {}\nmunicipality = 12345678\ntop_unit_uuid = {}\nretry_wait = 0\n",
            self.os2mo.url(),
            organisation.today,
            self.os2sync.api_url(),
            organisation.top_unit
        )
    }

    fn run(&self, arguments: &str) -> Ran {
        let script = root().join("scripts/pipelines/os2mo-to-os2sync");
        let cli = Cli::shell(&format!("{} {arguments}", script.display()));
        let config = cli.dir.path().join("settings.ini");
        cli.file("settings.ini", &self.settings())
            .env("MUSTER_CONFIG", config.to_str().unwrap())
            .env("STATE_DIRECTORY", self.state.path().to_str().unwrap())
            .run()
    }

    fn writes(&self) -> usize {
        self.os2sync.seen().iter().filter(|seen| seen.method != "GET").count()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(self::files(&path)),
            false => files.push(path),
        }
    }
    files.sort();
    files
}

#[test]
fn the_pipeline_brings_everything_once() {
    let pipeline = Pipeline::new();
    let first = pipeline.run("-q");
    assert!([0, 1].contains(&first.status), "{}", first.stderr);
    assert!(pipeline.os2sync.registry().units().len() > 10 && pipeline.os2sync.registry().users().len() > 10);
    pipeline.os2sync.forget();
    let second = pipeline.run("-q");
    assert_eq!(second.status, first.status, "{}", second.stderr);
    assert_eq!(pipeline.writes(), 0, "a run with nothing to do sends something");
}

#[test]
fn what_the_pipeline_keeps_only_its_owner_can_read() {
    let pipeline = Pipeline::new();
    pipeline.run("-q");
    let kept = files(pipeline.state.path());
    let names: Vec<&str> = kept.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    for name in ["ledger", "results.ndjson", "map-rejects.ndjson", "push-rejects.ndjson"] {
        assert!(names.contains(&name), "{names:?}");
    }
    for path in kept {
        assert_eq!(path.metadata().unwrap().mode() & 0o077, 0, "{}", path.display());
    }
}

#[test]
fn a_dry_run_prints_requests_and_sends_none() {
    let pipeline = Pipeline::new();
    let ran = pipeline.run("--dry-run -q");
    assert!(ran.records().iter().any(|line| line["_kind"] == "_request" && line["method"] == "POST"));
    assert_eq!(pipeline.writes(), 0);
}

#[test]
fn a_comparison_shows_how_the_registry_differs() {
    let pipeline = Pipeline::new();
    pipeline.run("-q");
    let same = pipeline.run("--compare").with_status(0).stdout;
    assert!(same.starts_with("0 to create, 0 to update, 0 to delete"), "{same}");
    let mut user = pipeline.os2sync.registry().users().remove(0);
    user["Person"]["Name"] = "Somebody Else".into();
    pipeline.os2sync.place_user(&user);
    pipeline.os2sync.forget();
    let ran = pipeline.run("--compare").with_status(1);
    assert!(ran.stdout.contains("Somebody Else"), "{}", ran.stdout);
    assert_eq!(pipeline.writes(), 0);
}

#[test]
fn what_never_came_to_the_registry_is_looked_for() {
    let pipeline = Pipeline::new();
    let ran = pipeline.run("-v");
    let asked = |path: &str| pipeline.os2sync.seen().iter().any(|seen| seen.path_and_query == path);
    assert!(asked("/api/hierarchy"), "{}", ran.stderr);
}

#[test]
fn the_heaviest_exit_code_is_the_scripts() {
    let pipeline = Pipeline::new();
    pipeline.os2mo.faults.add(Rule::always(Fault::Status(401)));
    let ran = pipeline.run("-q");
    assert_eq!(ran.status, 77, "{}", ran.stderr);
    assert!(ran.stderr.contains("ended with 77 (extract 77, map 4, push 4)"), "{}", ran.stderr);
    assert_eq!(pipeline.writes(), 0);
}

#[test]
fn a_state_folder_that_cannot_be_written_is_no_success() {
    let pipeline = Pipeline::new();
    std::fs::write(pipeline.state.path().join("runs"), "").unwrap();
    assert_eq!(pipeline.run("-q").status, 74);
    assert_eq!(pipeline.writes(), 0);
}

#[test]
fn every_setting_of_the_example_is_one() {
    let example = std::fs::read_to_string(root().join("scripts/pipelines/config.ini.example")).unwrap();
    // The examples behind '# ' are settings, too.
    let setting = |line: &&str| {
        line.trim_start_matches("# ").split_once(" = ").is_some_and(|(key, _)| !key.contains(' '))
    };
    let whole: String = example
        .lines()
        .map(|line| if setting(&line) { line.trim_start_matches("# ") } else { line })
        .filter(|line| !line.ends_with('=') && !line.starts_with("client_secret"))
        .flat_map(|line| [line, "\n"])
        .collect();
    for command in ["extract-os2mo", "map --spec os2sync", "push-os2sync"] {
        let ran = Cli::shell(&format!("{command} --show-settings")).file("config.ini", &whole).run();
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{command}");
    }
}

#[test]
fn installation_puts_everything_where_it_says() {
    let prefix = tempfile::tempdir().unwrap();
    let install = |arguments: &str| {
        let line = format!("{}/scripts/install {arguments} {}", root().display(), prefix.path().display());
        Cli::shell(&line).env("MUSTER_BIN_DIR", bin_dir().to_str().unwrap()).run().with_status(0)
    };
    let announced = install("--dry-run").stdout;
    assert!(files(prefix.path()).is_empty());
    let installed = install("").stdout;
    assert_eq!(announced, installed);
    for path in installed.lines() {
        assert!(Path::new(path).metadata().unwrap().len() > 0, "{path}");
    }
    let name = |path: &&str| path.contains("share/man/man1/");
    assert_eq!(
        installed.lines().filter(name).count(),
        installed.lines().filter(|p| p.contains("/lib/muster/bin/")).count()
    );
    let mapped = Cli::shell(&format!("{}/bin/map --list", prefix.path().display())).run().with_status(0);
    assert!(mapped.stdout.contains("os2sync"));
}
