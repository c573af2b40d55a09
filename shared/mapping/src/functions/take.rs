//! What filters take, in one way for all of them: `none` stays `none`, undefined is an error, another type is an error that
//! names the filter and what it found, and what cannot be read may be replaced by `otherwise`.

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Error, ErrorKind};

/// An error with these words.
pub(super) fn wrong(what: impl Into<String>) -> Error {
    let what: String = what.into();
    Error::new(ErrorKind::InvalidOperation, what)
}

/// A filter on text.
pub(super) fn on_text(
    name: &str,
    value: &Value,
    convert: impl FnOnce(&str) -> Result<Value, Error>,
) -> Result<Value, Error> {
    text(name, value)?.map_or_else(|| Ok(none()), convert)
}

/// The text that a filter was given; nothing for `none`.
pub(super) fn text<'a>(name: &str, value: &'a Value) -> Result<Option<&'a str>, Error> {
    match value.as_str() {
        Some(text) => Ok(Some(text)),
        None if value.is_undefined() => Err(Error::from(ErrorKind::UndefinedError)),
        None if value.is_none() => Ok(None),
        None => {
            Err(wrong(format!("'{name}' takes a string, found {}; put 'string' before it", found(value))))
        }
    }
}

/// What `read` gives. Where it fails the value of `otherwise=` when that is given, else an error.
pub(super) fn reading(
    value: &Value,
    options: &Kwargs,
    read: impl FnOnce() -> Result<Value, Error>,
) -> Result<Value, Error> {
    let otherwise = options.has("otherwise").then(|| options.get::<Value>("otherwise")).transpose()?;
    options.assert_all_used()?;
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    read().or_else(|error| otherwise.ok_or(error))
}

/// What `none` is in an expression.
pub(super) fn none() -> Value {
    Value::from(())
}

/// A value's type with its article.
pub(super) fn found(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::Undefined => "nothing",
        ValueKind::None => "none",
        ValueKind::Bool => "a boolean",
        ValueKind::Number => "a number",
        ValueKind::String => "a string",
        ValueKind::Bytes => "bytes",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "an object",
        _ => "something else",
    }
}

/// The items of a list; those of `none` are none, undefined is an error.
pub(super) fn items(name: &str, list: &Value) -> Result<Vec<Value>, Error> {
    match list.kind() {
        ValueKind::None => Ok(Vec::new()),
        ValueKind::Seq | ValueKind::Iterable => list.try_iter()?.checked().collect(),
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        _ => Err(wrong(format!("'{name}' takes a list, found {}", found(list)))),
    }
}
