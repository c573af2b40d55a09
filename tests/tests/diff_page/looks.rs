//! On a phone, on paper, without scripts, in light and dark; and for who uses it by ear or by keyboard.

use crate::{Shown, drawn, plan, shown, town};
use serde_json::{Value, json};
use std::process::Command;

fn town_shown() -> Option<Shown> {
    shown(&drawn(&plan(&town()), 1))
}

/// The text of the printed page; none, with the reason printed, where nothing can read it.
fn printed(shown: &Shown) -> Option<String> {
    let pdf = shown.page.with_extension("pdf");
    std::fs::write(&pdf, shown.browser.pdf()).unwrap();
    let Ok(ran) = Command::new("pdftotext").args(["-layout"]).arg(&pdf).arg("-").output() else {
        assert!(std::env::var_os("CI").is_none(), "there is no pdftotext (package poppler-utils)");
        println!("skipped: there is no pdftotext here (package poppler-utils)");
        return None;
    };
    Some(String::from_utf8(ran.stdout).unwrap())
}

const ON_PAPER: [&str; 14] = [
    "7 changes",
    "Teknik og Miljø",
    "Ågade 1, 9999 Fjordby",
    "Ågade 2, 9999 Fjordby",
    "Ane Larsen",
    "Groups",
    "Person.Name",
    "Bo Dahl",
    "bo@example.org",
    "Likely the same as p3",
    "protected by role == 'admin'",
    "Ib Wang",
    "Lærer",
    "hr://example.org",
];

#[test]
fn paper_shows_every_change_folded_out_and_no_tools() {
    let Some(shown) = town_shown() else { return };
    let Some(text) = printed(&shown) else { return };
    let missing: Vec<&str> = ON_PAPER.into_iter().filter(|part| !text.contains(part)).collect();
    assert!(missing.is_empty(), "{missing:?} are not in\n{text}");
    assert!(!text.contains("Search") && !text.contains("Sort by"), "{text}");
}

#[test]
fn without_scripts_all_can_be_read() {
    let Some(shown) = town_shown() else { return };
    shown.browser.devtools("Emulation.setScriptExecutionDisabled", json!({"value": true}));
    shown.browser.open(&shown.page);
    let Some(text) = printed(&shown) else { return };
    let missing: Vec<&str> = ON_PAPER.into_iter().filter(|part| !text.contains(part)).collect();
    assert!(missing.is_empty(), "{missing:?} are not in\n{text}");
}

#[test]
fn a_phone_needs_no_scrolling_sideways() {
    let mut changes = town();
    let long = "Specialkonsulent".repeat(12);
    changes.push(json!({"_op": "update", "_kind": "user", "_key": long, "before": {"name": long, long.clone(): [long, {"a": long}]},
        "after": {"name": long, long.clone(): long}, "changed": [format!("/{long}")]}));
    let Some(shown) = shown(&drawn(&plan(&changes), 1)) else { return };
    shown.browser.run("document.querySelector('.fold').click()");
    for width in [320, 360, 768, 1280] {
        let metrics = json!({"width": width, "height": 740, "deviceScaleFactor": 1, "mobile": width < 500});
        shown.browser.devtools("Emulation.setDeviceMetricsOverride", metrics);
        let wider =
            shown.browser.text("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert_eq!(wider, "0", "{width}");
        let outside = "[...document.querySelectorAll('.tools :is(input, select, button, label), .totals li, .change, .body, .kinds')]
            .filter((node) => node.checkVisibility() && (node.getBoundingClientRect().right > innerWidth + 0.5 || node.scrollWidth > node.clientWidth + 1 && node.matches('.change, .body')))
            .map((node) => node.outerHTML.slice(0, 80)).join()";
        assert_eq!(shown.browser.text(outside), "", "{width}");
    }
}

/// The least contrast between a text and what is behind it.
const CONTRAST: &str = "
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const light = (colour) => {
      canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
      const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255)
        .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
      return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const behind = (node) => {
      const colour = getComputedStyle(node).backgroundColor;
      return colour !== 'rgba(0, 0, 0, 0)' || !node.parentElement ? colour : behind(node.parentElement);
    };
    const poor = [];
    document.querySelectorAll('p, h1, h2, small, b, code, em, li, td, th, dt, dd, del, ins, .op, .what, span, label, button, a').forEach((node) => {
      if (!node.checkVisibility() || !node.innerText?.trim() || node.closest('.skip')) return;
      const [one, other] = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a);
      const contrast = (one + 0.05) / (other + 0.05);
      if (contrast < 4.5) poor.push(`${node.className || node.tagName} ${contrast.toFixed(2)} ${node.innerText.slice(0, 20)}`);
    });
    return poor;";

#[test]
fn every_text_stands_out_in_light_and_in_dark() {
    let Some(shown) = town_shown() else { return };
    shown.browser.run("document.querySelector('.fold').click()");
    for scheme in ["light", "dark"] {
        let feature = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        shown.browser.devtools("Emulation.setEmulatedMedia", feature);
        assert_eq!(shown.browser.run(CONTRAST), json!([]), "{scheme}");
        let paper = shown.browser.text("getComputedStyle(document.body).backgroundColor");
        assert_eq!(paper, if scheme == "light" { "rgb(247, 246, 242)" } else { "rgb(20, 23, 27)" });
    }
}

#[test]
fn landmarks_labels_and_focus_are_there() {
    let Some(shown) = town_shown() else { return };
    let browser = &shown.browser;
    let landmarks = "['header', 'main', 'footer', 'form[role=search]', 'h1', '[role=status]'].map((one) => document.querySelectorAll(one).length).join()";
    assert_eq!(browser.text(landmarks), "1,1,1,1,1,1");
    assert_eq!(browser.text("document.documentElement.lang"), "en");
    let unnamed = "[...document.querySelectorAll('input, select')].filter((one) => !one.labels.length || !one.labels[0].textContent.trim()).length";
    assert_eq!(browser.text(unnamed), "0");
    let sections = "[...document.querySelectorAll('section')].every((one) => document.getElementById(one.getAttribute('aria-labelledby')))";
    assert_eq!(browser.text(sections), "true");
    browser.keys(crate::browser::TAB);
    assert_eq!(browser.text("document.activeElement.className"), "skip");
    assert_eq!(browser.text("getComputedStyle(document.activeElement).outlineStyle"), "solid");
}

#[test]
fn a_plan_without_changes_says_so_and_offers_no_search() {
    let Some(shown) = shown(&drawn(&plan(&[]), 0)) else { return };
    assert_eq!(shown.browser.text("document.querySelector('h1').textContent"), "Nothing to change");
    assert_eq!(shown.browser.text("document.querySelectorAll('form').length"), "0");
    assert_eq!(shown.browser.log("browser"), Vec::<Value>::new());
}

#[test]
fn a_partial_plan_warns_at_the_top() {
    let town = plan(&town());
    let (cut, _) = town.trim_end().rsplit_once('\n').unwrap();
    let Some(shown) = shown(&drawn(&format!("{cut}\n"), 4)) else { return };
    let warning = shown.browser.text("document.querySelector('header .warning').innerText");
    assert!(
        warning.contains("Not everything could be read") && warning.contains("the _end is missing"),
        "{warning}"
    );
}
