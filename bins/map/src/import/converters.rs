//! The converter of a field: a built-in one as it is written, one of the file as an expression of the spec.

use super::section::Section;
use super::{python, spec, stub};
use muster_settings::value;
use serde_json::{Map, Value};

/// The converters of the connector. Names count as they are written, those of the file in any case.
const BUILT_IN: [&str; 17] = [
    "capitalize",
    "first_from_full",
    "last_from_full",
    "split_email",
    "split",
    "concat",
    "first_field",
    "ldap_user_field",
    "ldap_timestamp",
    "date_format",
    "timestamp",
    "memberOf",
    "location",
    "casper_extension_attribute",
    "mac_model_from_sn",
    "uber_manager",
    "uber_position",
];

/// Write `converter` into the field.
pub(super) fn put(
    converter: &str,
    field: &str,
    place: &str,
    section: &Section<'_>,
    made: &mut spec::Made,
    members: &mut Map<String, Value>,
) {
    let name = converter.split(':').next().unwrap_or(converter);
    let Some(entry) = section.converter(name) else {
        of_built_in(name, field, place, made);
        members.insert("converter".to_owned(), converter.into());
        return;
    };
    match python::expression(&entry.value) {
        Ok(expression) => {
            made.converters.insert(entry.key.clone(), expression.into());
            members.insert("converter".to_owned(), converter.replacen(name, &entry.key, 1).into());
        }
        Err(why) => {
            // A converter that fails gives null under the connector's rules: too quiet for something to be done.
            let what = format!("converter {}", entry.key);
            let text = format!("{} = {}\n{}", field, Value::Object(members.clone()), entry.value);
            *members = Map::from_iter([
                ("about".to_owned(), stub::about(&what, &text).into()),
                ("expr".to_owned(), stub::expression(&what).into()),
            ]);
            made.stubs += 1;
            if !made.told.contains(&entry.key) {
                made.told.push(entry.key.clone());
                stub::tell(&what, &why.what, &section.place_within(entry, why.line));
            }
        }
    }
}

/// Converters that asked a remote, the table that takes its place, and its columns.
const TABLES: [(&str, &str, &str); 2] = [
    ("location", "locations", "location_id and name"),
    ("mac_model_from_sn", "mac_models", "serial and model"),
];

fn of_built_in(name: &str, field: &str, place: &str, made: &mut spec::Made) {
    if let Some((_, table, columns)) = TABLES.iter().find(|(asking, ..)| *asking == name) {
        made.tables.insert((*table).to_owned(), format!("{table}.csv").into());
        tracing::warn!(
            "{field}: '{name}' asked a server for each run; lay a table {table}.csv with the columns {columns} beside the \
             spec ({place})"
        );
    } else if !BUILT_IN.contains(&name) {
        let near = value::nearest(name, BUILT_IN).map(|near| format!("; did you mean '{near}'?"));
        tracing::warn!(
            "{field}: there is no converter '{name}': it gives null, as before ({place}){}",
            near.unwrap_or_default()
        );
    }
}
