//! Fields compiled: exactly one place that a value comes from, and what is done with it.

use crate::compile::{Compiler, syntax};
use crate::compile_places::{field_place, template_name};
use crate::converters::{Converter, Known};
use crate::finding::{Place, Wrong, advised, wrong};
use crate::jinja;
use crate::made::write;
use crate::names;
use crate::path::Path;
use crate::plan::{FieldPlan, Required, Source};
use crate::text::{FieldMembers, FieldText, Named};
use std::collections::HashSet;

impl Compiler<'_> {
    /// The fields of a map, or of a field of fields; `of_scope` are the names of `let` and `each`.
    pub(crate) fn fields(
        &self,
        fields: &Named<FieldText>,
        place: &Place,
        pointer: &str,
        of_scope: &HashSet<&str>,
    ) -> Vec<FieldPlan> {
        let one = |(name, FieldText(field)): &(String, FieldText)| {
            let escaped = name.replace('~', "~0").replace('/', "~1");
            self.field(name, field, &field_place(place, name), format!("{pointer}/{escaped}"), of_scope)
        };
        fields.0.iter().filter_map(one).collect()
    }

    fn field(
        &self,
        name: &str,
        field: &FieldMembers,
        place: &Place,
        pointer: String,
        of_scope: &HashSet<&str>,
    ) -> Option<FieldPlan> {
        if name.starts_with('_') && !name.starts_with("__") && !pointer[1..].contains('/') {
            self.note::<()>(Err(wrong(place, "members that begin with '_' are muster's own")));
        }
        let when = self.note(self.optional(&place.at(&["when"]), field.when.as_deref()));
        let source = self.source(field, place, &pointer, of_scope);
        let converters = field.converter.0.iter().enumerate();
        let converters = converters.filter_map(|(index, text)| self.step(place, index, text)).collect();
        let mut opening = vec![b','];
        write(&mut opening, name);
        opening.push(b':');
        let literals = self.literals && is_reread(field);
        Some(FieldPlan {
            name: name.to_owned(),
            opening,
            plain: field.converter.0.is_empty() && field.kind.is_none() && !field.set && !literals,
            when: when?,
            source: source?,
            converters,
            default: field.default.clone(),
            required: field.required.then_some(if self.odd { Required::Truthy } else { Required::Present }),
            literals,
            kind: field.kind,
            set: field.set,
            omit_null: field.omit_null,
            pointer,
        })
    }

    /// One step of a chain.
    fn step(&self, place: &Place, index: usize, text: &str) -> Option<Converter> {
        let name = text.split(':').next().unwrap_or_default();
        if self.failed.iter().any(|failed| failed.name.to_lowercase() == name.to_lowercase()) {
            return None;
        }
        let own = &self.spec.converters.0;
        let known = Known { own, language: &self.language, tables: self.tables, odd: self.odd };
        let at = place.at(&["converter", &index.to_string()]);
        let step = self.note(Converter::parse(text, &known).map_err(|why| advised(&at, &why)))?;
        if let Converter::Missing(why) = &step {
            self.missing.borrow_mut().push(wrong(&at, format!("{why}; the field is null")));
        }
        Some(step)
    }

    fn path(&self, text: &str, of_scope: &HashSet<&str>) -> Result<Source, String> {
        if self.odd && !of_scope.contains(text.split('.').next().unwrap_or_default()) {
            return Ok(Source::Odd(text.to_owned()));
        }
        let path = Path::parse(text)?;
        let in_scope = of_scope.contains(path.first());
        if in_scope {
            return Ok(Source::Scope(path));
        }
        let slot = self.wanted.borrow_mut().path(path.parts());
        Ok(Source::Record(path, slot))
    }

    fn source(
        &self,
        field: &FieldMembers,
        place: &Place,
        pointer: &str,
        of_scope: &HashSet<&str>,
    ) -> Option<Source> {
        let mut sources: Vec<Option<Source>> = Vec::new();
        if let Some(path) = &field.source {
            let path = self.path(path, of_scope);
            sources.push(self.note(path.map_err(|why| wrong(&place.at(&["source"]), why))));
        }
        if let Some(source) = &field.expr {
            sources.push(self.note(self.expression(&place.at(&["expr"]), source)).map(Source::Expr));
        }
        if let Some(source) = &field.template {
            sources.push(self.note(self.template(&place.at(&["template"]), source)));
        }
        if let Some(setting) = &field.setting {
            let value = self.settings.get(setting).cloned();
            let missing = || self.no_setting(&place.at(&["setting"]), setting);
            sources.push(self.note(value.ok_or_else(missing)).map(Source::Constant));
        }
        if let Some(value) = &field.hardcoded {
            sources.push(Some(Source::Constant(value.clone())));
        }
        if let Some(fields) = &field.fields {
            sources.push(Some(Source::Fields(self.fields(fields, place, pointer, of_scope))));
        }
        let one = match (sources.pop(), sources.is_empty()) {
            (Some(source), true) => return source,
            (None, _) => wrong(place, "it says nowhere where its value comes from")
                .hint("give it one of source, expr, template, setting, hardcoded, fields"),
            (Some(_), false) => wrong(place, "its value comes from two places").hint("keep one"),
        };
        self.note(Err(one))
    }

    fn template(&self, place: &Place, source: &str) -> Result<Source, Wrong> {
        let name = template_name(place);
        if let Some(failed) = self.failed.iter().find(|failed| failed.name == name) {
            return Err(syntax(place, &failed.error));
        }
        let template = self.language.template(&name).map_err(|error| syntax(place, &error))?;
        self.check_names(place, source, jinja::of_template(source), template.undeclared_variables(true));
        Ok(Source::Template(template, self.native_template(source)))
    }
}

/// Whether a field's texts can be read as literals: the filter `as_is` keeps them from it, and what the spec holds itself
/// has its type already.
fn is_reread(field: &FieldMembers) -> bool {
    let from_record = [&field.source, &field.expr, &field.template];
    let mut texts = from_record.into_iter().flatten();
    texts.next().is_some_and(|text| !names::words(text).any(|word| word == "as_is"))
}
