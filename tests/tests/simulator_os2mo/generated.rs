//! Generated organisations: the same for the same seed, complete in pages, and with everything odd in them.

use crate::{ask, query};
use muster_tests::simulator::os2mo::{Collection, Dar, Options, Organisation, Os2mo, State};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

#[test]
fn pages_give_each_generated_object_once() {
    let organisation = Organisation::generated(7, 300, 50);
    let os2mo = Os2mo::start(organisation.clone(), Options::default()).unwrap();
    for (collection, sparse) in Collection::ALL.into_iter().flat_map(|c| [(c, false), (c, true)]) {
        os2mo.edit(|organisation| organisation.sparse_pages = sparse);
        let mut found = Vec::new();
        let mut cursor = Value::Null;
        loop {
            let name = collection.name();
            let answer =
                ask(&os2mo, 25, &query(&format!("flat_{name}")), json!({"limit": 37, "cursor": cursor}));
            assert_eq!(answer.get("errors"), None);
            let page = &answer["data"][name];
            let objects = page["objects"].as_array().unwrap();
            found.extend(objects.iter().map(|object| object["uuid"].as_str().unwrap().to_owned()));
            assert!(objects.iter().all(|object| object["uuid"] == object["current"]["uuid"]));
            cursor = page["page_info"]["next_cursor"].clone();
            if cursor.is_null() {
                break;
            }
        }
        let uuids = organisation.objects(collection).keys();
        let current = uuids.filter(|uuid| organisation.current(collection, **uuid).is_some());
        assert_eq!(found, current.map(|uuid| uuid.to_string()).collect::<Vec<_>>());
    }
}

#[test]
fn the_same_seed_gives_the_same_organisation() {
    let all = |seed| {
        let organisation = Organisation::generated(seed, 60, 20);
        Collection::ALL.map(|collection| organisation.objects(collection).clone())
    };
    assert!(all(1) == all(1));
    assert!(all(1) != all(2));
}

/// A small generated organisation, asked about its objects.
struct Oddities(Organisation);

impl Oddities {
    /// Objects of `collection` whose states are `odd`.
    fn count(&self, collection: Collection, odd: impl Fn(&[State]) -> bool) -> usize {
        self.0.objects(collection).values().filter(|states| odd(states)).count()
    }

    /// Objects whose `member` is null now.
    fn without(&self, collection: Collection, member: &str) -> usize {
        self.count(collection, |states| states[0].text(member).is_none())
    }

    /// The user key of the class that `member` of `state` names.
    fn class(&self, state: &State, member: &str) -> Option<&str> {
        let class = state.text(member)?.parse().unwrap();
        self.0.states(Collection::Classes, class)[0].text("user_key")
    }

    /// Objects with a class of this user key in `member`.
    fn with_class(&self, collection: Collection, member: &str, user_key: &str) -> usize {
        self.count(collection, |states| self.class(&states[0], member) == Some(user_key))
    }

    /// How many values of `members` occur more than once among the present states of `collection`.
    fn repeated(&self, collection: Collection, members: &[&str]) -> usize {
        let mut counts: HashMap<Vec<&str>, usize> = HashMap::new();
        for uuid in self.0.objects(collection).keys() {
            let Some(state) = self.0.current(collection, *uuid) else { continue };
            if let Some(values) =
                members.iter().map(|member| state.text(member)).collect::<Option<Vec<&str>>>()
            {
                *counts.entry(values).or_default() += 1;
            }
        }
        counts.values().filter(|count| **count > 1).count()
    }

    /// Whether an account has this external id.
    fn find_account(&self, external_id: Option<&str>) -> bool {
        self.count(Collection::Itusers, |states| states[0].text("external_id") == external_id) > 0
    }

    /// Persons who have engagements, all of them `odd`.
    fn persons_with_only(&self, odd: impl Fn(&State) -> bool) -> usize {
        let mut by_person: HashMap<&str, bool> = HashMap::new();
        for state in self.0.objects(Collection::Engagements).values().flatten() {
            *by_person.entry(state.text("employee_uuid").unwrap()).or_insert(true) &= odd(state);
        }
        by_person.values().filter(|all| **all).count()
    }
}

#[test]
fn a_generated_organisation_holds_each_oddity() {
    use Collection::*;
    let odd = Oddities(Organisation::generated(3, 200, 60));
    let today = odd.0.today;
    let (past, future) =
        (|s: &State| s.until.is_some_and(|u| u <= today), |s: &State| s.from.is_some_and(|f| f > today));

    // Units
    assert_eq!(odd.without(OrgUnits, "parent_uuid"), 2, "roots");
    assert_ne!(odd.count(OrgUnits, |s| s.iter().all(past)), 0, "ended");
    assert_ne!(odd.count(OrgUnits, |s| s.iter().all(future)), 0, "to come");
    assert_ne!(odd.count(OrgUnits, |s| s.len() > 1 && future(&s[1])), 0, "to be renamed");
    assert_ne!(odd.count(OrgUnits, |s| s.len() > 1 && past(&s[0])), 0, "renamed");
    assert_ne!(odd.count(OrgUnits, |s| s[0].text("name").unwrap().chars().count() > 200), 0, "long name");
    assert_ne!(odd.without(OrgUnits, "org_unit_hierarchy"), 0);
    for (member, class) in [
        ("org_unit_level_uuid", "Teknisk"),
        ("unit_type_uuid", "Ekstern"),
        ("org_unit_hierarchy", "hidden"),
        ("org_unit_hierarchy", "selvejet"),
    ] {
        assert_ne!(odd.with_class(OrgUnits, member, class), 0, "{class}");
    }
    assert_ne!(odd.without(Managers, "employee_uuid"), 0, "vacant");
    assert_ne!(odd.repeated(Managers, &["org_unit_uuid"]), 0, "several managers");
    assert_ne!(odd.count(Managers, |s| future(&s[0])), 0, "manager to come");
    assert_ne!(odd.count(Kles, |s| s[0].members["kle_aspect_uuids"].as_array().unwrap().len() > 1), 0);

    // Persons
    assert_ne!(odd.without(Employees, "cpr_number"), 0);
    assert_ne!(odd.count(Employees, |s| s[0].text("nickname_given_name").is_some()), 0);
    let engaged = odd.0.objects(Engagements).values().map(|s| s[0].text("employee_uuid").unwrap());
    assert!(engaged.collect::<HashSet<_>>().len() < 200, "without engagement");
    assert_ne!(odd.persons_with_only(past), 0);
    assert_ne!(odd.persons_with_only(future), 0);
    assert_ne!(odd.count(Engagements, |s| s.len() > 1), 0, "engagement that changes");
    assert_ne!(odd.without(Engagements, "primary_uuid"), 0);
    assert_ne!(
        odd.count(Engagements, |s| s[0].text("extension_1").is_some() && s[0].text("extension_3").is_some()),
        0
    );
    assert_ne!(odd.repeated(Engagements, &["employee_uuid", "org_unit_uuid", "job_function_uuid"]), 0);
    for person in odd.0.objects(Employees).values() {
        let cpr = person[0].text("cpr_number").unwrap_or("6101010000");
        assert!(cpr.len() == 10 && ("61".."99").contains(&&cpr[..2]), "{cpr}");
    }

    // Accounts
    assert_ne!(odd.repeated(Itusers, &["employee_uuid", "itsystem_uuid"]), 0, "several in one system");
    assert_ne!(odd.count(Itusers, |s| past(&s[0])), 0);
    assert_ne!(odd.count(Itusers, |s| future(&s[0])), 0);
    let fk = odd.0.find(Itsystems, "FK-ORG-UUID").unwrap().to_string();
    let fk =
        |state: &State| state.text("itsystem_uuid") == Some(&fk) && state.text("employee_uuid").is_some();
    let old = |state: &State| fk(state) && state.text("external_id").is_none();
    assert_ne!(odd.count(Itusers, |s| old(&s[0])), 0, "old convention");
    let new: Vec<&State> =
        odd.0.objects(Itusers).values().map(|s| &s[0]).filter(|s| fk(s) && !old(s)).collect();
    assert_ne!(new.len(), 0, "new convention");
    let is_shared = |state: &State| new.iter().any(|n| n.text("external_id") == state.text("user_key"));
    assert_ne!(odd.count(Itusers, |s| old(&s[0]) && is_shared(&s[0])), 0, "one FK-ORG uuid of two persons");
    let names_account = |state: &State| odd.find_account(state.text("user_key"));
    assert!(
        new.iter().any(|state| names_account(state)) && !new.iter().all(|state| names_account(state)),
        "account gone"
    );

    // Addresses
    assert_ne!(odd.repeated(Addresses, &["employee_uuid", "address_type_uuid"]), 0, "several of one type");
    assert_ne!(odd.repeated(Addresses, &["org_unit_uuid", "address_type_uuid"]), 0, "several of one type");
    assert_ne!(odd.without(Addresses, "visibility_uuid"), 0);
    assert_ne!(
        odd.count(Addresses, |s| s[0].text("engagement_uuid").is_some()
            && s[0].text("ituser_uuid").is_some()),
        0
    );
    for visibility in ["Public", "Internal", "Secret"] {
        assert_ne!(odd.with_class(Addresses, "visibility_uuid", visibility), 0, "{visibility}");
    }
    for kind in [
        "EmailEmployee",
        "EmailAlias",
        "PhoneEmployee",
        "PhonePrivate",
        "LandlineEmployee",
        "AdressePostEmployee",
        "LocationEmployee",
        "EmailUnit",
        "PhoneUnit",
        "PhoneUnitLandline",
        "AddressMailUnit",
        "Contact",
        "Location",
        "EAN",
        "p-nummer",
        "WebUnit",
        "ContactOpenHours",
        "PhoneOpenHours",
        "DtrId",
    ] {
        assert_ne!(odd.with_class(Addresses, "address_type_uuid", kind), 0, "{kind}");
    }
    let unresolved = |kind: &str| {
        odd.count(Addresses, |s| {
            is_kind(&odd, &s[0], kind) && odd.0.dar(s[0].text("value").unwrap()) == Dar::Unknown
        })
    };
    assert!(
        unresolved("AddressMailUnit") > 1 && unresolved("AdressePostEmployee") > 1,
        "not in the register"
    );
}

fn is_kind(odd: &Oddities, address: &State, kind: &str) -> bool {
    odd.class(address, "address_type_uuid") == Some(kind)
}
