//! What the registry has against what OS2mo says: only what differs comes out.

use super::*;
use muster_tests::simulator::os2mo::{self, Organisation, Os2mo};

/// A simulated OS2mo that was pushed to a simulated OS2sync, and the settings of both.
struct Pipeline {
    os2mo: Os2mo,
    os2sync: Os2sync,
    cpr: &'static str,
}

impl Pipeline {
    fn pushed(spec: &str, cpr: &'static str) -> Self {
        let os2mo = Os2mo::start(Organisation::generated(7, 60, 12), os2mo::Options::default()).unwrap();
        let pipeline = Self { os2mo, os2sync: Os2sync::start(quick()), cpr };
        let push = format!("extract-os2mo | map --spec {spec} | push-os2sync");
        pipeline.shell(&push).run().with_status(0);
        pipeline
    }

    fn shell(&self, line: &str) -> Cli {
        Cli::shell(line)
            .env("OS2MO_URL", &self.os2mo.url())
            .env("OS2MO_TODAY", &self.os2mo.organisation().today.to_string())
            .env("OS2SYNC_TOP_UNIT_UUID", &self.os2mo.organisation().top_unit.to_string())
            .env("OS2SYNC_SYNC_CPR", self.cpr)
            .env("OS2SYNC_API_URL", &self.os2sync.api_url())
            .env("OS2SYNC_MUNICIPALITY", "12345678")
    }

    fn compare(&self, spec: &str, extract: &str) -> Ran {
        let line = format!("diff <(extract-os2mo | map --spec {spec}) <(extract-os2sync {extract})");
        self.shell(&line).run()
    }

    /// The changes; there are some exactly when the status is 1.
    fn diff(&self, spec: &str, extract: &str) -> Vec<Value> {
        let ran = self.compare(spec, extract);
        let changes = ran.records();
        ran.with_status(i32::from(!changes.is_empty()));
        changes
    }
}

#[test]
fn after_a_push_there_is_no_difference() {
    let pipeline = Pipeline::pushed("os2sync", "true");
    for extract in ["", "--full"] {
        assert_eq!(pipeline.diff("os2sync", extract), [] as [Value; 0], "{extract}");
    }
    let pipeline = Pipeline::pushed("os2sync-accounts", "false");
    assert_eq!(pipeline.diff("os2sync-accounts", "--full --position-dates"), [] as [Value; 0]);
}

#[test]
fn what_somebody_changed_in_the_registry_shows() {
    let pipeline = Pipeline::pushed("os2sync", "false");
    let user = pipeline.os2sync.registry().users().remove(0);
    let mut renamed = user.clone();
    renamed["Person"]["Name"] = json!("Somebody Else");
    pipeline.os2sync.place_user(&renamed);
    pipeline.os2sync.place_user(&super::user(100, &[2]));
    let changes = pipeline.diff("os2sync", "");
    let ops: Vec<(&str, &str)> = changes
        .iter()
        .map(|change| (change["_op"].as_str().unwrap(), change["_key"].as_str().unwrap()))
        .collect();
    let stranger = uuid(100);
    assert_eq!(ops.len(), 2, "{changes:?}");
    assert!(ops.contains(&("update", user["Uuid"].as_str().unwrap())), "{changes:?}");
    assert!(ops.contains(&("delete", stranger.as_str())), "{changes:?}");
}

#[test]
fn a_hierarchy_that_failed_deletes_nothing() {
    let pipeline = Pipeline::pushed("os2sync", "false");
    pipeline.os2sync.place_user(&super::user(100, &[2]));
    pipeline.os2sync.change(|registry| registry.options.hierarchy_fails = true);
    let changes = pipeline.compare("os2sync", "").with_status(4).records();
    assert!(!changes.is_empty());
    assert!(changes.iter().all(|change| change["_op"] != "delete"), "{changes:?}");
}
