//! A check sum over the head of an age file, in the head itself: it tells a wrong key from a damaged file.
//!
//! age cannot: a stanza that was damaged looks like one for somebody else's key. So one more stanza says what the others
//! were. Other readers of age files pass over stanzas that they do not know.

use age::{DecryptError, EncryptError, Identity, Recipient};
use age_core::format::{FileKey, Stanza};
use std::cell::Cell;
use std::collections::HashSet;

const TAG: &str = "muster-check";

/// A recipient that adds the check.
pub(super) struct Checked<'a>(pub(super) &'a dyn Recipient);

impl Recipient for Checked<'_> {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let (mut stanzas, labels) = self.0.wrap_file_key(file_key)?;
        let check = Stanza { tag: TAG.to_owned(), args: vec![sum(&stanzas)], body: Vec::new() };
        stanzas.push(check);
        Ok((stanzas, labels))
    }
}

/// An identity that looks at the check on its way.
pub(super) struct Checking<'a> {
    inner: &'a dyn Identity,
    /// Whether the head is as it was written.
    pub(super) is_whole: Cell<bool>,
}

impl<'a> Checking<'a> {
    pub(super) fn new(inner: &'a dyn Identity) -> Self {
        Self { inner, is_whole: Cell::new(false) }
    }
}

impl Identity for Checking<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        self.inner.unwrap_stanza(stanza)
    }

    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, DecryptError>> {
        let (checks, others): (Vec<_>, Vec<_>) = stanzas.iter().partition(|stanza| stanza.tag == TAG);
        let wanted = sum(others.iter().copied().filter(|stanza| !is_grease(stanza)));
        self.is_whole.set(checks.iter().any(|check| check.args == [wanted.as_str()]));
        others.into_iter().find_map(|stanza| self.inner.unwrap_stanza(stanza))
    }
}

/// age puts stanzas without meaning into every head, so that readers learn to pass over them.
fn is_grease(stanza: &Stanza) -> bool {
    stanza.tag.ends_with("-grease")
}

/// FNV-1a, 64 bits: enough against accidents; forgery is for the file's own authentication to find.
fn sum<'a>(stanzas: impl IntoIterator<Item = &'a Stanza>) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut take = |bytes: &[u8]| {
        for byte in bytes.iter().chain(b"\n") {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for stanza in stanzas {
        take(stanza.tag.as_bytes());
        stanza.args.iter().for_each(|arg| take(arg.as_bytes()));
        take(&stanza.body);
    }
    format!("{hash:016x}")
}
