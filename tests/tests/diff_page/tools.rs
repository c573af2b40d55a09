//! Search, filters, order and folding, by keyboard alone.

use crate::browser::{DOWN, ENTER, ESCAPE, HOME, TAB, UP};
use crate::{Shown, drawn, plan, shown, town};
use serde_json::json;

const STATUS: &str = "document.querySelector('[role=status]').textContent";
const FOCUSED: &str = "document.activeElement.closest('.change')?.querySelector('b').textContent ?? ''";
const OPEN: &str = "document.querySelectorAll('.change[open]').length";

fn town_shown() -> Option<Shown> {
    shown(&drawn(&plan(&town()), 1))
}

/// The names that can be seen, in their order.
fn names(shown: &Shown) -> String {
    shown.browser.text("[...document.querySelectorAll('.change b')].map((b) => b.textContent).join(', ')")
}

/// Choose the option of this number, from 0.
fn choose(shown: &Shown, select: &str, number: usize) {
    shown.browser.run(&format!("document.querySelector('{select} select').focus()"));
    shown.browser.keys(&format!("{HOME}{}", DOWN.repeat(number)));
}

#[test]
fn a_search_finds_names_keys_and_values_and_escape_ends_it() {
    let Some(shown) = town_shown() else { return };
    shown.browser.keys("/ane holm");
    assert_eq!(names(&shown), "Ane Larsen");
    assert_eq!(shown.browser.text(STATUS), "1 of 7 changes");
    shown.browser.keys(ESCAPE);
    assert_eq!(shown.browser.text(STATUS), "7 changes");
    shown.browser.keys("lærer");
    assert_eq!(names(&shown), "Ib Wang");
    assert_eq!(
        shown.browser.text(
            "[...document.querySelectorAll('.kind:not([hidden]) h2 span')].map((h) => h.textContent).join()"
        ),
        "user"
    );
}

#[test]
fn arrows_go_from_change_to_change_and_enter_folds_out() {
    let Some(shown) = town_shown() else { return };
    shown.browser.keys("/");
    shown.browser.keys(&[DOWN, DOWN, DOWN].concat());
    assert_eq!(shown.browser.text(FOCUSED), "Ane Larsen");
    shown.browser.keys(UP);
    assert_eq!(shown.browser.text(FOCUSED), "Skole");
    assert_eq!(shown.browser.text(OPEN), "0");
    shown.browser.keys(ENTER);
    assert_eq!(shown.browser.text("document.querySelector('.change[open] ins').innerText"), "2");
    shown.browser.keys(TAB);
    assert_eq!(shown.browser.text(FOCUSED), "Ane Larsen");
}

#[test]
fn operation_kind_and_member_narrow_what_is_seen() {
    let Some(shown) = town_shown() else { return };
    shown.browser.run("document.querySelector('input[value=create]').focus()");
    shown.browser.keys(" ");
    assert_eq!(names(&shown), "Skole, Ane Larsen, Bo Dahl, Eva Skov");
    choose(&shown, ".kind-filter", 2);
    assert_eq!(names(&shown), "Ane Larsen, Bo Dahl, Eva Skov");
    choose(&shown, ".member-filter", 2);
    assert_eq!(shown.browser.text("document.querySelector('.member-filter select').value"), "Person.Name");
    assert_eq!(names(&shown), "Ane Larsen");
    shown.browser.run("document.querySelector('.clear').focus()");
    shown.browser.keys(ENTER);
    assert_eq!(shown.browser.text(STATUS), "7 changes");
}

#[test]
fn changes_are_sorted_within_their_kind() {
    let Some(shown) = town_shown() else { return };
    choose(&shown, ".order", 1);
    assert_eq!(names(&shown), "Skole, Teknik og Miljø, Ane Larsen, Bo Dahl, Bo Dahl, Eva Skov, Ib Wang");
    choose(&shown, ".order", 4);
    assert_eq!(names(&shown), "Skole, Teknik og Miljø, Ane Larsen, Bo Dahl, Bo Dahl, Eva Skov, Ib Wang");
    choose(&shown, ".order", 3);
    assert_eq!(names(&shown), "Teknik og Miljø, Skole, Bo Dahl, Ib Wang, Ane Larsen, Bo Dahl, Eva Skov");
    choose(&shown, ".order", 0);
    assert_eq!(names(&shown), "Teknik og Miljø, Skole, Ane Larsen, Bo Dahl, Bo Dahl, Eva Skov, Ib Wang");
}

#[test]
fn a_likely_rename_leads_to_the_other_change_even_where_that_is_hidden() {
    let Some(shown) = town_shown() else { return };
    shown.browser.run("document.querySelector('input[value=create]').click()");
    shown.browser.run(
        "[...document.querySelectorAll('.change')].find((c) => c.textContent.includes('p2')).open = true",
    );
    shown.browser.run("document.querySelector('.change[open] .note a').focus()");
    shown.browser.keys(ENTER);
    let target = "document.querySelector('.found')";
    assert_eq!(shown.browser.text(&format!("{target}.querySelector('code').textContent")), "p3");
    assert_eq!(shown.browser.text(&format!("{target}.open")), "true");
    assert_eq!(shown.browser.text(FOCUSED), "Bo Dahl");
}

#[test]
fn ten_thousand_changes_are_searched_sorted_and_folded_out() {
    let user = |number: usize| {
        json!({"_op": "update", "_kind": "user", "_key": format!("k{number:05}"), "changed": ["/mail", "/phone"],
            "before": {"name": format!("Person {}", 10_000 - number), "mail": "a@example.org", "phone": "1"},
            "after": {"name": format!("Person {}", 10_000 - number), "mail": "b@example.org", "phone": "2"}})
    };
    let changes: Vec<_> = (0..10_000).map(user).collect();
    let Some(shown) = shown(&drawn(&plan(&changes), 1)) else { return };
    assert_eq!(shown.browser.text(STATUS), "10,000 changes");
    shown.browser.keys("/k09999");
    assert_eq!(names(&shown), "Person 1");
    shown.browser.keys(ESCAPE);
    assert_eq!(shown.browser.text(STATUS), "10,000 changes");
    choose(&shown, ".order", 1);
    assert_eq!(shown.browser.text("document.querySelector('.change b').textContent"), "Person 1");
    shown.browser.run("document.querySelector('.fold').focus()");
    shown.browser.keys(ENTER);
    let drawn = "document.querySelectorAll('.change').length";
    assert!(shown.browser.run(&format!("return {drawn}")).as_u64().unwrap() < 2_000, "far ones wait outside");
    shown.browser.run("dispatchEvent(new Event('beforeprint'))");
    assert_eq!(
        (shown.browser.text(drawn), shown.browser.text(OPEN)),
        ("10000".to_owned(), "10000".to_owned())
    );
}

#[test]
fn a_long_list_grows_on_the_way_down_and_a_link_reaches_what_is_far() {
    let changes: Vec<_> = (0..1_000)
        .map(|number| json!({"_op": "create", "_kind": "user", "_key": format!("{number:04}"), "after": {"name": format!("Person {number}")}}))
        .collect();
    let page = drawn(&plan(&changes), 1);
    let Some(shown) = shown(&page) else { return };
    shown.browser.run("document.querySelectorAll('.change summary')[document.querySelectorAll('.change').length - 1].focus()");
    let before = shown.browser.text(FOCUSED);
    shown.browser.keys(DOWN);
    assert_ne!(shown.browser.text(FOCUSED), before);
    let (_, rest) = page.rsplit_once("<details ").unwrap();
    let last = rest.split_once("id=\"").unwrap().1.split_once('"').unwrap().0;
    shown.browser.run(&format!("location.hash = '{last}'; return new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"));
    assert_eq!(shown.browser.text(FOCUSED), "Person 999");
    assert_eq!(shown.browser.text("document.querySelectorAll('.change').length"), "1000");
}
