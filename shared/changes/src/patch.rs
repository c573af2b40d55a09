//! Changes as patches of the usual forms: JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396).

use crate::pointer;
use muster_stream::{Change, Map, Op, Value};
use serde_json::json;

/// Which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// RFC 6902: a list of operations, in the member `patch`.
    Json,
    /// RFC 7396: an object that is laid over the record, in the member `merge`.
    Merge,
}

/// The members of a change that its patch keeps.
const KEPT: [&str; 9] = ["_op", "_kind", "_key", "_from", "rename", "adopts", "conflict", "op", "reason"];

/// `change` with a patch of its current record instead of the records themselves. A delete has none, for it says all.
pub fn patch(form: Form, change: &Change) -> Map {
    let mut line: Map = change
        .map
        .iter()
        .filter(|(name, _)| KEPT.contains(&name.as_str()))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    let after = change.map.get("after").and_then(Value::as_object);
    let Some(after) = after.filter(|_| change.op != Op::Blocked) else { return line };
    match (form, change.op) {
        (Form::Json, Op::Create) => {
            let patch = json!([{ "op": "add", "path": "", "value": members(after) }]);
            line.insert("patch".to_owned(), patch);
        }
        (Form::Merge, Op::Create) => drop(line.insert("merge".to_owned(), members(after))),
        (Form::Json, _) => drop(line.insert("patch".to_owned(), operations(change, after))),
        (Form::Merge, _) => drop(line.insert("merge".to_owned(), merge(change, after))),
    }
    line
}

/// The pointers of what changes, each with the value that shall be there.
fn changed<'a>(change: &'a Change, after: &'a Map) -> impl Iterator<Item = (&'a str, Option<&'a Value>)> {
    let pointers = change.map.get("changed").and_then(Value::as_array).into_iter().flatten();
    pointers
        .filter_map(Value::as_str)
        .map(|at| (at, pointer::find(after, at).filter(|value| !value.is_null())))
}

fn operations(change: &Change, after: &Map) -> Value {
    let nothing = Map::new();
    let before = change.map.get("before").and_then(Value::as_object).unwrap_or(&nothing);
    let mut made: Vec<String> = Vec::new();
    let mut operations = Vec::new();
    for (at, value) in changed(change, after) {
        // An object that is not there yet must be made before something can be put into it.
        for (end, _) in at.match_indices('/').skip(1) {
            let above = &at[..end];
            let is_there = pointer::find(before, above).is_some_and(Value::is_object);
            if !is_there && !made.iter().any(|made| made == above) {
                operations.push(json!({ "op": "add", "path": above, "value": {} }));
                made.push(above.to_owned());
            }
        }
        match (pointer::find(before, at), value) {
            (None, Some(value)) => {
                operations.push(json!({ "op": "add", "path": at, "value": without_nulls(value) }))
            }
            (Some(_), Some(value)) => {
                operations.push(json!({ "op": "replace", "path": at, "value": without_nulls(value) }))
            }
            (Some(_), None) => operations.push(json!({ "op": "remove", "path": at })),
            (None, None) => (),
        }
    }
    operations.into()
}

fn merge(change: &Change, after: &Map) -> Value {
    let mut merge = Map::new();
    for (at, value) in changed(change, after) {
        pointer::put(&mut merge, at, value.map_or(Value::Null, without_nulls));
    }
    merge.into()
}

/// A value that is put where nothing is has nothing to clear.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => members(map),
        other => other.clone(),
    }
}

fn members(map: &Map) -> Value {
    let there = map.iter().filter(|(_, value)| !value.is_null());
    Value::Object(there.map(|(name, value)| (name.clone(), without_nulls(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_stream::Line;

    fn made(form: Form, line: &Value) -> Value {
        let Ok(Line::Change(change)) = Line::parse(line.to_string().as_bytes()) else { panic!("no change") };
        Value::Object(patch(form, &change))
    }

    fn update() -> Value {
        json!({
            "_op": "update", "_kind": "user", "_key": "1",
            "after": {"a": 1, "b": null, "c": {"d": {"e": 2}}, "f~": [1]},
            "before": {"a": 0, "b": 3, "f~": [2], "z": 9},
            "changed": ["/a", "/b", "/c/d/e", "/f~0"],
        })
    }

    #[test]
    fn a_json_patch_makes_the_objects_on_the_way() {
        assert_eq!(
            made(Form::Json, &update())["patch"],
            json!([
                {"op": "replace", "path": "/a", "value": 1},
                {"op": "remove", "path": "/b"},
                {"op": "add", "path": "/c", "value": {}},
                {"op": "add", "path": "/c/d", "value": {}},
                {"op": "add", "path": "/c/d/e", "value": 2},
                {"op": "replace", "path": "/f~0", "value": [1]},
            ])
        );
    }

    #[test]
    fn a_merge_patch_holds_what_changes() {
        assert_eq!(
            made(Form::Merge, &update())["merge"],
            json!({"a": 1, "b": null, "c": {"d": {"e": 2}}, "f~": [1]})
        );
        let create = json!({"_op":"create","_kind":"user","_key":"1","after":{"a":null,"b":{"c":null}}});
        assert_eq!(made(Form::Merge, &create)["merge"], json!({"b": {}}));
    }
}
