//! From the text of a spec to the plan of the engine: everything that can be wrong is found here, before any record.

use crate::compile_native::Names;
use crate::expression::{Compiled, Failed, Language, reason, strict};
use crate::plan::{KeyPlan, LetPlan, MapPlan};
use crate::source::Source;
use crate::tables::{self, Tables};
use crate::text::{Compat, FieldText, KeyText, MapText, Named, SpecText};
use crate::{Engine, Kind, names, population};
use muster_base::{Error, Exit};
use muster_stream::{Map, Value, Wanted};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

/// Names that mean the same in every expression.
const RESERVED: [&str; 3] = ["settings", "record", "value"];

/// What an engine is made from, beside the values of settings.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) spec: &'a SpecText,
    pub(crate) tables: &'a Tables,
    /// Whether texts are read as literals of Python.
    pub(crate) literals: bool,
}

/// The engine of a spec with the values of its settings.
pub(crate) fn engine(name: &str, digest: &str, parts: Parts<'_>, settings: Map) -> Result<Engine, Error> {
    let Parts { spec, tables, literals } = parts;
    let setting_templates = setting_templates(spec, &settings)?;
    let strict = strict(&setting_templates).map_err(|failed| {
        Error::new(Exit::Config, format!("template '{}' is wrong: {}", failed.name, failed.why))
            .at("settings")
    })?;
    no_twins(&spec.converters)?;
    let language = Language::new(&settings, &spec.converters.0, &field_templates(spec), strict, tables)
        .map_err(|failed: Failed| wrong(&failed.name, failed.why))?;
    no_circle(&spec.converters)?;
    let odd = spec.compat.is_some();
    let (wanted, names) = (RefCell::new(Source::wanted()), RefCell::default());
    let missing = RefCell::default();
    let compiler =
        Compiler { spec, settings: &settings, language, wanted, names, tables, odd, literals, missing };
    for (name, source) in &spec.converters.0 {
        compiler.converter(name, source)?;
    }
    let maps = spec.maps.iter().map(|map| compiler.map(map)).collect::<Result<Vec<_>, _>>()?;
    let population = population::digest(parts, &settings);
    let (wanted, warnings) = (compiler.wanted.into_inner(), compiler.missing.into_inner());
    Ok(Engine::new(name, digest, population, Box::leak(maps.into_boxed_slice()), wanted, warnings))
}

pub(crate) fn wrong(place: &str, why: impl std::fmt::Display) -> Error {
    Error::new(Exit::Data, format!("{place}: {why}"))
}

/// The templates in settings of that type, by their keys.
fn setting_templates(spec: &SpecText, settings: &Map) -> Result<Vec<(String, String)>, Error> {
    let mut templates = Vec::new();
    for (name, _) in spec.settings.0.iter().filter(|(_, text)| text.kind == Some(Kind::Templates)) {
        for (key, template) in settings.get(name).and_then(Value::as_object).into_iter().flatten() {
            let Some(template) = template.as_str() else {
                return Err(Error::new(Exit::Config, format!("template '{key}' is no text")));
            };
            templates.push((key.clone(), template.to_owned()));
        }
    }
    Ok(templates)
}

/// The templates of all fields, by the place where they stand.
fn field_templates(spec: &SpecText) -> BTreeMap<String, String> {
    fn collect(fields: &Named<FieldText>, place: &str, found: &mut BTreeMap<String, String>) {
        for (name, FieldText(field)) in &fields.0 {
            let place = format!("{place}.{name}");
            if let Some(template) = &field.template {
                found.insert(place.clone(), template.clone());
            }
            if let Some(fields) = &field.fields {
                collect(fields, &place, found);
            }
        }
    }
    let mut found = BTreeMap::new();
    for map in &spec.maps {
        collect(&map.fields, &place_of(map), &mut found);
    }
    found
}

fn place_of(map: &MapText) -> String {
    let end = |end: &Option<String>| end.clone().unwrap_or_else(|| "?".to_owned());
    match &map.name {
        Some(name) => name.clone(),
        None => format!("{} to {}", end(&map.from), end(&map.to)),
    }
}

/// Converters may use each other, but none itself, be it through others: there would be no end to it.
fn no_circle(converters: &Named<String>) -> Result<(), Error> {
    let uses = |name: &str| -> Vec<&str> {
        let source = converters.0.iter().find(|(own, _)| own == name).map_or("", |(_, source)| source);
        let words: HashSet<&str> = names::words(source).collect();
        converters.0.iter().map(|(name, _)| name.as_str()).filter(|name| words.contains(name)).collect()
    };
    for (name, _) in &converters.0 {
        let (mut open, mut seen) = (uses(name), HashSet::new());
        while let Some(used) = open.pop() {
            if used == name {
                return Err(
                    wrong(&format!("converter '{name}'"), "it uses itself").hint("rename it or the member")
                );
            }
            if seen.insert(used) {
                open.extend(uses(used));
            }
        }
    }
    Ok(())
}

/// Names of converters count in any case, so two that differ only in that are one.
fn no_twins(converters: &Named<String>) -> Result<(), Error> {
    for (index, (name, _)) in converters.0.iter().enumerate() {
        let twin =
            converters.0[..index].iter().find(|(other, _)| other.to_lowercase() == name.to_lowercase());
        if let Some((other, _)) = twin {
            return Err(wrong(&format!("converter '{name}'"), format!("it is '{other}' in another case"))
                .hint("rename one"));
        }
    }
    Ok(())
}

/// What compiling goes by.
pub(crate) struct Compiler<'a> {
    pub(crate) spec: &'a SpecText,
    pub(crate) settings: &'a Map,
    pub(crate) language: Language,
    /// What has to be read of the records, as far as it is known.
    pub(crate) wanted: RefCell<Wanted>,
    /// The names of the map at hand; none while it is not in a map.
    pub(crate) names: RefCell<Option<Names>>,
    pub(crate) tables: &'a Tables,
    /// Whether the rules of the Oomnitza connector hold.
    pub(crate) odd: bool,
    pub(crate) literals: bool,
    /// Converters that do not exist, in a spec where that is no error.
    pub(crate) missing: RefCell<Vec<String>>,
}

impl Compiler<'_> {
    pub(crate) fn expression(&self, place: &str, source: &str) -> Result<Compiled, Error> {
        let mut compiled = self.language.expression(source).map_err(|error| wrong(place, reason(&error)))?;
        tables::check(source, self.tables).map_err(|why| wrong(place, why))?;
        compiled.native = self.native(source);
        for name in compiled.undeclared_variables(true) {
            let Some(setting) = name.strip_prefix("settings.").and_then(|rest| rest.split('.').next()) else {
                continue;
            };
            if !self.settings.contains_key(setting) {
                let hint = names::hint(setting, self.settings.keys().map(String::as_str));
                return Err(wrong(place, format!("there is no setting '{setting}'")).hint(hint));
            }
        }
        Ok(compiled)
    }

    /// A named converter knows its value, the settings and the functions, nothing of the record.
    fn converter(&self, name: &str, source: &str) -> Result<(), Error> {
        const KNOWN: [&str; 11] = [
            "value",
            "params",
            "record",
            "settings",
            "fail",
            "lookup",
            "render",
            "range",
            "dict",
            "debug",
            "namespace",
        ];
        let compiled = self.expression(&format!("converter '{name}'"), source)?;
        match compiled.undeclared_variables(false).into_iter().find(|name| !KNOWN.contains(&name.as_str())) {
            None => Ok(()),
            Some(other) => Err(wrong(&format!("converter '{name}'"), format!("it does not know '{other}'"))
                .hint("a converter sees 'value', 'params', 'record' and 'settings'")),
        }
    }

    fn map(&self, map: &MapText) -> Result<MapPlan, Error> {
        let place = place_of(map);
        let end = |end: &Option<String>, name| {
            end.clone()
                .filter(|kind| !kind.is_empty())
                .ok_or_else(|| wrong(&place, format!("'{name}' is missing")))
        };
        self.names.replace(Some(Names {
            each: map.each.0.first().map(|(name, _)| name.clone()),
            lets: map.lets.0.iter().map(|(name, _)| (name.clone(), None)).collect(),
        }));
        let each = match map.each.0.as_slice() {
            [] => None,
            [(name, source)] => {
                self.own_name(&place, name)?;
                Some((name.clone(), self.expression(&format!("{place}: each"), source)?))
            }
            _ => return Err(wrong(&place, "'each' names one item")),
        };
        if each.is_some() && map.key.is_none() {
            return Err(wrong(&place, "'each' makes several records of one: 'key' must tell them apart"));
        }
        let lets = self.lets(&place, map, each.as_ref().map(|(name, _)| name.as_str()))?;
        let of_scope: HashSet<&str> = lets
            .iter()
            .map(|plan| plan.name.as_str())
            .chain(each.iter().map(|(name, _)| name.as_str()))
            .collect();
        Ok(MapPlan {
            from: end(&map.from, "from")?,
            to: end(&map.to, "to")?,
            when: self.optional(&format!("{place}: when"), map.when.as_deref())?,
            fields: self.fields(&map.fields, &place, "", &of_scope)?,
            key: self.key(&place, map)?,
            lets,
            each,
            escaped: self.spec.compat == Some(Compat::Managed),
        })
    }

    pub(crate) fn optional(&self, place: &str, source: Option<&str>) -> Result<Option<Compiled>, Error> {
        source.map(|source| self.expression(place, source)).transpose()
    }

    fn own_name(&self, place: &str, name: &str) -> Result<(), Error> {
        if RESERVED.contains(&name) {
            return Err(
                wrong(place, format!("'{name}' has a meaning of its own")).hint("choose another name")
            );
        }
        Ok(())
    }

    /// A `let` may use those before it; using a later one, or itself, would mean something else than it says.
    fn lets(&self, place: &str, map: &MapText, each: Option<&str>) -> Result<Vec<LetPlan>, Error> {
        let mut plans: Vec<LetPlan> = Vec::new();
        for (index, (name, source)) in map.lets.0.iter().enumerate() {
            let place = format!("{place}: let '{name}'");
            self.own_name(&place, name)?;
            let expression = self.expression(&place, source)?;
            let uses = expression.undeclared_variables(false);
            if let Some((later, _)) = map.lets.0[index..].iter().find(|(later, _)| uses.contains(later)) {
                return Err(wrong(&place, format!("it uses '{later}', which is not there yet"))
                    .hint(format!("put '{later}' before it, or write 'record.{later}' for the member")));
            }
            let per_item = each.is_some_and(|each| uses.contains(each))
                || plans.iter().any(|plan| plan.per_item && uses.contains(&plan.name));
            if let Some((_, native)) =
                self.names.borrow_mut().as_mut().and_then(|names| names.lets.get_mut(index))
            {
                *native = expression.native.clone();
            }
            plans.push(LetPlan { name: name.clone(), expression, per_item });
        }
        Ok(plans)
    }

    fn key(&self, place: &str, map: &MapText) -> Result<Option<KeyPlan>, Error> {
        match &map.key {
            None => Ok(None),
            Some(KeyText::Expr(source)) => {
                Ok(Some(KeyPlan::Expr(self.expression(&format!("{place}: key"), source)?)))
            }
            Some(KeyText::Member(name)) if map.fields.0.iter().any(|(field, _)| field == name) => {
                Ok(Some(KeyPlan::Member(name.clone())))
            }
            Some(KeyText::Member(name)) => Err(wrong(place, format!("the key '{name}' is no field"))
                .hint(names::hint(name, map.fields.0.iter().map(|(name, _)| name.as_str())))),
        }
    }
}
