//! Settings: the old programs' files, the stub, and what is refused.

use super::*;

#[test]
fn the_old_settings_file_works() {
    let town_hall = Town::new();
    let settings = json!({
        "municipality.cvr": "12345678",
        "os2sync.api_url": town_hall.os2sync.api_url(),
        "os2sync.top_unit_uuid": uuid(1),
        "os2sync.ca_verify_os2sync": true,
        "os2sync.xfer_cpr": true,
        "os2sync.hash_cache": "/tmp/cache.json",
        "os2sync.log_level": 10,
        "os2sync.log_file": "x.log",
    });
    std::fs::write(town_hall.path("settings.json"), settings.to_string()).unwrap();
    let ran = Cli::new("push-os2sync")
        .args(["--config", "settings.json"])
        .in_dir(town_hall.dir.path())
        .stdin(state(&town(1)))
        .run()
        .with_status(0);
    assert_eq!(counts(&ran)["created"], 5);
    for (name, instead) in [("hash_cache", "--ledger"), ("log_level", "-vv"), ("log_file", "journal")] {
        let told = |line: &&str| line.contains(&format!("'{name}'")) && line.contains(instead);
        assert_eq!(ran.stderr.lines().filter(told).count(), 1, "{name}: {}", ran.stderr);
    }
    assert_eq!(ran.stderr.matches("warning").count(), 3, "{}", ran.stderr);
}

#[test]
fn a_stub_is_a_dry_run() {
    let ran = Cli::new("push-os2sync")
        .args(["--api-url", "stub", "--municipality", "12345678"])
        .stdin(state(&town(1)))
        .run()
        .with_status(0);
    assert_eq!(ran.records().last().unwrap()["url"], "stub://os2sync/api/user?bypassCache=false&priority=10");
}

#[test]
fn wrong_settings_are_named() {
    let run = |arguments: &[&str]| Cli::new("push-os2sync").args(arguments).stdin("").run();
    let ran = run(&["--api-url", "stub"]).with_status(78);
    assert!(ran.stderr.contains("--municipality"), "{}", ran.stderr);
    let ran = run(&["--municipality", "123"]).with_status(64);
    assert!(ran.stderr.contains("eight digits"), "{}", ran.stderr);
    run(&["--municipality", "12345678", "--api-url", "ftp://x"]).with_status(64);
    run(&["--municipality", "12345678", "--top-unit", "x"]).with_status(64);
}
