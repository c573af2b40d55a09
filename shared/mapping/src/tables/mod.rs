//! Look-up tables: CSV or JSON files beside the spec, read once, when the spec is.
//!
//! CSV has its names in the first line; `;` or a tab parts the columns when that line holds it and no comma. All values are
//! texts, lines that are shorter or longer are an error. JSON is a list of objects, or one object: its members are the rows,
//! with the columns `key` and `value`. A row is found by the text of its value, the first one when several have it.

mod function;
mod read;

pub(crate) use function::{check, register};

use crate::{canonical, names};
use muster_base::Error;
use muster_stream::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The tables of a spec by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables(BTreeMap<String, Arc<Table>>);

/// One table.
#[derive(Debug)]
pub(crate) struct Table {
    name: String,
    digest: String,
    columns: Vec<Column>,
    rows: Vec<Map>,
}

/// A column, and its rows by the text of their values once it was sought in.
#[derive(Debug)]
struct Column {
    name: String,
    rows: OnceLock<HashMap<String, usize>>,
}

impl Tables {
    /// The tables in these files, by name.
    pub(crate) fn read(files: &BTreeMap<String, PathBuf>) -> Result<Self, Error> {
        let (tables, errors) = Self::read_what_can_be(files);
        errors.into_iter().next().map_or(Ok(tables), |(_, error)| Err(error))
    }

    /// The same, with empty tables in the place of those that cannot be read, and why they cannot.
    pub(crate) fn read_what_can_be(files: &BTreeMap<String, PathBuf>) -> (Self, Vec<(String, Error)>) {
        let mut errors = Vec::new();
        let mut table = |(name, file): (&String, &PathBuf)| {
            let table = Table::read(name, file).unwrap_or_else(|error| {
                errors.push((name.clone(), error));
                Table { name: name.clone(), digest: String::new(), columns: Vec::new(), rows: Vec::new() }
            });
            (name.clone(), Arc::new(table))
        };
        let tables = files.iter().map(&mut table).collect();
        (Self(tables), errors)
    }

    /// The table called `name`, or what to say when there is none.
    pub(crate) fn get(&self, name: &str) -> Result<Arc<Table>, String> {
        self.0.get(name).cloned().ok_or_else(|| {
            let hint = names::hint(name, self.0.keys().map(String::as_str));
            format!("the spec has no table '{name}'; {hint}")
        })
    }

    /// The digests of those tables that `is_used` says are used.
    pub(crate) fn digests(&self, is_used: impl Fn(&str) -> bool) -> Map {
        let used = self.0.iter().filter(|(name, _)| is_used(name));
        used.map(|(name, table)| (name.clone(), table.digest.as_str().into())).collect()
    }
}

impl Table {
    fn read(name: &str, file: &Path) -> Result<Self, Error> {
        let (names, rows) = read::rows(file)?;
        let mut columns: Vec<Column> = Vec::new();
        for member in names.iter().chain(rows.iter().flat_map(Map::keys)) {
            if !columns.iter().any(|column| column.name == *member) {
                columns.push(Column { name: member.clone(), rows: OnceLock::new() });
            }
        }
        let digest = canonical::digest(&rows.iter().cloned().map(Value::Object).collect());
        Ok(Self { name: name.to_owned(), digest, columns, rows })
    }

    /// The place of a column, or what to say when there is none.
    pub(crate) fn column(&self, name: &str) -> Result<usize, String> {
        if self.columns.is_empty() {
            // An empty list names no columns, and has no row to find.
            return Ok(0);
        }
        self.columns.iter().position(|column| column.name == name).ok_or_else(|| {
            let hint = names::hint(name, self.columns.iter().map(|column| column.name.as_str()));
            format!("the table '{}' has no column '{name}'; {hint}", self.name)
        })
    }

    /// Whether it is made of the members of an object.
    pub(crate) fn is_of_pairs(&self) -> bool {
        matches!(self.columns.as_slice(), [key, value] if key.name == "key" && value.name == "value")
    }

    /// All rows, in order.
    pub(crate) fn rows(&self) -> &[Map] {
        &self.rows
    }

    /// The name of a column.
    pub(crate) fn name_of(&self, column: usize) -> &str {
        self.columns.get(column).map_or("", |column| &column.name)
    }

    /// The first row that has this text in that column.
    pub(crate) fn find(&self, column: usize, text: &str) -> Option<&Map> {
        let column = self.columns.get(column)?;
        let rows = column.rows.get_or_init(|| {
            let mut found = HashMap::new();
            for (place, row) in self.rows.iter().enumerate() {
                if let Some(text) = row.get(&column.name).and_then(text_of) {
                    found.entry(text).or_insert(place);
                }
            }
            found
        });
        self.rows.get(*rows.get(text)?)
    }
}

/// The text that a value is found by; lists, objects and null have none.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
