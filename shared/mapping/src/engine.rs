//! The engine: one record in, the lines that came of it out.

use crate::expression::reason;
use crate::field::{Failure, Made, json, known, truth};
use crate::plan::{KeyPlan, MapPlan};
use crate::scope::{Scope, Source};
use crate::value::items;
use muster_base::{Error, text};
use muster_stream::{Map, Record, Value};
use serde_json::json;
use std::sync::Arc;

/// How many items `each` may give.
const MAX_ITEMS: usize = 10_000;

/// A compiled spec. Threads share it.
pub struct Engine {
    spec: String,
    digest: String,
    population: String,
    maps: &'static [MapPlan],
    warnings: Vec<String>,
}

/// What became of one record.
#[derive(Debug)]
pub struct Mapped {
    /// In short.
    pub verdict: Verdict,
    /// The lines that came of it: kind, and bytes with their `\n`.
    pub lines: Vec<(&'static str, Vec<u8>)>,
    /// The kinds that its maps make and of which no line came: in a `changes` stream they are deleted.
    pub absent: Vec<&'static str>,
    /// The record itself, when it was rejected.
    pub rejected: Option<Map>,
}

/// What became of one record, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every map was applied; `when` may have dropped it.
    Done,
    /// No map takes its kind.
    Unmapped,
    /// It does not fit the spec, and why. None of its lines is written.
    Rejected(String),
    /// Something that decides about it could not be read, and what. None of its lines is written.
    Unknown(String),
}

impl Engine {
    pub(crate) fn new(
        spec: &str,
        digest: &str,
        population: String,
        maps: &'static [MapPlan],
        warnings: Vec<String>,
    ) -> Self {
        Self { spec: spec.to_owned(), digest: digest.to_owned(), population, maps, warnings }
    }

    /// What is probably wrong with its spec though it is no error.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The name of its spec.
    pub fn spec_name(&self) -> &str {
        &self.spec
    }

    /// The digest of its spec.
    pub fn spec_digest(&self) -> &str {
        &self.digest
    }

    /// The digest of what decides which objects come out: `when`, `each`, `key`, and what they use.
    pub fn population_digest(&self) -> &str {
        &self.population
    }

    /// The kinds that objects of the source kind `from` become, and whether each keeps the source's key.
    pub fn targets(&self, from: &str) -> Vec<(&'static str, bool)> {
        let mut targets: Vec<(&'static str, bool)> = Vec::new();
        for map in self.maps.iter().filter(|map| map.from == from) {
            match targets.iter_mut().find(|(kind, _)| *kind == map.to) {
                Some((_, keeps)) => *keeps &= map.keeps_key(),
                None => targets.push((&map.to, map.keeps_key())),
            }
        }
        targets
    }

    /// Map one record. It is all or nothing: where one of several lines fails, none is written.
    pub fn map(&self, record: Record) -> Result<Mapped, Error> {
        let targets = self.targets(record.kind());
        if targets.is_empty() {
            return Ok(Mapped {
                verdict: Verdict::Unmapped,
                lines: Vec::new(),
                absent: Vec::new(),
                rejected: None,
            });
        }
        let source = Source::new(record);
        let mut lines = Vec::new();
        for map in self.maps.iter().filter(|map| map.from == source.record().kind()) {
            if let Err(failure) = apply(map, &source, &mut lines) {
                return Ok(failed(failure, source));
            }
        }
        let absent = targets.into_iter().map(|(kind, _)| kind);
        let absent = absent.filter(|kind| !lines.iter().any(|(to, _)| to == kind)).collect();
        Ok(Mapped { verdict: Verdict::Done, lines, absent, rejected: None })
    }
}

fn failed(failure: Failure, source: Arc<Source>) -> Mapped {
    let (verdict, rejected) = match failure {
        Failure::Rejected(why) => (Verdict::Rejected(why), Some(source.into_map())),
        Failure::Unknown(what) => (Verdict::Unknown(what), None),
    };
    Mapped { verdict, lines: Vec::new(), absent: Vec::new(), rejected }
}

type Lines = Vec<(&'static str, Vec<u8>)>;

fn apply(map: &'static MapPlan, source: &Arc<Source>, lines: &mut Lines) -> Result<(), Failure> {
    let whole = Scope::new(source.clone(), map);
    let Some((_, each)) = &map.each else { return line(map, &whole, lines) };
    let list = known(&whole, || {
        let value = each.eval(whole.context()).map_err(|error| reason(&error))?;
        items(&value)
    });
    let list = decided("each", list)?;
    if list.len() > MAX_ITEMS {
        return Err(Failure::Rejected(format!("each: {} items are more than {MAX_ITEMS}", list.len())));
    }
    list.into_iter().try_for_each(|item| line(map, &whole.item(item), lines))
}

fn decided<T>(what: &str, result: Result<Option<T>, String>) -> Result<T, Failure> {
    match result {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(Failure::Unknown(format!("{what}: what it needs could not be read"))),
        Err(why) => Err(Failure::Rejected(format!("{what}: {why}"))),
    }
}

fn line(map: &'static MapPlan, scope: &Arc<Scope>, lines: &mut Lines) -> Result<(), Failure> {
    if let Some(when) = &map.when
        && !decided("when", known(scope, || truth(when, scope)))?
    {
        return Ok(());
    }
    let mut made = Made::default();
    made.fields(&map.fields, scope)?;
    let key = key(map, scope, &made)?;
    let record = record(map, scope.source.record(), &key, made);
    let mut bytes = serde_json::to_vec(&record)
        .map_err(|error| Failure::Rejected(format!("not expressible: {error}")))?;
    bytes.push(b'\n');
    lines.push((&map.to, bytes));
    Ok(())
}

fn key(map: &MapPlan, scope: &Arc<Scope>, made: &Made) -> Result<String, Failure> {
    let key = match &map.key {
        None => scope.source.record().key().into(),
        Some(KeyPlan::Member(name)) if made.unknown.iter().any(|pointer| *pointer == format!("/{name}")) => {
            return Err(Failure::Unknown(format!("the key {name} could not be read")));
        }
        Some(KeyPlan::Member(name)) => made.members.get(name).cloned().unwrap_or(Value::Null),
        Some(KeyPlan::Expr(expression)) => decided("key", known(scope, || json(expression, scope)))?,
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

fn record(map: &MapPlan, source: &Record, key: &str, made: Made) -> Map {
    let mut record = Map::with_capacity(made.members.len() + 6);
    let mut put = |name: &str, value: Value| record.insert(name.to_owned(), value);
    put("_kind", map.to.as_str().into());
    put("_key", key.into());
    if map.to != source.kind() || key != source.key() {
        put("_from", json!([source.kind(), source.key()]));
    }
    if let (Some(alias), None) = (source.map().get("_alias"), &map.each) {
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
