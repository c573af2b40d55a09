//! Converters: named steps from one value to another, in the syntax of the Oomnitza connector: `name`, `name:arg|arg=value`.
//!
//! Each built-in one has a plain rule, and those of the connector an *odd* one besides: exactly what the connector does, by
//! `"compat": "oomnitza"` for a whole spec or as `oomnitza.NAME` for one step. By the plain rules null stays null, and what
//! cannot be converted is an error that rejects the record; by the odd ones an error gives null, and *falsy* values (null, "",
//! 0, false, [], {}) mostly stay. A *field* is a member of the source record; by the plain rules it may be a path.
//!
//! | converter | plain rule | odd rule, where it differs |
//! |---|---|---|
//! | `lower`, `upper`, `title` | the text in lower, upper case; each word with a capital | |
//! | `trim`, `truncate:N` | without blanks at its ends; the first N characters | |
//! | `string` | a number or boolean as text | |
//! | `capitalize` | the first character in upper, all others in lower case | what is no text stays |
//! | `first_from_full`, `last_from_full` | the first, last word | before the first, behind the last single blank |
//! | `split_email` | what stands before the first `@` | falsy stays |
//! | `split:on=S\|index=N` | part N, from the end when negative, between S or runs of blanks; null when there is none | what cannot be split stays, as with a wrong `on` or `index` |
//! | `concat:values=A,'text',B` | the fields and texts in a row, each trimmed; null and missing are empty | fields are top-level members that hold text, anything else gives null; a comma parts texts, too |
//! | `first_field:fields=A,B` | the value, else the first field that is not empty | a field that holds no text ends it with null |
//! | `ldap_user_field` | the value, else `sAMAccountName` | |
//! | `casper_extension_attribute:attr=N\|default=D` | the `value` of that entry of `extension_attributes` | |
//! | `date_format`, `timestamp` | a date or time (RFC 3339, ISO 8601, Unix seconds) as Unix seconds, rounded down; UTC without an offset; "" is null | what is no date stays |
//! | `ldap_timestamp` | ticks of 100 ns since 1601 as Unix seconds; 0 and *never* are null; also RFC 3339 | 0 is -11644473600, *never* 253402300799, other texts stay |
//! | `memberOf:G=R\|default=D` | the R of the first G that is one of the groups or the first name in one's DN, in any case | a list has an item equal to G, a text has G somewhere in it; null has no default |
//! | `lookup:table=T\|by=C\|value=D` | the D of the table's first row whose C is the value; null when there is none | |
//! | `location:field=F\|label=L\|table=T` | the F of the row of `locations` whose L is the value; one that is an F already stays; none or several are an error | of several the last; a text without one stays |
//! | `mac_model_from_sn:table=T\|by=C\|value=D` | the same in `mac_models` for the serial number, its last four, its last three characters; else the value | |
//! | `uber_manager` | what stands between a leading `uid=` and the next comma | |
//! | `uber_position:domain=D` | `Employee` for an address that ends in D, else `Contractor` | |
//!
//! Those that a spec names itself are expressions; their names count in any case.

mod call;
mod dates;
mod groups;
mod members;
mod own;
mod registry;
mod tables;
mod text;
mod uber;

pub(crate) use own::{Own, context};
pub(crate) use tables::{LOCATIONS, MAC_MODELS};

use crate::expression::Language;
use crate::names;
use crate::tables::Tables;
use call::Call;
use muster_stream::Value;

/// One step of a chain.
#[derive(Clone)]
pub(crate) enum Converter {
    /// A built-in one with its parameters.
    Built(Step),
    /// One of the spec's own.
    Own(Own),
    /// Null for what fails.
    Lenient(Box<Converter>),
    /// One that does not exist, and why that is so; in a compatible spec it gives null.
    Missing(String),
}

/// A built-in converter.
pub(crate) type Step = std::sync::Arc<dyn Fn(Value, &Around<'_>) -> Converted + Send + Sync>;

/// What a converter gives, or why it cannot.
pub(crate) type Converted = Result<Value, String>;

/// What a converter can see beside its value. Nothing of it is made before it is asked for.
pub(crate) struct Around<'a> {
    /// A member of the source record.
    pub(crate) member: &'a dyn Fn(&str) -> Option<Value>,
    /// The whole of it, for expressions.
    pub(crate) record: &'a dyn Fn() -> minijinja::Value,
}

/// What a spec offers to its converters.
pub(crate) struct Known<'a> {
    pub(crate) own: &'a [(String, String)],
    pub(crate) language: &'a Language,
    pub(crate) tables: &'a Tables,
    /// Whether the odd rules are the spec's.
    pub(crate) odd: bool,
}

/// The names of the connector's rules in any spec: `oomnitza.split`.
const PREFIX: &str = "oomnitza.";

impl Converter {
    /// The converter that `text` calls for, one of the spec's own or a built-in one.
    pub(crate) fn parse(text: &str, known: &Known<'_>) -> Result<Self, String> {
        let call = Call::parse(text);
        let converter = match Own::find(&call, known)? {
            Some(own) => Self::Own(own),
            None => Self::built(&call, known)?,
        };
        let lenient = known.odd || call.name.starts_with(PREFIX);
        let lenient = lenient && !matches!(converter, Self::Missing(_));
        Ok(if lenient { Self::Lenient(Box::new(converter)) } else { converter })
    }

    fn built(call: &Call, known: &Known<'_>) -> Result<Self, String> {
        let (name, odd) = match call.name.strip_prefix(PREFIX) {
            Some(name) => (name, true),
            None => (call.name.as_str(), known.odd),
        };
        let Some(entry) = registry::BUILT.iter().find(|entry| entry.name == name) else {
            let own = known.own.iter().map(|(name, _)| name.as_str());
            let names: Vec<&str> = own.chain(registry::BUILT.iter().map(|entry| entry.name)).collect();
            let why = format!("there is no converter '{}'; {}", call.name, names::hint(name, names));
            return if known.odd { Ok(Self::Missing(why)) } else { Err(why) };
        };
        if !odd {
            call.only(entry.parameters)?;
        }
        (entry.make)(call, odd, known.tables).map(Self::Built)
    }

    /// `value` converted.
    pub(crate) fn apply(&self, value: Value, around: &Around<'_>) -> Converted {
        match self {
            Self::Built(step) => step(value, around),
            Self::Own(own) => own.apply(&value, around),
            Self::Lenient(inner) => Ok(inner.apply(value, around).unwrap_or(Value::Null)),
            Self::Missing(_) => Ok(Value::Null),
        }
    }
}

/// A text turned into what a converter gives for it; null stays, anything else is an error.
fn on_text(name: &str, value: Value, convert: impl FnOnce(&str) -> Converted) -> Converted {
    match value {
        Value::Null => Ok(Value::Null),
        Value::String(text) => convert(&text),
        other => Err(format!(
            "converter '{name}' takes a string, found {}; put 'string' before it",
            a_kind(&other)
        )),
    }
}

/// Whether a value counts as nothing: null, "", 0, false, [], {}.
pub(crate) fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

/// The kind of a value with its article.
pub(crate) fn a_kind(value: &Value) -> String {
    let article = if value.is_object() { "an" } else { "a" };
    if value.is_null() { "null".to_owned() } else { format!("{article} {}", kind_of(value)) }
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
