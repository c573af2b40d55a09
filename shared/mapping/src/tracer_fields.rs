//! The fields of a line, made slowly; see [`crate::tracer`].

use crate::field::{Failure, as_set, convert, defaulted, fitted, known, present, read, rejected, truth};
use crate::odd_path;
use crate::path::Path;
use crate::plan::{FieldPlan, Source as From};
use crate::scope::Scope;
use crate::text::{FieldMembers, FieldText, Named};
use crate::trace::{End, FieldTrace, LineTrace, Step};
use crate::tracer::{Made, One, with_pointers};
use muster_stream::{Map, Record, Value};
use std::sync::Arc;
use std::time::{Duration, Instant};

impl<'s> One<'_, 's> {
    /// Make fields, and tell of each.
    pub(crate) fn fields(
        &self,
        plans: &'static [FieldPlan],
        texts: &'s Named<FieldText>,
        scope: &Arc<Scope>,
        made: &mut Made,
        line: &mut LineTrace<'s>,
        traces: &mut Vec<FieldTrace<'s>>,
    ) -> Result<Map, Failure> {
        let mut members = Map::new();
        for (plan, (_, FieldText(text))) in plans.iter().zip(&texts.0) {
            for source in sources(text) {
                self.lets(line, scope, Some(source));
            }
            let mut trace = FieldTrace {
                pointer: &plan.pointer,
                text,
                steps: Vec::new(),
                end: End::LeftOut(""),
                below: Vec::new(),
                took: Duration::ZERO,
            };
            let failure = match &plan.source {
                From::Fields(plans) => self.object(plan, plans, scope, made, line, &mut trace),
                _ => self.field(plan, scope, &mut trace).err(),
            };
            match &trace.end {
                End::Value(value) => {
                    if plan.set && value.is_array() {
                        made.sets.push(plan.pointer.as_str().into());
                    }
                    members.insert(plan.name.clone(), value.clone());
                }
                End::Unknown(_) => made.unknown.push(plan.pointer.as_str().into()),
                End::LeftOut(_) | End::Rejected(_) => (),
            }
            traces.push(trace);
            if let Some(failure) = failure {
                return Err(failure);
            }
        }
        Ok(members)
    }

    /// A field of fields.
    fn object(
        &self,
        plan: &'static FieldPlan,
        plans: &'static [FieldPlan],
        scope: &Arc<Scope>,
        made: &mut Made,
        line: &mut LineTrace<'s>,
        trace: &mut FieldTrace<'s>,
    ) -> Option<Failure> {
        let start = Instant::now();
        let goes_on = self.wanted(plan, scope, trace);
        trace.took = start.elapsed();
        match goes_on {
            Ok(true) => (),
            Ok(false) => return None,
            Err(failure) => return Some(failure),
        }
        let text: &'s FieldMembers = trace.text;
        let texts = text.fields.as_ref()?;
        match self.fields(plans, texts, scope, made, line, &mut trace.below) {
            Ok(members) => self.finish(plan, Value::Object(members), scope, trace).err(),
            Err(failure) => {
                trace.end = End::LeftOut("a field in it failed");
                Some(failure)
            }
        }
    }

    fn field(
        &self,
        plan: &'static FieldPlan,
        scope: &Arc<Scope>,
        trace: &mut FieldTrace<'s>,
    ) -> Result<(), Failure> {
        let start = Instant::now();
        let found = match self.wanted(plan, scope, trace)? {
            true => Some(known(scope, || read(plan, scope))),
            false => None,
        };
        trace.took = start.elapsed();
        let value = match found {
            None => return Ok(()),
            Some(Ok(Some(value))) => value,
            Some(Ok(None)) => return self.unknown(plan, trace, |scope| drop(read(plan, scope))),
            Some(Err(why)) => return Err(reject(plan, trace, why)),
        };
        let missing = leads_nowhere(&plan.source, self.record);
        trace.steps.push(Step { name: source_name(trace.text), value: value.clone(), missing });
        self.finish(plan, value, scope, trace)
    }

    /// Whether the field's `when` lets it be.
    fn wanted(
        &self,
        plan: &'static FieldPlan,
        scope: &Arc<Scope>,
        trace: &mut FieldTrace<'s>,
    ) -> Result<bool, Failure> {
        let Some(when) = &plan.when else { return Ok(true) };
        match known(scope, || truth(when, scope)) {
            Ok(Some(true)) => Ok(true),
            Ok(Some(false)) => {
                trace.end = End::LeftOut("its 'when' does not hold");
                Ok(false)
            }
            Ok(None) => self.unknown(plan, trace, |scope| drop(truth(when, scope))).map(|()| false),
            Err(why) => Err(reject(plan, trace, why)),
        }
    }

    /// What comes after the source.
    fn finish(
        &self,
        plan: &'static FieldPlan,
        mut value: Value,
        scope: &Arc<Scope>,
        trace: &mut FieldTrace<'s>,
    ) -> Result<(), Failure> {
        for (step, name) in plan.converters.iter().zip(&trace.text.converter.0) {
            let start = Instant::now();
            let converted = known(scope, || convert(step, value.clone(), scope));
            trace.took += start.elapsed();
            value = match converted {
                Ok(Some(value)) => value,
                Ok(None) => {
                    return self.unknown(plan, trace, |scope| drop(convert(step, value.clone(), scope)));
                }
                Err(why) => return Err(reject(plan, trace, why)),
            };
            trace.steps.push(Step { name: name.clone(), value: value.clone(), missing: false });
        }
        let start = Instant::now();
        let ended = steps(plan, value, trace);
        trace.took += start.elapsed();
        match ended {
            Ok(value) if plan.omit_null && value.is_null() => {
                trace.end = End::LeftOut("it is null, and 'omit_null' is set");
            }
            Ok(value) => trace.end = End::Value(value),
            Err(why) => return Err(reject(plan, trace, why)),
        }
        Ok(())
    }

    fn unknown(
        &self,
        plan: &'static FieldPlan,
        trace: &mut FieldTrace<'s>,
        evaluate: impl Fn(&Arc<Scope>),
    ) -> Result<(), Failure> {
        let pointers = if self.apart { Vec::new() } else { self.touched(evaluate) };
        if plan.required.is_some() {
            let why = format!("{}: what it needs could not be read", plan.name);
            let failure = Failure::Unknown(with_pointers(why, &pointers));
            trace.end = End::Unknown(pointers);
            return Err(failure);
        }
        trace.end = End::Unknown(pointers);
        Ok(())
    }
}

/// Each step after the converters, as [`crate::field`] goes them; one that changes nothing is not told.
fn steps(plan: &FieldPlan, mut value: Value, trace: &mut FieldTrace<'_>) -> Result<Value, String> {
    let mut told = |name: &str, before: &Value, value: Value| {
        if *before != value {
            trace.steps.push(Step { name: name.to_owned(), value: value.clone(), missing: false });
        }
        value
    };
    value = told("default", &value, defaulted(plan, value.clone()));
    present(plan, &value)?;
    let kind = plan.kind.map_or(String::new(), |kind| format!("type {}", format!("{kind:?}").to_lowercase()));
    value = told(&kind, &value, fitted(plan, value.clone())?);
    Ok(told("set", &value, as_set(plan, value.clone())?))
}

fn reject(plan: &FieldPlan, trace: &mut FieldTrace<'_>, why: String) -> Failure {
    let failure = rejected(plan, &why);
    trace.end = End::Rejected(why);
    failure
}

/// The code that a field is made from.
fn sources(text: &FieldMembers) -> impl Iterator<Item = &str> {
    [&text.when, &text.expr, &text.template, &text.source].into_iter().flatten().map(String::as_str)
}

/// What the source of a field is called.
fn source_name(text: &FieldMembers) -> String {
    match (&text.source, &text.expr, &text.template, &text.setting) {
        (Some(path), ..) => path.clone(),
        (_, Some(source), ..) | (_, _, Some(source), _) => source.clone(),
        (.., Some(setting)) => format!("setting {setting}"),
        _ => "hardcoded".to_owned(),
    }
}

/// Whether the source is a path that ends where there is nothing.
fn leads_nowhere(source: &From, record: &Record) -> bool {
    static NOWHERE: Value = Value::Null;
    match source {
        From::Record(path, ..) => path_value(path, record).is_none(),
        From::Odd(path) => std::ptr::eq(odd_path::in_map(record.map(), path, &NOWHERE), &raw const NOWHERE),
        _ => false,
    }
}

fn path_value<'a>(path: &Path, record: &'a Record) -> Option<&'a Value> {
    let first = record.map().get(path.first())?;
    path.rest().iter().try_fold(first, |value, part| match value {
        Value::Object(map) => map.get(part),
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => None,
    })
}
