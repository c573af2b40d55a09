//! CPR numbers: in messages, logs, results and the ledger.

use crate::{assert_hidden, echo};
use muster_tests::cli::Cli;

const CPR: [&str; 2] = ["010190-1234", "0101901234"];

#[test]
fn a_remote_that_sends_a_cpr_number_back_is_not_repeated() {
    for cpr in CPR {
        let user = serde_json::json!({
            "_kind": "user", "_key": "6f5c0000-0000-4000-8000-00000000000b", "Uuid": "6f5c0000-0000-4000-8000-00000000000b",
            "UserId": "ane", "IsRobot": false, "Person": { "Name": "Ane Larsen", "Cpr": cpr },
            "Positions": [{ "Name": "Leder", "OrgUnitUuid": "6f5c0000-0000-4000-8000-00000000000a" }],
        });
        for status in ["200 OK", "400 Bad Request", "500 Internal Server Error"] {
            let (url, seen) = echo(status);
            let (ran, dir) = Cli::new("push-os2sync")
                .args([
                    "--api-url",
                    &url,
                    "--municipality",
                    "12345678",
                    "--retries",
                    "0",
                    "--assume-complete",
                ])
                .args(["--ledger", "ledger", "--rejects", "rejects", "--keep", "", "-vv"])
                .stdin(format!("{user}\n"))
                .run_in(tempfile::tempdir().unwrap());
            // The form with a hyphen is refused before it is sent.
            assert_eq!(seen.try_iter().any(|(request, _)| request.contains(cpr)), !cpr.contains('-'));
            assert_hidden(&ran, dir.path(), &["rejects"], cpr);
        }
    }
}

#[test]
fn a_cpr_number_as_key_goes_no_further_than_its_own_line() {
    for cpr in CPR {
        let person = serde_json::json!({ "_kind": "person", "_key": cpr, "name": "Ane Larsen" });
        let spec = r#"{"maps":[{"from":"person","to":"user","fields":{"name":"name"}}]}"#;
        let (ran, dir) = Cli::new("map")
            .args(["--spec", "./spec.json", "--assume-complete", "-vv"])
            .file("spec.json", spec)
            .stdin(format!("{person}\n"))
            .run_in(tempfile::tempdir().unwrap());
        let mut ran = ran.with_status(1);
        assert_eq!(
            ran.records().iter().filter(|line| line["_kind"] == "_error").count(),
            1,
            "{}",
            ran.stdout
        );
        // That line names its object, as the stream must.
        ran.stdout.clear();
        assert_hidden(&ran, dir.path(), &[], cpr);
    }
}
