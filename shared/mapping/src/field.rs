//! One field of one record: its source, then converters, default, type, set.

use crate::converters::{Around, Converter, is_falsy, kind_of};
use crate::expression::{Compiled, reason};
use crate::made::Made;
use crate::native::render;
use crate::path::Path;
use crate::plan::{FieldPlan, Required, Source};
use crate::scope::Scope;
use crate::source::Source as Record;
use crate::typed::typed;
use crate::value::to_json;
use crate::{canonical, literal, odd_path};
use muster_stream::{Map, Span, Token, Value};
use std::sync::Arc;

/// Why a record gives no line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It does not fit the spec.
    Rejected(String),
    /// Something that decides about it could not be read.
    Unknown(String),
}

impl Made {
    /// Make the fields of a line.
    pub(crate) fn fields(&mut self, fields: &'static [FieldPlan], scope: &Arc<Scope>) -> Result<(), Failure> {
        self.begin_line();
        for field in fields {
            let start = self.body.len();
            if self.field(field, scope)? {
                self.places.push((&field.name, start + field.opening.len()));
            } else {
                self.body.truncate(start);
            }
        }
        Ok(())
    }

    /// Make one field; false when it is left out, and what stands in the body then is to be taken away.
    fn field(&mut self, field: &'static FieldPlan, scope: &Arc<Scope>) -> Result<bool, Failure> {
        if let Some(when) = &field.when {
            let Some(wanted) = known(scope, || truth(when, scope)).map_err(|why| rejected(field, &why))?
            else {
                return self.unknown(field);
            };
            if !wanted {
                return Ok(false);
            }
        }
        self.body.extend_from_slice(&field.opening);
        if field.plain
            && let Some(stays) = self.plain(field, scope)?
        {
            return Ok(stays);
        }
        let made = match &field.source {
            Source::Fields(fields) => Some(self.built(fields, scope)?),
            _ => None,
        };
        let converted =
            known(scope, || converted(field, made.map_or_else(|| read(field, scope), Ok)?, scope));
        let Some(value) = converted.map_err(|why| rejected(field, &why))? else {
            return self.unknown(field);
        };
        let value = finish(field, value).map_err(|why| rejected(field, &why))?;
        if field.set && value.is_array() {
            self.sets.push(&field.pointer);
        }
        self.value(&value);
        Ok(!(field.omit_null && value.is_null()))
    }

    /// A value that needs no looking at: whether it stays; nothing when it is not one of those.
    fn plain(&mut self, field: &'static FieldPlan, scope: &Arc<Scope>) -> Result<Option<bool>, Failure> {
        match &field.source {
            Source::Record(_, slot) => {
                let Some(source) = sound(scope) else { return Ok(None) };
                let span = source.slot(*slot).filter(|span| span.token() != Token::Null);
                let Some(span) = span.filter(|span| field.required.is_none() || is_something(*span, source))
                else {
                    return Ok(None);
                };
                span.write(source.text(), &mut self.body);
            }
            Source::Constant(value) if field.required.is_none() && !value.is_null() => self.value(value),
            Source::Fields(fields) if field.required.is_none() => self.object(fields, scope)?,
            _ => return Ok(None),
        }
        Ok(Some(true))
    }

    /// An object of fields, written.
    fn object(&mut self, fields: &'static [FieldPlan], scope: &Arc<Scope>) -> Result<(), Failure> {
        let start = self.body.len();
        for field in fields {
            let before = self.body.len();
            if !self.field(field, scope)? {
                self.body.truncate(before);
            }
        }
        match self.body.get_mut(start) {
            // In place of the comma before the first member.
            Some(comma) => *comma = b'{',
            None => self.body.push(b'{'),
        }
        self.body.push(b'}');
        Ok(())
    }

    /// The same, taken from the body again.
    fn built(&mut self, fields: &'static [FieldPlan], scope: &Arc<Scope>) -> Result<Value, Failure> {
        let start = self.body.len();
        self.object(fields, scope)?;
        let object = self.body.get(start..).and_then(|bytes| serde_json::from_slice(bytes).ok());
        self.body.truncate(start);
        Ok(object.unwrap_or_default())
    }

    fn unknown(&mut self, field: &'static FieldPlan) -> Result<bool, Failure> {
        if field.required.is_some() {
            return Err(Failure::Unknown(format!("{}: what it needs could not be read", field.name)));
        }
        self.unknown.push(&field.pointer);
        Ok(false)
    }
}

/// The failure of a field.
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
    if let Some(truth) = expression.native.as_ref().and_then(|native| native.truth(sound(scope)?)) {
        return Ok(truth);
    }
    let value = expression.eval(scope.context()).map_err(|error| reason(&error))?;
    Ok(value.is_true())
}

/// The record, when nothing of it is unknown: only then is the simple way the right one.
fn sound(scope: &Scope) -> Option<&Record> {
    Some(&*scope.source).filter(|source| source.unknown().is_none())
}

/// What an expression gives, as JSON.
pub(crate) fn json(expression: &Compiled, scope: &Arc<Scope>) -> Result<Value, String> {
    if let Some(json) = expression.native.as_ref().and_then(|native| native.json(sound(scope)?)) {
        return Ok(json);
    }
    to_json(&expression.eval(scope.context()).map_err(|error| reason(&error))?)
}

/// What the source of a field gives.
pub(crate) fn read(field: &FieldPlan, scope: &Arc<Scope>) -> Result<Value, String> {
    match read_source(&field.source, scope)? {
        Value::String(text) if field.literals => Ok(literal::read(&text).unwrap_or(Value::String(text))),
        value => Ok(value),
    }
}

fn read_source(source: &Source, scope: &Arc<Scope>) -> Result<Value, String> {
    match source {
        Source::Odd(path) => Ok(odd(path, scope)),
        Source::Record(path, slot) => Ok(from_record(path, *slot, scope)),
        Source::Scope(path) => from_scope(path, scope),
        Source::Expr(expression) => json(expression, scope),
        Source::Template(template, native) => {
            if let Some(text) = native.as_ref().and_then(|pieces| render(pieces, sound(scope)?)) {
                return Ok(Value::String(text));
            }
            template.render(scope.context()).map(Value::String).map_err(|error| reason(&error))
        }
        Source::Constant(value) => Ok(value.clone()),
        Source::Fields(_) => Ok(Value::Null),
    }
}

fn from_record(path: &Path, slot: usize, scope: &Scope) -> Value {
    if scope.source.unknown().is_some_and(|unknown| unknown.touches(path)) {
        scope.source.taint().raise();
    }
    scope.source.slot(slot).map_or(Value::Null, |span| span.value(scope.source.text()))
}

fn odd(path: &str, scope: &Scope) -> Value {
    if scope.source.unknown().is_some_and(|unknown| unknown.touches_odd(path)) {
        scope.source.taint().raise();
    }
    // Only these two members of the record can begin the way.
    let heads = [path.split('.').next().unwrap_or_default(), path];
    let found = heads.into_iter().filter_map(|name| Some((name.to_owned(), scope.source.value(name)?)));
    odd_path::in_map(&found.collect::<Map>(), path, &Value::Null).clone()
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
    field.converters.iter().try_fold(value, |value, step| convert(step, value, scope))
}

/// What one converter gives.
pub(crate) fn convert(step: &Converter, value: Value, scope: &Arc<Scope>) -> Result<Value, String> {
    let source = &scope.source;
    let member = |name: &str| source.json(name);
    let record = || minijinja::Value::from_dyn_object(source.clone());
    step.apply(value, &Around { member: &member, record: &record })
}

/// Default, required, type and set, in this order.
fn finish(field: &FieldPlan, value: Value) -> Result<Value, String> {
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
    if field.required.is_some_and(|required| is_nothing(required, value)) {
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

/// What counts as missing where a field is required.
fn is_nothing(required: Required, value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Number(_) => required == Required::Truthy && is_falsy(value),
        value => is_falsy(value),
    }
}

/// The same of a value where it stands, for those kinds where that is easily said.
fn is_something(span: Span, source: &Record) -> bool {
    match span.token() {
        Token::True => true,
        Token::String | Token::Array | Token::Object => !span.is_empty(source.text()),
        Token::Null | Token::False | Token::Number => false,
    }
}
