//! JSON values as expressions see them, and back.

use crate::unknown::{Taint, Unknown};
use minijinja::value::{Enumerator, Object, Value, ValueKind};
use muster_stream::{Map, Value as Json};
use std::sync::Arc;

/// `json` for an expression. Integers keep their value up to 128 bits; other numbers become binary fractions.
///
/// What is unknown below it raises the taint when it is touched.
pub(crate) fn from_json(json: &Json, unknown: Option<(&Unknown, &Arc<Taint>)>) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(boolean) => Value::from(*boolean),
        Json::Number(number) => from_number(number),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| from_json(item, below(unknown, |u| u.below(&index.to_string()))))
            .collect::<Vec<Value>>()
            .into(),
        Json::Object(map) => Value::from_object(Members::new(map, unknown)),
    }
}

fn below<'a>(
    unknown: Option<(&'a Unknown, &'a Arc<Taint>)>,
    step: impl Fn(&'a Unknown) -> Option<&'a Unknown>,
) -> Option<(&'a Unknown, &'a Arc<Taint>)> {
    let (unknown, taint) = unknown?;
    Some((step(unknown)?, taint))
}

fn from_number(number: &serde_json::Number) -> Value {
    if let Some(integer) = number.as_i64() {
        return integer.into();
    }
    if let Some(integer) = number.as_u64() {
        return integer.into();
    }
    if let Ok(integer) = number.to_string().parse::<i128>() {
        return integer.into();
    }
    number.as_f64().unwrap_or(f64::NAN).into()
}

/// The members of an object. They are few, so a search from the front beats a table.
#[derive(Debug)]
struct Members {
    pairs: Vec<(Value, Value)>,
    unknown: Option<(Vec<String>, Arc<Taint>)>,
}

impl Members {
    fn new(map: &Map, unknown: Option<(&Unknown, &Arc<Taint>)>) -> Self {
        let pairs = map
            .iter()
            .map(|(name, value)| {
                (Value::from(name.as_str()), from_json(value, below(unknown, |u| u.below(name))))
            })
            .collect();
        let unknown = unknown
            .map(|(unknown, taint)| (unknown.names().map(str::to_owned).collect(), taint.clone()))
            .filter(|(names, _): &(Vec<String>, _)| !names.is_empty());
        Self { pairs, unknown }
    }

    fn raise(&self) {
        if let Some((_, taint)) = &self.unknown {
            taint.raise();
        }
    }
}

impl Object for Members {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if self.unknown.as_ref().is_some_and(|(names, _)| names.iter().any(|name| name == key)) {
            self.raise();
        }
        self.pairs.iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.raise();
        Enumerator::Values(self.pairs.iter().map(|(name, _)| name.clone()).collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        self.raise();
        Some(self.pairs.len())
    }

    /// An object with an unknown member is not empty, so asking costs nothing.
    fn is_true(self: &Arc<Self>) -> bool {
        self.unknown.is_some() || !self.pairs.is_empty()
    }
}

/// What an expression gave, as JSON; undefined is null. Fails for what JSON cannot hold.
pub(crate) fn to_json(value: &Value) -> Result<Json, String> {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Ok(Json::Null),
        ValueKind::Bool => Ok(value.is_true().into()),
        ValueKind::Number => to_number(value),
        ValueKind::String => Ok(value.as_str().unwrap_or_default().into()),
        ValueKind::Seq | ValueKind::Iterable => {
            items(value)?.iter().map(to_json).collect::<Result<Vec<Json>, String>>().map(Json::Array)
        }
        ValueKind::Map => to_object(value),
        // It holds an error, and gives it away to who iterates over it.
        ValueKind::Invalid => items(&Value::from(vec![value.clone()])).map(|_| Json::Null),
        other => Err(format!("the expression gives {other}, which JSON cannot hold")),
    }
}

fn to_number(value: &Value) -> Result<Json, String> {
    if value.is_integer() {
        let digits = value.to_string();
        return digits.parse().map(Json::Number).map_err(|_| format!("'{digits}' is no number of JSON"));
    }
    let number = f64::try_from(value.clone()).ok().and_then(serde_json::Number::from_f64);
    number.map(Json::Number).ok_or_else(|| format!("the expression gives {value}, which JSON cannot hold"))
}

fn to_object(value: &Value) -> Result<Json, String> {
    let mut map = Map::new();
    for key in items(value)? {
        let name = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
        let member = value.get_item(&key).map_err(|error| crate::expression::reason(&error))?;
        map.insert(name, to_json(&member)?);
    }
    Ok(Json::Object(map))
}

/// The items of a list, or the names of an object.
pub(crate) fn items(value: &Value) -> Result<Vec<Value>, String> {
    let items = value.try_iter().map_err(|error| crate::expression::reason(&error))?;
    items.checked().collect::<Result<_, _>>().map_err(|error| crate::expression::reason(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_come_back_as_they_went() {
        let text = r#"{"b":[1,-2,18446744073709551615,1.5,"x",null,true],"a":{"c":{}},"æ":"5E10"}"#;
        let json: Json = serde_json::from_str(text).unwrap();
        assert_eq!(to_json(&from_json(&json, None)).unwrap(), json);
    }

    #[test]
    fn what_json_cannot_hold_is_an_error() {
        assert!(to_json(&Value::from(f64::NAN)).is_err());
        assert_eq!(to_json(&Value::UNDEFINED), Ok(json!(null)));
    }
}
