//! Text from data as HTML.

use crate::index;
use muster_base::text::one_line;
use std::borrow::Cow;

/// `text` fit to stand between tags and in quoted attributes: on one line, what cannot be seen spelled out.
pub(super) fn html(text: &str) -> String {
    escaped(&one_line(text))
}

/// The same with its line breaks.
pub(super) fn lines(text: &str) -> String {
    escaped(&visible(text))
}

/// `text` with its line breaks, and all else that cannot be seen spelled out.
pub(super) fn visible(text: &str) -> String {
    text.split('\n').map(one_line).collect::<Vec<_>>().join("\n")
}

/// What is visible already, with the characters of HTML replaced.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        let entity: Cow<'_, str> = match character {
            '&' => "&amp;".into(),
            '<' => "&lt;".into(),
            '>' => "&gt;".into(),
            '"' => "&quot;".into(),
            '\'' => "&#39;".into(),
            plain => {
                out.push(plain);
                continue;
            }
        };
        out.push_str(&entity);
    }
    out
}

/// A name for links within the page, which tells nothing of the object.
pub(super) fn id(what: &str, kind: &str, key: &str) -> String {
    let hash = index::id(kind, key);
    let digits: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{what}-{digits}")
}
