//! Converters that look at other members of the record.

use super::call::Call;
use super::{Around, Converted, Step, a_kind, is_falsy};
use crate::path::Path;
use muster_stream::Value;
use std::sync::Arc;

/// A part of `concat`: a text, or a member and the way through it.
enum Part {
    Text(String),
    Member(Path),
    /// By the odd rules a name is one key, whatever stands in it.
    Key(String),
}

impl Part {
    fn parse(item: &str, odd: bool) -> Result<Self, String> {
        let quoted = |quote: char| {
            item.len() > 1 && item.starts_with(quote) && item.ends_with(quote)
                // The connector takes a lone quote for an empty text.
                || odd && item.len() == 1 && item.starts_with(quote)
        };
        if quoted('\'') || quoted('"') {
            return Ok(Self::Text(item.get(1..item.len() - 1).unwrap_or_default().to_owned()));
        }
        if odd { Ok(Self::Key(item.to_owned())) } else { Path::parse(item.trim()).map(Self::Member) }
    }

    fn text(&self, around: &Around<'_>) -> Result<String, String> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Member(path) => plain(path, around),
            Self::Key(key) => match (around.member)(key) {
                None => Ok(String::new()),
                Some(Value::String(text)) => Ok(text.trim().to_owned()),
                Some(other) => Err(format!("'{key}' is {}", a_kind(&other))),
            },
        }
    }
}

/// The text that a path leads to, trimmed; null and what is not there is empty.
fn plain(path: &Path, around: &Around<'_>) -> Result<String, String> {
    let member = (around.member)(path.first());
    match member.as_ref().and_then(|member| path.walk_rest(member)) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.trim().to_owned()),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string()),
        Some(other) => Err(format!("'{}' is {}, not a text", path.first(), a_kind(other))),
    }
}

pub(super) fn concat(call: &Call, odd: bool) -> Result<Step, String> {
    let values = match call.text("values") {
        None | Some("") if odd => return Ok(Arc::new(|_, _| Ok(Value::Null))),
        _ => call.required("values", "concat:values=first,' ',last")?,
    };
    let items: Vec<&str> = if odd { values.split(',').collect() } else { outside_quotes(values) };
    if odd && items.contains(&"") {
        return Ok(Arc::new(|_, _| Ok(Value::Null)));
    }
    let parts =
        items.into_iter().map(|item| Part::parse(item, odd)).collect::<Result<Vec<Part>, String>>()?;
    Ok(Arc::new(move |_, around| -> Converted {
        let texts = parts.iter().map(|part| part.text(around)).collect::<Result<Vec<String>, String>>();
        texts.map(|texts| texts.concat().into()).map_err(|why| format!("converter 'concat': {why}"))
    }))
}

/// The items between commas that stand in no quotes.
fn outside_quotes(values: &str) -> Vec<&str> {
    let (mut items, mut start, mut open) = (Vec::new(), 0, None);
    for (place, character) in values.char_indices() {
        match (character, open) {
            (',', None) => {
                items.push(values[start..place].trim_start());
                start = place + 1;
            }
            ('\'' | '"', None) if values[start..place].trim().is_empty() => open = Some(character),
            (quote, Some(opened)) if quote == opened => open = None,
            _ => (),
        }
    }
    items.push(values[start..].trim_start());
    items.into_iter().map(|item| if item.starts_with(['\'', '"']) { item.trim_end() } else { item }).collect()
}

pub(super) fn first_field(call: &Call, odd: bool) -> Result<Step, String> {
    let names = match call.text("fields") {
        None | Some("") if odd => Vec::new(),
        _ => call.required("fields", "first_field:fields=mail,otherMail")?.split(',').collect(),
    };
    let parts: Vec<Part> = if odd {
        names.into_iter().map(|name| Part::Key(name.to_owned())).collect()
    } else {
        names.into_iter().map(|name| Path::parse(name.trim()).map(Part::Member)).collect::<Result<_, _>>()?
    };
    Ok(Arc::new(move |value, around| -> Converted {
        if !is_falsy(&value) {
            return Ok(value);
        }
        for part in &parts {
            let text = part.text(around).map_err(|why| format!("converter 'first_field': {why}"))?;
            if !text.is_empty() {
                return Ok(text.into());
            }
        }
        Ok(Value::Null)
    }))
}

pub(super) fn ldap_user_field() -> Step {
    Arc::new(|value, around| match value {
        value if !is_falsy(&value) => Ok(value),
        _ => Ok((around.member)("sAMAccountName").unwrap_or(Value::Null)),
    })
}

pub(super) fn extension_attribute(call: &Call) -> Result<Step, String> {
    let name = call.required("attr", "casper_extension_attribute:attr=Asset Tag")?.to_owned();
    let default = call.value("default");
    Ok(Arc::new(move |_, around| {
        let attributes = (around.member)("extension_attributes").unwrap_or(Value::Null);
        let mut found = attributes.as_array().into_iter().flatten();
        let found = found.find(|attribute| attribute.get("name").and_then(Value::as_str) == Some(&name));
        Ok(match found {
            Some(attribute) => attribute.get("value").cloned().unwrap_or(Value::Null),
            None => default.clone(),
        })
    }))
}
