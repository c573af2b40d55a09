//! The engine once more, slowly, so that it can tell what it does: each step of each field, for `--explain`, and what each
//! took, for `--profile`.
//!
//! It goes through the same plan and calls for each step what [`crate::Engine`] calls. A test maps the input of every case
//! both ways and compares.

use crate::engine::{MAX_ITEMS, decided};
use crate::expression::reason;
use crate::field::{Failure, json, known, truth};
use crate::plan::{KeyPlan, MapPlan};
use crate::scope::Scope;
use crate::source::Source;
use crate::text::{KeyText, MapText, SpecText};
use crate::trace::{LineTrace, MapTrace, Trace};
use crate::value::{items, to_json};
use muster_base::text;
use muster_stream::{Map, Record, Value, Wanted};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Maps records, and tells.
pub(crate) struct Tracer<'s> {
    pub(crate) spec: &'s SpecText,
    pub(crate) maps: &'static [MapPlan],
    /// What is read of each record.
    pub(crate) wanted: &'s Wanted,
    /// Evaluate each `let` before what uses it, so that it has its own time.
    pub(crate) apart: bool,
}

impl<'s> Tracer<'s> {
    /// Map `record`.
    pub(crate) fn map(&self, record: &Record) -> Trace<'s> {
        let source = Source::of(record, self.wanted);
        let mut trace = Trace { maps: Vec::new(), failure: None };
        let plans = self.maps.iter().zip(&self.spec.maps).enumerate();
        for (index, (plan, text)) in plans.filter(|(_, (plan, _))| plan.from == record.kind()) {
            let one = One { plan, text, record, source: &source, wanted: self.wanted, apart: self.apart };
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
pub(crate) struct One<'a, 's> {
    pub(crate) plan: &'static MapPlan,
    pub(crate) text: &'s MapText,
    pub(crate) record: &'a Record,
    pub(crate) source: &'a Arc<Source>,
    pub(crate) wanted: &'a Wanted,
    pub(crate) apart: bool,
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

    /// Evaluate the `let`s that `source` names, each for itself: a simple one that the engine puts in where its name
    /// stands would leave no trace.
    pub(crate) fn lets(&self, line: &mut LineTrace<'s>, scope: &Arc<Scope>, source: Option<&str>) {
        let mut open: Vec<&str> = source.into_iter().collect();
        let mut needed = std::collections::BTreeSet::new();
        while let Some(source) = open.pop() {
            for word in crate::names::free_words(source) {
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
    pub(crate) fn touched(&self, evaluate: impl Fn(&Arc<Scope>)) -> Vec<String> {
        let all = self.record.unknown().map(str::to_owned);
        all.filter(|pointer| {
            let mut record = self.record.clone();
            record.set_own("_unknown", json!([pointer]));
            let scope = Scope::new(Source::of(&record, self.wanted), self.plan);
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
pub(crate) struct Made {
    pub(crate) members: Map,
    pub(crate) unknown: Vec<Value>,
    pub(crate) sets: Vec<Value>,
}

/// What could not be read, with the members that could not.
pub(crate) fn with_pointers(what: String, pointers: &[String]) -> String {
    if pointers.is_empty() { what } else { format!("{what} ({})", pointers.join(", ")) }
}
