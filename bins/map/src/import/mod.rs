//! `map --import`: the spec that does what a section of an Oomnitza `config.ini` does.
//!
//! The field map is built as the connector builds it: the defaults of the integration, the `mapping.*` lines laid over
//! them member by member, the default converters, the fields that every user has. What the connector takes from elsewhere
//! at run time, or cannot be translated, is said on standard error with its line.

mod converters;
mod fields;
mod integration;
mod pretty;
mod python;
mod section;
mod settings;
mod source;
mod spec;
mod stub;
mod warnings;

use integration::Integration;
use muster_base::{Error, Exit};
use muster_settings::{File, Layers};
use section::Section;
use std::path::Path;

/// A spec, and whether a person must finish it.
pub struct Imported {
    /// The spec as JSON text.
    pub text: String,
    /// `Look` when something is to be translated by hand.
    pub exit: Exit,
}

/// The spec of the section of the file at `path` that `--section` names.
pub fn import(path: &Path, layers: &Layers) -> Result<Imported, Error> {
    let file = File::load(Some(path), None)?;
    let named = (layers.section != layers.declaration.section).then_some(layers.section.as_str());
    let section = Section::find(&file, path, named)?;
    let integration = Integration::find(&section)?;
    warnings::of_section(&section, &integration);
    let mut made = spec::Made::default();
    fields::make(&section, &integration, &mut made)?;
    section.filter(&mut made);
    let exit = made.exit();
    Ok(Imported { text: pretty::text(&made.spec(&section, &integration)), exit })
}
