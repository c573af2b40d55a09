//! The spec's own converters compiled: none hides another, uses itself, or asks for what it cannot know.

use crate::compile::Compiler;
use crate::finding::{Place, Wrong, wrong};
use crate::text::Named;
use crate::{jinja, names};
use std::collections::HashSet;

impl Compiler<'_> {
    pub(crate) fn converters(&self) {
        for (name, source) in &self.spec.converters.0 {
            self.note(self.converter(name, source));
        }
    }

    /// A named converter knows its value, the settings and the functions, nothing of the record.
    fn converter(&self, name: &str, source: &str) -> Result<(), Wrong> {
        let place = converter_place(name);
        if let Some(other) = twin(name, &self.spec.converters) {
            return Err(wrong(&place, format!("it is '{other}' in another case")).hint("rename one"));
        }
        if uses_itself(name, &self.spec.converters) {
            return Err(wrong(&place, "it uses itself").hint("rename it or the member"));
        }
        let compiled = self.expression(&place, source)?;
        let (functions, _) = self.language.known(jinja::Use::Function);
        let mut others: Vec<String> = compiled.undeclared_variables(false).into_iter().collect();
        others.retain(|name| {
            !["value", "params", "record", "settings"].contains(&name.as_str()) && !functions.contains(name)
        });
        others.sort_unstable();
        // A function that is not there has been noted.
        others.retain(|name| !source.contains(&format!("{name}(")));
        match others.first() {
            None => Ok(()),
            Some(other) => {
                let at = source.find(other.as_str()).unwrap_or(0);
                Err(wrong(&place.byte(at), format!("it does not know '{other}'"))
                    .hint("a converter sees 'value', 'params', 'record' and 'settings'"))
            }
        }
    }
}

/// The place of the spec's own converter `name`.
fn converter_place(name: &str) -> Place {
    Place::of(format!("converter '{name}'"), &["converters", name])
}

/// Names of converters count in any case, so two that differ only in that are one.
fn twin<'a>(name: &str, converters: &'a Named<String>) -> Option<&'a str> {
    let before = converters.0.iter().map(|(other, _)| other.as_str()).take_while(|other| *other != name);
    before.into_iter().find(|other| other.to_lowercase() == name.to_lowercase())
}

/// Converters may use each other, but none itself, be it through others: there would be no end to it.
fn uses_itself(name: &str, converters: &Named<String>) -> bool {
    let uses = |name: &str| -> Vec<&str> {
        let source = converters.0.iter().find(|(own, _)| own == name).map_or("", |(_, source)| source);
        let words: HashSet<&str> = names::words(source).collect();
        converters.0.iter().map(|(name, _)| name.as_str()).filter(|name| words.contains(name)).collect()
    };
    let (mut open, mut seen) = (uses(name), HashSet::new());
    while let Some(used) = open.pop() {
        if used == name {
            return true;
        }
        if seen.insert(used) {
            open.extend(uses(used));
        }
    }
    false
}
