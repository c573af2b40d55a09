//! The engine: one record in, the lines that came of it out.

use crate::Spec;
use crate::expression::reason;
use crate::field::{Failure, json, known, truth};
use crate::finding::Wrong;
use crate::made::Made;
use crate::plan::{Group, KeyPlan, MapPlan};
use crate::profile::{Part, Profile};
use crate::scope::Scope;
use crate::source::Source;
use crate::value::items;
use muster_base::text;
use muster_stream::{Value, Wanted};
use std::borrow::Cow;
use std::sync::Arc;

/// How many items `each` may give.
pub(crate) const MAX_ITEMS: usize = 10_000;

/// A compiled spec. Threads share it.
pub struct Engine {
    spec: String,
    digest: String,
    population: String,
    maps: &'static [MapPlan],
    groups: Vec<Group>,
    wanted: Wanted,
    warnings: Vec<Wrong>,
    profile: Option<Profile>,
}

impl Engine {
    pub(crate) fn new(
        spec: &str,
        digest: &str,
        population: String,
        maps: &'static [MapPlan],
        wanted: Wanted,
        warnings: Vec<Wrong>,
    ) -> Self {
        let (spec, digest, groups) = (spec.to_owned(), digest.to_owned(), Group::all(maps));
        Self { spec, digest, population, maps, groups, wanted, warnings, profile: None }
    }

    /// What is probably wrong with its spec though it is no error.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.warnings.iter().map(Wrong::to_string)
    }

    /// The same with places.
    pub(crate) fn traceable_warnings(&self) -> &[Wrong] {
        &self.warnings
    }

    /// The same engine, taking the time of each part of `spec`. It is slower: see [`Engine::profile`].
    pub fn profiled(self, spec: &Spec) -> Self {
        Self { profile: Some(Profile::new(spec.text().clone())), ..self }
    }

    /// What each part of the spec took so far, the costliest first; nothing when it is not profiled.
    pub fn profile(&self) -> Vec<Part> {
        self.profile.as_ref().map(Profile::parts).unwrap_or_default()
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

    /// Its maps, in the order of the spec.
    pub(crate) fn maps(&self) -> &'static [MapPlan] {
        self.maps
    }

    /// What is read of each line.
    pub(crate) fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// Takes the times of a run, when they are asked for.
    pub(crate) fn profiler(&self) -> Option<&Profile> {
        self.profile.as_ref()
    }

    /// The kinds that objects of the source kind `from` become, and whether each keeps the source's key.
    pub(crate) fn targets(&self, from: &str) -> &[(&'static str, bool)] {
        self.group(from).map_or(&[], |group| &group.targets)
    }

    /// The maps that take the source kind `from`.
    pub(crate) fn group(&self, from: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.from == from)
    }
}

impl Group {
    /// Map one record; its lines stand in `made`. It is all or nothing: where one of several lines fails, none is good.
    pub(crate) fn map(&self, source: &Arc<Source>, made: &mut Made) -> Result<(), Failure> {
        made.begin();
        self.maps.iter().try_for_each(|map| apply(map, source, made))
    }
}

fn apply(map: &'static MapPlan, source: &Arc<Source>, made: &mut Made) -> Result<(), Failure> {
    let whole = Scope::new(source.clone(), map);
    let Some((_, each)) = &map.each else { return line(map, &whole, made) };
    let list = known(&whole, || {
        let value = each.eval(whole.context()).map_err(|error| reason(&error))?;
        items(&value)
    });
    let list = decided("each", list)?;
    if list.len() > MAX_ITEMS {
        return Err(Failure::Rejected(format!("each: {} items are more than {MAX_ITEMS}", list.len())));
    }
    list.into_iter().try_for_each(|item| line(map, &whole.item(item), made))
}

pub(crate) fn decided<T>(what: &str, result: Result<Option<T>, String>) -> Result<T, Failure> {
    match result {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(Failure::Unknown(format!("{what}: what it needs could not be read"))),
        Err(why) => Err(Failure::Rejected(format!("{what}: {why}"))),
    }
}

fn line(map: &'static MapPlan, scope: &Arc<Scope>, made: &mut Made) -> Result<(), Failure> {
    if let Some(when) = &map.when
        && !decided("when", known(scope, || truth(when, scope)))?
    {
        return Ok(());
    }
    made.fields(&map.fields, scope)?;
    let key = key(map, scope, made)?;
    made.line(map, &scope.source, &key);
    Ok(())
}

fn key<'a>(map: &MapPlan, scope: &'a Arc<Scope>, made: &Made) -> Result<Cow<'a, str>, Failure> {
    let key = match &map.key {
        None => return fit(scope.source.key()),
        Some(KeyPlan::Member(name)) if made.is_unknown(name) => {
            return Err(Failure::Unknown(format!("the key {name} could not be read")));
        }
        Some(KeyPlan::Member(name)) => made.member(name),
        Some(KeyPlan::Expr(expression)) => decided("key", known(scope, || json(expression, scope)))?,
    };
    match key {
        Value::String(key) => fit(Cow::Owned(key)),
        other => {
            let what = crate::converters::kind_of(&other);
            Err(Failure::Rejected(format!("the key is a string, this is {what}")))
        }
    }
}

fn fit(key: Cow<'_, str>) -> Result<Cow<'_, str>, Failure> {
    if key.is_empty() {
        return Err(Failure::Rejected("the key is empty".to_owned()));
    }
    if text::is_cpr(&key) {
        let why = "the key has the form of a CPR number; choose another key";
        return Err(Failure::Rejected(why.to_owned()));
    }
    Ok(key)
}
