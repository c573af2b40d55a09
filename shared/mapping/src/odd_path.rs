//! Paths as the Oomnitza connector walks them, for specs with `"compat": "oomnitza"`.
//!
//! At each dot the part before it is followed when it is there, and never given up again; when it is not, the whole rest is
//! one key. An index counts in the middle of a path, not at its end. What is empty or zero has no members.

use crate::converters::is_falsy;
use muster_stream::{Map, Value};

/// What `path` leads to in `map`. `default` stands for a key that is not there and for what is behind something empty, null
/// for a way that cannot be gone.
pub(crate) fn in_map<'a>(map: &'a Map, path: &str, default: &'a Value) -> &'a Value {
    if map.is_empty() {
        return default;
    }
    if let Some((head, rest)) = path.split_once('.')
        && let Some(value) = map.get(head)
    {
        return in_value(value, rest, default);
    }
    map.get(path).unwrap_or(default)
}

fn in_value<'a>(value: &'a Value, path: &str, default: &'a Value) -> &'a Value {
    match (value, path.split_once('.')) {
        (value, _) if is_falsy(value) => default,
        (Value::Object(map), _) => in_map(map, path, default),
        (Value::Array(items), Some((head, rest))) if head.bytes().all(|byte| byte.is_ascii_digit()) => {
            let item = head.parse::<usize>().ok().and_then(|place| items.get(place));
            item.map_or(&Value::Null, |item| in_value(item, rest, default))
        }
        _ => &Value::Null,
    }
}
