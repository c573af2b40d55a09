//! The ledger: private, of one target, held by one run.

use super::*;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

#[test]
fn a_ledger_that_others_can_read_is_refused() {
    let town_hall = Town::new();
    town_hall.push(state(&town(1))).with_status(0);
    assert_eq!(std::fs::metadata(town_hall.path("ledger")).unwrap().mode() & 0o777, 0o600);
    std::fs::set_permissions(town_hall.path("ledger"), PermissionsExt::from_mode(0o644)).unwrap();
    town_hall.os2sync.forget();
    let ran = town_hall.push(state(&town(2))).with_status(78);
    assert!(ran.stderr.contains("others can read or write the ledger"), "{}", ran.stderr);
    assert!(town_hall.os2sync.seen().is_empty());
}

#[test]
fn the_ledger_of_another_municipality_is_refused() {
    let town_hall = Town::new();
    town_hall.push(state(&town(1))).with_status(0);
    town_hall.os2sync.forget();
    for arguments in [&["--municipality", "87654321"][..], &["--municipality", "87654321", "--dry-run"]] {
        let ran = Cli::new("push-os2sync")
            .args(["--api-url", &town_hall.os2sync.api_url(), "--ledger", "ledger"])
            .args(arguments)
            .in_dir(town_hall.dir.path())
            .stdin(state(&town(1)))
            .run()
            .with_status(78);
        assert!(ran.stderr.contains("use another --ledger file"), "{}", ran.stderr);
    }
    assert!(town_hall.os2sync.seen().is_empty());
}

#[test]
fn a_ledger_that_cannot_be_written_stops_before_the_first_request() {
    let town_hall = Town::new();
    std::fs::create_dir(town_hall.path("ledger")).unwrap();
    town_hall.push(state(&town(1))).with_status(74);
    let ran =
        town_hall.command().args(["--ledger", "none/ledger"]).stdin(state(&town(1))).run().with_status(74);
    assert!(ran.stderr.contains("none/ledger"), "{}", ran.stderr);
    assert!(town_hall.os2sync.seen().is_empty());
}

#[test]
fn it_holds_no_bodies() {
    let town_hall = Town::new();
    town_hall.push(state(&town(3))).with_status(0);
    for name in ["ledger", "ledger-wal"] {
        let bytes = std::fs::read(town_hall.path(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("Enhed") && !text.contains("Åse"), "{name}");
    }
}
