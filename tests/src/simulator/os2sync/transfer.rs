//! What a transfer does to the registry: update, soft delete, passivate.

use super::entry::{EndedPosition, Entry, Kind, RootChange};
use super::fields::{Shape, is_date, is_uuid, text};
use super::positions;
use super::registry::Registry;
use serde_json::{Value, json};

impl Registry {
    /// Create, change or revive the object; the error is the text of a permanent failure.
    pub(super) fn update(&mut self, entry: &Entry) -> Result<(), String> {
        let mut object = cleaned(entry);
        let known = self.objects(entry.kind).get(object["Uuid"].as_str().unwrap_or_default()).cloned();
        if entry.kind == Kind::Unit {
            self.ignore_fields(&mut object, known.as_ref());
        }
        let invalid = self.invalid(entry.kind, &object);
        if !invalid.is_empty() {
            let fields = invalid.join(",");
            return Err(format!("Invalid registration object - the following fields are invalid: {fields}"));
        }
        let uuid = object["Uuid"].as_str().unwrap_or_default().to_owned();
        let short_key = known.as_ref().and_then(|known| text(known, "ShortKey")).unwrap_or(&uuid);
        if text(&object, "ShortKey").is_none() {
            object["ShortKey"] = json!(short_key);
        }
        match entry.kind {
            Kind::Unit => self.become_root(&object),
            Kind::User => self.move_user(&mut object, known.as_ref()),
        }
        self.passivated.retain(|(kind, passive)| (*kind, &passive["Uuid"]) != (entry.kind, &object["Uuid"]));
        self.objects_mut(entry.kind).insert(uuid, object);
        Ok(())
    }

    /// End the positions and set `Status` 2. An unknown object is no failure.
    pub(super) fn delete(&mut self, entry: &Entry) {
        let Some(object) = self.objects_mut(entry.kind).get_mut(&entry.uuid) else { return };
        object["Status"] = json!(2);
        object["Timestamp"] = json!(entry.timestamp);
        if entry.kind == Kind::User {
            let ended = std::mem::replace(&mut object["Positions"], json!([]));
            self.end(&entry.uuid, ended.as_array().cloned().unwrap_or_default());
        }
    }

    /// Take the object out of the registry.
    pub(super) fn passivate(&mut self, entry: &Entry) {
        if let Some(object) = self.objects_mut(entry.kind).remove(&entry.uuid) {
            self.passivated.push((entry.kind, object));
        }
    }

    /// What the settings leave out is not touched: the stored value stays.
    fn ignore_fields(&self, unit: &mut Value, known: Option<&Value>) {
        for (name, shape) in Kind::Unit.fields().iter().filter(|(name, _)| self.options.ignores(name)) {
            let nothing = if *shape == Shape::Uuids { json!([]) } else { Value::Null };
            unit[name] = known.map_or(nothing, |known| known[name].clone());
        }
    }

    /// The fields that the registry cannot take.
    fn invalid(&self, kind: Kind, object: &Value) -> Vec<String> {
        let mut invalid: Vec<String> = Vec::new();
        for (name, shape) in kind.fields() {
            let good = match shape {
                Shape::Uuid => text(object, name).is_none_or(is_uuid),
                Shape::Uuids => object[name].as_array().into_iter().flatten().all(is_uuid_value),
                Shape::Person => text(&object[name], "Uuid").is_none_or(is_uuid),
                _ => true,
            };
            if !good {
                invalid.push((*name).to_owned());
            }
        }
        if text(object, "ParentOrgUnitUuid").is_some_and(|parent| is_uuid(parent) && !self.is_unit(parent)) {
            invalid.push("ParentOrgUnitUuid".to_owned());
        }
        for position in object["Positions"].as_array().into_iter().flatten() {
            invalid.extend(self.invalid_position(position).map(|name| format!("Positions.{name}")));
        }
        invalid
    }

    fn invalid_position(&self, position: &Value) -> Option<&'static str> {
        if !text(position, "OrgUnitUuid").is_some_and(|unit| self.is_unit(unit)) {
            return Some("OrgUnitUuid");
        }
        ["StartDate", "StopDate"].into_iter().find(|name| !text(position, name).is_none_or(is_date))
    }

    /// A unit without a parent becomes the root: the server rewrites the Organisation object.
    fn become_root(&mut self, unit: &Value) {
        let uuid = unit["Uuid"].as_str().unwrap_or_default();
        if unit["ParentOrgUnitUuid"].is_null() && self.root.as_deref() != Some(uuid) {
            let from = self.root.replace(uuid.to_owned());
            self.root_changes.push(RootChange { from, to: uuid.to_owned() });
        }
    }

    /// End the positions that are not in the update, keep those that are, begin the others.
    fn move_user(&mut self, user: &mut Value, known: Option<&Value>) {
        let stored = known.and_then(|known| known["Positions"].as_array()).cloned().unwrap_or_default();
        let sent = user["Positions"].as_array().cloned().unwrap_or_default();
        let (kept, ended) = positions::apply(&stored, &sent, &self.options.today);
        user["Positions"] = json!(kept);
        self.end(user["Uuid"].as_str().unwrap_or_default(), ended);
    }

    fn end(&mut self, user: &str, positions: Vec<Value>) {
        let ended = positions.into_iter().map(|position| EndedPosition { user: user.to_owned(), position });
        self.ended.extend(ended);
    }
}

/// The object as the service takes it: empty texts are null, `Uuid` and the positions' units in lower case.
fn cleaned(entry: &Entry) -> Value {
    let mut object = entry.object.clone();
    for (name, _) in entry.kind.fields() {
        if object[name] == "" {
            object[name] = Value::Null;
        }
    }
    lower(&mut object, "Uuid");
    for position in object.get_mut("Positions").and_then(Value::as_array_mut).into_iter().flatten() {
        lower(position, "OrgUnitUuid");
    }
    if entry.kind == Kind::Unit && object["Post"].is_null() {
        object["PostSecondary"] = Value::Null;
    }
    object["Status"] = json!(1);
    object["Timestamp"] = json!(entry.timestamp);
    object
}

fn lower(object: &mut Value, name: &str) {
    if let Some(text) = object[name].as_str() {
        object[name] = json!(text.to_lowercase());
    }
}

fn is_uuid_value(value: &Value) -> bool {
    value.as_str().is_some_and(is_uuid)
}
