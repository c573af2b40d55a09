//! What data can do to the page: nothing. And what the page asks of the world: nothing.

use crate::{drawn, plan, shown, town};
use serde_json::{Value, json};

/// Texts that have broken out of pages.
const HOSTILE: [&str; 8] = [
    "</script><script>window.broken=1</script>",
    "<img src=x onerror=window.broken=1>",
    "\"><svg onload=window.broken=1>",
    "' onmouseover='window.broken=1' x='",
    "</style><style>*{display:none}</style>",
    "<!--<script>\u{2028}window.broken=1\u{2029}//",
    "javascript:window.broken=1",
    "\u{202e}gro.elpmaxe\u{0}\u{1b}[2J{{constructor}}",
];

fn hostile() -> Vec<Value> {
    HOSTILE
        .iter()
        .map(|text| {
            json!({"_op": "blocked", "_kind": text, "_key": text, "op": "update", "reason": text,
                "conflict": {"with": [text, "other"], "by": format!("/{text}")},
                "before": {"name": text, *text: [text, {*text: text}]}, "after": {"name": format!("{text} x"), *text: []},
                "changed": ["/name", format!("/{text}")]})
        })
        .collect()
}

#[test]
fn hostile_data_is_shown_and_does_nothing() {
    let Some(shown) = shown(&drawn(&plan(&hostile()), 1)) else { return };
    let browser = &shown.browser;
    browser.run("document.querySelector('.fold').click()");
    assert_eq!(browser.text("typeof window.broken"), "undefined");
    let made =
        "document.querySelectorAll('img, svg[onload], [onerror], [onmouseover], iframe, object').length";
    assert_eq!(browser.text(made), "0");
    assert_eq!(browser.text("`${document.scripts.length} ${document.styleSheets.length}`"), "1 2");
    let links = "[...document.links].every((link) => link.getAttribute('href').startsWith('#'))";
    assert_eq!(browser.text(links), "true");
    let names = browser.run("return [...document.querySelectorAll('.who b')].map((b) => b.textContent)");
    let names: Vec<&str> = names.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(names.len(), HOSTILE.len());
    assert!(
        names.contains(&HOSTILE[0]) && names.contains(&"\\u{202e}gro.elpmaxe\\u{0}\\u{1b}[2J{{constructor}}"),
        "{names:?}"
    );
    browser.keys("/script");
    assert_eq!(browser.log("browser"), Vec::<Value>::new());
    assert_eq!(browser.requests(), [format!("file://{}", shown.page.display())]);
}

#[test]
fn what_is_drawn_breaks_no_rule_and_asks_nobody() {
    let Some(shown) = shown(&drawn(&plan(&town()), 1)) else { return };
    shown.browser.run("document.querySelector('.fold').click()");
    shown.browser.pdf();
    assert_eq!(shown.browser.log("browser"), Vec::<Value>::new());
    assert_eq!(shown.browser.requests(), [format!("file://{}", shown.page.display())]);
}

#[test]
fn its_policy_lets_nothing_else_in() {
    let Some(shown) = shown(&drawn(&plan(&town()), 1)) else { return };
    let inject = "
        window.refused = [];
        addEventListener('securitypolicyviolation', (event) => window.refused.push(event.effectiveDirective));
        document.body.insertAdjacentHTML('beforeend', '<img src=\"http://127.0.0.1:1/x\"><p style=\"color:red\">x</p>');
        const script = document.createElement('script');
        script.textContent = 'window.broken = 1';
        document.body.append(script);
        return fetch('http://127.0.0.1:1/').catch(() => new Promise((done) => setTimeout(() => done(window.refused.sort().join()))));";
    let refused = shown.browser.run(inject);
    assert_eq!(refused, "connect-src,img-src,script-src-elem,style-src-attr");
    assert_eq!(shown.browser.text("typeof window.broken"), "undefined");
}

#[test]
fn a_page_that_was_cut_off_says_so() {
    let whole = drawn(&plan(&town()), 1);
    let Some(shown) = shown(&whole) else { return };
    let display = "getComputedStyle(document.querySelector('.cut')).display";
    assert_eq!(shown.browser.text(display), "none");
    std::fs::write(&shown.page, &whole[..whole.find("id=\"end\"").unwrap()]).unwrap();
    shown.browser.open(&shown.page);
    assert_eq!(shown.browser.text(display), "block");
}
