//! A spec checked: everything that is wrong or looks wrong, at once.

use crate::compile::{self, Failed, Parts};
use crate::finding::{Finding, Place, Weight, Wrong, wrong};
use crate::layers::Layers;
use crate::settings::Declared;
use crate::tables::Tables;
use crate::{lint, shipped, spec};
use muster_base::Error;
use muster_stream::{Map, Value};

/// What there is to look at in the spec called `name`, named as for [`crate::Spec::find`], by file, line and column. None
/// when it is right. Settings without a default count as null. Fails when it cannot be read.
pub fn check(name: &str) -> Result<Vec<Finding>, Error> {
    let (layers, mut found) = Layers::read(shipped::find(name)?)?;
    match spec::parsed(&layers) {
        Ok(text) => {
            let declared = spec::declared(&text);
            let (settings, mut errors) = defaults(&declared);
            let (tables, unread) = Tables::read_what_can_be(&layers.tables(&text));
            errors.extend(unread.into_iter().map(|(name, error)| {
                let place = Place::of(format!("table '{name}'"), &["tables", &name]);
                wrong(&place, error)
            }));
            let parts = Parts { spec: &text, tables: &tables, literals: spec::reads_literals(&text) };
            let mut warnings = lint::warnings(&text);
            match compile::engine(name, "", parts, settings) {
                Err(Failed::Spec(wrong)) => errors.extend(wrong),
                Err(Failed::Settings(error)) => {
                    errors.push(wrong(&Place::of("", &["settings"]), error.what()));
                }
                Ok(engine) => warnings.extend(engine.traceable_warnings().iter().cloned()),
            }
            errors.retain(|error| !layers.is_mended(&error.place));
            found.extend(errors.into_iter().map(|error| layers.trace(error, Weight::Error)));
            found.extend(warnings.into_iter().map(|warning| layers.trace(warning, Weight::Warning)));
        }
        Err(why) if found.is_empty() => {
            found.push(layers.trace(wrong(&Place::default(), why), Weight::Error));
        }
        Err(_) => (),
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// The settings' defaults, and those that their settings cannot have.
fn defaults(declared: &[Declared]) -> (Map, Vec<Wrong>) {
    let (mut values, mut errors) = (Map::new(), Vec::new());
    for setting in declared {
        let value = setting.take(&setting.default).unwrap_or_else(|error| {
            let place = Place::of("", &["settings", &setting.name, "default"]);
            errors.push(wrong(&place, error.what()));
            Value::Null
        });
        values.insert(setting.name.clone(), value);
    }
    (values, errors)
}
