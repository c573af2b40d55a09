//! From the text of a spec to the plan of the engine: everything that can be wrong is found here, before any record.

use crate::compile_native::Names;
use crate::compile_places::{field_templates, place_of, setting_templates, template_name};
use crate::expression::{Compiled, Language, Uncompiled, reason, strict};
use crate::finding::{Place, Wrong, advised, wrong};
use crate::jinja::Used;
use crate::plan::{KeyPlan, LetPlan, MapPlan};
use crate::source::Source;
use crate::tables::{self, Tables};
use crate::text::{Compat, KeyText, MapText, SpecText};
use crate::{Engine, jinja, names, population};
use muster_base::{Error, Exit};
use muster_stream::{Map, Wanted};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

/// Names that mean the same in every expression.
const RESERVED: [&str; 3] = ["settings", "record", "value"];

/// Why there is no engine.
pub(crate) enum Failed {
    /// A setting has a value that it cannot have.
    Settings(Error),
    /// The spec is wrong: everything that was found, in the order of the spec.
    Spec(Vec<Wrong>),
}

/// What an engine is made from, beside the values of settings.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) spec: &'a SpecText,
    pub(crate) tables: &'a Tables,
    /// Whether texts are read as literals of Python.
    pub(crate) literals: bool,
}

/// The engine of a spec with the values of its settings.
pub(crate) fn engine(name: &str, digest: &str, parts: Parts<'_>, settings: Map) -> Result<Engine, Failed> {
    let Parts { spec, tables, literals } = parts;
    let setting_templates = setting_templates(spec, &settings).map_err(Failed::Settings)?;
    let strict = strict(&setting_templates).map_err(|failed| {
        let what = format!("template '{}' is wrong: {}", failed.name, reason(&failed.error));
        Failed::Settings(Error::new(Exit::Config, what).at("settings"))
    })?;
    let templates = field_templates(spec);
    let sources: BTreeMap<String, String> =
        templates.iter().map(|(place, source)| (template_name(place), source.clone())).collect();
    let (language, failed) = Language::new(&settings, &spec.converters.0, &sources, strict, tables);
    let compiler = Compiler {
        spec,
        settings: &settings,
        language,
        wanted: RefCell::new(Source::wanted()),
        names: RefCell::default(),
        tables,
        odd: spec.compat.is_some(),
        literals,
        failed,
        found: RefCell::default(),
        missing: RefCell::default(),
    };
    compiler.converters();
    let maps = spec.maps.iter().enumerate();
    let maps: Vec<MapPlan> = maps.filter_map(|(index, map)| compiler.map(index, map)).collect();
    let found = compiler.found.into_inner();
    if !found.is_empty() {
        return Err(Failed::Spec(found));
    }
    let population = population::digest(parts, &settings);
    let (wanted, warnings) = (compiler.wanted.into_inner(), compiler.missing.into_inner());
    Ok(Engine::new(name, digest, population, Box::leak(maps.into_boxed_slice()), wanted, warnings))
}

/// What compiling goes by, and what it found.
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
    /// The templates and converters that are no code, by their names.
    pub(crate) failed: Vec<Uncompiled>,
    pub(crate) found: RefCell<Vec<Wrong>>,
    /// Converters that do not exist, in a spec where that is no error.
    pub(crate) missing: RefCell<Vec<Wrong>>,
}

impl Compiler<'_> {
    /// What `result` gives; what is wrong is kept, and compiling goes on.
    pub(crate) fn note<T>(&self, result: Result<T, Wrong>) -> Option<T> {
        result.map_err(|wrong| self.found.borrow_mut().push(wrong)).ok()
    }

    /// `source` compiled. Names in it that mean nothing are noted.
    pub(crate) fn expression(&self, place: &Place, source: &str) -> Result<Compiled, Wrong> {
        let mut compiled = self.language.expression(source).map_err(|error| syntax(place, &error))?;
        compiled.native = self.native(source);
        self.check_names(place, source, jinja::of_expression(source), compiled.undeclared_variables(true));
        Ok(compiled)
    }

    /// Note the settings, filters, tests and functions that are not there.
    pub(crate) fn check_names(
        &self,
        place: &Place,
        source: &str,
        uses: Vec<Used>,
        variables: HashSet<String>,
    ) {
        for Used { what, name, at } in uses {
            let (known, word) = self.language.known(what);
            if !known.contains(&name) {
                let why = format!("there is no {word} '{name}'");
                let hint = names::nearest(&name, known.iter().map(String::as_str));
                let hint =
                    hint.map_or("see muster-spec(5)".to_owned(), |near| format!("did you mean '{near}'?"));
                self.found.borrow_mut().push(wrong(&place.byte(at), why).hint(hint));
            }
        }
        if let Err(why) = tables::check(source, self.tables) {
            let at = source.find("lookup(").unwrap_or(0);
            self.found.borrow_mut().push(advised(&place.byte(at), &why));
        }
        let mut missing: Vec<&str> = variables
            .iter()
            .filter_map(|name| name.strip_prefix("settings.")?.split('.').next())
            .filter(|setting| !self.settings.contains_key(*setting))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        for setting in missing {
            let at = source.find(&format!("settings.{setting}")).unwrap_or(0);
            self.found.borrow_mut().push(self.no_setting(&place.byte(at), setting));
        }
    }

    pub(crate) fn no_setting(&self, place: &Place, setting: &str) -> Wrong {
        let hint = names::hint(setting, self.settings.keys().map(String::as_str));
        wrong(place, format!("there is no setting '{setting}'")).hint(hint)
    }

    fn map(&self, index: usize, map: &MapText) -> Option<MapPlan> {
        let place = place_of(index, map);
        let end = |end: &Option<String>, name| {
            let found = end.clone().filter(|kind| !kind.is_empty());
            self.note(found.ok_or_else(|| wrong(&place, format!("'{name}' is missing"))))
        };
        let (from, to) = (end(&map.from, "from"), end(&map.to, "to"));
        self.names.replace(Some(Names {
            each: map.each.0.first().map(|(name, _)| name.clone()),
            lets: map.lets.0.iter().map(|(name, _)| (name.clone(), None)).collect(),
        }));
        let each = self.note(self.each(&place, map)).flatten();
        let each_name = map.each.0.first().map(|(name, _)| name.as_str());
        let lets = self.lets(&place, map, each_name);
        let of_scope: HashSet<&str> =
            map.lets.0.iter().map(|(name, _)| name.as_str()).chain(each_name).collect();
        let when = self
            .note(self.optional(&place.at(&["when"]).called(format!("{place}: when")), map.when.as_deref()));
        let key = self.note(self.key(&place, map));
        let fields = self.fields(&map.fields, &place, "", &of_scope);
        Some(MapPlan {
            from: from?,
            to: to?,
            when: when?,
            fields,
            key: key?,
            lets,
            each,
            escaped: self.spec.compat == Some(Compat::Managed),
        })
    }

    fn each(&self, place: &Place, map: &MapText) -> Result<Option<(String, Compiled)>, Wrong> {
        let at = place.at(&["each"]);
        let (name, source) = match map.each.0.as_slice() {
            [] => return Ok(None),
            [(name, source)] => (name, source),
            _ => return Err(wrong(&at, "'each' names one item")),
        };
        self.note(own_name(&at.at(&[name]), name));
        if map.key.is_none() {
            let why = "'each' makes several records of one: 'key' must tell them apart";
            self.note::<()>(Err(wrong(&at, why)));
        }
        let place = at.at(&[name]).called(format!("{place}: each"));
        Ok(Some((name.clone(), self.expression(&place, source)?)))
    }

    pub(crate) fn optional(&self, place: &Place, source: Option<&str>) -> Result<Option<Compiled>, Wrong> {
        source.map(|source| self.expression(place, source)).transpose()
    }

    fn lets(&self, place: &Place, map: &MapText, each: Option<&str>) -> Vec<LetPlan> {
        let mut plans: Vec<LetPlan> = Vec::new();
        for index in 0..map.lets.0.len() {
            let plan = self.note(self.let_plan(place, map, index, each, &plans));
            plans.extend(plan);
        }
        plans
    }

    /// A `let` may use those before it; using a later one, or itself, would mean something else than it says.
    fn let_plan(
        &self,
        place: &Place,
        map: &MapText,
        index: usize,
        each: Option<&str>,
        before: &[LetPlan],
    ) -> Result<LetPlan, Wrong> {
        let (name, source) = &map.lets.0[index];
        let place = place.at(&["let", name]).called(format!("{place}: let '{name}'"));
        own_name(&place, name)?;
        let expression = self.expression(&place, source)?;
        let uses = expression.undeclared_variables(false);
        if let Some((later, _)) = map.lets.0[index..].iter().find(|(later, _)| uses.contains(later)) {
            return Err(wrong(&place, format!("it uses '{later}', which is not there yet"))
                .hint(format!("put '{later}' before it, or write 'record.{later}' for the member")));
        }
        if let Some((_, native)) =
            self.names.borrow_mut().as_mut().and_then(|names| names.lets.get_mut(index))
        {
            *native = expression.native.clone();
        }
        let per_item = each.is_some_and(|each| uses.contains(each))
            || before.iter().any(|plan| plan.per_item && uses.contains(&plan.name));
        Ok(LetPlan { name: name.clone(), expression, per_item })
    }

    fn key(&self, place: &Place, map: &MapText) -> Result<Option<KeyPlan>, Wrong> {
        let at = place.at(&["key"]);
        match &map.key {
            None => Ok(None),
            Some(KeyText::Expr(source)) => {
                let place = at.at(&["expr"]).called(format!("{place}: key"));
                Ok(Some(KeyPlan::Expr(self.expression(&place, source)?)))
            }
            Some(KeyText::Member(name)) if map.fields.0.iter().any(|(field, _)| field == name) => {
                Ok(Some(KeyPlan::Member(name.clone())))
            }
            Some(KeyText::Member(name)) => Err(wrong(&at, format!("the key '{name}' is no field"))
                .hint(names::hint(name, map.fields.0.iter().map(|(name, _)| name.as_str())))),
        }
    }
}

/// What minijinja says about code that is none.
pub(crate) fn syntax(place: &Place, error: &minijinja::Error) -> Wrong {
    wrong(&place.byte(error.range().map_or(0, |range| range.start)), reason(error))
}

fn own_name(place: &Place, name: &str) -> Result<(), Wrong> {
    if RESERVED.contains(&name) {
        let why = format!("'{name}' has a meaning of its own");
        return Err(wrong(place, why).hint("choose another name"));
    }
    Ok(())
}
