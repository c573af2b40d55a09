//! The objects as answers show them: classes in three forms, references to persons and units, days.

use super::super::collection::Collection;
use super::super::organisation::{Organisation, State};
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

/// Days as the API writes them: `to` is the last included one.
pub(super) fn validity(from: Option<Date>, last: Option<Date>) -> Value {
    json!({"from": from.map(|day| day.to_string()), "to": last.map(|day| day.to_string())})
}

pub(super) fn of_state(state: &State) -> Value {
    validity(state.from, state.last_day())
}

/// The object that `member` names, null when it names none.
pub(super) fn referred(state: &State, member: &str, shape: impl Fn(Uuid) -> Value) -> Value {
    state.uuids(member).first().map_or(Value::Null, |uuid| shape(*uuid))
}

/// All that `member` names.
pub(super) fn all_referred(state: &State, member: &str, shape: impl Fn(Uuid) -> Value) -> Value {
    state.uuids(member).into_iter().map(shape).collect()
}

impl Organisation {
    /// A class without its facet.
    pub(super) fn bare_class(&self, uuid: Uuid) -> Value {
        let state = self.current(Collection::Classes, uuid);
        let text = |member: &str| state.and_then(|state| state.text(member));
        json!({
            "uuid": uuid, "name": text("name"), "user_key": text("user_key"), "example": null, "scope": text("scope"),
            "owner": null, "published": "Publiceret",
        })
    }

    /// A class of an address: with its facet.
    pub(super) fn class_of_address(&self, uuid: Uuid) -> Value {
        let mut class = self.bare_class(uuid);
        class["facet"] = self.facet_of(uuid);
        class["top_level_facet"] = class["facet"].clone();
        class
    }

    /// A class with all that is shown of one.
    pub(super) fn full_class(&self, uuid: Uuid) -> Value {
        let mut class = self.class_of_address(uuid);
        class["full_name"] = class["name"].clone();
        class
    }

    /// A class of a unit: all but whether it is published.
    pub(super) fn class_of_unit(&self, uuid: Uuid) -> Value {
        let mut class = self.full_class(uuid);
        class.as_object_mut().unwrap().shift_remove("published");
        class
    }

    fn facet_of(&self, class: Uuid) -> Value {
        let facet =
            self.current(Collection::Classes, class).and_then(|state| state.uuids("facet_uuid").pop());
        let state = facet.and_then(|facet| self.current(Collection::Facets, facet));
        json!({"uuid": facet, "user_key": state.and_then(|state| state.text("user_key")), "description": ""})
    }

    /// A person as others refer to it.
    pub(super) fn person_reference(&self, uuid: Uuid) -> Value {
        let Some(state) = self.current(Collection::Employees, uuid) else { return json!({"uuid": uuid}) };
        let text = |member: &str| state.text(member).unwrap_or_default();
        let both = |first: &str, second: &str| format!("{} {}", text(first), text(second)).trim().to_owned();
        json!({
            "uuid": uuid, "givenname": text("given_name"), "surname": text("surname"), "name": both("given_name", "surname"),
            "nickname_givenname": text("nickname_given_name"), "nickname_surname": text("nickname_surname"),
            "nickname": both("nickname_given_name", "nickname_surname"), "seniority": state.text("seniority"),
        })
    }

    /// A unit as others refer to it, with the days of the whole unit.
    pub(super) fn unit_reference(&self, uuid: Uuid) -> Value {
        let states = self.states(Collection::OrgUnits, uuid);
        let (Some(first), Some(last)) = (states.first(), states.last()) else { return Value::Null };
        let shown = self.current(Collection::OrgUnits, uuid).unwrap_or(last);
        json!({
            "uuid": uuid, "name": shown.text("name"), "user_key": shown.text("user_key"),
            "validity": validity(first.from, last.last_day()),
        })
    }

    /// The organisation itself.
    pub(super) fn itself(&self) -> Value {
        json!({"uuid": self.uuid, "user_key": "root", "name": "root"})
    }
}
