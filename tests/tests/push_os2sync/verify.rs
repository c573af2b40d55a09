//! `--verify`: what was accepted and never came to the registry is sent again, past the server's cache.

use super::*;
use muster_tests::simulator::{Fault, Rule};

/// A registry that lost user 101 and unit 4, of which the server still knows that it sent the user.
fn forgetful() -> Town {
    let town_hall = Town::with(Options { hierarchy_polls: 0, ..Options::default() });
    let lines = [unit(1, None), unit(2, Some(1)), unit(4, Some(1)), user(100, &[1]), user(101, &[2])];
    town_hall.push(state(&lines)).with_status(0);
    let (mut lost_user, mut lost_unit) = (user(101, &[2]), unit(4, Some(1)));
    for (lost, n) in [(&mut lost_user, 101), (&mut lost_unit, 4)] {
        lost["Uuid"] = json!(uuid(n));
        lost["Status"] = json!(2);
    }
    town_hall.os2sync.place_user(&lost_user);
    town_hall.os2sync.place_unit(&lost_unit);
    town_hall.os2sync.forget();
    town_hall
}

fn input() -> String {
    state(&[unit(1, None), unit(2, Some(1)), unit(4, Some(1)), user(100, &[1]), user(101, &[2])])
}

fn sent(town_hall: &Town) -> Vec<(String, String)> {
    town_hall.writes().into_iter().map(|write| (write.uuid, write.query)).collect()
}

#[test]
fn what_is_not_in_the_registry_is_sent_again_and_the_results_say_so() {
    let town_hall = forgetful();
    let ran = town_hall.push_with(&["--verify", "0"], input()).with_status(0);
    let query = "bypassCache=true&priority=10".to_owned();
    assert_eq!(sent(&town_hall), [(uuid(4), query.clone()), (uuid(101), query)]);
    let note = result(&ran, 101)["note"].clone();
    assert_eq!(note, "accepted earlier and not in the registry: sent again past the server's cache");
    assert_eq!(result(&ran, 100)["status"], "unchanged");
    assert_eq!(town_hall.os2sync.registry().users().len(), 2);
    let ran = town_hall.push_with(&["--verify", "0"], input()).with_status(0);
    assert_eq!((counts(&ran)["unchanged"], sent(&town_hall).len()), (5, 0));
}

#[test]
fn what_was_accepted_today_may_still_be_on_its_way() {
    let town_hall = forgetful();
    town_hall.push_with(&["--verify"], input()).with_status(0);
    assert!(town_hall.writes().is_empty());
}

#[test]
fn without_a_trusted_hierarchy_nothing_is_sent_again() {
    let failed = json!({ "Status": 1, "Result": null });
    let without_users = json!({ "Status": 0, "Result": { "OUs": [], "Users": [] } });
    let without_units =
        json!({ "Status": 0, "Result": { "OUs": [], "Users": [{ "Uuid": uuid(100), "Positions": [] }] } });
    for answer in
        [Fault::Json(failed), Fault::Json(without_users), Fault::Json(without_units), Fault::Status(400)]
    {
        let town_hall = forgetful();
        town_hall.os2sync.faults().add(Rule::always(answer).path("/hierarchy/"));
        let ran = town_hall.push_with(&["--verify", "0"], input()).with_status(0);
        assert!(ran.stderr.contains("nothing is verified"), "{}", ran.stderr);
        assert!(town_hall.writes().is_empty());
    }
}

#[test]
fn a_dry_run_shows_it() {
    let town_hall = forgetful();
    let ran = town_hall.push_with(&["--verify", "0", "--dry-run"], input()).with_status(0);
    let posts: Vec<Value> = ran.records().into_iter().filter(|line| line["method"] == "POST").collect();
    assert_eq!(posts.len(), 2);
    assert!(posts.iter().all(|post| post["url"].as_str().unwrap().contains("bypassCache=true")));
    assert!(town_hall.writes().is_empty());
}
