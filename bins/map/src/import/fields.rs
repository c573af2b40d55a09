//! The field map, built as the connector builds it, and written as the fields of a spec.

use super::integration::Integration;
use super::section::Section;
use super::{converters, settings, source, spec};
use muster_base::{Error, Exit};
use serde_json::{Map, Value, json};

/// What decides about a value, first come first served.
const SOURCES: [&str; 3] = ["source", "setting", "hardcoded"];

/// A field as the connector has it, with the place of its line and the members that stand there.
struct Field {
    name: String,
    members: Map<String, Value>,
    place: String,
    written: Vec<String>,
}

/// The fields of the section, put into `made`.
pub(super) fn make(
    section: &Section<'_>,
    integration: &Integration,
    made: &mut spec::Made,
) -> Result<(), Error> {
    let mut fields: Vec<Field> = integration.fields.iter().map(default).collect();
    lay_over(&mut fields, section)?;
    for field in &mut fields {
        let converter = text(&field.members, "source").and_then(|source| integration.converters.get(source));
        if let Some(converter) = converter.filter(|_| !field.members.contains_key("converter")) {
            field.members.insert("converter".to_owned(), converter.as_str().into());
        }
    }
    let of_users = [("POSITION", "default_position"), ("PERMISSIONS_ID", "default_role")];
    for (name, setting) in of_users.into_iter().filter(|_| integration.kind == "user") {
        add(&mut fields, name, &json!({ "setting": setting }));
    }
    for (name, members) in &integration.absent {
        add(&mut fields, name, members);
    }
    let mut nothing = Vec::new();
    for field in &fields {
        match written(field, section, integration, made) {
            Some(members) => made.field(&field.name, members),
            None => nothing.push(format!("{} ({})", field.name, field.place)),
        }
    }
    if nothing.is_empty() {
        return Ok(());
    }
    let what = format!("neither 'source' nor 'setting' nor 'hardcoded': {}", nothing.join(", "));
    Err(Error::new(Exit::Config, what))
}

fn default((name, members): (&String, &Value)) -> Field {
    let members = members.as_object().cloned().unwrap_or_default();
    Field { name: name.clone(), members, place: "default".to_owned(), written: Vec::new() }
}

fn add(fields: &mut Vec<Field>, name: &str, members: &Value) {
    if !fields.iter().any(|field| field.name == name) {
        fields.push(default((&name.to_owned(), members)));
    }
}

/// Lay the `mapping.*` lines over the defaults, member by member. All lines that are wrong are named in one error.
fn lay_over(fields: &mut Vec<Field>, section: &Section<'_>) -> Result<(), Error> {
    let mut wrong = Vec::new();
    for entry in section.entries() {
        let Some(name) = entry.key.strip_prefix("mapping.") else { continue };
        let (name, rest) = name.split_once('.').unwrap_or((name, ""));
        let (name, place) = (name.to_uppercase(), section.place(entry));
        if !rest.is_empty() {
            tracing::warn!("{} means the field {name}: what follows does not count ({place})", entry.key);
        }
        let members = match source::members(entry, section) {
            Ok(members) => members,
            Err(why) => {
                wrong.push(why);
                continue;
            }
        };
        if !fields.iter().any(|field| field.name == name) {
            fields.push(default((&name, &Value::Null)));
        }
        let Some(field) = fields.iter_mut().find(|field| field.name == name) else { continue };
        field.place = place;
        field.written = members.keys().cloned().collect();
        field.members.extend(members);
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::new(Exit::Config, wrong.join("; "))) }
}

/// The members of a field of the spec; none when it has no source of any kind.
fn written(
    field: &Field,
    section: &Section<'_>,
    integration: &Integration,
    made: &mut spec::Made,
) -> Option<Map<String, Value>> {
    let given = |name: &str| {
        let value = field.members.get(name)?;
        let is_nothing = value.is_null() || name == "source" && value == "";
        (!is_nothing).then_some(value)
    };
    let from = SOURCES.into_iter().find(|name| given(name).is_some())?;
    say_of_the_rest(field, from);
    let value = given(from)?;
    let mut members = Map::new();
    match (from, value) {
        ("source", value) => {
            members.insert(from.to_owned(), path(field, &plain(value), integration).into());
        }
        ("setting", value) => {
            let name = plain(value).to_lowercase();
            settings::declare(&name, section, integration, &field.name, made);
            members.insert(from.to_owned(), name.into());
        }
        (_, value) => {
            members.insert(from.to_owned(), value.clone());
        }
    }
    if let Some(converter) = given("converter").map(plain).filter(|converter| !converter.is_empty()) {
        converters::put(&converter, &field.name, &field.place, section, made, &mut members);
    }
    if field.members.get("required").is_some_and(is_true) {
        members.insert("required".to_owned(), true.into());
    }
    Some(members)
}

fn say_of_the_rest(field: &Field, from: &str) {
    let Field { name, members, place, written } = field;
    for other in SOURCES.into_iter().filter(|other| *other != from && written.iter().any(|w| w == other)) {
        if members.get(other).is_some_and(|value| !value.is_null() && value != "") {
            tracing::warn!(
                "{name}: '{other}' has no effect beside '{from}', as before ({place}); to make it count, write \
                 \"{from}\": {} there, too",
                if from == "source" { "\"\"" } else { "null" }
            );
        }
    }
    for member in written.iter().map(String::as_str) {
        match member {
            "source" | "setting" | "hardcoded" | "converter" | "required" => (),
            "type" | "extra_input" => {
                tracing::warn!("{name}: '{member}' counts only in managed integrations, left out ({place})");
            }
            _ => tracing::warn!("{name}: nobody knows the member '{member}', left out ({place})"),
        }
    }
}

/// The path as our extractors write records: below the member where a system keeps its further ones, with one more `_`
/// before a first name that begins with one.
fn path(field: &Field, path: &str, integration: &Integration) -> String {
    let first = path.split('.').next().unwrap_or(path);
    let below = integration.below.as_ref().filter(|below| !below.unless.iter().any(|name| name == first));
    if let Some(below) = below {
        let path = format!("{}.{}", below.member, path.trim_start_matches("custom_attribute_"));
        tracing::warn!("{}: '{first}' is looked for as '{path}' ({})", field.name, field.place);
        return path;
    }
    if path.starts_with('_') { format!("_{path}") } else { path.to_owned() }
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name)?.as_str()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The words that the connector takes for true.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(boolean) => *boolean,
        other => {
            ["TRUE", "True", "true", "1", "YES", "Yes", "yes", "Y", "y"].contains(&plain(other).as_str())
        }
    }
}
