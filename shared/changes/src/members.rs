//! A hash for each member of a record: whether two records agree in what is known of both can be told from them, without
//! keeping a value.
//!
//! Written as entries of 16 bytes in the order of the names' hashes: 8 bytes for the name, 8 for the value.

use crate::canonical::alone;
use muster_stream::Record;
use std::collections::{BTreeMap, HashSet};

/// The hashes of a record's members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members(BTreeMap<[u8; 8], [u8; 8]>);

impl Members {
    /// Those of `record`. For a member that could not be read the hash in `before` is taken over, where there is one: the
    /// target keeps its value, and what it had is what was there before.
    pub fn of(record: &Record, before: Option<&Self>) -> Self {
        let mut all = Self::known(record);
        for name in unknown(record) {
            all.0.remove(&name);
            if let Some(value) = before.and_then(|before| before.0.get(&name)) {
                all.0.insert(name, *value);
            }
        }
        all
    }

    /// Whether `record` says what these say, in everything that is known of it.
    ///
    /// A member of which only a part could not be read, as in `/Person/Cpr`, is compared by what could.
    pub fn agree_with(&self, record: &Record) -> bool {
        *self == Self::of(record, Some(self))
    }

    /// Whether `now` is without a member that is among these: it is cleared.
    pub fn lacks(&self, now: &Self) -> bool {
        self.0.keys().any(|name| !now.0.contains_key(name))
    }

    /// As they are kept.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|(name, value)| [*name, *value].concat()).collect()
    }

    /// As they were kept.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let (entries, _) = bytes.as_chunks::<16>();
        Self(entries.iter().map(|entry| (first(&entry[..8]), first(&entry[8..]))).collect())
    }

    fn known(record: &Record) -> Self {
        let sets: HashSet<&str> = record.sets().collect();
        let hash = |name, value| first(blake3::hash(&alone(name, value, &sets)).as_bytes());
        let there = record.members().filter(|(_, value)| !value.is_null());
        Self(there.map(|(name, value)| (name_of(name), hash(name, value))).collect())
    }
}

/// The members that could not be read at all.
fn unknown(record: &Record) -> impl Iterator<Item = [u8; 8]> {
    let names =
        record.unknown().filter_map(|pointer| pointer.strip_prefix('/')).filter(|name| !name.contains('/'));
    names.map(|name| name_of(&name.replace("~1", "/").replace("~0", "~")))
}

fn name_of(name: &str) -> [u8; 8] {
    first(blake3::hash(name.as_bytes()).as_bytes())
}

fn first(bytes: &[u8]) -> [u8; 8] {
    let mut first = [0; 8];
    first.copy_from_slice(&bytes[..8]);
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(members: serde_json::Value, unknown: &[&str]) -> Record {
        let mut record = Record::new("org_unit", "1", members.as_object().unwrap().clone());
        record.set_own("_unknown", unknown.to_vec().into());
        record.set_own("_sets", json!(["/Tasks"]));
        record
    }

    fn agree(accepted: serde_json::Value, now: serde_json::Value, unknown: &[&str]) -> bool {
        Members::of(&record(accepted, &[]), None).agree_with(&record(now, unknown))
    }

    #[test]
    fn what_is_not_known_is_not_compared() {
        let accepted = json!({"Name": "A", "Post": "Bredgade 1"});
        assert!(agree(accepted.clone(), json!({"Name": "A"}), &["/Post"]));
        assert!(!agree(accepted.clone(), json!({"Name": "B"}), &["/Post"]));
        assert!(!agree(accepted.clone(), json!({"Name": "A"}), &[]));
        assert!(!agree(accepted, json!({"Name": "A", "Post": "Bredgade 1", "Ean": "1"}), &[]));
    }

    #[test]
    fn null_is_as_good_as_absent_and_sets_have_no_order() {
        let accepted = json!({"Tasks": ["a", "b"], "Email": null});
        assert!(agree(accepted, json!({"Tasks": ["b", "a", "a"]}), &[]));
    }

    #[test]
    fn a_part_that_is_not_known_leaves_the_rest_to_be_compared() {
        let accepted = json!({"Person": {"Name": "A"}});
        assert!(agree(accepted.clone(), json!({"Person": {"Name": "A"}}), &["/Person/Cpr"]));
        assert!(!agree(accepted, json!({"Person": {"Name": "B"}}), &["/Person/Cpr"]));
    }

    #[test]
    fn when_it_is_known_again_and_the_same_nothing_has_changed() {
        let first = Members::of(&record(json!({"Name": "A", "Post": "P"}), &[]), None);
        let meanwhile = Members::of(&record(json!({"Name": "B"}), &["/Post"]), Some(&first));
        assert!(meanwhile.agree_with(&record(json!({"Name": "B", "Post": "P"}), &[])));
        assert!(!meanwhile.agree_with(&record(json!({"Name": "B", "Post": "Q"}), &[])));
    }

    #[test]
    fn a_member_that_is_gone_or_null_is_cleared() {
        let first = Members::of(&record(json!({"Name": "A", "Post": "P"}), &[]), None);
        let now = |members, unknown: &[&str]| Members::of(&record(members, unknown), Some(&first));
        assert!(first.lacks(&now(json!({"Name": "A", "Post": null}), &[])));
        assert!(!first.lacks(&now(json!({"Name": "A"}), &["/Post"])));
        assert!(!first.lacks(&now(json!({"Name": "B", "Post": "Q"}), &[])));
    }

    #[test]
    fn they_come_back_as_they_were_kept() {
        let members = Members::of(&record(json!({"Name": "A", "Post": "P"}), &[]), None);
        assert_eq!(Members::from_bytes(&members.to_bytes()), members);
    }
}
