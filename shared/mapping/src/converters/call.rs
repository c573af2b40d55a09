//! A converter as it is written: `name:arg|arg=value`. Split at the first `:`, then at every `|`, each argument at its first
//! `=`; nothing can be quoted. An argument without `=` is true.

use crate::names;
use muster_stream::Value;

/// A name and its arguments in their order.
pub(super) struct Call {
    pub(super) name: String,
    pub(super) arguments: Vec<(String, Option<String>)>,
}

impl Call {
    pub(super) fn parse(text: &str) -> Self {
        let (name, rest) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let argument = |text: &str| match text.split_once('=') {
            Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
            None => (text.to_owned(), None),
        };
        let arguments = rest.into_iter().flat_map(|rest| rest.split('|')).map(argument).collect();
        Self { name: name.to_owned(), arguments }
    }

    /// Refuse arguments that the converter does not take; `*` takes any.
    pub(super) fn only(&self, parameters: &[&str]) -> Result<(), String> {
        let takes = |key: &str| parameters.iter().any(|name| *name == key || *name == "*");
        match self.arguments.iter().find(|(key, _)| !takes(key)) {
            None => Ok(()),
            Some(_) if parameters.is_empty() => Err(format!("converter '{}' takes no argument", self.name)),
            Some((key, _)) => Err(format!(
                "converter '{}' has no parameter '{key}'; {}",
                self.name,
                names::hint(key, parameters.iter().copied())
            )),
        }
    }

    /// The text of an argument; the last counts when it is given twice.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.arguments.iter().rfind(|(name, _)| name == key)?.1.as_deref()
    }

    /// The text of an argument, true when it has none, null when it is not there.
    pub(super) fn value(&self, key: &str) -> Value {
        match self.arguments.iter().rfind(|(name, _)| name == key) {
            None => Value::Null,
            Some((_, text)) => text.as_deref().map_or(Value::Bool(true), Value::from),
        }
    }

    /// The text of an argument, or what is used without it.
    pub(super) fn text_or(&self, key: &str, default: &str) -> String {
        self.text(key).unwrap_or(default).to_owned()
    }

    /// The text of an argument that must be there.
    pub(super) fn required(&self, key: &str, example: &str) -> Result<&str, String> {
        let text = self.text(key).filter(|text| !text.is_empty());
        text.ok_or_else(|| format!("converter '{}' takes '{key}': '{example}'", self.name))
    }

    /// Whether the argument stands there without a value.
    pub(super) fn is_bare(&self, key: &str) -> bool {
        self.arguments.iter().any(|(name, value)| name == key && value.is_none())
    }
}
