//! Paths: `hardware.disks.0.size`, through the members of objects and the places of arrays.

use muster_stream::Value;

/// A path. A `\.` stands for a dot in a name.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    first: String,
    rest: Vec<String>,
}

impl Path {
    /// The path written as `text`, or what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = vec![String::new()];
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match (character, parts.last_mut()) {
                ('.', _) => parts.push(String::new()),
                ('\\', Some(part)) if characters.peek() == Some(&'.') => {
                    part.extend(characters.next());
                }
                (character, Some(part)) => part.push(character),
                (_, None) => (),
            }
        }
        if parts.iter().any(String::is_empty) {
            return Err(format!("the path '{text}' has an empty part"));
        }
        Ok(Self { first: parts.remove(0), rest: parts })
    }

    /// Its first part.
    pub(crate) fn first(&self) -> &str {
        &self.first
    }

    /// The parts behind the first.
    pub(crate) fn rest(&self) -> &[String] {
        &self.rest
    }

    /// All its parts.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.first.as_str()).chain(self.rest.iter().map(String::as_str))
    }

    /// What its parts behind the first lead to in `value`.
    pub(crate) fn walk_rest<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.rest.iter().try_fold(value, |value, part| match value {
            Value::Object(map) => map.get(part),
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_stream::{Scan, Wanted};
    use serde_json::json;

    fn walk(path: &str) -> Option<Value> {
        let text = r#"{"a":{"b":[{"c":1},2]},"d.e":3}"#;
        let (mut scan, mut wanted) = (Scan::default(), Wanted::default());
        let slot = wanted.path(Path::parse(path).unwrap().parts());
        assert!(scan.read(text, 0, text.len(), &wanted));
        Some(scan.slot(slot)?.value(text))
    }

    #[test]
    fn walks_members_and_places() {
        assert_eq!(walk("a.b.0.c"), Some(json!(1)));
        assert_eq!(walk("a.b.1"), Some(json!(2)));
        assert_eq!(walk("d\\.e"), Some(json!(3)));
    }

    #[test]
    fn what_is_missing_is_nothing() {
        for path in ["x", "a.b.7", "a.b.-1", "a.b.c", "a.b.0.c.d"] {
            assert_eq!(walk(path), None, "{path}");
        }
        assert!(Path::parse("a..b").is_err() && Path::parse("").is_err());
    }
}
