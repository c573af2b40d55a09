//! One field of one record: its source, then converters, default, type, set.

use crate::converters::kind_of;
use crate::expression::{Compiled, reason};
use crate::path::Path;
use crate::plan::{FieldPlan, Source};
use crate::scope::Scope;
use crate::text::FieldKind;
use crate::value::to_json;
use crate::{canonical, converters::Converter};
use muster_stream::{Map, Value};
use std::sync::Arc;

/// Why a record gives no line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It does not fit the spec.
    Rejected(String),
    /// Something that decides about it could not be read.
    Unknown(String),
}

/// The fields of an output record as they are made.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub(crate) members: Map,
    pub(crate) unknown: Vec<Value>,
    pub(crate) sets: Vec<Value>,
}

impl Made {
    /// Make `fields`, and put them into the record.
    pub(crate) fn fields(&mut self, fields: &[FieldPlan], scope: &Arc<Scope>) -> Result<(), Failure> {
        self.members = self.object(fields, scope)?;
        Ok(())
    }

    fn object(&mut self, fields: &[FieldPlan], scope: &Arc<Scope>) -> Result<Map, Failure> {
        let mut members = Map::with_capacity(fields.len());
        for field in fields {
            if let Some(value) = self.field(field, scope)? {
                members.insert(field.name.clone(), value);
            }
        }
        Ok(members)
    }

    /// The value of a field; nothing when it is left out.
    fn field(&mut self, field: &FieldPlan, scope: &Arc<Scope>) -> Result<Option<Value>, Failure> {
        if let Some(when) = &field.when {
            let Some(wanted) = known(scope, || truth(when, scope)).map_err(|why| rejected(field, &why))?
            else {
                return self.unknown(field);
            };
            if !wanted {
                return Ok(None);
            }
        }
        let value = match &field.source {
            Source::Fields(fields) => Value::Object(self.object(fields, scope)?),
            source => match known(scope, || read(source, scope)).map_err(|why| rejected(field, &why))? {
                Some(value) => value,
                None => return self.unknown(field),
            },
        };
        let value = finish(field, value).map_err(|why| rejected(field, &why))?;
        if field.set && value.is_array() {
            self.sets.push(field.pointer.as_str().into());
        }
        Ok((!(field.omit_null && value.is_null())).then_some(value))
    }

    fn unknown(&mut self, field: &FieldPlan) -> Result<Option<Value>, Failure> {
        if field.required {
            return Err(Failure::Unknown(format!("{}: what it needs could not be read", field.name)));
        }
        self.unknown.push(field.pointer.as_str().into());
        Ok(None)
    }
}

pub(crate) fn rejected(field: &FieldPlan, why: &str) -> Failure {
    Failure::Rejected(format!("{}: {why}", field.pointer.trim_start_matches('/').replace('/', ".")))
}

/// What `evaluate` gives; nothing when it touched something unknown, whatever it gave.
pub(crate) fn known<T>(
    scope: &Scope,
    evaluate: impl FnOnce() -> Result<T, String>,
) -> Result<Option<T>, String> {
    scope.source.taint().take();
    let result = evaluate();
    if scope.source.taint().take() { Ok(None) } else { result.map(Some) }
}

/// Whether an expression holds.
pub(crate) fn truth(expression: &Compiled, scope: &Arc<Scope>) -> Result<bool, String> {
    let value = expression.eval(scope.context()).map_err(|error| reason(&error))?;
    Ok(value.is_true())
}

/// What an expression gives, as JSON.
pub(crate) fn json(expression: &Compiled, scope: &Arc<Scope>) -> Result<Value, String> {
    to_json(&expression.eval(scope.context()).map_err(|error| reason(&error))?)
}

/// What the source of a field gives.
pub(crate) fn read(source: &Source, scope: &Arc<Scope>) -> Result<Value, String> {
    match source {
        Source::Record(path) => Ok(from_record(path, scope)),
        Source::Scope(path) => from_scope(path, scope),
        Source::Expr(expression) => json(expression, scope),
        Source::Template(template) => {
            template.render(scope.context()).map(Value::String).map_err(|error| reason(&error))
        }
        Source::Constant(value) => Ok(value.clone()),
        Source::Fields(_) => Ok(Value::Null),
    }
}

fn from_record(path: &Path, scope: &Scope) -> Value {
    if scope.source.unknown().is_some_and(|unknown| unknown.touches(path)) {
        scope.source.taint().raise();
    }
    path.walk(scope.source.record().map()).cloned().unwrap_or(Value::Null)
}

fn from_scope(path: &Path, scope: &Arc<Scope>) -> Result<Value, String> {
    let mut value = scope.get(path.first()).unwrap_or_default();
    for part in path.rest() {
        if value.is_undefined() {
            break;
        }
        value = match part.parse::<usize>() {
            Ok(place) if value.kind() == minijinja::value::ValueKind::Seq => value.get_item_by_index(place),
            _ => value.get_attr(part),
        }
        .map_err(|error| reason(&error))?;
    }
    to_json(&value)
}

/// Converters, default, required, type and set, in this order.
fn finish(field: &FieldPlan, value: Value) -> Result<Value, String> {
    let value = field.converters.iter().try_fold(value, |value, step: &Converter| step.apply(value))?;
    let value = defaulted(field, value);
    present(field, &value)?;
    let value = fitted(field, value)?;
    as_set(field, value)
}

/// The default in the place of null.
pub(crate) fn defaulted(field: &FieldPlan, value: Value) -> Value {
    match (&value, &field.default) {
        (Value::Null, Some(default)) => default.clone(),
        _ => value,
    }
}

/// Whether there is something where there must be.
pub(crate) fn present(field: &FieldPlan, value: &Value) -> Result<(), String> {
    if field.required && is_nothing(value) {
        return Err("it is required and there is nothing".to_owned());
    }
    Ok(())
}

/// The value in the type of the field.
pub(crate) fn fitted(field: &FieldPlan, value: Value) -> Result<Value, String> {
    match field.kind {
        Some(kind) => typed(kind, value),
        None => Ok(value),
    }
}

/// The value as a set, where the field is one.
pub(crate) fn as_set(field: &FieldPlan, value: Value) -> Result<Value, String> {
    match value {
        Value::Array(items) if field.set => Ok(Value::Array(canonical::set(items))),
        Value::Null => Ok(Value::Null),
        other if field.set => Err(format!("a set is a list, this is a {}", kind_of(&other))),
        value => Ok(value),
    }
}

/// What counts as missing where a field is required, as in the Oomnitza connector.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

fn typed(kind: FieldKind, value: Value) -> Result<Value, String> {
    let fits = match (kind, &value) {
        (_, Value::Null)
        | (FieldKind::String, Value::String(_))
        | (FieldKind::Boolean, Value::Bool(_))
        | (FieldKind::Number, Value::Number(_)) => return Ok(value),
        (FieldKind::String, Value::Number(_) | Value::Bool(_)) => Some(value.to_string().into()),
        (FieldKind::Integer, Value::Number(number)) => {
            number.to_string().parse::<i128>().is_ok().then(|| value.clone())
        }
        (FieldKind::Integer, Value::String(text)) => text.trim().parse::<i64>().ok().map(Value::from),
        (FieldKind::Number, Value::String(text)) => text.trim().parse().ok().map(Value::Number),
        (FieldKind::Boolean, Value::String(text)) => match text.trim().to_lowercase().as_str() {
            "true" | "yes" | "1" | "on" => Some(true.into()),
            "false" | "no" | "0" | "off" => Some(false.into()),
            _ => None,
        },
        _ => None,
    };
    fits.ok_or_else(|| format!("a {} does not fit the type of the field", kind_of(&value)))
}
