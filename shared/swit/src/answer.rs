//! Answers of Swit: what is inside `data`, and what an error says. Descriptions of different dates disagree; all are read.

use muster_base::{Error, Exit, text};
use muster_http::{Answer, Request};
use muster_stream::{Map, Value};

/// What stands in `data` of a successful answer.
pub(crate) fn data(answer: &Answer, request: &Request) -> Result<Map, Error> {
    let mut whole: Map = answer.json(request)?;
    match whole.remove("data") {
        Some(Value::Object(data)) => Ok(data),
        _ => Err(broken("the answer has no 'data'", request)),
    }
}

/// The object that was made or changed: `data`, or `data.data`, `data.user`, `data.team` in it.
pub fn made(answer: &Answer, request: &Request) -> Result<Map, Error> {
    data(answer, request).map(|data| within(data, &["data", "user", "team"]))
}

/// `object`, or the object in it under one of `names` when that is all there is to it.
pub(crate) fn within(mut object: Map, names: &[&str]) -> Map {
    let found = names.iter().find(|name| object.get(**name).is_some_and(Value::is_object));
    // A person's own `team` is a list, so an object of that name can only be a wrapping.
    match found.and_then(|name| object.remove(*name)) {
        Some(Value::Object(inner)) => within(inner, names),
        _ => object,
    }
}

/// A text under one of `names`; empty and null count as absent.
pub(crate) fn text_of(object: &Map, names: &[&str]) -> Option<String> {
    let found = names.iter().find_map(|name| object.get(*name).and_then(Value::as_str))?;
    Some(found.to_owned()).filter(|text| !text.is_empty())
}

/// The text of an error, whatever its shape: `{code, message}`, `{error: {code, message}}`, SCIM's `{detail}`.
pub fn said(answer: &Answer) -> Option<String> {
    let body: Map = serde_json::from_slice(&answer.body).ok()?;
    let error = body.get("error").and_then(Value::as_object).unwrap_or(&body);
    let message = ["message", "detail", "error_description"].iter().find_map(|name| error.get(*name));
    let message = message.or(body.get("error")).and_then(Value::as_str)?;
    Some(text::cut(message)).filter(|message| !message.is_empty())
}

/// The status of an answer: that in its body where the head says 200 and the body does not.
pub(crate) fn status(answer: &Answer) -> u16 {
    let inner = || {
        let body: Map = serde_json::from_slice(&answer.body).ok()?;
        let error = body.get("error").and_then(Value::as_object).unwrap_or(&body);
        let code = error.get("code").and_then(Value::as_u64)?;
        u16::try_from(code).ok().filter(|code| (400..600).contains(code))
    };
    if answer.status == 200 { inner().unwrap_or(200) } else { answer.status }
}

pub(crate) fn broken(what: impl Into<String>, request: &Request) -> Error {
    Error::new(Exit::Protocol, what).at(request)
}
