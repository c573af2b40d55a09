//! JSON pointers (RFC 6901) to members of a record.

use muster_stream::{Map, Value};
use std::borrow::Cow;

/// A pointer as people write it: `/address/city`, or a bare name for a member of the record itself.
pub fn read(text: &str) -> String {
    if text.starts_with('/') { text.to_owned() } else { format!("/{}", escaped(text)) }
}

/// A member's name as one part of a pointer.
pub(crate) fn escaped(name: &str) -> Cow<'_, str> {
    match name.contains(['~', '/']) {
        true => name.replace('~', "~0").replace('/', "~1").into(),
        false => name.into(),
    }
}

/// The parts of a pointer, as names.
pub(crate) fn parts(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"))
}

/// What `pointer` leads to through objects; what is in a list has no name.
pub(crate) fn find<'a>(map: &'a Map, pointer: &str) -> Option<&'a Value> {
    let mut parts = parts(pointer);
    let first = map.get(&parts.next()?);
    parts.fold(first, |value, part| value?.as_object()?.get(&part))
}

/// Pointers of all that has a value in `map`, through objects, and the values.
pub(crate) fn leaves(map: &Map) -> Vec<(String, &Value)> {
    let mut leaves = Vec::new();
    gather(map, "", &mut leaves);
    leaves
}

fn gather<'v>(map: &'v Map, above: &str, leaves: &mut Vec<(String, &'v Value)>) {
    for (name, value) in map {
        let pointer = format!("{above}/{}", escaped(name));
        match value {
            Value::Null => (),
            Value::Object(inner) if !inner.is_empty() => gather(inner, &pointer, leaves),
            value => leaves.push((pointer, value)),
        }
    }
}

/// Put `value` where `pointer` leads, making the objects on the way.
pub(crate) fn put(map: &mut Map, pointer: &str, value: Value) {
    let parts: Vec<String> = parts(pointer).collect();
    let Some((last, way)) = parts.split_last() else { return };
    let mut place = map;
    for part in way {
        let next = place.entry(part.clone()).or_insert_with(|| Map::new().into());
        let Value::Object(next) = next else { return };
        place = next;
    }
    place.insert(last.clone(), value);
}

/// Whether `pointer` is `above` or lies below it.
pub(crate) fn is_within(pointer: &str, above: &str) -> bool {
    pointer.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
