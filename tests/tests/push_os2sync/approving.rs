//! A plan that the guard refused, and somebody who looked at it.

use super::*;

fn digest(ran: &Ran) -> String {
    ran.ends()[0]["digest"].as_str().unwrap().to_owned()
}

/// The digest as it is shown.
fn shown(digest: &str) -> String {
    let digest = uuid::Uuid::parse_str(digest).unwrap();
    digest.hyphenated().to_string()
}

fn refused() -> (Town, String) {
    let town_hall = Town::owning(&town(8));
    let ran = town_hall.push(state(&town(4))).with_status(3);
    let digest = digest(&ran);
    (town_hall, digest)
}

#[test]
fn what_is_said_can_be_understood_and_done() {
    let (town_hall, digest) = refused();
    let ran = town_hall.push_with(&["--parallel", "2"], state(&town(4))).with_status(3);
    let url = town_hall.os2sync.api_url();
    let wanted = [
        "NOTHING WAS SENT. This run would destroy or change more than it may without being asked:".to_owned(),
        "  user: 4 of 8 would be deleted or made passive; 1 is allowed (5 % of 8, at least 1, --max-deletes)"
            .to_owned(),
        "user: 4 to delete".to_owned(),
        format!("  - {}", uuid(104)),
        format!(
            "  … | push-os2sync --api-url {url} --municipality 12345678 --retry-wait 0.01 --ledger ledger --parallel 2 \
             --approve {}",
            shown(&digest)
        ),
    ];
    for line in wanted {
        assert!(ran.stderr.contains(&format!("push-os2sync: {line}\n")), "{line}\n{}", ran.stderr);
    }
}

#[test]
fn an_approved_plan_passes_once() {
    let (town_hall, digest) = refused();
    town_hall.push_with(&["--approve", &shown(&digest)], state(&town(4))).with_status(0);
    assert_eq!(town_hall.deleted().len(), 4);
    town_hall.push(state(&town(8))).with_status(0);
    let ran = town_hall.push_with(&["--approve", &digest], state(&town(4))).with_status(3);
    assert!(ran.stderr.contains("that approval was used by an earlier run"), "{}", ran.stderr);
}

#[test]
fn a_part_of_an_approved_plan_passes_and_more_does_not() {
    let (town_hall, digest) = refused();
    let ran = town_hall.push_with(&["--approve", &digest], state(&town(3))).with_status(3);
    assert!(ran.stderr.contains("1 steps of this plan were not in the approved one"), "{}", ran.stderr);
    assert!(town_hall.os2sync.registry().deleted().is_empty());
    let mut lines = town(6);
    lines.push(user(500, &[1]));
    town_hall.push_with(&["--approve", &digest], state(&lines)).with_status(0);
    let mut deleted = town_hall.deleted();
    deleted.sort_unstable();
    assert_eq!(deleted, [106, 107]);
}

#[test]
fn an_approval_is_good_for_a_day() {
    let (town_hall, digest) = refused();
    town_hall.sql("UPDATE approval SET expires_at = expires_at - 86401");
    let ran = town_hall.push_with(&["--approve", &digest], state(&town(4))).with_status(3);
    assert!(ran.stderr.contains("that plan was refused more than 24 hours ago"), "{}", ran.stderr);
    // It was refused anew by that, and can be approved anew.
    town_hall.push_with(&["--approve", &digest], state(&town(4))).with_status(0);
}

#[test]
fn another_digest_approves_nothing() {
    let (town_hall, _) = refused();
    let ran = town_hall.push_with(&["--approve", "0123456789abcdef"], state(&town(4))).with_status(3);
    assert!(ran.stderr.contains("no plan with that digest was refused here"), "{}", ran.stderr);
}

#[test]
fn what_was_approved_does_not_count_for_the_week() {
    let (town_hall, digest) = refused();
    town_hall.push_with(&["--approve", &digest], state(&town(4))).with_status(0);
    assert_eq!(town_hall.deleted().len(), 4);
    town_hall.push(state(&town(3))).with_status(0);
    assert_eq!(town_hall.deleted(), [103]);
}

#[test]
fn what_a_dry_run_shows_can_be_approved() {
    let town_hall = Town::owning(&town(8));
    let digest = digest(&town_hall.push_with(&["--dry-run"], state(&town(4))).with_status(3));
    town_hall.push_with(&["--approve", &digest], state(&town(4))).with_status(0);
    assert_eq!(town_hall.deleted().len(), 4);
}

#[test]
fn updates_are_named_as_far_as_the_input_names_them() {
    let town_hall = Town::owning(&town(101));
    let mut lines = town(101);
    lines
        .iter_mut()
        .filter(|line| line["_kind"] == "user")
        .for_each(|line| line["Email"] = json!("a@example.org"));
    std::fs::write(town_hall.path("input"), state(&lines)).unwrap();
    let ran = town_hall.push_with(&["input"], "").with_status(3);
    assert!(ran.stderr.contains(&format!("  ~ {}  Åse 100\n", uuid(100))), "{}", ran.stderr);
    assert!(ran.stderr.contains("  … and 61 more; --dry-run shows every request"), "{}", ran.stderr);
    assert!(ran.stderr.contains("  push-os2sync --api-url"), "a file is read again: {}", ran.stderr);
}

#[test]
fn too_many_changes_can_be_approved() {
    let town_hall = Town::owning(&town(101));
    let mut lines = town(101);
    lines
        .iter_mut()
        .filter(|line| line["_kind"] == "user")
        .for_each(|line| line["Email"] = json!("a@example.org"));
    let digest = digest(&town_hall.push(state(&lines)).with_status(3));
    town_hall.push_with(&["--approve", &digest], state(&lines)).with_status(0);
    assert_eq!(town_hall.writes().len(), 101);
}

#[test]
fn the_digest_is_that_of_diff() {
    let (town_hall, digest) = refused();
    let write = |name: &str, users: usize| std::fs::write(town_hall.path(name), state(&town(users))).unwrap();
    write("desired", 4);
    write("current", 8);
    let ran = Cli::new("diff").args(["desired", "current"]).in_dir(town_hall.dir.path()).run();
    assert_eq!(ran.ends()[0]["digest"], digest);
}
