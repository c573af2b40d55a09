//! The members of a remote object under the names of the newest description.

use muster_stream::Map;

/// `object` with its members renamed; an older and the newest name together leave the newest.
pub(crate) fn renamed(object: Map, names: &[(&str, &str)]) -> Map {
    let has = |name: &str| object.contains_key(name);
    let both: Vec<&str> = names.iter().filter(|(_, new)| has(new)).map(|(old, _)| *old).collect();
    object
        .into_iter()
        .filter(|(name, _)| !both.contains(&name.as_str()))
        .map(|(name, value)| match names.iter().find(|(old, _)| *old == name) {
            Some((_, new)) => ((*new).to_owned(), value),
            None => (name, value),
        })
        .collect()
}
