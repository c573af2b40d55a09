//! A spec read: found, checked, laid over what it extends, named by its digest.

use crate::compile::{self, Failed, Parts};
use crate::finding::{Finding, Weight};
use crate::layers::Layers;
use crate::settings::Declared;
use crate::shipped::{self, Found};
use crate::tables::Tables;
use crate::text::{Compat, SpecText};
use crate::{Engine, canonical};
use muster_base::{Error, Exit};
use muster_stream::{Map, Value};
use std::collections::BTreeMap;

/// A spec, with everything it extends.
pub struct Spec {
    name: String,
    digest: String,
    place: String,
    text: SpecText,
    declared: Vec<Declared>,
    layers: Layers,
    tables: Tables,
    literals: bool,
}

impl Spec {
    /// The spec called `name`: a value with `/` or `.json` is a file, a bare name is a shipped one.
    pub fn find(name: &str) -> Result<Self, Error> {
        Self::of(shipped::find(name)?)
    }

    /// The spec in `text`, called `name`.
    pub fn parse(name: &str, text: &str) -> Result<Self, Error> {
        Self::of(Found { name: name.to_owned(), place: name.to_owned(), text: text.to_owned() })
    }

    fn of(found: Found) -> Result<Self, Error> {
        let (name, place) = (found.name.clone(), found.place.clone());
        let (layers, found) = Layers::read(found)?;
        if let Some(first) = found.into_iter().next() {
            return Err(first.into_error());
        }
        let text = parsed(&layers).map_err(|why| Error::new(Exit::Data, why).at(&place))?;
        let digest = canonical::digest(&effective(layers.merged.clone()));
        let declared = declared(&text);
        let tables = Tables::read(&layers.tables(&text))?;
        let of_tables = tables.digests(|_| true);
        let digest = match of_tables.is_empty() {
            true => digest,
            false => canonical::digest(&vec![digest.into(), Value::Object(of_tables)].into()),
        };
        let literals = reads_literals(&text);
        Ok(Self { name, digest, place, text, declared, layers, tables, literals })
    }

    /// The same spec, with texts of its sources, expressions and templates read as literals of Python, as the Oomnitza
    /// connector's managed runs do: `5E10` is a number.
    #[must_use]
    pub fn compat_literals(self) -> Self {
        let digest = canonical::digest(&[self.digest.as_str(), "literals"].map(Value::from).to_vec().into());
        Self { literals: true, digest, ..self }
    }

    /// Its name: a file's without `.json`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The digest of the spec with everything it extends, 32 hexadecimal digits. Remarks at its outermost level and what
    /// only concerns settings files leave it as it is.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What it is for.
    pub fn about(&self) -> String {
        self.text.about.as_ref().map(crate::text::About::text).unwrap_or_default()
    }

    /// The section of a configuration file that its settings stand in.
    pub fn section(&self) -> &str {
        self.text.section.as_deref().unwrap_or(&self.name)
    }

    /// Keys of its section that are settings of other commands.
    pub fn elsewhere(&self) -> &[String] {
        &self.text.elsewhere
    }

    /// Keys of its section without effect under this spec, and what replaces them.
    pub fn retired(&self) -> &[(String, String)] {
        &self.text.retired.0
    }

    /// The settings it declares, in their order.
    pub fn settings(&self) -> &[Declared] {
        &self.declared
    }

    /// The engine of this spec with these values of its settings, given as JSON or as text under the settings' names or
    /// one of their other names. A wrong value ends with 78, a wrong spec with 65.
    ///
    /// An engine lives as long as the process: its memory is never given back.
    pub fn compile(&self, values: BTreeMap<String, Value>) -> Result<Engine, Error> {
        let settings = crate::settings::settle(&self.declared, values)?;
        self.engine(settings)
    }

    fn engine(&self, settings: Map) -> Result<Engine, Error> {
        let parts = Parts { spec: &self.text, tables: &self.tables, literals: self.literals };
        compile::engine(&self.name, &self.digest, parts, settings).map_err(|failed| match failed {
            Failed::Settings(error) => error.at(&self.place),
            Failed::Spec(wrong) => {
                let found = wrong.into_iter().map(|wrong| self.layers.trace(wrong, Weight::Error));
                let first = found.min().map(Finding::into_error);
                first.unwrap_or_else(|| Error::new(Exit::Bug, "the spec is wrong").at(&self.place))
            }
        })
    }

    /// Its text, with everything it extends.
    pub(crate) fn text(&self) -> &SpecText {
        &self.text
    }
}

/// The merged text of a spec as what it says, or what serde has against it.
pub(crate) fn parsed(layers: &Layers) -> Result<SpecText, String> {
    serde_json::from_value(layers.merged.clone()).map_err(|error| error.to_string().replace('`', "'"))
}

/// Whether a spec has texts read as literals of Python.
pub(crate) fn reads_literals(text: &SpecText) -> bool {
    text.compat == Some(Compat::Managed)
}

/// The settings that a spec declares.
pub(crate) fn declared(text: &SpecText) -> Vec<Declared> {
    text.settings.0.iter().map(|(name, text)| Declared::of(name, text)).collect()
}

/// What of a spec decides about its output, as far as its outermost members tell.
fn effective(mut spec: Value) -> Value {
    if let Value::Object(members) = &mut spec {
        for without_effect in ["$schema", "about", "extends", "section", "elsewhere", "retired"] {
            members.shift_remove(without_effect);
        }
    }
    spec
}
