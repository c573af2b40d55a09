//! What Python's Jinja2 gave for `tests/fixtures/jinja2/cases.json`, and what `map` gives.

use crate::expression::{Language, strict};
use crate::tables::Tables;
use crate::value::{from_json, to_json};
use muster_stream::{Map, Value as Json};
use std::collections::BTreeMap;

#[derive(serde::Deserialize)]
struct Document {
    contexts: BTreeMap<String, Json>,
    cases: Vec<Case>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    template: Option<String>,
    expr: Option<String>,
    #[serde(rename = "with", default)]
    context: Json,
    /// What Jinja2 gave, or that it failed.
    #[serde(default, deserialize_with = "some")]
    result: Option<Json>,
    #[serde(default)]
    error: bool,
    /// Where we differ: what we give, or that we fail, and why.
    #[serde(default, deserialize_with = "some")]
    map: Option<Json>,
    #[serde(default)]
    map_error: bool,
    why: Option<String>,
}

fn some<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    serde::Deserialize::deserialize(deserializer).map(Some)
}

impl Case {
    /// `None`: it must fail.
    fn expected(&self) -> Option<&Json> {
        match (&self.map, self.map_error || self.error) {
            (Some(map), _) => Some(map),
            (None, true) => None,
            (None, false) => self.result.as_ref(),
        }
    }

    fn run(&self, contexts: &BTreeMap<String, Json>) -> Result<Json, String> {
        let context = match &self.context {
            Json::String(name) => &contexts[name],
            context => context,
        };
        let templates = self.template.iter().map(|source| ("it".to_owned(), source.clone())).collect();
        let strict = strict(&[]).map_err(|failed| failed.error.to_string())?;
        let why = |error: minijinja::Error| crate::expression::reason(&error);
        let (language, failed) = Language::new(&Map::new(), &[], &templates, strict, &Tables::default());
        if let Some(failed) = failed.into_iter().next() {
            return Err(why(failed.error));
        }
        let context = from_json(context, None);
        match &self.expr {
            Some(source) => to_json(&language.expression(source).map_err(why)?.eval(context).map_err(why)?),
            None => language.template("it").and_then(|it| it.render(context)).map(Json::from).map_err(why),
        }
    }
}

/// Equal as values: 1 is not 1.0, but the order of members does not matter.
fn same(found: &Result<Json, String>, expected: Option<&Json>) -> bool {
    match (found, expected) {
        (Ok(found), Some(expected)) => found == expected,
        (found, expected) => found.is_err() == expected.is_none(),
    }
}

#[test]
fn jinja_renders_what_jinja2_renders() {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/jinja2/cases.json"
    ));
    let document: Document = serde_json::from_str(&text.unwrap()).unwrap();
    let mut wrong = String::new();
    for case in &document.cases {
        let found = case.run(&document.contexts);
        let source = case.template.as_ref().or(case.expr.as_ref()).unwrap();
        if !same(&found, case.expected()) {
            let expected = case.expected().map_or("an error".to_owned(), Json::to_string);
            wrong += &format!("{source}\n    expected {expected}\n    got      {found:?}\n");
        }
        let differs = case.map.is_some() || case.map_error;
        assert_eq!(differs, case.why.is_some(), "{source}: a difference has a reason, and only one");
        let theirs = if case.error { None } else { case.result.as_ref() };
        if differs && same(&case.map.clone().ok_or(String::new()), theirs) {
            wrong += &format!("{source}\n    is no difference\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
