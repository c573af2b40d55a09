//! Converters: named steps from one value to another, in the syntax `name` or `name:arg|arg`.
//!
//! | converter | gives |
//! |---|---|
//! | `lower`, `upper` | the text in lower, upper case |
//! | `trim` | the text without blanks at its ends |
//! | `split_email` | what stands before the first `@` |
//! | `truncate:N` | the first N characters |
//! | `string` | a number or boolean as text |
//!
//! All leave null alone; a value of another type is an error. The converters a spec names itself are expressions.

use crate::expression::{Compiled, Language};
use crate::names;
use crate::value::{from_json, to_json};
use muster_stream::Value;
use std::sync::Arc;

/// One step of a chain.
#[derive(Clone)]
pub(crate) enum Converter {
    /// Text to text.
    Text(&'static str, fn(&str) -> String),
    /// The first so many characters.
    Truncate(usize),
    /// Numbers and booleans as text.
    String,
    /// An expression over `value`.
    Named(Arc<Compiled>),
}

const NAMES: [&str; 6] = ["lower", "upper", "trim", "split_email", "truncate", "string"];

impl Converter {
    /// The converter that `text` calls for, one of the spec's own or a built-in one.
    pub(crate) fn parse(text: &str, own: &[(String, String)], language: &Language) -> Result<Self, String> {
        let (name, argument) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
        if let Some((_, source)) = own.iter().find(|(own, _)| own == name) {
            let compiled = language.expression(source).map_err(|error| crate::expression::reason(&error))?;
            return no_argument(name, argument).map(|()| Self::Named(Arc::new(compiled)));
        }
        if name == "truncate" {
            let length = argument.and_then(|argument| argument.parse().ok());
            return length
                .map(Self::Truncate)
                .ok_or_else(|| "converter 'truncate' takes a length: 'truncate:64'".into());
        }
        let plain = match name {
            "lower" => Self::Text("lower", |text| text.to_lowercase()),
            "upper" => Self::Text("upper", |text| text.to_uppercase()),
            "trim" => Self::Text("trim", |text| text.trim().to_owned()),
            "split_email" => {
                Self::Text("split_email", |text| text.split('@').next().unwrap_or(text).to_owned())
            }
            "string" => Self::String,
            _ => {
                let known = own.iter().map(|(name, _)| name.as_str()).chain(NAMES);
                return Err(format!("there is no converter '{name}'; {}", names::hint(name, known)));
            }
        };
        no_argument(name, argument).map(|()| plain)
    }

    /// `value` converted.
    pub(crate) fn apply(&self, value: Value) -> Result<Value, String> {
        match (self, value) {
            (Self::Named(compiled), value) => {
                let context = minijinja::Value::from_pairs([("value", from_json(&value, None))]);
                let result = compiled.eval(context).map_err(|error| crate::expression::reason(&error))?;
                to_json(&result)
            }
            (_, Value::Null) => Ok(Value::Null),
            (Self::Text(_, convert), Value::String(text)) => Ok(convert(&text).into()),
            (Self::Truncate(length), Value::String(text)) => {
                Ok(text.chars().take(*length).collect::<String>().into())
            }
            (Self::String, value @ Value::String(_)) => Ok(value),
            (Self::String, value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string().into()),
            (Self::String, value) => Err(format!("converter 'string' takes no {}", kind_of(&value))),
            (Self::Text(..) | Self::Truncate(_), value) => Err(format!(
                "converter '{}' takes a string, found a {}; put 'string' before it",
                self.name(),
                kind_of(&value)
            )),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Text(name, _) => name,
            Self::Truncate(_) => "truncate",
            Self::String => "string",
            Self::Named(_) => "of the spec",
        }
    }
}

fn no_argument(name: &str, argument: Option<&str>) -> Result<(), String> {
    match argument {
        None => Ok(()),
        Some(_) => Err(format!("converter '{name}' takes no argument")),
    }
}

pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}
