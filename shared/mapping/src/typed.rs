//! `type`: a field's value as what it must be. What is not written like one is an error, never a guess.
//!
//! | type | takes |
//! |---|---|
//! | `string` | numbers and booleans as they are written |
//! | `integer` | whole numbers (also 3.0), text that is one |
//! | `number` | text that is one |
//! | `boolean` | 0 and 1; text: `true`, `yes`, `on`, `1`, `false`, `no`, `off`, `0` in any case |
//! | `date-time` | text with date, time and offset (RFC 3339, ISO 8601), a number of Unix seconds; gives RFC 3339 in UTC |
//!
//! Null is of every type.

use crate::converters::kind_of;
use crate::text::FieldKind;
use crate::times;
use muster_stream::Value;

/// `value` as `kind`.
pub(crate) fn typed(kind: FieldKind, value: Value) -> Result<Value, String> {
    if value.is_null() {
        return Ok(value);
    }
    let fits = match kind {
        FieldKind::String => string(&value),
        FieldKind::Integer => integer(&value),
        FieldKind::Number => number(&value),
        FieldKind::Boolean => boolean(&value),
        FieldKind::DateTime => date_time(&value),
    };
    fits.ok_or_else(|| match kind {
        FieldKind::DateTime if value.is_string() => {
            "the text is no date and time with an offset, as the type 'date-time' wants it".to_owned()
        }
        _ => format!("this {} is no '{}'", kind_of(&value), name(kind)),
    })
}

fn name(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::String => "string",
        FieldKind::Integer => "integer",
        FieldKind::Number => "number",
        FieldKind::Boolean => "boolean",
        FieldKind::DateTime => "date-time",
    }
}

fn string(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string().into()),
        _ => None,
    }
}

fn integer(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            let whole = text.split_once('.').filter(|(_, part)| part.bytes().all(|byte| byte == b'0'));
            whole_number(whole.map_or(text.as_str(), |(whole, _)| whole))
        }
        Value::String(text) => whole_number(text.trim()),
        _ => None,
    }
}

fn whole_number(text: &str) -> Option<Value> {
    text.parse::<i128>().ok()?.to_string().parse().ok().map(Value::Number)
}

fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => {
            text.trim().parse().ok().map(Value::Number).or_else(|| whole_number(text.trim()))
        }
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<Value> {
    let text = match value {
        Value::Bool(_) => return Some(value.clone()),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_lowercase(),
        _ => return None,
    };
    match text.as_str() {
        "1" => Some(true.into()),
        "0" => Some(false.into()),
        "true" | "yes" | "on" if value.is_string() => Some(true.into()),
        "false" | "no" | "off" if value.is_string() => Some(false.into()),
        _ => None,
    }
}

fn date_time(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => times::instant(text.trim()).map(|instant| instant.to_string().into()),
        Value::Number(number) => {
            times::of_seconds(&number.to_string()).map(|instant| instant.to_string().into())
        }
        _ => None,
    }
}
