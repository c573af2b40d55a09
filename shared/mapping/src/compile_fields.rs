//! Fields compiled: exactly one place that a value comes from, and what is done with it.

use crate::compile::{Compiler, wrong};
use crate::converters::{Converter, Known};
use crate::expression::reason;
use crate::made::write;
use crate::names;
use crate::path::Path;
use crate::plan::{FieldPlan, Required, Source};
use crate::tables;
use crate::text::{FieldMembers, FieldText, Named};
use muster_base::Error;
use std::collections::HashSet;

impl Compiler<'_> {
    /// The fields of a map, or of a field of fields; `of_scope` are the names of `let` and `each`.
    pub(crate) fn fields(
        &self,
        fields: &Named<FieldText>,
        place: &str,
        pointer: &str,
        of_scope: &HashSet<&str>,
    ) -> Result<Vec<FieldPlan>, Error> {
        let one = |(name, FieldText(field)): &(String, FieldText)| {
            let escaped = name.replace('~', "~0").replace('/', "~1");
            self.field(name, field, &format!("{place}.{name}"), format!("{pointer}/{escaped}"), of_scope)
        };
        fields.0.iter().map(one).collect()
    }

    fn field(
        &self,
        name: &str,
        field: &FieldMembers,
        place: &str,
        pointer: String,
        of_scope: &HashSet<&str>,
    ) -> Result<FieldPlan, Error> {
        if name.starts_with('_') && !name.starts_with("__") && !pointer[1..].contains('/') {
            return Err(wrong(place, "members that begin with '_' are muster's own"));
        }
        let mut opening = vec![b','];
        write(&mut opening, name);
        opening.push(b':');
        let literals = self.literals && is_reread(field);
        Ok(FieldPlan {
            name: name.to_owned(),
            opening,
            plain: field.converter.0.is_empty() && field.kind.is_none() && !field.set && !literals,
            when: self.optional(place, field.when.as_deref())?,
            source: self.source(field, place, &pointer, of_scope)?,
            converters: self.converters(field, place)?,
            default: field.default.clone(),
            required: field.required.then_some(if self.odd { Required::Truthy } else { Required::Present }),
            literals,
            kind: field.kind,
            set: field.set,
            omit_null: field.omit_null,
            pointer,
        })
    }

    fn converters(&self, field: &FieldMembers, place: &str) -> Result<Vec<Converter>, Error> {
        let own = &self.spec.converters.0;
        let known = Known { own, language: &self.language, tables: self.tables, odd: self.odd };
        let parse = |text: &String| {
            let converter = Converter::parse(text, &known).map_err(|why| wrong(place, why))?;
            if let Converter::Missing(why) = &converter {
                self.missing.borrow_mut().push(format!("{place}: {why}; the field is null"));
            }
            Ok(converter)
        };
        field.converter.0.iter().map(parse).collect()
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
        place: &str,
        pointer: &str,
        of_scope: &HashSet<&str>,
    ) -> Result<Source, Error> {
        let mut sources = Vec::new();
        if let Some(path) = &field.source {
            sources.push(self.path(path, of_scope).map_err(|why| wrong(place, why))?);
        }
        if let Some(source) = &field.expr {
            sources.push(Source::Expr(self.expression(place, source)?));
        }
        if let Some(text) = &field.template {
            tables::check(text, self.tables).map_err(|why| wrong(place, why))?;
            let template = self.language.template(place).map_err(|error| wrong(place, reason(&error)))?;
            sources.push(Source::Template(template, self.native_template(text)));
        }
        if let Some(setting) = &field.setting {
            let Some(value) = self.settings.get(setting) else {
                return Err(wrong(place, format!("there is no setting '{setting}'"))
                    .hint(names::hint(setting, self.settings.keys().map(String::as_str))));
            };
            sources.push(Source::Constant(value.clone()));
        }
        if let Some(value) = &field.hardcoded {
            sources.push(Source::Constant(value.clone()));
        }
        if let Some(fields) = &field.fields {
            sources.push(Source::Fields(self.fields(fields, place, pointer, of_scope)?));
        }
        match (sources.pop(), sources.is_empty()) {
            (Some(source), true) => Ok(source),
            (None, _) => Err(wrong(place, "it says nowhere where its value comes from")
                .hint("give it one of source, expr, template, setting, hardcoded, fields")),
            (Some(_), false) => Err(wrong(place, "its value comes from two places").hint("keep one")),
        }
    }
}

/// Whether a field's texts can be read as literals: the filter `as_is` keeps them from it, and what the spec holds itself
/// has its type already.
fn is_reread(field: &FieldMembers) -> bool {
    let from_record = [&field.source, &field.expr, &field.template];
    let mut texts = from_record.into_iter().flatten();
    texts.next().is_some_and(|text| !names::words(text).any(|word| word == "as_is"))
}
