//! What [`crate::tracer`] tells: how the lines of one record came about, for `--explain` and `--profile`.

use crate::field::Failure;
use crate::text::{FieldMembers, MapText};
use muster_stream::{Map, Value};
use std::time::Duration;

/// What became of one record.
pub(crate) struct Trace<'s> {
    pub(crate) maps: Vec<MapTrace<'s>>,
    /// Why there is no line, when the record failed.
    pub(crate) failure: Option<Failure>,
}

/// What one map made of it.
pub(crate) struct MapTrace<'s> {
    pub(crate) index: usize,
    pub(crate) text: &'s MapText,
    /// How many items `each` gave.
    pub(crate) items: Option<usize>,
    pub(crate) each_took: Duration,
    pub(crate) lines: Vec<LineTrace<'s>>,
}

/// One line that a map made, or did not.
#[derive(Default)]
pub(crate) struct LineTrace<'s> {
    pub(crate) item: Option<Value>,
    /// Whether `when` holds; nothing when there is none.
    pub(crate) when: Option<bool>,
    pub(crate) when_took: Duration,
    /// The `let`s that were used, with what they gave.
    pub(crate) lets: Vec<(&'s str, &'s str, Result<Value, String>)>,
    /// Where in `let` those stand that were evaluated beforehand, to take their time.
    pub(crate) lets_took: Vec<(usize, Duration)>,
    pub(crate) fields: Vec<FieldTrace<'s>>,
    pub(crate) key_took: Duration,
    /// The line, when it came to it.
    pub(crate) record: Option<Map>,
}

/// How one field came about.
pub(crate) struct FieldTrace<'s> {
    pub(crate) pointer: &'static str,
    pub(crate) text: &'s FieldMembers,
    /// What the source and each step after it gave.
    pub(crate) steps: Vec<Step>,
    pub(crate) end: End,
    /// Fields that stand in it.
    pub(crate) below: Vec<FieldTrace<'s>>,
    pub(crate) took: Duration,
}

/// One step: what it is called and what it gave.
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) value: Value,
    /// The source's path leads nowhere.
    pub(crate) missing: bool,
}

/// What a field came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    Value(Value),
    LeftOut(&'static str),
    /// It touched these members, which could not be read.
    Unknown(Vec<String>),
    Rejected(String),
}
