//! Whether a spec has the members that a spec can have, each of its type: what the JSON Schema of specs says.
//!
//! Of JSON Schema this knows what that schema uses to say it: `$ref`, `type`, `enum`, `properties`, `required`,
//! `additionalProperties`, `items`. The rest of it (one source for a field) is for editors; here the compiler sees to it.

use crate::finding::{Finding, Weight};
use crate::layers::Layer;
use crate::names;
use crate::tree::{Member, Node, What};
use muster_stream::{Map, Value};
use std::sync::OnceLock;

const SCHEMA: &str = include_str!("../specs/spec.schema.json");

/// The JSON Schema of specs.
pub fn schema() -> &'static str {
    SCHEMA
}

fn parsed() -> &'static Value {
    static PARSED: OnceLock<Value> = OnceLock::new();
    PARSED.get_or_init(|| serde_json::from_str(SCHEMA).unwrap_or_default())
}

/// What is wrong with the shape of `layer`. What is misspelt gets its right name, what cannot stay is taken out, so that
/// the rest can be checked.
pub(crate) fn mend(layer: &mut Layer) -> Vec<Finding> {
    let mut root = std::mem::replace(&mut layer.root, Node { what: What::Leaf(Value::Null), start: 0 });
    let mut shape = Shape { layer, found: Vec::new(), mended: Vec::new() };
    shape.fits(&mut root, parsed(), "a spec");
    let Shape { found, mended, .. } = shape;
    (layer.root, layer.mended) = (root, mended);
    found
}

struct Shape<'a> {
    layer: &'a Layer,
    found: Vec<Finding>,
    mended: Vec<usize>,
}

impl Shape<'_> {
    fn wrong(&mut self, at: usize, what: String, hint: Option<String>) {
        self.found.push(self.layer.finding(at, Weight::Error, what, hint));
    }

    /// Whether `node`, which is `called` so, can stay.
    fn fits(&mut self, node: &mut Node, schema: &Value, called: &str) -> bool {
        let schema = resolved(schema);
        if !self.has_type(node, &schema, called) {
            self.mended.push(node.start);
            return empty(node, &schema);
        }
        match &mut node.what {
            What::Leaf(value) => self.is_one_of(value, node.start, &schema, called),
            What::Array(items) => {
                if let Some(wanted) = schema.get("items") {
                    let called = format!("an item of {called}");
                    items.retain_mut(|item| self.fits(item, wanted, &called));
                }
                true
            }
            What::Object(members) => {
                let before = members.len();
                self.members(members, &schema);
                if members.len() < before {
                    self.mended.push(node.start);
                }
                self.required(members, node.start, &schema, called)
            }
        }
    }

    fn has_type(&mut self, node: &Node, schema: &Map, called: &str) -> bool {
        let types = match schema.get("type") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => return true,
        };
        let found = match &node.what {
            What::Leaf(Value::String(_)) => "string",
            What::Leaf(Value::Bool(_)) => "boolean",
            What::Leaf(Value::Null) => "null",
            What::Leaf(_) => "number",
            What::Array(_) => "array",
            What::Object(_) => "object",
        };
        if types.contains(&found) {
            return true;
        }
        let wanted: Vec<&str> = types.into_iter().filter(|name| *name != "null").map(words).collect();
        self.wrong(
            node.start,
            format!("{called} is {}, this is {}", wanted.join(" or "), words(found)),
            None,
        );
        false
    }

    fn is_one_of(&mut self, value: &Value, start: usize, schema: &Map, called: &str) -> bool {
        let Some(values) = schema.get("enum").and_then(Value::as_array) else { return true };
        if values.contains(value) {
            return true;
        }
        let name = value.as_str().unwrap_or_default();
        let hint = names::hint(name, values.iter().filter_map(Value::as_str).collect::<Vec<_>>());
        self.wrong(start, format!("{called} cannot be '{name}'"), Some(hint));
        false
    }

    fn members(&mut self, members: &mut Vec<Member>, schema: &Map) {
        let none = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let further = schema.get("additionalProperties").unwrap_or(&Value::Bool(true));
        let mut seen: Vec<String> = Vec::new();
        let all: Vec<String> = members.iter().map(|member| member.name.clone()).collect();
        members.retain_mut(|member| {
            if !properties.contains_key(&member.name) && *further == Value::Bool(false) {
                let what = format!("unknown member '{}'", member.name);
                let known: Vec<&str> = properties.keys().map(String::as_str).collect();
                self.wrong(member.start, what, Some(names::hint(&member.name, known.iter().copied())));
                let Some(meant) = names::nearest(&member.name, known) else { return false };
                if all.iter().any(|name| name == meant) {
                    return false;
                }
                member.name = meant.to_owned();
            }
            if seen.contains(&member.name) {
                let hint = "keep one of them".to_owned();
                self.wrong(member.start, format!("'{}' stands twice in one object", member.name), Some(hint));
                return false;
            }
            seen.push(member.name.clone());
            let wanted = properties.get(&member.name).unwrap_or(further);
            self.fits(&mut member.node, wanted, &format!("'{}'", member.name))
        });
    }

    fn required(&mut self, members: &[Member], start: usize, schema: &Map, called: &str) -> bool {
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let missing = required.filter_map(Value::as_str).find(|n| !members.iter().any(|m| m.name == **n));
        if let Some(name) = missing {
            self.wrong(start, format!("{called} has no '{name}'"), None);
        }
        missing.is_none()
    }
}

/// Put an empty object or list in the place of what is neither, when one is wanted there.
fn empty(node: &mut Node, schema: &Map) -> bool {
    let wanted = schema.get("type").map(Value::to_string).unwrap_or_default();
    node.what = match () {
        () if wanted.contains("object") => What::Object(Vec::new()),
        () if wanted.contains("array") => What::Array(Vec::new()),
        () => return false,
    };
    true
}

/// A schema with what it refers to.
fn resolved(schema: &Value) -> Map {
    let mut members = schema.as_object().cloned().unwrap_or_default();
    let to = members.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'));
    if let Some(Value::Object(other)) = to.and_then(|to| parsed().pointer(to)) {
        for (name, value) in other {
            members.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    members
}

fn words(name: &str) -> &str {
    match name {
        "string" => "a text",
        "boolean" => "true or false",
        "number" => "a number",
        "array" => "a list",
        "object" => "an object",
        _ => "null",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{FieldMembers, MapText, SettingText, SpecText};
    use serde::de::DeserializeOwned;
    use std::collections::BTreeSet;

    /// The members that a type takes, as serde says when it meets another one.
    fn taken<T: DeserializeOwned>() -> BTreeSet<String> {
        let error = serde_json::from_str::<T>("{\"?\":0}").err().unwrap().to_string();
        error.split('`').skip(1).step_by(2).filter(|name| *name != "?").map(str::to_owned).collect()
    }

    fn described(pointer: &str) -> BTreeSet<String> {
        let properties = parsed().pointer(&format!("{pointer}/properties")).unwrap();
        properties.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn the_schema_has_the_members_that_are_read_and_no_others() {
        assert_eq!(described(""), taken::<SpecText>());
        assert_eq!(described("/$defs/setting"), taken::<SettingText>());
        assert_eq!(described("/$defs/map"), taken::<MapText>());
        assert_eq!(described("/$defs/field"), taken::<FieldMembers>());
    }

    #[test]
    fn the_schema_has_the_types_that_are_read_and_no_others() {
        let values = |pointer: &str| -> BTreeSet<String> {
            let values = parsed().pointer(&format!("{pointer}/properties/type/enum")).unwrap();
            values.as_array().unwrap().iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let taken = |json: Result<(), serde_json::Error>| -> BTreeSet<String> {
            let error = json.err().unwrap().to_string();
            error.split('`').skip(1).step_by(2).filter(|name| *name != "?").map(str::to_owned).collect()
        };
        let kinds = taken(serde_json::from_str::<crate::Kind>("\"?\"").map(drop));
        assert_eq!(values("/$defs/setting"), kinds);
        let kinds = taken(serde_json::from_str::<crate::text::FieldKind>("\"?\"").map(drop));
        assert_eq!(values("/$defs/field"), kinds);
    }

    #[test]
    fn every_member_is_described() {
        for pointer in ["", "/$defs/setting", "/$defs/map", "/$defs/field"] {
            let properties = parsed().pointer(&format!("{pointer}/properties")).unwrap();
            for (name, schema) in properties.as_object().unwrap() {
                assert!(schema.get("description").is_some(), "{pointer} {name}");
            }
        }
    }
}
