//! Inputs that break off anywhere: nothing destructive ever leaves.

use super::*;
use muster_tests::simulator::os2sync::{Kind, Operation};

/// Numbers that look random and are the same each time (a linear congruence).
fn random(seed: u64) -> impl Iterator<Item = usize> {
    let step = |state: &u64| {
        Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    };
    std::iter::successors(Some(seed), step).skip(1).map(|state| (state >> 33) as usize)
}

/// Everything that can delete: absence in two scopes, in one stream.
fn states() -> String {
    scoped("state", "mo://units", &[unit(1, None), unit(4, Some(1))])
        + &scoped("state", "mo://people", &[user(100, &[1])])
}

fn taken_away(town_hall: &Town) -> Vec<(Kind, String)> {
    let writes = town_hall.writes();
    let gone = writes.iter().filter(|write| !matches!(write.operation, Operation::Update));
    gone.map(|write| (write.kind, write.uuid.clone())).collect()
}

#[test]
fn a_state_that_is_cut_anywhere_takes_nothing_away() {
    let town_hall = Town::new();
    let all = scoped("state", "mo://units", &town(0))
        + &scoped("state", "mo://people", &[user(100, &[1]), user(101, &[2])]);
    town_hall.push(all).with_status(0);
    town_hall.os2sync.forget();
    let whole = states();
    // Behind the end of the first segment, too: the people are in a scope of their own, and units 2 and 3 hold some.
    let inner = whole.find("mo://people").unwrap();
    let inner = whole[..inner].rfind("}\n{").unwrap() + 2;
    let cuts =
        random(7).take(60).map(|random| random % whole.len()).chain([inner - 1, inner + 1, whole.len() - 1]);
    for cut in cuts.filter(|cut| *cut != inner) {
        let cut = (cut..).find(|cut| whole.is_char_boundary(*cut)).unwrap();
        let ran = town_hall.push_with(&["--max-deletes", "100%"], &whole[..cut]);
        assert!(taken_away(&town_hall).is_empty(), "cut at {cut}: {}", ran.stderr);
        assert_eq!(ran.status, 4, "cut at {cut}: {}", ran.stderr);
    }
    town_hall.push_with(&["--max-deletes", "100%"], whole).with_status(0);
    assert_eq!(taken_away(&town_hall).len(), 3);
}

#[test]
fn changes_that_are_cut_anywhere_take_nothing_away() {
    let lines = [
        from(user(100, &[1]), "person", "p1"),
        from(user(101, &[2]), "person", "p1"),
        from(user(102, &[3]), "person", "p2"),
    ];
    let town_hall = Town::owning(&[&town(0)[..], &lines].concat());
    let whole = changes(&[
        from(user(100, &[2]), "person", "p1"),
        json!({ "_op": "delete", "_kind": "user", "_key": "p2", "_from": ["person", "p2"] }),
        json!({ "_op": "passivate", "_kind": "user", "_key": uuid(101) }),
        delete("org_unit", 3),
    ]);
    for cut in random(11).take(40).map(|random| random % whole.len()).chain([whole.len() - 1]) {
        let cut = (cut..).find(|cut| whole.is_char_boundary(*cut)).unwrap();
        let ran = town_hall.push_with(&["--max-deletes", "100%"], &whole[..cut]);
        assert_eq!(ran.status, 4, "cut at {cut}: {}", ran.stderr);
        assert!(taken_away(&town_hall).is_empty(), "cut at {cut}");
    }
}
