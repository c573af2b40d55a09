//! One field of one record: its source, then converters, default, type, set.

use crate::converters::{Around, is_falsy, kind_of};
use crate::expression::{Compiled, reason};
use crate::path::Path;
use crate::plan::{FieldPlan, Required, Source};
use crate::scope::Scope;
use crate::typed::typed;
use crate::value::to_json;
use crate::{canonical, literal, odd_path};
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
        let made = match &field.source {
            Source::Fields(fields) => Some(Value::Object(self.object(fields, scope)?)),
            _ => None,
        };
        let converted =
            known(scope, || converted(field, made.map_or_else(|| read(field, scope), Ok)?, scope));
        let Some(value) = converted.map_err(|why| rejected(field, &why))? else {
            return self.unknown(field);
        };
        let value = finish(field, value).map_err(|why| rejected(field, &why))?;
        if field.set && value.is_array() {
            self.sets.push(field.pointer.as_str().into());
        }
        Ok((!(field.omit_null && value.is_null())).then_some(value))
    }

    fn unknown(&mut self, field: &FieldPlan) -> Result<Option<Value>, Failure> {
        if field.required.is_some() {
            return Err(Failure::Unknown(format!("{}: what it needs could not be read", field.name)));
        }
        self.unknown.push(field.pointer.as_str().into());
        Ok(None)
    }
}

fn rejected(field: &FieldPlan, why: &str) -> Failure {
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

fn read(field: &FieldPlan, scope: &Arc<Scope>) -> Result<Value, String> {
    match read_source(&field.source, scope)? {
        Value::String(text) if field.literals => Ok(literal::read(&text).unwrap_or(Value::String(text))),
        value => Ok(value),
    }
}

fn read_source(source: &Source, scope: &Arc<Scope>) -> Result<Value, String> {
    match source {
        Source::Odd(path) => Ok(odd(path, scope)),
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

fn odd(path: &str, scope: &Scope) -> Value {
    if scope.source.unknown().is_some_and(|unknown| unknown.touches_odd(path)) {
        scope.source.taint().raise();
    }
    odd_path::in_map(scope.source.record().map(), path, &Value::Null).clone()
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

fn converted(field: &FieldPlan, value: Value, scope: &Arc<Scope>) -> Result<Value, String> {
    let source = &scope.source;
    let member = |name: &str| source.json(name);
    let record = || minijinja::Value::from_dyn_object(source.clone());
    let around = Around { member: &member, record: &record };
    field.converters.iter().try_fold(value, |value, step| step.apply(value, &around))
}

/// Default, required, type and set, in this order.
fn finish(field: &FieldPlan, mut value: Value) -> Result<Value, String> {
    if let (Value::Null, Some(default)) = (&value, &field.default) {
        value = default.clone();
    }
    if field.required.is_some_and(|required| is_nothing(required, &value)) {
        return Err("it is required and there is nothing".to_owned());
    }
    if let Some(kind) = field.kind {
        value = typed(kind, value)?;
    }
    match value {
        Value::Array(items) if field.set => Ok(Value::Array(canonical::set(items))),
        Value::Null => Ok(Value::Null),
        other if field.set => Err(format!("a set is a list, this is a {}", kind_of(&other))),
        value => Ok(value),
    }
}

/// What counts as missing where a field is required.
fn is_nothing(required: Required, value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Number(_) => required == Required::Truthy && is_falsy(value),
        value => is_falsy(value),
    }
}
