//! `strongbox://[backend@]name/key[?version=n]`: how a setting names a secret.

use crate::Kind;
use muster_base::{Error, Exit};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::fmt;

const SCHEME: &str = "strongbox://";
/// What stands in a reference as it is: RFC 3986, unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The name of a secret, with the backend when it is not the usual one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The backend, when the reference names one.
    pub backend: Option<Kind>,
    /// The name: a section or an alias.
    pub name: String,
    /// The key.
    pub key: String,
    /// The version, in backends that keep several.
    pub version: Option<u64>,
}

impl Reference {
    /// The secret `key` of `name`, in its usual backend.
    pub fn new(name: &str, key: &str) -> Self {
        Self { backend: None, name: name.to_owned(), key: key.to_owned(), version: None }
    }

    /// The reference that `text` is; nothing when it is none. One that is wrong is an error.
    pub fn parse(text: &str) -> Option<Result<Self, Error>> {
        let rest = text.trim().strip_prefix(SCHEME)?;
        Some(parsed(rest).ok_or_else(|| {
            // The text is not shown: somebody may have written a secret behind the scheme.
            Error::new(Exit::Config, "the reference to a secret is wrong")
                .hint("it has the form strongbox://[backend@]name/key[?version=n], with %20 for a blank")
        }))
    }
}

fn parsed(rest: &str) -> Option<Reference> {
    let (path, version) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query.strip_prefix("version=")?.parse().ok()?)),
        None => (rest, None),
    };
    let (backend, path) = match path.split_once('@') {
        Some((backend, path)) => (Some(backend.parse().ok()?), path),
        None => (None, path),
    };
    let (name, key) = path.split_once('/')?;
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned());
    let (name, key) = (decoded(name)?, decoded(key.trim_end_matches('/'))?);
    (!name.is_empty() && !key.is_empty()).then_some(Reference { backend, name, key, version })
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        if let Some(backend) = self.backend {
            write!(f, "{backend}@")?;
        }
        let encoded = |text| utf8_percent_encode(text, ENCODED);
        write!(f, "{}/{}", encoded(self.name.as_str()), encoded(self.key.as_str()))?;
        match self.version {
            Some(version) => write!(f, "?version={version}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_reads_back_as_it_was_written() {
        for (name, key) in
            [("ldap.Contractors", "password"), ("a b/c%@?", "k/@ø"), ("I_love_cats", "key@previous")]
        {
            let reference =
                Reference { backend: Some(Kind::Vault), version: Some(3), ..Reference::new(name, key) };
            assert_eq!(Reference::parse(&reference.to_string()).unwrap().unwrap(), reference);
            let plain = Reference::new(name, key);
            assert_eq!(Reference::parse(&plain.to_string()).unwrap().unwrap(), plain);
        }
    }

    #[test]
    fn only_the_scheme_makes_a_reference_and_a_wrong_one_is_not_shown() {
        assert!(Reference::parse("env:X").is_none());
        for wrong in [
            "strongbox://hunter2",
            "strongbox:///x",
            "strongbox://a/",
            "strongbox://b@a/x",
            "strongbox://a/b?v=1",
        ] {
            let error = Reference::parse(wrong).unwrap().unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
