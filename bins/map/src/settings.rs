//! The values of a spec's settings: `--set`, then the environment, then the file, then the spec's default.

use muster_base::Error;
use muster_mapping::{Declared, Spec};
use muster_settings::{Entry, Layers, Origin, Shown, value, variable_name};
use serde_json::Value;
use std::collections::BTreeMap;

/// A parser for `NAME=VALUE`.
pub fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it is not of the form NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

/// What is given for the settings of `spec`.
pub fn values(
    spec: &Spec,
    set: &[(String, String)],
    layers: &Layers,
) -> Result<BTreeMap<String, Value>, Error> {
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    for declared in spec.settings() {
        if let Some((value, _)) = given(spec, declared, layers) {
            values.insert(declared.name.clone(), value.into());
        }
    }
    for (name, value) in set {
        let declared =
            spec.settings().iter().find(|declared| declared.name == *name || declared.names.contains(name));
        let name = declared.map_or(name, |declared| &declared.name);
        values.insert(name.clone(), value.as_str().into());
    }
    Ok(values)
}

/// The same for people, with what each value comes from.
pub fn shown(spec: &Spec, set: &[(String, String)], layers: &Layers) -> Result<Vec<Shown>, Error> {
    let shown = |declared: &Declared| {
        let flag = set.iter().rfind(|(name, _)| declared.name == *name || declared.names.contains(name));
        let (value, origin) = match flag {
            Some((_, value)) => (value.clone(), Origin::Flag),
            None => {
                given(spec, declared, layers).unwrap_or_else(|| (plain(&declared.default), Origin::Default))
            }
        };
        Shown { key: declared.name.clone(), value, origin }
    };
    Ok(spec.settings().iter().map(shown).collect())
}

/// What the environment or the file gives for a setting.
fn given(spec: &Spec, declared: &Declared, layers: &Layers) -> Option<(String, Origin)> {
    let names: Vec<&str> = declared.names.iter().map(String::as_str).collect();
    let own = variable_name(section(spec, layers), &declared.name);
    let variable = match std::env::var_os(&own) {
        Some(_) => own,
        None => muster_settings::variable(spec.section(), &declared.name, &names),
    };
    if let Some(value) = std::env::var(&variable).ok().filter(|value| !value.is_empty()) {
        return Some((value, Origin::Variable(variable)));
    }
    let entry = layers.file.find(section(spec, layers), &declared.name, &names)?;
    Some((entry.value.clone(), Origin::File(layers.file.place(entry))))
}

/// `--section`, else the section that the spec names.
fn section<'a>(spec: &'a Spec, layers: &'a Layers) -> &'a str {
    if layers.section == layers.declaration.section { spec.section() } else { &layers.section }
}

/// Warn of keys in the spec's section that have no effect under this spec, and of those that look like one of its settings
/// but are none.
///
/// The section is shared with the commands that read from and write to that system: a key that resembles nothing here
/// is theirs to know.
pub fn warn_of_keys(spec: &Spec, layers: &Layers) {
    let section = section(spec, layers);
    let ours =
        layers.file.entries().iter().filter(|entry| entry.section == section || entry.section.is_empty());
    for entry in ours {
        let place = layers.file.place(entry);
        if let Some((_, instead)) = spec.retired().iter().find(|(name, _)| *name == entry.key) {
            tracing::warn!("the setting '{}' has no effect: {instead} ({place})", entry.key);
        } else if let Some(near) = meant(spec, entry).filter(|_| entry.section == section) {
            tracing::warn!("the spec has no setting '{}' ({place}); did you mean '{near}'?", entry.key);
        }
    }
}

/// The setting that is probably meant by a key that nobody knows.
fn meant<'a>(spec: &'a Spec, entry: &Entry) -> Option<&'a str> {
    let full = format!("{}.{}", entry.section, entry.key);
    let is_known = |declared: &Declared| {
        declared.name == entry.key || declared.names.iter().any(|name| *name == entry.key || *name == full)
    };
    let known = spec.settings().iter().any(is_known) || spec.elsewhere().contains(&entry.key);
    let names = spec.settings().iter().map(|declared| declared.name.as_str());
    if known { None } else { value::nearest(&entry.key, names) }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
