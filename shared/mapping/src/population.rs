//! The digest of what decides which objects come out: `when`, `each`, `key`, and what they use.
//!
//! What an expression uses is found by the words in it, so it may be a little more than what it really uses. That only
//! makes the digest change where it would not have to; the other way round objects could seem to have gone.

use crate::canonical;
use crate::compile::Parts;
use crate::converters::{LOCATIONS, MAC_MODELS};
use crate::names::words;
use crate::tables::Tables;
use crate::text::{Compat, FieldMembers, KeyText, MapText, SpecText};
use muster_stream::{Map, Value};
use serde_json::json;
use std::collections::BTreeSet;

/// The digest for a spec with these settings.
pub(crate) fn digest(parts: Parts<'_>, settings: &Map) -> String {
    let maps: Vec<Value> = parts.spec.maps.iter().map(|map| population(parts, map, settings)).collect();
    canonical::digest(&maps.into())
}

fn population(Parts { spec, tables, literals }: Parts<'_>, map: &MapText, settings: &Map) -> Value {
    let mut texts: Vec<String> = map.when.iter().cloned().collect();
    texts.extend(map.each.0.iter().map(|(name, source)| format!("{name}: {source}")));
    match &map.key {
        None => (),
        Some(KeyText::Expr(source)) => texts.push(source.clone()),
        Some(KeyText::Member(name)) => {
            let field = map.fields.0.iter().find(|(field, _)| field == name);
            texts.extend(field.into_iter().flat_map(|(_, field)| sources(&field.0)));
        }
    }
    let used = used(&texts, spec, map);
    let values: Map = settings
        .iter()
        .filter(|(name, _)| used.words.contains(*name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut population =
        json!({"from": map.from, "to": map.to, "rules": texts, "uses": used.texts, "settings": values});
    let tables = of_tables(&used.words, tables);
    if !tables.is_empty() {
        population["tables"] = tables.into();
    }
    // Rules of compatibility make other values, not other objects, but where a value is the key.
    let reaches_key = matches!(map.key, Some(KeyText::Member(_))) || spec.compat == Some(Compat::Managed);
    if reaches_key && (literals || spec.compat.is_some()) {
        population["compat"] = json!([spec.compat.is_some(), literals]);
    }
    population
}

/// The digests of the tables in which something may be looked up: those that a word names, and all of them where a name may
/// be put together.
fn of_tables(words: &BTreeSet<String>, tables: &Tables) -> Map {
    let named = tables.digests(|name| {
        let by_default = [("location", LOCATIONS), ("mac_model_from_sn", MAC_MODELS)];
        words.contains(name)
            || crate::names::words(name).all(|word| words.contains(word))
            || by_default.iter().any(|(converter, table)| *table == name && words.contains(*converter))
    });
    let is_sought = words.contains("lookup");
    if named.is_empty() && is_sought { tables.digests(|_| true) } else { named }
}

/// Everything a field is made from.
fn sources(field: &FieldMembers) -> Vec<String> {
    let written = [&field.source, &field.expr, &field.template, &field.setting, &field.when];
    let mut texts: Vec<String> = written.into_iter().flatten().cloned().collect();
    texts.extend(field.converter.0.iter().cloned());
    texts.extend(field.hardcoded.iter().chain(&field.default).map(Value::to_string));
    texts
}

struct Used {
    words: BTreeSet<String>,
    texts: Vec<String>,
}

/// The words of `texts` and of every `let` and named converter that one of them names.
fn used(texts: &[String], spec: &SpecText, map: &MapText) -> Used {
    let mut used = Used { words: BTreeSet::new(), texts: Vec::new() };
    let mut open: Vec<String> = texts.to_vec();
    while let Some(text) = open.pop() {
        for word in words(&text).map(str::to_owned).collect::<Vec<_>>() {
            if !used.words.insert(word.clone()) {
                continue;
            }
            for (name, source) in
                map.lets.0.iter().chain(&spec.converters.0).filter(|(name, _)| *name == word)
            {
                used.texts.push(format!("{name}: {source}"));
                open.push(source.clone());
            }
        }
    }
    used.texts.sort();
    used
}
