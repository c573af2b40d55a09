//! The encrypted file and the import, killed at random moments: nothing confirmed is lost, nothing is half written.

use super::{Numbers, soak, variable};
use muster_tests::cli::Cli;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Kills in each run of the test: the whole has 400 runs.
const KILLS: usize = 3;
const KEYS: usize = 12;

pub fn strongbox(folder: &Path, words: &str) -> Cli {
    let cli = Cli::new("strongbox").args(words.split(' ')).in_dir(folder);
    cli.env("STRONGBOX_FILE", folder.join("strongbox.age").to_str().unwrap())
}

/// All secrets, by the names of their variables, as one process sees them.
fn all(folder: &Path) -> BTreeMap<String, String> {
    let ran = strongbox(folder, "run --connector soak -- env").run().with_status(0);
    assert_eq!(ran.stderr, "", "the file opens");
    let pairs = ran.stdout.lines().filter_map(|line| line.strip_prefix("SOAK_")?.split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Something that tells one write from the other.
fn value(number: usize) -> String {
    format!("{number}:{}", "x".repeat(500))
}

/// Store `value`, and kill the writer after `wait` when there is one; whether it said that it is done.
fn write(folder: &Path, key: &str, value: &str, wait: Option<Duration>) -> bool {
    let mut cli = strongbox(folder, &format!("-q --connector soak --key {key}"));
    let mut child = cli.spawn();
    let mut stdin = child.stdin.take().unwrap();
    // A writer that was killed before it read this closes the pipe.
    let _ = stdin.write_all(value.as_bytes());
    drop(stdin);
    if let Some(wait) = wait {
        std::thread::sleep(wait);
        let _ = child.kill();
    }
    child.wait().unwrap().success()
}

#[test]
#[ignore = "long: scripts/soak"]
fn a_strongbox_outlives_writers_that_are_killed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut kept: BTreeMap<String, String> = BTreeMap::new();
    for key in 0..KEYS {
        assert!(write(folder, &format!("K{key}"), &value(0), None));
        kept.insert(format!("K{key}"), value(0));
    }
    let start = Instant::now();
    assert!(write(folder, "K0", &value(0), None));
    let took = start.elapsed();
    let (kept, done) = (std::sync::Mutex::new(kept), std::sync::Mutex::new([0_usize; 3]));
    soak(|numbers| {
        for _ in 0..KILLS {
            kill_one(folder, numbers, took, &mut kept.lock().unwrap(), &mut done.lock().unwrap());
        }
    });
    assert!(write(folder, "K0", &value(1), None));
    let names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "file, key and lock, and nothing that killed writers left: {names:?}");
    let [confirmed, written, lost] = *done.lock().unwrap();
    println!(
        "{} kills: {confirmed} after the end, {written} after the rename, {lost} before it",
        variable("SOAK_RUNS", 20) * KILLS as u64
    );
}

/// One write that is killed: all other secrets are as they were, this one is the old or the new one.
fn kill_one(
    folder: &Path,
    numbers: &mut Numbers,
    took: Duration,
    kept: &mut BTreeMap<String, String>,
    done: &mut [usize; 3],
) {
    let key = format!("K{}", numbers.below(KEYS));
    let new = value(1 + numbers.below(1_000_000));
    let wait = took.mul_f64(numbers.below(1200) as f64 / 1000.0);
    let confirmed = write(folder, &key, &new, Some(wait));
    let found = all(folder);
    let is_new = found.get(&key) == Some(&new);
    assert!(
        is_new || (!confirmed && found.get(&key) == kept.get(&key)),
        "'{key}' is neither the old nor the new one"
    );
    done[if confirmed { 0 } else { 2 - usize::from(is_new) }] += 1;
    kept.insert(key.clone(), found[&key].clone());
    assert_eq!(found, *kept, "a secret that nobody touched");
}

#[test]
#[ignore = "long: scripts/soak"]
fn an_import_that_is_killed_ends_in_the_same_place() {
    let config: String =
        (0..20).map(|n| format!("[ldap.{n}]\nurl = ldaps://{n}\npassword = secret {n}\n")).collect();
    let wanted = config.replace("password = secret ", "password = strongbox://ldap.N/password#");
    let references: String = wanted
        .lines()
        .map(|line| match line.split_once("ldap.N/password#") {
            Some((before, number)) => format!("{before}ldap.{number}/password\n"),
            None => format!("{line}\n"),
        })
        .collect();
    soak(|numbers| {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let cli = strongbox(folder, "-q import").file("unused", "");
        std::fs::write(folder.join("config.ini"), &config).unwrap();
        std::fs::set_permissions(
            folder.join("config.ini"),
            std::os::unix::fs::PermissionsExt::from_mode(0o600),
        )
        .unwrap();
        let mut cli = cli;
        let mut child = cli.spawn();
        std::thread::sleep(Duration::from_micros(numbers.below(40_000) as u64));
        let _ = child.kill();
        child.wait().unwrap();
        let now = std::fs::read_to_string(folder.join("config.ini")).unwrap();
        assert!(now == config || now == references, "half of an import: {now}");
        strongbox(folder, "-q import").run().with_status(0);
        assert_eq!(std::fs::read_to_string(folder.join("config.ini")).unwrap(), references);
        let get = strongbox(folder, "get --connector ldap.19 --key password").run().with_status(0);
        assert_eq!(get.stdout, "secret 19");
    });
}
