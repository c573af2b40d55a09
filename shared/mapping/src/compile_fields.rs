//! Fields compiled: exactly one place that a value comes from, and what is done with it.

use crate::compile::{Compiler, field_place, syntax, template_name};
use crate::converters::Converter;
use crate::finding::{Place, Wrong, wrong};
use crate::jinja;
use crate::path::Path;
use crate::plan::{FieldPlan, Source};
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
        Some(FieldPlan {
            name: name.to_owned(),
            when: when?,
            source: source?,
            converters,
            default: field.default.clone(),
            required: field.required,
            kind: field.kind,
            set: field.set,
            omit_null: field.omit_null,
            pointer,
        })
    }

    /// One step of a chain.
    fn step(&self, place: &Place, index: usize, text: &str) -> Option<Converter> {
        let name = text.split(':').next().unwrap_or_default();
        if self.failed.iter().any(|failed| failed.name == name) {
            return None;
        }
        let step = Converter::parse(text, &self.spec.converters.0, &self.language);
        let place = place.at(&["converter", &index.to_string()]);
        self.note(step.map_err(|why| match why.split_once("; ") {
            Some((why, hint)) => wrong(&place, why).hint(hint),
            None => wrong(&place, why),
        }))
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
            let path = self.note(Path::parse(path).map_err(|why| wrong(&place.at(&["source"]), why)));
            sources.push(path.map(|path| match of_scope.contains(path.first()) {
                true => Source::Scope(path),
                false => Source::Record(path),
            }));
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
        self.names(place, source, jinja::of_template(source), template.undeclared_variables(true));
        Ok(Source::Template(template))
    }
}
