//! What becomes of an attribute: looked up once for each description that a server sends.

use crate::form::Form;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Attributes that have several values by nature: references, and the classes.
const LISTS: [&str; 5] = ["memberof", "member", "uniquemember", "memberuid", "objectclass"];
/// Members of a record that are ours.
const OURS: [&str; 3] = ["dn", "enabled", "accountFlags"];

/// Attributes by which an entry is known, the best first.
pub const KEYS: [&str; 5] = ["objectGUID", "entryUUID", "nsUniqueId", "ipaUniqueID", "GUID"];

/// What one attribute description means.
#[derive(Debug)]
pub struct Shape {
    /// The name of the member.
    pub member: String,
    /// The name of the attribute in lower case, without options.
    pub attribute: String,
    pub form: Form,
    /// Whether all values are written, as a list; else the first.
    pub is_list: bool,
    /// The place of the attribute among [`KEYS`].
    pub key: Option<usize>,
    /// Which of many values these are, when the server sends them in parts.
    pub range: Option<Range>,
}

/// Values from one number on, to another or to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The number of the first value of the next part; none when this is the last.
    pub next: Option<u32>,
}

/// All shapes so far, and the settings that decide them.
pub struct Shapes {
    every_list: bool,
    lists: HashSet<String>,
    binaries: HashSet<String>,
    known: HashMap<String, Arc<Shape>>,
}

impl Shapes {
    /// With the names of further lists and binary attributes.
    pub fn new(every_list: bool, lists: &[String], binaries: &[String]) -> Self {
        let lower = |names: &[String]| names.iter().map(|name| name.to_lowercase()).collect::<Vec<_>>();
        let mut all: HashSet<String> = lower(lists).into_iter().collect();
        all.extend(LISTS.map(str::to_owned));
        Self {
            every_list,
            lists: all,
            binaries: lower(binaries).into_iter().collect(),
            known: HashMap::new(),
        }
    }

    /// What `description` means.
    pub fn of(&mut self, description: &str) -> Arc<Shape> {
        if let Some(shape) = self.known.get(description) {
            return shape.clone();
        }
        let shape = Arc::new(self.make(description));
        self.known.insert(description.to_owned(), shape.clone());
        shape
    }

    fn make(&self, description: &str) -> Shape {
        let mut options = description.split(';');
        let name = options.next().unwrap_or_default();
        let attribute = name.to_lowercase();
        let (mut member, mut range, mut is_binary) =
            (name.to_owned(), None, self.binaries.contains(&attribute));
        for option in options {
            let lower = option.to_lowercase();
            if let Some(found) = lower.strip_prefix("range=").and_then(read_range) {
                range = Some(found);
            } else if lower == "binary" {
                is_binary = true;
            } else {
                member = format!("{member};{option}");
            }
        }
        let form = if is_binary { Form::Binary } else { Form::of(&attribute) };
        if form == Form::Binary {
            member += ";base64";
        } else if OURS.contains(&member.as_str()) {
            member += ";attribute";
        }
        if member.starts_with('_') {
            member.insert(0, '_');
        }
        let is_list = self.every_list || self.lists.contains(&attribute);
        let key = KEYS.iter().position(|key| key.eq_ignore_ascii_case(&attribute));
        Shape { member, attribute, form, is_list, key, range }
    }
}

/// `0-1499` or `1500-*`.
fn read_range(text: &str) -> Option<Range> {
    let (first, last) = text.split_once('-')?;
    first.parse::<u32>().ok()?;
    match last {
        "*" => Some(Range { next: None }),
        last => Some(Range { next: last.parse::<u32>().ok()?.checked_add(1) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(description: &str) -> Shape {
        Shapes::new(false, &["proxyAddresses".to_owned()], &["myBlob".to_owned()]).make(description)
    }

    #[test]
    fn options_tell_what_values_are() {
        assert_eq!(shape("cn;lang-da").member, "cn;lang-da");
        assert_eq!(shape("userCertificate;binary").member, "userCertificate;base64");
        assert_eq!(shape("myblob").member, "myblob;base64");
        assert_eq!(shape("DN").member, "DN");
        assert_eq!(shape("enabled").member, "enabled;attribute");
        assert_eq!(shape("member;range=0-1499").range, Some(Range { next: Some(1500) }));
        assert_eq!(shape("member;Range=1500-*").range, Some(Range { next: None }));
        assert_eq!(shape("member;range=x").member, "member;range=x");
    }

    #[test]
    fn references_are_lists() {
        assert!(shape("memberOf").is_list && shape("PROXYADDRESSES").is_list && !shape("mail").is_list);
        assert_eq!(
            (shape("objectguid").key, shape("ENTRYUUID").key, shape("cn").key),
            (Some(0), Some(1), None)
        );
    }
}
