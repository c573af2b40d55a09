//! Pushes killed, cut off, refused and out of room at any moment: the next run ends where an unbroken one does.

use super::{EXPECTED, Numbers, soak_share, variable};
use muster_tests::cli::{Cli, Ran};
use muster_tests::simulator::os2sync::{Options, Os2sync, Registry};
use muster_tests::simulator::{Fault, Rule};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const UNITS: usize = 100;
const USERS: usize = 1900;
/// Objects of a run that was killed that may be sent once more: those of one group of rows, and those in hand.
const ONCE_MORE: usize = 100 + 8;

fn uuid(n: usize) -> String {
    format!("{n:08x}-0000-4000-8000-00000000000b")
}

/// The municipality at first, and as it is later: some changed, some new, some gone.
fn objects(later: bool) -> Vec<Value> {
    let unit = |n: usize| {
        let name = if later && n.is_multiple_of(9) { "Ny enhed" } else { "Enhed" };
        json!({
            "_kind": "org_unit", "_key": uuid(n), "Name": format!("{name} {n}"),
            "ParentOrgUnitUuid": (n > 0).then(|| uuid((n - 1) / 4)),
        })
    };
    let user = |n: usize| {
        let title = if later && n.is_multiple_of(7) { "Leder" } else { "Sagsbehandler" };
        json!({
            "_kind": "user", "_key": uuid(10_000 + n), "UserId": format!("u{n}"), "IsRobot": false,
            "Person": { "Name": format!("Åse {n}") },
            "Positions": [{ "Name": title, "OrgUnitUuid": uuid(n % UNITS) }],
        })
    };
    let (gone, new) = if later { (40, 60) } else { (0, 0) };
    (0..UNITS).map(unit).chain((gone..USERS + new).map(user)).collect()
}

/// The objects as a complete state.
fn stream(objects: &[Value], scope: &str) -> String {
    let mut by_kind = BTreeMap::<&str, usize>::new();
    for object in objects {
        *by_kind.entry(object["_kind"].as_str().unwrap()).or_default() += 1;
    }
    let end = json!({
        "_kind": "_end", "form": "state", "from": "test", "scope": scope, "complete": true,
        "records": objects.len(), "errors": 0, "by_kind": by_kind, "started": "", "ended": "",
    });
    objects.iter().chain([&end]).map(|line| format!("{line}\n")).collect()
}

/// A push of the municipality, before it or in the middle of its life.
struct Scene {
    /// What the server and the ledger hold before it.
    before: Option<Registry>,
    folder: tempfile::TempDir,
    /// What the registry holds after an unbroken run, and how long that took.
    wanted: Value,
    took: Duration,
}

struct Stage {
    os2sync: Os2sync,
    scenes: [Scene; 2],
}

impl Stage {
    /// Both scenes, each played once without a break.
    fn new() -> Self {
        let os2sync = Os2sync::start(Options::default());
        let mut before = None;
        let mut ledger = None;
        let scenes = [false, true].map(|later| {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("in"), stream(&objects(later), "test")).unwrap();
            if let Some(ledger) = &ledger {
                std::fs::copy(ledger, folder.path().join("ledger.before")).unwrap();
            }
            let mut scene =
                Scene { before: before.take(), folder, wanted: Value::Null, took: Duration::ZERO };
            scene.set(&os2sync);
            let start = Instant::now();
            push(&os2sync, scene.folder.path(), &[]).with_status(0);
            scene.took = start.elapsed();
            scene.wanted = contents(&os2sync);
            before = Some(os2sync.registry());
            ledger = Some(scene.folder.path().join("ledger"));
            // So that one file is all of it.
            let db = rusqlite::Connection::open(scene.folder.path().join("ledger")).unwrap();
            db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
            scene
        });
        assert_ne!(scenes[0].wanted, scenes[1].wanted);
        Self { os2sync, scenes }
    }

    /// One of the scenes, as it was before.
    fn scene(&self, numbers: &mut Numbers) -> &Scene {
        let scene = &self.scenes[numbers.below(2)];
        scene.set(&self.os2sync);
        scene
    }

    /// That another run comes to the end of an unbroken one, and that a further one has nothing to do.
    fn assert_ends_as(&self, scene: &Scene) {
        self.os2sync.faults().clear();
        push(&self.os2sync, scene.folder.path(), &[]).with_status(0);
        assert!(contents(&self.os2sync) == scene.wanted, "the registry differs from that of an unbroken run");
        self.os2sync.forget();
        push(&self.os2sync, scene.folder.path(), &[]).with_status(0);
        assert_eq!(self.os2sync.count(), 0, "a run with nothing to do sends something");
    }
}

impl Scene {
    fn set(&self, os2sync: &Os2sync) {
        os2sync.faults().clear();
        os2sync.change(|registry| *registry = self.before.clone().unwrap_or_default());
        os2sync.forget();
        let file = |name: &str| self.folder.path().join(name);
        for name in ["ledger", "ledger-wal", "ledger-shm"] {
            let _ = std::fs::remove_file(file(name));
        }
        if file("ledger.before").exists() {
            std::fs::copy(file("ledger.before"), file("ledger")).unwrap();
        }
    }
}

fn command(os2sync: &Os2sync, folder: &Path, arguments: &[&str]) -> Cli {
    Cli::new("push-os2sync")
        .args(["-q", "--api-url", &os2sync.api_url(), "--municipality", "12345678", "--retry-wait", "0.01"])
        .args(["--ledger", "ledger"])
        .args(arguments)
        .in_dir(folder)
}

fn push(os2sync: &Os2sync, folder: &Path, arguments: &[&str]) -> Ran {
    command(os2sync, folder, arguments).args(["in"]).run()
}

/// What is in the registry, times left out.
fn contents(os2sync: &Os2sync) -> Value {
    let registry = os2sync.registry();
    assert!(registry.failures().is_empty(), "{:?}", registry.failures().first());
    let mut objects = [registry.units(), registry.users()].concat();
    objects.iter_mut().filter_map(Value::as_object_mut).for_each(|object| {
        object.shift_remove("Timestamp");
    });
    json!(objects)
}

/// Start a push and kill it: when the server has seen so many requests, or after so long.
fn killed(os2sync: &Os2sync, scene: &Scene, numbers: &mut Numbers) {
    let mut command = command(os2sync, scene.folder.path(), &["in"]);
    let mut child = command.spawn();
    let mut results = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || std::io::copy(&mut results, &mut std::io::sink()));
    let (start, by_count) = (Instant::now(), numbers.below(2) == 0);
    let requests = os2sync.count() + numbers.below(UNITS + USERS);
    let wait = scene.took.mul_f64(numbers.below(1000) as f64 / 1000.0);
    let is_time = || match by_count {
        true => os2sync.count() >= requests,
        false => start.elapsed() >= wait,
    };
    while child.try_wait().unwrap().is_none() && !is_time() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let _ = child.kill();
    child.wait().unwrap();
    reader.join().unwrap().unwrap();
}

#[test]
#[ignore = "long: scripts/soak"]
fn a_killed_push_run_again_ends_in_the_same_place() {
    let stage = Stage::new();
    soak_share(0.5, |numbers| {
        let scene = stage.scene(numbers);
        let kills = 1 + numbers.below(3);
        for _ in 0..kills {
            killed(&stage.os2sync, scene, numbers);
        }
        push(&stage.os2sync, scene.folder.path(), &[]).with_status(0);
        let mut sent = BTreeMap::<String, usize>::new();
        for write in stage.os2sync.registry().writes() {
            *sent.entry(format!("{:?} {}", write.kind, write.uuid)).or_default() += 1;
        }
        let again: usize = sent.values().map(|times| times - 1).sum();
        assert!(again <= kills * ONCE_MORE, "{again} objects were sent again after {kills} kills");
        stage.assert_ends_as(scene);
    });
}

#[test]
#[ignore = "long: scripts/soak"]
fn a_push_whose_network_breaks_goes_on_in_the_next_run() {
    let stage = Stage::new();
    soak_share(0.25, |numbers| {
        let scene = stage.scene(numbers);
        for _ in 0..1 + numbers.below(3) {
            // From some request on every connection breaks off, before or behind what the server does.
            let rule = Rule::always(Fault::Cut(numbers.below(40))).after(numbers.below(UNITS + USERS));
            stage.os2sync.faults().add(Rule { times: 1 + numbers.below(2000), ..rule });
            let ran = push(&stage.os2sync, scene.folder.path(), &["--retries", "1"]);
            assert!(EXPECTED.contains(&ran.status), "ended with {}: {}", ran.status, ran.stderr);
            stage.os2sync.faults().clear();
        }
        stage.assert_ends_as(scene);
    });
}

#[test]
#[ignore = "long: scripts/soak"]
fn a_push_to_a_server_that_fails_a_third_of_the_time_ends_well() {
    let stage = Stage::new();
    soak_share(0.1, |numbers| {
        let scene = stage.scene(numbers);
        let faults = stage.os2sync.faults();
        faults.add(Rule::always(Fault::Status(500)).percent(16).after(numbers.below(50)));
        faults.add(Rule::always(Fault::TooManyRequests(None)).percent(12).after(numbers.below(50)));
        faults.add(Rule::always(Fault::Silence).percent(2).after(numbers.below(50)));
        let ran = push(&stage.os2sync, scene.folder.path(), &["--timeout", "0.5", "--parallel", "16"]);
        // 69 where the last try of some object brought no answer at all.
        assert!([0, 1, 5, 69].contains(&ran.status), "ended with {}: {}", ran.status, ran.stderr);
        stage.assert_ends_as(scene);
    });
}

#[test]
#[ignore = "long: scripts/soak"]
fn a_push_that_finds_no_room_stops_and_goes_on_when_there_is_some() {
    let stage = Stage::new();
    soak_share(0.25, |numbers| {
        let scene = stage.scene(numbers);
        // No file may grow beyond so many kilobytes: the spool, the ledger or its log breaks off somewhere.
        let line = format!(
            "trap '' XFSZ; ulimit -f {}; exec push-os2sync -q --api-url {} --municipality 12345678 --retry-wait 0.01 \
             --ledger ledger in",
            8 + numbers.below(2000),
            stage.os2sync.api_url()
        );
        let ran = Cli::shell(&line).in_dir(scene.folder.path()).run();
        assert!([0, 74].contains(&ran.status), "ended with {}: {}", ran.status, ran.stderr);
        let sent = stage.os2sync.count();
        assert!(
            ran.status == 0 || sent == 0,
            "a run that found no room sent {sent} requests before it said so"
        );
        stage.assert_ends_as(scene);
    });
}

#[test]
#[ignore = "long: scripts/soak"]
fn an_input_that_is_cut_anywhere_takes_nothing_away() {
    let os2sync = Os2sync::start(Options::default());
    let folder = tempfile::tempdir().unwrap();
    // All units and some users: it is the places that count here.
    let all = &objects(false)[..UNITS + 200];
    let (one, other) = all.split_at(all.len() / 2);
    let whole = stream(one, "one") + &stream(other, "other");
    let inner_end = stream(one, "one").len();
    std::fs::write(folder.path().join("in"), &whole).unwrap();
    push(&os2sync, folder.path(), &[]).with_status(0);
    os2sync.forget();
    soak_share(2.5, |numbers| {
        let place = match numbers.below(10) {
            0 => inner_end,
            1 => inner_end + numbers.below(3) - 1,
            _ => numbers.below(whole.len()),
        };
        std::fs::write(folder.path().join("in"), &whole.as_bytes()[..place]).unwrap();
        // The guard is out of the way: it is the cut itself that must be noticed.
        let ran = push(&os2sync, folder.path(), &["--max-deletes", "100%"]);
        let is_whole = place == inner_end;
        assert_eq!(ran.status, if is_whole { 0 } else { 4 }, "cut at {place}: {}", ran.stderr);
        let destructive =
            os2sync.seen().iter().filter(|seen| is_destructive(&seen.method, &seen.path_and_query)).count();
        assert_eq!((destructive, os2sync.count()), (0, 0), "cut at {place}");
    });
    assert_eq!(os2sync.registry().users().len(), 200);
}

fn is_destructive(method: &str, path: &str) -> bool {
    method == "DELETE" || path.contains("/passiver/") || path.contains("/cleanup")
}

/// The disk itself may be full, where we can make one that is small.
#[test]
#[ignore = "long: scripts/soak"]
fn a_push_onto_a_full_disk_stops_before_its_first_request() {
    let disk = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs"])
        .arg(disk.path())
        .output();
    if !mounted.is_ok_and(|mounted| mounted.status.success()) {
        println!("skipped: a small disk cannot be mounted here");
        assert!(
            std::env::var_os("CI").is_none() || variable("SOAK_WITHOUT_MOUNT", 0) == 1,
            "CI must be able to mount"
        );
        return;
    }
    let outcome = std::panic::catch_unwind(|| {
        let stage = Stage::new();
        soak_share(0.1, |numbers| {
            let scene = stage.scene(numbers);
            let ledger = disk.path().join("ledger");
            let (name, filler) = (ledger.to_str().unwrap(), disk.path().join("filler"));
            for file in std::fs::read_dir(disk.path()).unwrap() {
                std::fs::remove_file(file.unwrap().path()).unwrap();
            }
            if scene.folder.path().join("ledger.before").exists() {
                std::fs::copy(scene.folder.path().join("ledger.before"), &ledger).unwrap();
            }
            let _ = std::fs::write(&filler, vec![0; (8 << 20) + numbers.below(17 << 20)]);
            let on_disk = || {
                Cli::new("push-os2sync")
                    .args(["-q", "--api-url", &stage.os2sync.api_url(), "--municipality", "12345678"])
                    .args(["--ledger", name, "--spool-dir", "/tmp", "in"])
                    .in_dir(scene.folder.path())
                    .run()
            };
            let ran = on_disk();
            assert!([0, 74].contains(&ran.status), "ended with {}: {}", ran.status, ran.stderr);
            assert!(
                ran.status == 0 || stage.os2sync.count() == 0,
                "requests were sent before the disk was full"
            );
            std::fs::remove_file(&filler).unwrap();
            on_disk().with_status(0);
            assert!(contents(&stage.os2sync) == scene.wanted);
        });
    });
    let _ = Command::new("umount").arg(disk.path()).output();
    assert!(outcome.is_ok());
}
