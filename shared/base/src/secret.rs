//! A secret in memory: never shown, wiped when dropped.
//!
//! What is said and written is searched for the secrets that are alive ([`crate::text::mask`]): a remote may send back
//! what it was sent.

use std::fmt;
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

/// `text` with every secret that is alive masked; of `Bearer …` also the token alone.
pub(crate) fn mask(text: &str) -> String {
    let alive: Vec<_> = {
        let alive = ALIVE.lock().unwrap_or_else(PoisonError::into_inner);
        alive.iter().filter_map(Weak::upgrade).collect()
    };
    let parts = alive
        .iter()
        .flat_map(|secret| [Some(secret.as_str()), secret.rsplit_once(' ').map(|(_, token)| token)]);
    let mut parts: Vec<_> = parts.flatten().filter(|part| part.len() >= SHORTEST).collect();
    // One may be the beginning of another.
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    let found = parts.into_iter().filter(|part| text.contains(part)).collect::<Vec<_>>();
    found.into_iter().fold(text.to_owned(), |masked, part| masked.replace(part, "***"))
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
        assert_eq!(mask("kestrel-1"), "kestrel-1");
    }

    #[test]
    fn what_is_too_short_stays() {
        let _short = Secret::new("abc");
        assert_eq!(mask("abcdef"), "abcdef");
    }
}
