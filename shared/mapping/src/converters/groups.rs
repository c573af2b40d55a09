//! `memberOf`: a value for membership in a group.

use super::call::Call;
use super::{Converted, Step, a_kind};
use muster_stream::Value;
use std::sync::Arc;

pub(super) fn member_of(call: &Call, odd: bool) -> Result<Step, String> {
    let default = call.value("default");
    let groups: Vec<(String, Value)> = call
        .arguments
        .iter()
        .filter(|(group, _)| group != "default")
        .map(|(group, _)| (group.clone(), call.value(group)))
        .collect();
    if !odd && call.arguments.iter().any(|(_, result)| result.is_none()) {
        return Err("converter 'memberOf' takes groups with results: 'memberOf:IT=1|HR=2'".to_owned());
    }
    Ok(Arc::new(move |value, _| -> Converted {
        if odd && value.is_null() {
            return Ok(Value::Null);
        }
        for (group, result) in &groups {
            if if odd { contains(&value, group)? } else { is_member(&value, group)? } {
                return Ok(result.clone());
            }
        }
        Ok(default.clone())
    }))
}

/// As Python's `in` has it: part of a text, item of a list, member of an object.
fn contains(value: &Value, group: &str) -> Result<bool, String> {
    match value {
        Value::String(text) => Ok(text.contains(group)),
        Value::Array(items) => Ok(items.iter().any(|item| item.as_str() == Some(group))),
        Value::Object(map) => Ok(map.contains_key(group)),
        other => Err(format!("{} has no groups", a_kind(other))),
    }
}

/// One text is a list of one.
fn is_member(value: &Value, group: &str) -> Result<bool, String> {
    let items = match value {
        Value::Null => return Ok(false),
        Value::Array(items) => items.as_slice(),
        Value::String(_) => std::slice::from_ref(value),
        other => {
            return Err(format!("converter 'memberOf' takes a list or string, found {}", a_kind(other)));
        }
    };
    let is = |name: &str| name.to_lowercase() == group.to_lowercase();
    Ok(items.iter().filter_map(Value::as_str).any(|item| is(item) || first_name(item).is_some_and(is)))
}

/// `IT` of `CN=IT,OU=Groups,DC=example,DC=org`. A comma in a name stands behind a backslash.
fn first_name(dn: &str) -> Option<&str> {
    let (_, rest) = dn.split_once('=')?;
    let mut escaped = false;
    let end = rest.find(|character| {
        let ends = character == ',' && !escaped;
        escaped = character == '\\' && !escaped;
        ends
    });
    Some(&rest[..end.unwrap_or(rest.len())])
}
