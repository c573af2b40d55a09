//! The engine once more, slowly, so that it can tell what it does: each step of each field, for `--explain`, and what each
//! took, for `--profile`.
//!
//! It goes through the same plan and calls for each step what [`crate::Engine`] calls. A test maps the input of every case
//! both ways and compares.

use crate::engine::{MAX_ITEMS, decided};
use crate::expression::reason;
use crate::field::{
    Failure, as_set, convert, defaulted, fitted, json, known, present, read, rejected, truth,
};
use crate::odd_path;
use crate::path::Path;
use crate::plan::{FieldPlan, KeyPlan, MapPlan, Source as From};
use crate::scope::{Scope, Source};
use crate::text::{FieldMembers, FieldText, KeyText, MapText, Named, SpecText};
use crate::value::{items, to_json};
use muster_base::text;
use muster_stream::{Map, Record, Value};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

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

/// Maps records, and tells.
pub(crate) struct Tracer<'s> {
    pub(crate) spec: &'s SpecText,
    pub(crate) maps: &'static [MapPlan],
    /// Evaluate each `let` before what uses it, so that it has its own time.
    pub(crate) apart: bool,
}

impl<'s> Tracer<'s> {
    /// Map `record`.
    pub(crate) fn map(&self, record: &Record) -> Trace<'s> {
        let source = Source::new(record.clone());
        let mut trace = Trace { maps: Vec::new(), failure: None };
        let plans = self.maps.iter().zip(&self.spec.maps).enumerate();
        for (index, (plan, text)) in plans.filter(|(_, (plan, _))| plan.from == record.kind()) {
            let one = One { plan, text, record, source: &source, apart: self.apart };
            let (mut map, failure) = one.map();
            map.index = index;
            trace.maps.push(map);
            if failure.is_some() {
                trace.failure = failure;
                break;
            }
        }
        trace
    }
}

/// One record under one map.
struct One<'a, 's> {
    plan: &'static MapPlan,
    text: &'s MapText,
    record: &'a Record,
    source: &'a Arc<Source>,
    apart: bool,
}

impl<'s> One<'_, 's> {
    fn map(&self) -> (MapTrace<'s>, Option<Failure>) {
        let whole = Scope::new(self.source.clone(), self.plan);
        let each_took = Duration::ZERO;
        let mut trace = MapTrace { index: 0, text: self.text, items: None, each_took, lines: Vec::new() };
        let Some((_, each)) = &self.plan.each else {
            let (line, failure) = self.line(&whole, None);
            trace.lines.push(line);
            return (trace, failure);
        };
        let start = Instant::now();
        let list = known(&whole, || items(&each.eval(whole.context()).map_err(|error| reason(&error))?));
        trace.each_took = start.elapsed();
        let list = match decided("each", list) {
            Ok(list) if list.len() > MAX_ITEMS => {
                let why = format!("each: {} items are more than {MAX_ITEMS}", list.len());
                return (trace, Some(Failure::Rejected(why)));
            }
            Ok(list) => list,
            Err(failure) => {
                return (trace, Some(self.named(failure, |scope| drop(each.eval(scope.context())))));
            }
        };
        trace.items = Some(list.len());
        for item in list {
            let shown = to_json(&item).unwrap_or_default();
            let (line, failure) = self.line(&whole.item(item), Some(shown));
            trace.lines.push(line);
            if failure.is_some() {
                return (trace, failure);
            }
        }
        (trace, None)
    }

    fn line(&self, scope: &Arc<Scope>, item: Option<Value>) -> (LineTrace<'s>, Option<Failure>) {
        let mut line = LineTrace { item, ..LineTrace::default() };
        let failure = self.fill(&mut line, scope).err();
        line.lets = scope
            .evaluated()
            .into_iter()
            .filter_map(|(index, value)| {
                let (name, source) = self.text.lets.0.get(index)?;
                Some((name.as_str(), source.as_str(), to_json(&value)))
            })
            .collect();
        (line, failure)
    }

    fn fill(&self, line: &mut LineTrace<'s>, scope: &Arc<Scope>) -> Result<(), Failure> {
        if let Some(when) = &self.plan.when {
            self.lets(line, scope, self.text.when.as_deref());
            let start = Instant::now();
            let holds = decided("when", known(scope, || truth(when, scope)));
            line.when_took = start.elapsed();
            let holds = holds.map_err(|failure| self.named(failure, |scope| drop(truth(when, scope))))?;
            line.when = Some(holds);
            if !holds {
                return Ok(());
            }
        }
        let mut made = Made::default();
        let mut fields = Vec::new();
        let members = self.fields(&self.plan.fields, &self.text.fields, scope, &mut made, line, &mut fields);
        line.fields = fields;
        made.members = members?;
        if let Some(KeyText::Expr(source)) = &self.text.key {
            self.lets(line, scope, Some(source));
        }
        let start = Instant::now();
        let key = self.key(scope, &made);
        line.key_took = start.elapsed();
        line.record = Some(self.record(&key?, made));
        Ok(())
    }

    /// Evaluate the `let`s that `source` names, each for itself.
    fn lets(&self, line: &mut LineTrace<'s>, scope: &Arc<Scope>, source: Option<&str>) {
        if !self.apart {
            return;
        }
        let mut open: Vec<&str> = source.into_iter().collect();
        let mut needed = std::collections::BTreeSet::new();
        while let Some(source) = open.pop() {
            for word in crate::names::words(source) {
                let Some(index) = self.plan.let_index(word) else { continue };
                if needed.insert(index) {
                    open.extend(self.text.lets.0.get(index).map(|(_, source)| source.as_str()));
                }
            }
        }
        let there: Vec<usize> = scope.evaluated().into_iter().map(|(index, _)| index).collect();
        for index in needed.into_iter().filter(|index| !there.contains(index)) {
            let start = Instant::now();
            drop(scope.get(&self.plan.lets[index].name));
            line.lets_took.push((index, start.elapsed()));
        }
        self.source.taint().take();
    }

    fn fields(
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

    /// A failure that is unknown, with the members that could not be read.
    fn named(&self, failure: Failure, evaluate: impl Fn(&Arc<Scope>)) -> Failure {
        match failure {
            Failure::Unknown(what) if !self.apart => {
                Failure::Unknown(with_pointers(what, &self.touched(evaluate)))
            }
            other => other,
        }
    }

    /// Which unknown members `evaluate` touches: it is tried with each of them alone.
    fn touched(&self, evaluate: impl Fn(&Arc<Scope>)) -> Vec<String> {
        let all = self.record.unknown().map(str::to_owned);
        all.filter(|pointer| {
            let mut record = self.record.clone();
            record.set_own("_unknown", json!([pointer]));
            let scope = Scope::new(Source::new(record), self.plan);
            let list =
                self.plan.each.as_ref().and_then(|(_, each)| items(&each.eval(scope.context()).ok()?).ok());
            scope.source.taint().take();
            for scope in
                list.unwrap_or_default().into_iter().map(|item| scope.item(item)).chain([scope.clone()])
            {
                evaluate(&scope);
            }
            scope.source.taint().take()
        })
        .collect()
    }

    fn key(&self, scope: &Arc<Scope>, made: &Made) -> Result<String, Failure> {
        let key = match &self.plan.key {
            None => self.record.key().into(),
            Some(KeyPlan::Member(name))
                if made.unknown.iter().any(|pointer| *pointer == format!("/{name}")) =>
            {
                return Err(Failure::Unknown(format!("the key {name} could not be read")));
            }
            Some(KeyPlan::Member(name)) => made.members.get(name).cloned().unwrap_or(Value::Null),
            Some(KeyPlan::Expr(expression)) => decided("key", known(scope, || json(expression, scope)))
                .map_err(|failure| self.named(failure, |scope| drop(json(expression, scope))))?,
        };
        match key {
            Value::String(key) if key.is_empty() => Err(Failure::Rejected("the key is empty".to_owned())),
            Value::String(key) if text::is_cpr(&key) => {
                Err(Failure::Rejected("the key has the form of a CPR number; choose another key".to_owned()))
            }
            Value::String(key) => Ok(key),
            other => {
                let what = crate::converters::kind_of(&other);
                Err(Failure::Rejected(format!("the key is a string, this is {what}")))
            }
        }
    }

    fn record(&self, key: &str, made: Made) -> Map {
        let (plan, source) = (self.plan, self.record);
        let mut record = Map::with_capacity(made.members.len() + 6);
        let mut put = |name: &str, value: Value| record.insert(name.to_owned(), value);
        put("_kind", plan.to.as_str().into());
        put("_key", key.into());
        if plan.to != source.kind() || key != source.key() {
            put("_from", json!([source.kind(), source.key()]));
        }
        if let (Some(alias), None) = (source.map().get("_alias"), &plan.each) {
            put("_alias", alias.clone());
        }
        if !made.sets.is_empty() {
            put("_sets", made.sets.into());
        }
        if !made.unknown.is_empty() {
            put("_unknown", made.unknown.into());
        }
        record.extend(made.members);
        record
    }
}

/// The fields of a line as they are made.
#[derive(Default)]
struct Made {
    members: Map,
    unknown: Vec<Value>,
    sets: Vec<Value>,
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

fn with_pointers(what: String, pointers: &[String]) -> String {
    if pointers.is_empty() { what } else { format!("{what} ({})", pointers.join(", ")) }
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
