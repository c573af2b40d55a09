//! A spec as it is written: the members of its JSON and their types. All are optional here, for a spec that extends
//! another one writes only what differs.

use muster_stream::Value;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor, value::MapAccessDeserializer};
use std::fmt;
use std::marker::PhantomData;

/// The whole spec.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SpecText {
    pub(crate) about: Option<About>,
    #[serde(rename = "$schema")]
    pub(crate) _schema: Option<String>,
    pub(crate) extends: Option<String>,
    pub(crate) section: Option<String>,
    /// Keys of the section that other commands read.
    #[serde(deserialize_with = "or_default")]
    pub(crate) elsewhere: Vec<String>,
    /// Keys of the section without effect under this spec, and what replaces them.
    #[serde(deserialize_with = "or_default")]
    pub(crate) retired: Named<String>,
    /// The rules of an older program that hold instead of our own.
    pub(crate) compat: Option<Compat>,
    /// Files to look values up in, by the names that the spec has for them.
    #[serde(deserialize_with = "or_default")]
    pub(crate) tables: Named<String>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) settings: Named<SettingText>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) converters: Named<String>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) maps: Vec<MapText>,
}

/// One entry of `settings`.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SettingText {
    pub(crate) about: Option<About>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<crate::Kind>,
    #[serde(deserialize_with = "present")]
    pub(crate) default: Option<Value>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) required: bool,
    #[serde(deserialize_with = "or_default")]
    pub(crate) values: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) names: Vec<String>,
}

/// One entry of `maps`.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MapText {
    pub(crate) name: Option<String>,
    pub(crate) about: Option<About>,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) when: Option<String>,
    #[serde(rename = "let")]
    #[serde(deserialize_with = "or_default")]
    pub(crate) lets: Named<String>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) each: Named<String>,
    pub(crate) key: Option<KeyText>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) fields: Named<FieldText>,
}

/// `key`: the name of an output member, or an expression.
#[derive(Clone, Debug)]
pub(crate) enum KeyText {
    Member(String),
    Expr(String),
}

/// One entry of `fields`. A bare string is short for `{"source": …}`.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FieldMembers {
    pub(crate) about: Option<About>,
    pub(crate) when: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) expr: Option<String>,
    pub(crate) template: Option<String>,
    pub(crate) setting: Option<String>,
    #[serde(deserialize_with = "present")]
    pub(crate) hardcoded: Option<Value>,
    pub(crate) fields: Option<Named<FieldText>>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) converter: Chain,
    #[serde(deserialize_with = "present")]
    pub(crate) default: Option<Value>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) required: bool,
    #[serde(rename = "type")]
    pub(crate) kind: Option<FieldKind>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) set: bool,
    #[serde(deserialize_with = "or_default")]
    pub(crate) omit_null: bool,
}

/// The type that a field's value must have or be converted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FieldKind {
    String,
    Integer,
    Number,
    Boolean,
    #[serde(rename = "date-time")]
    DateTime,
}

/// The older programs whose rules a spec can keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
pub(crate) enum Compat {
    /// The Oomnitza connector: its paths, the odd rules of its converters, null for what fails in them, and what counts as
    /// nothing where a field is required.
    #[serde(rename = "oomnitza")]
    Oomnitza,
    /// The same in its managed runs, which besides read texts as literals of Python.
    #[serde(rename = "oomnitza-managed")]
    Managed,
}

/// A field as it stands in `fields`.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldText(pub(crate) FieldMembers);

/// A remark, in one line or several. It means nothing to the engine.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(untagged)]
pub(crate) enum About {
    Line(String),
    Lines(Vec<String>),
}

impl About {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Line(line) => line.clone(),
            Self::Lines(lines) => lines.join(" "),
        }
    }
}

/// One converter or several.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain(pub(crate) Vec<String>);

/// The members of an object in their order; a name twice is an error, a member that is null is left out.
#[derive(Clone, Debug)]
pub(crate) struct Named<T>(pub(crate) Vec<(String, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// Null is as good as not there: a spec that extends another one takes a member away with it.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A member that may be null, told apart from one that is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Named<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut seen: Vec<String> = Vec::new();
                let mut members = Vec::new();
                while let Some(name) = access.next_key::<String>()? {
                    if seen.contains(&name) {
                        return Err(A::Error::custom(format!("'{name}' stands twice in one object")));
                    }
                    seen.push(name.clone());
                    if let Some(value) = access.next_value::<Option<T>>()? {
                        members.push((name, value));
                    }
                }
                Ok(Named(members))
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

impl<'de> Deserialize<'de> for FieldText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOr {
            expecting: "a path or an object",
            text: |text: &str| {
                Self(FieldMembers { source: Some(text.to_owned()), ..FieldMembers::default() })
            },
            other: Self,
        })
    }
}

impl<'de> Deserialize<'de> for KeyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Expr {
            expr: String,
        }
        deserializer.deserialize_any(TextOr {
            expecting: "the name of a field or {\"expr\": …}",
            text: |text: &str| Self::Member(text.to_owned()),
            other: |expr: Expr| Self::Expr(expr.expr),
        })
    }
}

impl<'de> Deserialize<'de> for Chain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum OneOrMore {
            One(String),
            More(Vec<String>),
        }
        Ok(Self(match OneOrMore::deserialize(deserializer)? {
            OneOrMore::One(one) => vec![one],
            OneOrMore::More(more) => more,
        }))
    }
}

/// Reads a string one way and an object another, so that errors keep their line and column.
struct TextOr<F, G, T> {
    expecting: &'static str,
    text: F,
    other: fn(T) -> G,
}

impl<'de, F: FnOnce(&str) -> G, G, T: Deserialize<'de>> Visitor<'de> for TextOr<F, G, T> {
    type Value = G;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<G, E> {
        Ok((self.text)(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<G, A::Error> {
        T::deserialize(MapAccessDeserializer::new(access)).map(self.other)
    }
}
