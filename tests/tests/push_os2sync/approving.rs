//! A plan that the guard refused, and somebody who looked at it.

use super::*;

/// What approves the plan that was refused.
fn approval(ran: &Ran) -> String {
    ran.ends()[0]["approval"].as_str().unwrap().to_owned()
}

fn refused() -> (Town, String) {
    let town_hall = Town::owning(&town(8));
    let ran = town_hall.push(state(&town(4))).with_status(3);
    let approval = approval(&ran);
    (town_hall, approval)
}

#[test]
fn what_is_said_can_be_understood_and_done() {
    let town_hall = Town::owning(&town(8));
    let ran = town_hall.push_with(&["--parallel", "2"], state(&town(4))).with_status(3);
    let (url, approval) = (town_hall.os2sync.api_url(), approval(&ran));
    let wanted = [
        "NOTHING WAS SENT. This run would destroy or change more than it may without being asked:".to_owned(),
        "  user: 4 of 8 would be deleted or made passive; 1 is allowed (5 % of 8, at least 1, --max-deletes)"
            .to_owned(),
        "user: 4 to delete".to_owned(),
        format!("  - {}", uuid(104)),
        "The ledger keeps no names. Look keys up where they come from, or at the target: extract-os2sync | grep KEY"
            .to_owned(),
        format!(
            "  … | push-os2sync --api-url {url} --municipality 12345678 --retry-wait 0.01 --ledger ledger --parallel 2 \
             --approve {approval}"
        ),
        "refused by the guard, nothing was sent".to_owned(),
    ];
    for line in wanted {
        assert!(ran.stderr.contains(&format!("push-os2sync: {line}\n")), "{line}\n{}", ran.stderr);
    }
    assert_eq!(ran.stderr.matches(&approval).count(), 1, "{}", ran.stderr);
}

#[test]
fn who_hears_errors_alone_hears_all_in_one_line() {
    let town_hall = Town::owning(&town(8));
    let ran = town_hall.push_with(&["--quiet"], state(&town(4))).with_status(3);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    let all = ["user: 4 of 8 would be deleted", &format!("--approve {} lets it pass once", approval(&ran))];
    assert!(all.iter().all(|part| ran.stderr.contains(part)), "{}", ran.stderr);
}

#[test]
fn what_goes_is_named_by_its_source_and_by_what_was_read_of_the_target() {
    let mut lines = town(0);
    lines.extend((100..108).map(|n| from(user(n, &[1]), "person", &format!("p{n}"))));
    let town_hall = Town::owning(&lines);
    let ran = town_hall.push(state(&lines[..8])).with_status(3);
    for said in [
        format!("  - {}  (from person p104)\n", uuid(104)),
        "Look keys up where they come from (person), or".to_owned(),
    ] {
        assert!(ran.stderr.contains(&said), "{}", ran.stderr);
    }
    for read in [&["--foreign", "list"][..], &["--verify", "24"]] {
        let ran = town_hall.push_with(read, state(&lines[..8])).with_status(3);
        assert!(ran.stderr.contains(&format!("  - {}  Åse 104\n", uuid(104))), "{}", ran.stderr);
        assert!(!ran.stderr.contains("keeps no names"), "{}", ran.stderr);
    }
}

#[test]
fn what_is_made_passive_is_not_said_to_be_deleted() {
    let town_hall = Town::owning(&town(8));
    let ran = town_hall.push_with(&["--on-missing", "deactivate"], state(&town(4))).with_status(3);
    let said = format!("user: 4 to make passive\npush-os2sync:   - {}  (made passive)\n", uuid(104));
    assert!(ran.stderr.contains(&said), "{}", ran.stderr);
}

#[test]
fn an_approved_plan_passes_once() {
    let (town_hall, first) = refused();
    town_hall.push_with(&["--approve", &first], state(&town(4))).with_status(0);
    assert_eq!(town_hall.deleted().len(), 4);
    town_hall.push(state(&town(8))).with_status(0);
    let mut approvals = vec![first];
    // However often the same plan is refused after that, as in a crontab, it does not pass.
    for _ in 0..3 {
        let ran = town_hall.push_with(&["--approve", &approvals[0]], state(&town(4))).with_status(3);
        let why = "The --approve that was given does not help: it let the run of 2";
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
        approvals.push(approval(&ran));
    }
    // Another refusal of it can be approved, without dashes as well.
    let last = approvals.pop().unwrap();
    assert!(!approvals.contains(&last));
    town_hall
        .push_with(&["--approve", &last.replace('-', "").to_uppercase()], state(&town(4)))
        .with_status(0);
}

#[test]
fn an_approval_of_a_plan_that_passes_by_itself_is_not_used_up() {
    let (town_hall, approval) = refused();
    town_hall.push_with(&["--approve", &approval], state(&town(7))).with_status(0);
    town_hall.push_with(&["--approve", &approval], state(&town(4))).with_status(0);
}

#[test]
fn a_part_of_an_approved_plan_passes_and_more_does_not() {
    let (town_hall, approval) = refused();
    let ran = town_hall.push_with(&["--approve", &approval], state(&town(3))).with_status(3);
    assert!(ran.stderr.contains("1 step is of this plan not in the one that it is for"), "{}", ran.stderr);
    assert!(town_hall.os2sync.registry().deleted().is_empty());
    let mut lines = town(6);
    lines.push(user(500, &[1]));
    town_hall.push_with(&["--approve", &approval], state(&lines)).with_status(0);
    let mut deleted = town_hall.deleted();
    deleted.sort_unstable();
    assert_eq!(deleted, [106, 107]);
}

#[test]
fn an_approval_is_good_for_a_day() {
    let (town_hall, first) = refused();
    town_hall.sql("UPDATE approval SET expires_at = expires_at - 86401");
    let ran = town_hall.push_with(&["--approve", &first], state(&town(4))).with_status(3);
    assert!(ran.stderr.contains("was refused more than 24 hours ago"), "{}", ran.stderr);
    // It was refused anew by that, and can be approved anew.
    town_hall.push_with(&["--approve", &first], state(&town(4))).with_status(3);
    town_hall.push_with(&["--approve", &approval(&ran)], state(&town(4))).with_status(0);
}

#[test]
fn another_approval_approves_nothing_and_neither_does_the_digest() {
    let (town_hall, approval) = refused();
    let other = approval.replace(&approval[30..], "000000");
    for nonsense in ["0123456789abcdef", "æ", &other] {
        let ran = town_hall.push_with(&["--approve", nonsense], state(&town(4))).with_status(3);
        assert!(ran.stderr.contains("no refusal of this plan gave it"), "{}", ran.stderr);
    }
    let digest = town_hall.push(state(&town(4))).ends()[0]["digest"].clone();
    let ran = town_hall.push_with(&["--approve", digest.as_str().unwrap()], state(&town(4))).with_status(3);
    assert!(ran.stderr.contains("it is the digest of the plan"), "{}", ran.stderr);
}

#[test]
fn what_was_approved_does_not_count_for_the_week() {
    let (town_hall, approval) = refused();
    town_hall.push_with(&["--approve", &approval], state(&town(4))).with_status(0);
    assert_eq!(town_hall.deleted().len(), 4);
    town_hall.push(state(&town(3))).with_status(0);
    assert_eq!(town_hall.deleted(), [103]);
}

#[test]
fn what_a_dry_run_shows_can_be_approved_once() {
    let town_hall = Town::owning(&town(8));
    let ran = town_hall.push_with(&["--dry-run"], state(&town(4))).with_status(3);
    let approval = approval(&ran);
    // Looking at it does not use it up.
    town_hall.push_with(&["--dry-run", "--approve", &approval], state(&town(4))).with_status(0);
    town_hall.push_with(&["--approve", &approval], state(&town(4))).with_status(0);
    assert_eq!(town_hall.deleted().len(), 4);
    town_hall.push(state(&town(8))).with_status(0);
    town_hall.push_with(&["--approve", &approval], state(&town(4))).with_status(3);
}

#[test]
fn without_a_ledger_an_approval_is_for_that_very_plan() {
    let town_hall = Town::new();
    let push = |approve: &[&str], deletes: &[usize]| {
        let lines: Vec<Value> = deletes.iter().map(|n| delete("user", *n)).collect();
        town_hall.command().args(approve).stdin(changes(&lines)).run()
    };
    let approval = approval(&push(&[], &[1, 2, 3]).with_status(3));
    push(&["--approve", &approval], &[1, 2]).with_status(3);
    push(&["--approve", &approval], &[1, 2, 3]).with_status(0);
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
    let approval = approval(&town_hall.push(state(&lines)).with_status(3));
    town_hall.push_with(&["--approve", &approval], state(&lines)).with_status(0);
    assert_eq!(town_hall.writes().len(), 101);
}

#[test]
fn the_digest_is_that_of_diff() {
    let town_hall = Town::owning(&town(8));
    let digest = town_hall.push(state(&town(4))).with_status(3).ends()[0]["digest"].clone();
    let write = |name: &str, users: usize| std::fs::write(town_hall.path(name), state(&town(users))).unwrap();
    write("desired", 4);
    write("current", 8);
    let ran = Cli::new("diff").args(["desired", "current"]).in_dir(town_hall.dir.path()).run();
    assert_eq!(ran.ends()[0]["digest"], digest);
}
