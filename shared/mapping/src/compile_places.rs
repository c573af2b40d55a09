//! Where the parts of a spec stand, what they are called, and the templates in them.

use crate::Kind;
use crate::finding::Place;
use crate::text::{FieldText, MapText, Named, SpecText};
use muster_base::{Error, Exit};
use muster_stream::{Map, Value};

/// The templates in settings of that type, by their keys.
pub(crate) fn setting_templates(spec: &SpecText, settings: &Map) -> Result<Vec<(String, String)>, Error> {
    let mut templates = Vec::new();
    for (name, _) in spec.settings.0.iter().filter(|(_, text)| text.kind == Some(Kind::Templates)) {
        for (key, template) in settings.get(name).and_then(Value::as_object).into_iter().flatten() {
            let Some(template) = template.as_str() else {
                return Err(Error::new(Exit::Config, format!("template '{key}' is no text")));
            };
            templates.push((key.clone(), template.to_owned()));
        }
    }
    Ok(templates)
}

/// The templates of all fields, and where they stand.
pub(crate) fn field_templates(spec: &SpecText) -> Vec<(Place, String)> {
    fn collect(fields: &Named<FieldText>, place: &Place, found: &mut Vec<(Place, String)>) {
        for (name, FieldText(field)) in &fields.0 {
            let place = field_place(place, name);
            if let Some(template) = &field.template {
                found.push((place.at(&["template"]), template.clone()));
            }
            if let Some(fields) = &field.fields {
                collect(fields, &place, found);
            }
        }
    }
    let mut found = Vec::new();
    for (index, map) in spec.maps.iter().enumerate() {
        collect(&map.fields, &place_of(index, map), &mut found);
    }
    found
}

/// The name of a template: its path, for two maps may be called the same.
pub(crate) fn template_name(place: &Place) -> String {
    place.path().join("/")
}

/// The place of the field `name` of a map or field.
pub(crate) fn field_place(place: &Place, name: &str) -> Place {
    place.at(&["fields", name]).called(format!("{place}.{name}"))
}

/// The place of a map.
pub(crate) fn place_of(index: usize, map: &MapText) -> Place {
    let place = Place::of("", &["maps", &index.to_string()]);
    place.called(map_name(map))
}

/// What a map is called in messages.
pub(crate) fn map_name(map: &MapText) -> String {
    let end = |end: &Option<String>| end.clone().unwrap_or_else(|| "?".to_owned());
    match &map.name {
        Some(name) => name.clone(),
        None => format!("{} to {}", end(&map.from), end(&map.to)),
    }
}
