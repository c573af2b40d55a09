//! The tree of units: who is above whom.

use crate::organisation::{Held, HeldUnit};
use crate::wire;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// The units with their ancestors. Up to version 27 of the interface the parent of a root is the organisation itself.
pub fn tree(units: Vec<Held<wire::Unit>>, root: Uuid) -> BTreeMap<Uuid, HeldUnit> {
    let parent_of = |unit: &wire::Unit| unit.parent_uuid.filter(|parent| *parent != root);
    let parents: HashMap<Uuid, Option<Uuid>> =
        units.iter().map(|held| (held.uuid, parent_of(&held.object))).collect();
    let placed = |held: Held<wire::Unit>| {
        let unit = HeldUnit {
            parent: parent_of(&held.object),
            ancestors: ancestors(held.uuid, &parents),
            unit: held.object,
            validity: held.validity,
        };
        (held.uuid, unit)
    };
    units.into_iter().map(placed).collect()
}

fn ancestors(unit: Uuid, parents: &HashMap<Uuid, Option<Uuid>>) -> Result<Vec<Uuid>, String> {
    let (mut chain, mut seen) = (Vec::new(), HashSet::from([unit]));
    let mut below = unit;
    loop {
        match parents.get(&below) {
            None => return Err(format!("the unit {below} above it was not read")),
            Some(None) => return Ok(chain),
            Some(Some(parent)) if !seen.insert(*parent) => {
                return Err(format!("the units above it form a circle at {parent}"));
            }
            Some(Some(parent)) => {
                chain.push(*parent);
                below = *parent;
            }
        }
    }
}
