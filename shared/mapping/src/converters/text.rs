//! Converters of text.

use super::call::Call;
use super::{Converted, Step, is_falsy, kind_of, on_text};
use muster_stream::Value;
use std::sync::Arc;

/// A text turned into another one.
pub(super) fn mapped(name: &'static str, convert: fn(&str) -> String) -> Step {
    Arc::new(move |value, _| on_text(name, value, |text| Ok(convert(text).into())))
}

/// By the odd rules what is falsy stays.
fn kept(name: &'static str, odd: bool, convert: fn(&str) -> String) -> Step {
    Arc::new(move |value, _| match value {
        value if odd && is_falsy(&value) => Ok(value),
        value => on_text(name, value, |text| Ok(convert(text).into())),
    })
}

/// Each word with a capital, all else in lower case.
pub(super) fn title(text: &str) -> String {
    text.split_inclusive(|character: char| !character.is_alphanumeric() && character != '\'')
        .map(capital)
        .collect()
}

/// The first character in upper case, all others in lower case.
fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return String::new() };
    // Upper case may be two characters of which one is a capital: ß is SS, and Ss at the beginning of a word.
    let mut capital = first.to_uppercase();
    let head: String = capital.next().into_iter().chain(capital.flat_map(char::to_lowercase)).collect();
    head + &characters.as_str().to_lowercase()
}

pub(super) fn capitalize(odd: bool) -> Step {
    Arc::new(move |value, _| match value {
        Value::String(text) => Ok(capital(&text).into()),
        other if odd => Ok(other),
        other => on_text("capitalize", other, |text| Ok(text.into())),
    })
}

pub(super) fn first_from_full(odd: bool) -> Step {
    let words = |text: &str| text.split_whitespace().next().unwrap_or_default().to_owned();
    let blank = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
    kept("first_from_full", odd, if odd { blank } else { words })
}

pub(super) fn last_from_full(odd: bool) -> Step {
    let words = |text: &str| text.split_whitespace().next_back().unwrap_or_default().to_owned();
    let blank = |text: &str| text.rsplit(' ').next().unwrap_or_default().to_owned();
    kept("last_from_full", odd, if odd { blank } else { words })
}

pub(super) fn split_email(odd: bool) -> Step {
    kept("split_email", odd, |text| text.split('@').next().unwrap_or_default().to_owned())
}

pub(super) fn truncate(call: &Call) -> Result<Step, String> {
    let wrong = || "converter 'truncate' takes a length: 'truncate:64'".to_owned();
    let [(length, None)] = call.arguments.as_slice() else { return Err(wrong()) };
    let length: usize = length.parse().map_err(|_| wrong())?;
    Ok(Arc::new(move |value, _| {
        on_text("truncate", value, |text| Ok(text.chars().take(length).collect::<String>().into()))
    }))
}

pub(super) fn string() -> Step {
    Arc::new(|value, _| match value {
        value @ (Value::Null | Value::String(_)) => Ok(value),
        value @ (Value::Number(_) | Value::Bool(_)) => Ok(value.to_string().into()),
        value => Err(format!("converter 'string' takes no {}", kind_of(&value))),
    })
}

pub(super) fn split(call: &Call, odd: bool) -> Result<Step, String> {
    let on = call.text("on").map(str::to_owned);
    let index = call.text("index").unwrap_or("0").trim().parse::<i64>();
    let wrong_on = call.is_bare("on") || on.as_deref() == Some("");
    if odd {
        let index = index.ok().filter(|_| !wrong_on && !call.is_bare("index"));
        return Ok(Arc::new(move |value, _| {
            let found = index.zip(value.as_str()).and_then(|(index, text)| part(text, on.as_deref(), index));
            Ok(found.map_or(value, Value::from))
        }));
    }
    if wrong_on {
        return Err("converter 'split' takes a text in 'on': 'split:on=@|index=1'".to_owned());
    }
    let index = index.map_err(|_| "converter 'split' takes a whole number in 'index'".to_owned())?;
    Ok(Arc::new(move |value, _| -> Converted {
        on_text("split", value, |text| Ok(part(text, on.as_deref(), index).map_or(Value::Null, Value::from)))
    }))
}

/// Part `index` of a text that is split on `on`, else on runs of blanks.
fn part(text: &str, on: Option<&str>, index: i64) -> Option<String> {
    let parts: Vec<&str> = match on {
        Some(on) => text.split(on).collect(),
        None => text.split_whitespace().collect(),
    };
    let place = if index < 0 { index + i64::try_from(parts.len()).ok()? } else { index };
    parts.get(usize::try_from(place).ok()?).map(|part| (*part).to_owned())
}
