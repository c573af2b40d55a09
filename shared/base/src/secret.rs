//! A secret in memory: never shown, wiped when dropped.
//!
//! What is said and written is searched for the secrets that are alive ([`crate::text::mask`]): a remote may send back
//! what it was sent.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use zeroize::Zeroizing;

/// Shorter ones are not masked in texts: they would be found in half of all words.
const SHORTEST: usize = 6;

static ALIVE: Mutex<Vec<Weak<Zeroizing<String>>>> = Mutex::new(Vec::new());

/// A password, token or key. It has no `Display`, its `Debug` is `***`, and its memory is wiped when the last clone of it
/// is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Take `value` over as a secret.
    pub fn new(value: impl Into<String>) -> Self {
        let value = Arc::new(Zeroizing::new(value.into()));
        let mut alive = ALIVE.lock().unwrap_or_else(PoisonError::into_inner);
        alive.retain(|secret| secret.strong_count() > 0);
        alive.push(Arc::downgrade(&value));
        Self(value)
    }

    /// The value itself, for the request that needs it and nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// `text` with every secret that is alive masked, as it is and as requests encode it; of `Bearer …` also the token alone.
pub(crate) fn mask(text: &str) -> String {
    let alive: Vec<_> = {
        let alive = ALIVE.lock().unwrap_or_else(PoisonError::into_inner);
        alive.iter().filter_map(Weak::upgrade).collect()
    };
    let parts = alive
        .iter()
        .flat_map(|secret| [Some(secret.as_str()), secret.rsplit_once(' ').map(|(_, token)| token)]);
    let parts = parts.flatten().filter(|part| part.len() >= SHORTEST);
    let mut forms: Vec<_> = parts.flat_map(forms).filter(|form| text.contains(form.as_str())).collect();
    // One may be the beginning of another.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.iter().fold(text.to_owned(), |masked, form| masked.replace(form.as_str(), "***"))
}

/// How a secret may stand in what a remote sends back: as it is, in a form, in an address, in JSON.
fn forms(secret: &str) -> Vec<Zeroizing<String>> {
    let mut forms = vec![Zeroizing::new(secret.to_owned())];
    if !secret.bytes().all(is_plain) {
        let others = [encoded(secret, "+", b'*'), encoded(secret, "%20", b'~'), escaped(secret)];
        forms.extend(others.map(Zeroizing::new));
    }
    forms
}

/// Whether no encoding changes `byte`.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._".contains(&byte)
}

/// `text` percent-encoded, with `blank` for blanks; `kept` is one more byte that stays.
fn encoded(text: &str, blank: &str, kept: u8) -> String {
    let mut encoded = String::with_capacity(3 * text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push_str(blank),
            byte if is_plain(byte) || byte == kept => encoded.push(char::from(byte)),
            byte => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

/// `text` as the inside of a JSON string.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(6 * text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => escaped.extend(['\\', character]),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            c if c.is_ascii_control() => {
                let _ = write!(escaped, "\\u{:04x}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_reveal() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "***");
    }

    #[test]
    fn what_is_alive_is_masked() {
        let token = Secret::new("Bearer kestrel-1");
        let longer = Secret::new("kestrel-1-and-more");
        assert_eq!(mask("kestrel-1-and-more, kestrel-1, Bearer kestrel-1"), "***, ***, ***");
        drop((token, longer));
    }

    #[test]
    fn what_is_encoded_is_masked() {
        let _secret = Secret::new("cä \"n+a*ry\\");
        for form in
            ["cä \"n+a*ry\\", "c%C3%A4+%22n%2Ba*ry%5C", "c%C3%A4%20%22n%2Ba%2Ary%5C", "cä \\\"n+a*ry\\\\"]
        {
            assert_eq!(mask(&format!("a={form}&b")), "a=***&b", "{form}");
        }
    }

    #[test]
    fn what_is_too_short_stays() {
        let _short = Secret::new("abc");
        assert_eq!(mask("abcdef"), "abcdef");
    }
}
