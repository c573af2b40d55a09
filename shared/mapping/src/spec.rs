//! A spec read: found, checked, laid over what it extends, named by its digest.

use crate::settings::Declared;
use crate::shipped::{self, Found};
use crate::tables::Tables;
use crate::text::{Compat, SpecText};
use crate::{Engine, canonical, compile, extends, names};
use muster_base::{Error, Exit};
use muster_stream::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How many specs may stand behind one another.
const MAX_EXTENDS: usize = 8;

/// A spec, with everything it extends.
pub struct Spec {
    name: String,
    digest: String,
    place: String,
    text: SpecText,
    declared: Vec<Declared>,
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
        let mut files = BTreeMap::new();
        let merged = layered(found, MAX_EXTENDS, &mut files)?;
        let digest = canonical::digest(&effective(merged.clone()));
        let text: SpecText = serde_json::from_value(merged).map_err(|error| wrong(&error, &place))?;
        let declared = text.settings.0.iter().map(|(name, text)| Declared::of(name, text)).collect();
        files.retain(|name, _| text.tables.0.iter().any(|(kept, _)| kept == name));
        let tables = Tables::read(&files)?;
        let of_tables = tables.digests(|_| true);
        let digest = match of_tables.is_empty() {
            true => digest,
            false => canonical::digest(&vec![digest.into(), Value::Object(of_tables)].into()),
        };
        let literals = text.compat == Some(Compat::Managed);
        Ok(Self { name, digest, place, text, declared, tables, literals })
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
        let parts = compile::Parts { spec: &self.text, tables: &self.tables, literals: self.literals };
        compile::engine(&self.name, &self.digest, parts, settings).map_err(|error| error.at(&self.place))
    }
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

/// The JSON of a spec, laid over that of the one it extends; `files` gets its tables, each beside the spec that names it.
fn layered(found: Found, depth: usize, files: &mut BTreeMap<String, PathBuf>) -> Result<Value, Error> {
    let checked: SpecText = serde_json::from_str(&found.text).map_err(|error| wrong(&error, &found.place))?;
    let value: Value = serde_json::from_str(&found.text).map_err(|error| wrong(&error, &found.place))?;
    for (name, file) in &checked.tables.0 {
        // What extends comes first, and its file counts.
        files.entry(name.clone()).or_insert_with(|| Path::new(&found.place).with_file_name(file));
    }
    let Some(base) = checked.extends else { return Ok(value) };
    if depth == 0 {
        return Err(Error::new(Exit::Data, "the specs extend each other without end").at(&found.place));
    }
    let base = shipped::find_beside(&found.place, &base)?;
    Ok(extends::merge(layered(base, depth - 1, files)?, value))
}

/// What serde found wrong, with line and column, and the nearest of the names that it would have taken.
fn wrong(error: &serde_json::Error, place: &str) -> Error {
    let message = error.to_string();
    let what = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
    let place = match error.line() {
        0 => place.to_owned(),
        line => format!("{place}:{line}:{}", error.column()),
    };
    let mut quoted = what.split('`').skip(1).step_by(2);
    match what.split_once(", expected ") {
        Some((short, _)) if short.starts_with("unknown ") => {
            let name = quoted.next().unwrap_or_default();
            let short = short.replace("field", "member").replace("variant", "type").replace('`', "'");
            let expected: Vec<&str> = quoted.collect();
            Error::new(Exit::Data, short).at(place).hint(names::hint(name, expected))
        }
        _ => Error::new(Exit::Data, what.replace('`', "'")).at(place),
    }
}
