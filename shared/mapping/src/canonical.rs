//! One text for one value: the order of sets and the digests of specs stand on it.

use muster_stream::Value;

/// `value` as compact JSON with the members of objects sorted by their bytes.
pub(crate) fn text(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

/// The first 128 bits of the BLAKE3 hash of the canonical text, in hexadecimal.
pub(crate) fn digest(value: &Value) -> String {
    let hash = blake3::hash(text(value).as_bytes()).to_hex();
    hash.as_str().chars().take(32).collect()
}

/// A list as a set: sorted by canonical text, equal items once.
pub(crate) fn set(items: Vec<Value>) -> Vec<Value> {
    let mut keyed: Vec<(String, Value)> = items.into_iter().map(|item| (text(&item), item)).collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    keyed.dedup_by(|a, b| a.0 == b.0);
    keyed.into_iter().map(|(_, item)| item).collect()
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            let mut members: Vec<_> = map.iter().collect();
            members.sort_by_key(|(name, _)| name.as_str());
            list(text, ['{', '}'], members, |(name, value), text| {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(value, text);
            });
        }
        Value::Array(items) => list(text, ['[', ']'], items, write),
        scalar => text.push_str(&scalar.to_string()),
    }
}

fn list<T>(
    text: &mut String,
    brackets: [char; 2],
    items: impl IntoIterator<Item = T>,
    one: impl Fn(T, &mut String),
) {
    text.push(brackets[0]);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        one(item, text);
    }
    text.push(brackets[1]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_sorted_and_lists_are_not() {
        assert_eq!(text(&json!({"b":[2,1],"a":null})), r#"{"a":null,"b":[2,1]}"#);
    }

    #[test]
    fn a_set_has_each_item_once_in_one_order() {
        assert_eq!(set(vec![json!({"b":1,"a":2}), json!("x"), json!({"a":2,"b":1})]).len(), 2);
    }
}
