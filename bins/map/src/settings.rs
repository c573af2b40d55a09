//! The values of a spec's settings: `--set`, then the environment, then the file, then the spec's default.

use muster_base::Error;
use muster_mapping::{Declared, Spec};
use muster_settings::{Layers, Origin, Shown, value};
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
    let variable = format!("{}_{}", spec.section(), declared.name).to_uppercase().replace(['.', '-'], "_");
    if let Some(value) = std::env::var(&variable).ok().filter(|value| !value.is_empty()) {
        return Some((value, Origin::Variable(variable)));
    }
    let names: Vec<&str> = declared.names.iter().map(String::as_str).collect();
    let entry = layers.file.find(section(spec, layers), &declared.name, &names)?;
    Some((entry.value.clone(), Origin::File(layers.file.place(entry))))
}

/// `--section`, else the section that the spec names.
fn section<'a>(spec: &'a Spec, layers: &'a Layers) -> &'a str {
    if layers.section == layers.declaration.section { spec.section() } else { &layers.section }
}

/// Warn of keys in the spec's section that look like one of its settings but are none.
///
/// The section is shared with the commands that read from and write to that system: a key that resembles nothing here
/// is theirs to know.
pub fn warn_of_misspelt(spec: &Spec, layers: &Layers) {
    let names: Vec<&str> = spec.settings().iter().map(|declared| declared.name.as_str()).collect();
    let others: Vec<&str> =
        spec.settings().iter().flat_map(|declared| declared.names.iter().map(String::as_str)).collect();
    for entry in layers.file.section(section(spec, layers)) {
        let full = format!("{}.{}", entry.section, entry.key);
        let is_known = names.contains(&entry.key.as_str())
            || others.iter().any(|name| *name == entry.key || *name == full)
            || spec.elsewhere().contains(&entry.key);
        if let (false, Some(near)) = (is_known, value::nearest(&entry.key, names.iter().copied())) {
            let place = layers.file.place(entry);
            tracing::warn!("the spec has no setting '{}' ({place}); did you mean '{near}'?", entry.key);
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
