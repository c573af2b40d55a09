//! The settings a spec declares, and the values they take.

use crate::names;
use crate::text::SettingText;
use muster_base::{Error, Exit};
use muster_stream::{Map, Value};
use std::collections::BTreeMap;

/// What a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text.
    String,
    /// True or false; in text `1`, `yes`, `true`, `on` and `0`, `no`, `false`, `off`.
    Boolean,
    /// A whole number.
    Integer,
    /// A list; in text a JSON array, one item a line, or items between commas.
    List,
    /// A UUID, in lower case.
    Uuid,
    /// A list of UUIDs, in lower case; in text as a list, or between blanks.
    Uuids,
    /// A JSON object.
    Object,
    /// A JSON object of Jinja templates; their syntax is checked at the start.
    Templates,
}

/// A setting as its spec declares it.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Its name in `settings.name`, `--set name=…` and its section of a configuration file.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Its value when none is given; null when there is none.
    pub default: Value,
    /// Whether it must be given.
    pub required: bool,
    /// The texts it may have; empty when any is right.
    pub values: Vec<String>,
    /// What it is for.
    pub about: String,
    /// Its names in other files, such as `os2sync.xfer_cpr`.
    pub names: Vec<String>,
}

impl Declared {
    pub(crate) fn of(name: &str, text: &SettingText) -> Self {
        let default = text.default.clone().unwrap_or(Value::Null);
        Self {
            name: name.to_owned(),
            kind: text.kind.unwrap_or_else(|| kind_of(&default)),
            default,
            required: text.required,
            values: text.values.clone(),
            about: text.about.as_ref().map(crate::text::About::text).unwrap_or_default(),
            names: text.names.clone(),
        }
    }

    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.names.iter().any(|other| other == name)
    }

    /// `value`, given as JSON or as text, as this setting holds it.
    pub(crate) fn take(&self, value: &Value) -> Result<Value, Error> {
        let taken = match value {
            Value::Null => Ok(Value::Null),
            Value::String(text) => self.take_text(text.trim()),
            other => self.take_json(other.clone()),
        };
        let taken = taken.and_then(|value| self.one_of_its_values(value));
        taken.map_err(|why| Error::new(Exit::Config, format!("setting '{}' {why}", self.name)))
    }

    fn one_of_its_values(&self, value: Value) -> Result<Value, String> {
        match value.as_str() {
            Some(text) if !self.values.is_empty() && !self.values.iter().any(|value| value == text) => {
                Err(format!("takes one of {}, not '{text}'", self.values.join(", ")))
            }
            _ => Ok(value),
        }
    }

    fn take_text(&self, text: &str) -> Result<Value, String> {
        match self.kind {
            Kind::String => Ok(text.into()),
            Kind::Boolean => boolean(text),
            Kind::Integer => text
                .parse::<i64>()
                .map(Value::from)
                .map_err(|_| format!("takes a whole number, not '{text}'")),
            Kind::Uuid => uuid(text),
            Kind::List | Kind::Uuids => self.take_json(list(text, self.kind == Kind::Uuids)?),
            Kind::Object | Kind::Templates => {
                let parsed = serde_json::from_str(if text.is_empty() { "{}" } else { text });
                self.take_json(parsed.map_err(|error| format!("takes a JSON object: {error}"))?)
            }
        }
    }

    fn take_json(&self, value: Value) -> Result<Value, String> {
        match (self.kind, value) {
            (Kind::String, value @ (Value::Bool(_) | Value::Number(_))) => Ok(value.to_string().into()),
            (Kind::Boolean, value @ Value::Bool(_)) => Ok(value),
            (Kind::Boolean, Value::Number(number)) => boolean(&number.to_string()),
            (Kind::Integer, Value::Number(number)) => self.take_text(&number.to_string()),
            (Kind::List, value @ Value::Array(_)) => Ok(value),
            (Kind::Uuids, Value::Array(items)) => items
                .iter()
                .map(|item| uuid(item.as_str().unwrap_or_default()))
                .collect::<Result<Vec<Value>, String>>()
                .map(Value::Array),
            (Kind::Object | Kind::Templates, value @ Value::Object(_)) => Ok(value),
            (kind, _) => Err(format!("takes {}", kind.words())),
        }
    }
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::String => "text",
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::List => "a list",
            Self::Uuid => "a UUID",
            Self::Uuids => "a list of UUIDs",
            Self::Object => "a JSON object",
            Self::Templates => "a JSON object of templates",
        }
    }
}

fn kind_of(default: &Value) -> Kind {
    match default {
        Value::Bool(_) => Kind::Boolean,
        Value::Number(number) if number.is_i64() => Kind::Integer,
        Value::Array(_) => Kind::List,
        Value::Object(_) => Kind::Object,
        _ => Kind::String,
    }
}

fn boolean(text: &str) -> Result<Value, String> {
    match text.to_lowercase().as_str() {
        "1" | "yes" | "true" | "on" => Ok(true.into()),
        "" | "0" | "no" | "false" | "off" => Ok(false.into()),
        _ => Err(format!("takes true or false, not '{text}'")),
    }
}

fn uuid(text: &str) -> Result<Value, String> {
    let uuid = uuid::Uuid::try_parse(text.trim()).map_err(|_| format!("takes a UUID, not '{text}'"))?;
    Ok(uuid.hyphenated().to_string().into())
}

/// A name may have blanks in it (`Active Directory`), a UUID has none.
fn list(text: &str, blanks_divide: bool) -> Result<Value, String> {
    if text.starts_with('[') {
        return serde_json::from_str(text).map_err(|error| format!("takes a JSON array: {error}"));
    }
    let items = text.split(|c: char| match c {
        '\n' | ',' => true,
        c => blanks_divide && c.is_whitespace(),
    });
    Ok(items.map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect())
}

/// The value of every declared setting, from what was given under its name or one of its other names.
///
/// A name that is given and not declared is the first thing to tell of: it is why another one seems to be missing.
pub(crate) fn settle(declared: &[Declared], mut given: BTreeMap<String, Value>) -> Result<Map, Error> {
    let is_declared = |name: &&String| declared.iter().any(|setting| setting.is_called(name));
    if let Some(name) = given.keys().find(|name| !is_declared(name)) {
        return Err(Error::new(Exit::Config, format!("the spec has no setting '{name}'"))
            .hint(names::hint(name, declared.iter().map(|setting| setting.name.as_str()))));
    }
    let mut values = Map::new();
    for setting in declared {
        let mut named: Vec<Value> = std::iter::once(&setting.name)
            .chain(&setting.names)
            .filter_map(|name| given.remove(name))
            .collect();
        let value = match (named.pop(), named.is_empty()) {
            (Some(_), false) => return Err(twice(setting)),
            (Some(value), true) => setting.take(&value)?,
            (None, _) => setting.take(&setting.default)?,
        };
        if setting.required && (value.is_null() || value == "") {
            return Err(Error::new(Exit::Config, format!("setting '{}' is missing", setting.name))
                .hint(format!("give it with `--set {}=…` or in the configuration file", setting.name)));
        }
        values.insert(setting.name.clone(), value);
    }
    Ok(values)
}

fn twice(setting: &Declared) -> Error {
    Error::new(Exit::Config, format!("setting '{}' is given under two names", setting.name))
        .hint(format!("keep '{}'", setting.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn take(kind: &str, value: Value) -> Result<Value, String> {
        let text: SettingText = serde_json::from_value(json!({ "type": kind })).unwrap();
        Declared::of("x", &text).take(&value).map_err(|error| error.to_string())
    }

    #[test]
    fn text_becomes_what_the_setting_holds() {
        assert_eq!(take("boolean", json!("Yes")), Ok(json!(true)));
        assert_eq!(take("integer", json!("200")), Ok(json!(200)));
        assert_eq!(take("list", json!("Active Directory, AD2")), Ok(json!(["Active Directory", "AD2"])));
        assert_eq!(take("list", json!("[\"a\"]")), Ok(json!(["a"])));
        assert_eq!(take("templates", json!("{\"a\":\"b\"}")), Ok(json!({"a":"b"})));
        let uuid = "A8B26D0C-7268-56D3-9A49-7F2ECDAD54A3";
        assert_eq!(
            take("uuids", json!(format!("{uuid} {uuid}"))),
            Ok(json!([uuid.to_lowercase(), uuid.to_lowercase()]))
        );
    }

    #[test]
    fn what_it_cannot_hold_is_refused() {
        assert_eq!(take("boolean", json!("ja")), Err("setting 'x' takes true or false, not 'ja'".to_owned()));
        assert!(take("integer", json!(1.5)).is_err());
        assert!(take("uuid", json!("x")).is_err());
        assert!(take("list", json!({})).is_err());
    }
}
