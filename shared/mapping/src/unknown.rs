//! Members that could not be read (`_unknown`) and the mark that touching one of them leaves.

use crate::path::Path;
use muster_stream::{Record, Value};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// The mark of one record: raised when an unknown member is touched, taken down by whoever answers for the evaluation.
#[derive(Debug, Default)]
pub(crate) struct Taint(AtomicBool);

impl Taint {
    /// An unknown member was touched.
    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was raised since it was last taken.
    pub(crate) fn take(&self) -> bool {
        // One thread at a time has the record: a swap, which locks, is not needed.
        let raised = self.0.load(Ordering::Relaxed);
        if raised {
            self.0.store(false, Ordering::Relaxed);
        }
        raised
    }
}

/// The unknown members below one place of a record.
#[derive(Debug, Default)]
pub(crate) struct Unknown {
    here: bool,
    below: BTreeMap<String, Unknown>,
}

impl Unknown {
    /// Those of `record`; nothing when it has none.
    ///
    /// An unknown element makes its whole array unknown, since nobody can say how long the array is; so does a pointer
    /// through something that is not there with what it should go through.
    pub(crate) fn of(record: &Record) -> Option<Self> {
        let mut all = Self::default();
        for pointer in record.unknown() {
            all.enter(record, pointer);
        }
        (all.here || !all.below.is_empty()).then_some(all)
    }

    fn enter(&mut self, record: &Record, pointer: &str) {
        let parts: Vec<String> =
            pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        let Some((first, rest)) = parts.split_first() else {
            self.here = true;
            return;
        };
        let mut place = self.below.entry(first.clone()).or_default();
        let mut value = record.map().get(first);
        for (index, part) in rest.iter().enumerate() {
            let last = index + 1 == rest.len();
            value = match value {
                Some(Value::Object(map)) => map.get(part),
                Some(Value::Array(items)) if !last => {
                    part.parse().ok().and_then(|place: usize| items.get(place))
                }
                _ => break,
            };
            place = place.below.entry(part.clone()).or_default();
        }
        place.here = true;
    }

    /// Whether looking up the member `name` of the whole record touches something unknown.
    pub(crate) fn touches_member(&self, name: &str) -> bool {
        self.here || self.below(name).is_some_and(|below| below.here)
    }

    /// What is unknown below the member or place `name`.
    pub(crate) fn below(&self, name: &str) -> Option<&Self> {
        self.below.get(name)
    }

    /// The members that are unknown themselves.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.below.iter().filter(|(_, unknown)| unknown.here).map(|(name, _)| name.as_str())
    }

    /// Whether walking `path`, and taking all that it leads to, touches something unknown.
    pub(crate) fn touches(&self, path: &Path) -> bool {
        let mut unknown = self;
        for part in std::iter::once(path.first()).chain(path.rest().iter().map(String::as_str)) {
            if unknown.here {
                return true;
            }
            let Some(below) = unknown.below(part) else { return false };
            unknown = below;
        }
        true
    }
}

impl Unknown {
    /// Whether walking a path as the Oomnitza connector does touches something unknown: each part of it may be a key, and so
    /// may all that remains.
    pub(crate) fn touches_odd(&self, path: &str) -> bool {
        if self.here || self.below.contains_key(path) {
            return true;
        }
        let Some((head, rest)) = path.split_once('.') else { return false };
        self.below(head).is_some_and(|below| below.touches_odd(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn touches(pointer: &str, path: &str) -> bool {
        let Value::Object(map) = json!({"a":[{"n":1},{"n":2}],"b":{"c":1}}) else {
            return false;
        };
        let mut record = Record::new("k", "1", map);
        record.set_own("_unknown", json!([pointer]));
        Unknown::of(&record).unwrap().touches(&Path::parse(path).unwrap())
    }

    #[test]
    fn a_path_touches_what_it_passes_and_what_it_takes() {
        assert!(touches("/a/1/x", "a.1.x") && touches("/a/1/x", "a.1") && touches("/a/1/x", "a"));
        assert!(!touches("/a/1/x", "a.0") && !touches("/a/1/x", "a.1.n") && !touches("/a/1/x", "b"));
    }

    #[test]
    fn an_unknown_element_makes_the_array_unknown() {
        assert!(touches("/a/1", "a.0.n"));
        assert!(touches("/z/0/n", "z"));
        assert!(touches("", "b.c"));
    }
}
