//! From the server's flat lists to what can be found by the uuid of its owner.

use crate::address::is_resolved;
use crate::organisation::{Held, HeldEngagement};
use crate::validity::Validity;
use crate::wire::{self, Object};
use muster_base::Error;
use std::collections::HashMap;
use uuid::Uuid;

pub fn current<C>(objects: Vec<Object<C>>) -> impl Iterator<Item = (Uuid, C)> {
    objects.into_iter().filter_map(|object| Some((object.uuid, object.current?)))
}

pub fn held<C>(
    objects: Vec<Object<C>>,
    version: u8,
    validity: impl Fn(&C) -> &wire::Validity,
) -> Result<impl Iterator<Item = Held<C>>, Error> {
    let held: Result<Vec<_>, Error> = current(objects)
        .map(|(uuid, object)| {
            Ok(Held { uuid, validity: Validity::read(validity(&object), version)?, object })
        })
        .collect();
    Ok(held?.into_iter())
}

pub fn by_owner<C>(
    all: impl Iterator<Item = Held<C>>,
    owner: impl Fn(&C) -> Option<Uuid>,
) -> HashMap<Uuid, Vec<Held<C>>> {
    let mut by_owner: HashMap<Uuid, Vec<Held<C>>> = HashMap::new();
    for held in all {
        if let Some(owner) = owner(&held.object) {
            by_owner.entry(owner).or_default().push(held);
        }
    }
    by_owner.values_mut().for_each(|held| held.sort_by_key(|held| held.uuid));
    by_owner
}

pub fn resolved(names: Vec<Object<wire::DarName>>) -> HashMap<Uuid, String> {
    current(names)
        .filter_map(|(uuid, dar)| Some((uuid, dar.name.filter(|name| is_resolved(name))?)))
        .collect()
}

/// Each engagement in its first state from today on, by person.
pub fn first_states(
    engagements: Vec<wire::Engagement>,
    version: u8,
) -> Result<HashMap<Uuid, Vec<HeldEngagement>>, Error> {
    let mut by_person: HashMap<Uuid, Vec<HeldEngagement>> = HashMap::new();
    for engagement in engagements {
        let starts: Result<Vec<_>, Error> =
            engagement.starts.iter().map(|start| Validity::read(&start.validity, version)).collect();
        let start_date = starts?.into_iter().map(|validity| validity.from).min().flatten();
        let states: Result<Vec<_>, Error> = engagement
            .states
            .into_iter()
            .map(|state| Ok((Validity::read(&state.validity, version)?, state)))
            .collect();
        let Some((validity, state)) = states?.into_iter().min_by_key(|(validity, _)| validity.from) else {
            continue;
        };
        by_person.entry(state.employee_uuid).or_default().push(HeldEngagement {
            uuid: engagement.uuid,
            is_current: engagement.current.is_some(),
            start_date,
            state,
            validity,
        });
    }
    by_person.values_mut().for_each(|held| held.sort_by_key(|held| held.uuid));
    Ok(by_person)
}
