//! Filters and tests on text.

use minijinja::value::Value;
use minijinja::{Error, ErrorKind};

/// The text without blanks at its ends, and of that at most `length` characters.
pub(super) fn cut(value: &Value, length: usize) -> Result<Value, Error> {
    on_text("cut", value, |text| Ok(text.trim().chars().take(length).collect::<String>().into()))
}

/// Only the digits of the text.
pub(super) fn digits(value: &Value) -> Result<Value, Error> {
    on_text("digits", value, |text| Ok(text.chars().filter(char::is_ascii_digit).collect::<String>().into()))
}

/// The UUID in lower case.
pub(super) fn uuid(value: &Value) -> Result<Value, Error> {
    on_text("uuid", value, |text| match uuid::Uuid::try_parse(text.trim()) {
        Ok(uuid) => Ok(uuid.hyphenated().to_string().into()),
        Err(_) => Err(Error::new(ErrorKind::InvalidOperation, format!("'{text}' is no UUID"))),
    })
}

/// Whether it is a UUID.
pub(super) fn is_uuid(value: &Value) -> bool {
    value.as_str().is_some_and(|text| uuid::Uuid::try_parse(text.trim()).is_ok())
}

fn on_text(
    name: &str,
    value: &Value,
    convert: impl Fn(&str) -> Result<Value, Error>,
) -> Result<Value, Error> {
    match value.as_str() {
        Some(text) => convert(text),
        None if value.is_undefined() => Err(Error::from(ErrorKind::UndefinedError)),
        None if value.is_none() => Ok(Value::from(())),
        None => Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("'{name}' takes a string, found {}; put 'string' before it", value.kind()),
        )),
    }
}
