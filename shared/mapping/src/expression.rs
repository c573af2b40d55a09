//! Expressions and templates: the environments they live in, how they are compiled, why they fail.
//!
//! Compiled expressions borrow their environment. A spec lives as long as its process, so the environment is leaked once
//! per [`crate::Engine`]: no locks, no reference counts between threads, no self-referential types.

use crate::converters;
use crate::functions;
use crate::jinja::Use;
use crate::native::Native;
use crate::tables::{self, Tables};
use minijinja::value::{Kwargs, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Expression, State, Template, UndefinedBehavior};
use muster_stream::Map;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, OnceLock};

/// Steps that one expression may take; a loop over 10,000 items with ten steps each takes a tenth.
const FUEL: u64 = 1_000_000;

/// A compiled expression.
pub(crate) struct Compiled {
    /// What is tried first, when the expression is a simple one.
    pub(crate) native: Option<Native>,
    expression: Expression<'static, 'static>,
}

impl Compiled {
    /// What it gives in this context.
    pub(crate) fn eval(&self, context: Value) -> Result<Value, Error> {
        self.expression.eval(context)
    }

    /// The names it uses and does not define, with `nested` whole paths.
    pub(crate) fn undeclared_variables(&self, nested: bool) -> HashSet<String> {
        self.expression.undeclared_variables(nested)
    }
}

/// Everything that expressions of one spec share.
#[derive(Clone, Copy)]
pub(crate) struct Language {
    environment: &'static Environment<'static>,
    known: &'static Known,
}

/// The names that can be used.
struct Known {
    filters: Vec<String>,
    tests: Vec<String>,
    functions: Vec<String>,
}

impl Language {
    /// The language of a spec: its settings as `settings`, its named converters as filters and tests, its field
    /// templates by name, its setting templates for `render`. What of them is no code comes beside it.
    pub(crate) fn new(
        settings: &Map,
        converters: &[(String, String)],
        templates: &BTreeMap<String, String>,
        strict: &'static Environment<'static>,
        tables: &Tables,
    ) -> (Self, Vec<Uncompiled>) {
        let mut environment = environment(UndefinedBehavior::SemiStrict);
        functions::register(&mut environment, strict);
        tables::register(&mut environment, tables);
        environment.add_filter("as_is", |value: Value| value);
        let slots: Vec<_> = converters.iter().map(|(name, _)| named(&mut environment, name)).collect();
        let known = Box::leak(Box::new(Known::of(&environment)));
        environment.add_global("settings", crate::value::from_json(&settings.clone().into(), None));
        let mut failed = Vec::new();
        for (name, source) in templates {
            if let Err(error) = environment.add_template_owned(name.clone(), source.clone()) {
                failed.push(Uncompiled { name: name.clone(), error });
            }
        }
        let language = Self { environment: Box::leak(Box::new(environment)), known };
        for ((name, source), slot) in converters.iter().zip(slots) {
            match language.expression(source) {
                Ok(compiled) => drop(slot.set(compiled)),
                Err(error) => failed.push(Uncompiled { name: name.clone(), error }),
            }
        }
        (language, failed)
    }

    /// The names that can be used as `what`, and the word for that.
    pub(crate) fn known(&self, what: Use) -> (&'static [String], &'static str) {
        match what {
            Use::Filter => (&self.known.filters, "filter"),
            Use::Test => (&self.known.tests, "test"),
            Use::Function => (&self.known.functions, "function"),
        }
    }

    /// `source` compiled.
    pub(crate) fn expression(&self, source: &str) -> Result<Compiled, Error> {
        let expression = self.environment.compile_expression_owned(source.to_owned())?;
        Ok(Compiled { native: None, expression })
    }

    /// Whether `name` means something where the record has no such member.
    pub(crate) fn is_global(&self, name: &str) -> bool {
        self.environment.globals().any(|(global, _)| global == name)
    }

    /// The template called `name`.
    pub(crate) fn template(&self, name: &str) -> Result<Template<'static, 'static>, Error> {
        self.environment.get_template(name)
    }
}

impl Known {
    /// The names of `environment`. It lists its filters and tests only in its `Debug` form.
    fn of(environment: &Environment<'_>) -> Self {
        let text = format!("{environment:?}");
        let list = |name: &str| -> Vec<String> {
            let list = text.rsplit_once(&format!("{name}: [")).and_then(|(_, rest)| rest.split_once(']'));
            let names = list.map_or("", |(list, _)| list).split(", ");
            names.map(|name| name.trim_matches('"').to_owned()).filter(|name| !name.is_empty()).collect()
        };
        let functions = environment.globals().map(|(name, _)| name.to_owned()).collect();
        Self { filters: list("filters"), tests: list("tests"), functions }
    }
}

/// What could not be compiled, and why.
pub(crate) struct Uncompiled {
    pub(crate) name: String,
    pub(crate) error: Error,
}

/// The templates that settings hold, each under its own text; unknown variables are errors in them.
pub(crate) fn strict(templates: &[(String, String)]) -> Result<&'static Environment<'static>, Uncompiled> {
    let mut environment = environment(UndefinedBehavior::Strict);
    functions::common(&mut environment);
    for (name, source) in templates {
        environment
            .add_template_owned(source.clone(), source.clone())
            .map_err(|error| Uncompiled { name: name.clone(), error })?;
    }
    Ok(Box::leak(Box::new(environment)))
}

fn environment(undefined: UndefinedBehavior) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(undefined);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment
}

/// A named converter: an expression over `value`, as filter `x | name` and as test `select("name")`.
fn named(environment: &mut Environment<'static>, name: &str) -> Arc<OnceLock<Compiled>> {
    let slot = Arc::new(OnceLock::new());
    let (filter, test) = (slot.clone(), slot.clone());
    environment.add_filter(name.to_owned(), move |state: &State<'_, '_>, value: Value, params: Kwargs| {
        apply(&filter, state, value, params)
    });
    environment.add_test(name.to_owned(), move |state: &State<'_, '_>, value: Value, params: Kwargs| {
        apply(&test, state, value, params).map(|value| value.is_true())
    });
    slot
}

fn apply(
    slot: &OnceLock<Compiled>,
    state: &State<'_, '_>,
    value: Value,
    params: Kwargs,
) -> Result<Value, Error> {
    let record = state.lookup("record").unwrap_or_default();
    match slot.get() {
        Some(compiled) => compiled.eval(converters::context(value, params.into(), record)),
        None => Err(Error::new(ErrorKind::InvalidOperation, "a converter was used before it was compiled")),
    }
}

/// Why an expression failed, in words: what is deepest, for the outer layers only say that something failed.
pub(crate) fn reason(error: &Error) -> String {
    let mut deepest = error;
    let mut source = std::error::Error::source(error);
    while let Some(next) = source {
        if let Some(next) = next.downcast_ref::<Error>() {
            deepest = next;
        }
        source = next.source();
    }
    match (deepest.kind(), deepest.detail()) {
        (ErrorKind::InvalidOperation, Some(detail)) => detail.to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    }
}
