//! The converters that a spec names itself: expressions over `value`, `params`, `record` and `settings`.

use super::call::Call;
use super::{Around, Converted, Known};
use crate::expression::{Compiled, reason};
use crate::value::{from_json, to_json};
use minijinja::value::Value as Seen;
use muster_stream::Value;
use std::sync::Arc;

/// One of the spec's own converters, with its parameters.
#[derive(Clone)]
pub(crate) struct Own {
    name: String,
    compiled: Arc<Compiled>,
    params: Seen,
}

impl Own {
    /// The converter of the spec that is called; its name counts in any case.
    pub(super) fn find(call: &Call, known: &Known<'_>) -> Result<Option<Self>, String> {
        let named = |own: &str| own.to_lowercase() == call.name.to_lowercase();
        let Some((name, source)) = known.own.iter().find(|(name, _)| named(name)) else { return Ok(None) };
        let compiled = known.language.expression(source).map_err(|error| reason(&error))?;
        let param = |(key, value): &(String, Option<String>)| {
            (key.clone(), value.as_deref().map_or(Seen::from(true), Seen::from))
        };
        let params = Seen::from_pairs(call.arguments.iter().map(param));
        Ok(Some(Self { name: name.clone(), compiled: Arc::new(compiled), params }))
    }

    pub(super) fn apply(&self, value: &Value, around: &Around<'_>) -> Converted {
        let context = context(from_json(value, None), self.params.clone(), (around.record)());
        let result = self.compiled.eval(context).map_err(|error| reason(&error));
        result.and_then(|result| to_json(&result)).map_err(|why| format!("converter '{}': {why}", self.name))
    }
}

/// The names that a converter knows.
pub(crate) fn context(value: Seen, params: Seen, record: Seen) -> Seen {
    Seen::from_pairs([("value", value), ("params", params), ("record", record)])
}
