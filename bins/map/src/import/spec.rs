//! The spec as it grows, and as JSON.

use super::integration::Integration;
use super::section::Section;
use muster_base::Exit;
use serde_json::{Map, Value, json};

/// The rules that hold in an imported spec: the connector's own paths, converters and nulls; in its managed runs it read
/// texts as literals of Python besides.
const COMPAT: [&str; 2] = ["oomnitza", "oomnitza-managed"];

/// What is made so far.
#[derive(Default)]
pub(super) struct Made {
    pub(super) settings: Map<String, Value>,
    pub(super) converters: Map<String, Value>,
    /// Files to look values up in.
    pub(super) tables: Map<String, Value>,
    /// Of the map: its filter, and a remark.
    pub(super) when: Option<String>,
    pub(super) about: Vec<String>,
    fields: Map<String, Value>,
    /// How many places a person must finish, and the converters that were said to be among them.
    pub(super) stubs: usize,
    pub(super) told: Vec<String>,
}

impl Made {
    /// Add a field; one that is only a path is written as its path.
    pub(super) fn field(&mut self, name: &str, members: Map<String, Value>) {
        let value = match (members.len(), members.get("source")) {
            (1, Some(path)) => path.clone(),
            _ => members.into(),
        };
        self.fields.insert(name.to_owned(), value);
    }

    pub(super) fn exit(&self) -> Exit {
        if self.stubs > 0 { Exit::Look } else { Exit::Done }
    }

    pub(super) fn spec(self, section: &Section<'_>, integration: &Integration) -> Value {
        let kind = if integration.is_managed() { "asset" } else { &integration.kind };
        let mut spec = Map::new();
        let about = format!("{}, from [{}] of {}", integration.about, section.name, section.file_name);
        spec.insert("about".to_owned(), about.into());
        spec.insert("compat".to_owned(), COMPAT[usize::from(integration.is_managed())].into());
        if !self.settings.is_empty() {
            let is_other = |key: &&str| !key.starts_with("mapping.") && !self.settings.contains_key(*key);
            let elsewhere: Vec<&str> =
                section.entries().map(|entry| entry.key.as_str()).filter(is_other).collect();
            spec.insert("section".to_owned(), section.name.into());
            spec.insert("elsewhere".to_owned(), elsewhere.into());
            spec.insert("settings".to_owned(), self.settings.into());
        }
        if !self.tables.is_empty() {
            spec.insert("tables".to_owned(), self.tables.into());
        }
        if !self.converters.is_empty() {
            spec.insert("converters".to_owned(), self.converters.into());
        }
        let mut map = Map::from_iter([("from".to_owned(), kind.into()), ("to".to_owned(), kind.into())]);
        if !self.about.is_empty() {
            map.insert("about".to_owned(), self.about.into());
        }
        if let Some(when) = self.when {
            map.insert("when".to_owned(), when.into());
        }
        map.insert("fields".to_owned(), self.fields.into());
        spec.insert("maps".to_owned(), json!([map]));
        spec.into()
    }
}
