//! Changes to an organisation, as somebody working in OS2mo makes them.

use super::collection::Collection;
use super::organisation::{Organisation, State};
use jiff::civil::Date;
use serde_json::{Map, Value, json};
use uuid::Uuid;

impl Organisation {
    /// Add an object: `members` may also hold `uuid`, and the first and last day as `from` and `to`. Gives its uuid.
    pub fn add(&mut self, collection: Collection, members: Value) -> Result<Uuid, String> {
        let Value::Object(mut members) = members else {
            return Err("the object's members are wanted as a JSON object".into());
        };
        let uuid = match members.shift_remove("uuid") {
            Some(uuid) => serde_json::from_value(uuid).map_err(|error| error.to_string())?,
            None => Uuid::new_v5(&self.uuid, format!("{}{members:?}", collection.name()).as_bytes()),
        };
        if self.objects(collection).contains_key(&uuid) {
            return Err(format!("there already is a {} in {}", uuid, collection.name()));
        }
        let mut state = State { from: None, until: None, members: Map::new() };
        apply(collection, &mut state, members)?;
        self.objects_mut(collection).insert(uuid, vec![state]);
        Ok(uuid)
    }

    /// Set members of an object's state of today (or of its last one), also its days `from` and `to`; null takes away.
    pub fn change(&mut self, collection: Collection, uuid: Uuid, members: Value) -> Result<(), String> {
        let Value::Object(members) = members else {
            return Err("the members to change are wanted as a JSON object".into());
        };
        apply(collection, self.state_of_today(collection, uuid)?, members)
    }

    /// Let an object's last state end before `day` and set `members` from that day on.
    pub fn change_from(
        &mut self,
        collection: Collection,
        uuid: Uuid,
        day: Date,
        members: Value,
    ) -> Result<(), String> {
        let states = self.objects_mut(collection).get_mut(&uuid).ok_or_else(|| unknown(collection, uuid))?;
        let mut next = states.last().unwrap().clone();
        next.from = Some(day);
        apply(collection, &mut next, members.as_object().cloned().unwrap_or_default())?;
        states.last_mut().unwrap().until = Some(day);
        states.push(next);
        Ok(())
    }

    /// Let an object end after `last_day`; states that begin later go.
    pub fn end(&mut self, collection: Collection, uuid: Uuid, last_day: Date) -> Result<(), String> {
        let states = self.objects_mut(collection).get_mut(&uuid).ok_or_else(|| unknown(collection, uuid))?;
        let until = Self::after(last_day);
        states.retain(|state| state.from.is_none_or(|from| from < until));
        for state in states.iter_mut().filter(|state| state.until.is_none_or(|end| end > until)) {
            state.until = Some(until);
        }
        Ok(())
    }

    /// Remove an object as if it had never been; what refers to it stays.
    pub fn remove(&mut self, collection: Collection, uuid: Uuid) -> Result<(), String> {
        self.objects_mut(collection).remove(&uuid).map(|_| ()).ok_or_else(|| unknown(collection, uuid))
    }

    /// Give a person another name.
    pub fn rename_person(&mut self, uuid: Uuid, given_name: &str, surname: &str) -> Result<(), String> {
        self.change(Collection::Employees, uuid, json!({"given_name": given_name, "surname": surname}))
    }

    /// Give a unit another name.
    pub fn rename_unit(&mut self, uuid: Uuid, name: &str) -> Result<(), String> {
        self.change(Collection::OrgUnits, uuid, json!({"name": name}))
    }

    fn state_of_today(&mut self, collection: Collection, uuid: Uuid) -> Result<&mut State, String> {
        let today = self.today;
        let states = self.objects_mut(collection).get_mut(&uuid).ok_or_else(|| unknown(collection, uuid))?;
        let is_today =
            |s: &State| s.from.is_none_or(|from| from <= today) && s.until.is_none_or(|u| u > today);
        let index = states.iter().position(is_today).unwrap_or(states.len() - 1);
        Ok(&mut states[index])
    }
}

fn unknown(collection: Collection, uuid: Uuid) -> String {
    format!("no {uuid} in {}", collection.name())
}

/// Set `members` in `state`, all or none.
fn apply(collection: Collection, state: &mut State, members: Map<String, Value>) -> Result<(), String> {
    let mut changed = state.clone();
    for (name, value) in members {
        match name.as_str() {
            "from" => changed.from = day(&value)?,
            "to" => changed.until = day(&value)?.map(Organisation::after),
            _ if !collection.members().contains(&name.as_str()) => {
                return Err(format!("{} have no member '{name}' to set", collection.name()));
            }
            _ if value.is_null() => drop(changed.members.shift_remove(&name)),
            _ => drop(changed.members.insert(name, value)),
        }
    }
    *state = changed;
    Ok(())
}

fn day(value: &Value) -> Result<Option<Date>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => text.parse().map(Some).map_err(|_| format!("'{text}' is not a date")),
        _ => Err(format!("{value} is not a date")),
    }
}
