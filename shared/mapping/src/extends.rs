//! `extends`: a spec laid over another one, part by part.

use muster_stream::{Map, Value};

/// `over` laid over `base`. Objects are merged member by member, a member that is null goes away, `maps` are matched by
/// their `name` or by `from` and `to`, anything else is replaced.
pub(crate) fn merge(base: Value, over: Value) -> Value {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => Value::Object(members(base, over)),
        (_, over) => over,
    }
}

fn members(mut base: Map, over: Map) -> Map {
    for (name, value) in over {
        match (name.as_str(), base.get_mut(&name), value) {
            (_, _, Value::Null) => {
                base.shift_remove(&name);
            }
            ("maps", Some(Value::Array(maps)), Value::Array(over)) => lay_maps(maps, over),
            (_, Some(place), value) => *place = member(&name, place.take(), value),
            (_, None, value) => {
                base.insert(name, value);
            }
        }
    }
    base
}

/// A field whose value comes from elsewhere than before is another field: only then are its old members dropped.
fn member(name: &str, base: Value, over: Value) -> Value {
    const SOURCES: [&str; 6] = ["source", "expr", "template", "setting", "hardcoded", "fields"];
    let has_source = |value: &Value| match value {
        Value::Object(map) => SOURCES.into_iter().find(|source| map.contains_key(*source)),
        _ => None,
    };
    match (has_source(&base), has_source(&over)) {
        (Some(old), Some(new)) if old != new && name != "settings" => over,
        _ => merge(base, over),
    }
}

fn lay_maps(maps: &mut Vec<Value>, over: Vec<Value>) {
    for map in over {
        match maps.iter_mut().find(|base| same_map(base, &map)) {
            Some(base) => *base = merge(base.take(), map),
            None => maps.push(map),
        }
    }
}

fn same_map(base: &Value, over: &Value) -> bool {
    match over.get("name") {
        Some(name) => base.get("name") == Some(name),
        None => ["from", "to"].iter().all(|end| base.get(end) == over.get(end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parts_are_overridden_and_null_takes_away() {
        let base = json!({"settings":{"a":{"default":1,"about":"A"},"b":{}},
            "maps":[{"from":"x","to":"y","when":"w","fields":{"F":"f","G":"g"}}]});
        let over = json!({"settings":{"a":{"default":2},"b":null},
            "maps":[{"from":"x","to":"y","when":null,"fields":{"F":{"expr":"1"}}},{"from":"x","to":"z"}]});
        assert_eq!(
            merge(base, over),
            json!({"settings":{"a":{"default":2,"about":"A"}},
                "maps":[{"from":"x","to":"y","fields":{"F":{"expr":"1"},"G":"g"}},{"from":"x","to":"z"}]})
        );
    }

    #[test]
    fn a_field_from_elsewhere_is_another_field() {
        let base = json!({"F":{"source":"a","converter":"lower"}});
        assert_eq!(merge(base.clone(), json!({"F":{"expr":"b"}})), json!({"F":{"expr":"b"}}));
        assert_eq!(
            merge(base, json!({"F":{"required":true}})),
            json!({"F":{"source":"a","converter":"lower","required":true}})
        );
    }
}
