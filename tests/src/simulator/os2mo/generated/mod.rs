//! Generates an organisation of any size, in which everything odd that real ones hold happens now and then.
//!
//! What happens to the n-th unit or person follows from n, so that even a small organisation (200 persons, 40 units) holds
//! each oddity; names, dates and uuids follow from the seed.

mod addresses;
mod classes;
mod functions;
mod persons;
mod random;
mod units;
mod words;

use super::collection::Collection;
use super::organisation::{Dar, Organisation, State};
use jiff::civil::{Date, date};
use random::Random;
use serde_json::{Map, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// What grows while an organisation is generated.
struct Generator {
    organisation: Organisation,
    random: Random,
    /// The uuids of facets, classes and IT systems by user key.
    known: HashMap<&'static str, String>,
}

/// A unit, for those who are put into it.
#[derive(Clone, Copy)]
struct Unit {
    uuid: Uuid,
    from: Date,
    until: Option<Date>,
    /// Steps below its root.
    depth: usize,
}

impl Organisation {
    /// An invented municipality; the same arguments give the same one. At least five units are made.
    pub fn generated(seed: u64, persons: usize, units: usize) -> Self {
        let mut random = Random::new(seed);
        let organisation = Self::empty(random.uuid(), "Fjordby Kommune", date(2026, 11, 21));
        let mut generator = Generator { organisation, random, known: HashMap::new() };
        classes::generate(&mut generator);
        let units = units::generate(&mut generator, units.max(5));
        let placed = persons::generate(&mut generator, persons, &units);
        functions::generate(&mut generator, &units, &placed);
        generator.organisation
    }
}

impl Generator {
    /// Add an object with one state; members that are null are left out.
    fn put(
        &mut self,
        collection: Collection,
        from: Option<Date>,
        until: Option<Date>,
        members: &[(&str, Value)],
    ) -> Uuid {
        let uuid = self.random.uuid();
        let state = State { from, until, members: held(collection, members) };
        self.organisation.objects_mut(collection).insert(uuid, vec![state]);
        uuid
    }

    /// Let an object have `members` from `day` on.
    fn later(&mut self, collection: Collection, uuid: Uuid, day: Date, members: Value) {
        self.organisation.change_from(collection, uuid, day, members).unwrap();
    }

    /// The uuid of the facet, class or IT system with this user key.
    fn of(&self, user_key: &str) -> Value {
        Value::String(self.known[user_key].clone())
    }

    /// The uuid of an address in the register, or of one that is not in it.
    fn dar(&mut self, is_known: bool) -> String {
        let uuid = self.random.uuid().to_string();
        if is_known {
            let (street, number) = (self.random.pick(&words::STREETS), 1 + self.random.below(140));
            let floor = self.random.pick(&["", "", ", st.", ", 1. tv", ", 2. th", ", 3. mf"]);
            let text = format!("{street} {number}{floor}, 9999 Fjordby");
            self.organisation.set_dar(&uuid, Dar::Text(text));
        }
        uuid
    }
}

fn held(collection: Collection, members: &[(&str, Value)]) -> Map<String, Value> {
    let held = members.iter().filter(|(_, value)| !value.is_null());
    held.map(|(name, value)| {
        debug_assert!(collection.members().contains(name), "{name}");
        (name.to_string(), value.clone())
    })
    .collect()
}
