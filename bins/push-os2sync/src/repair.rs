//! Objects that are taken out of the registry and sent again, since no update can mend them.
//!
//! Of two equal positions the registry ends neither. The queue executes only the newest of the entries of one uuid that
//! come into one batch, so the second call waits until the registry shows the first. What only the registry knows of the
//! object is read before.

use crate::body::KIND_USER;
use crate::registry::{Name, Registry};
use clap::ValueEnum;
use muster_delivery::{Action, Root};
use std::collections::HashSet;

/// What is to be repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Repair {
    // No doc comments here: with them, the help would take four lines an option.
    Duplicates,
    Passivate,
}

/// The objects to repair.
pub(crate) struct Repairs {
    what: Option<Repair>,
    names: HashSet<Name>,
}

impl Repairs {
    pub(crate) fn new(what: Option<Repair>) -> Self {
        Self { what, names: HashSet::new() }
    }

    /// Whether anything is to be repaired.
    pub(crate) fn is_wanted(&self) -> bool {
        self.what.is_some()
    }

    /// Take note of what the registry holds.
    pub(crate) fn look(&mut self, registry: &Registry) {
        self.names = match self.what {
            None => HashSet::new(),
            Some(Repair::Duplicates) => {
                registry.with_duplicates().map(|uuid| (KIND_USER, uuid.to_owned())).collect()
            }
            Some(Repair::Passivate) => registry.names().cloned().collect(),
        };
    }

    /// How an object is taken out before it is sent, if it is. The top unit never is.
    pub(crate) fn of(&self, name: &Name, top_unit: &Root) -> Option<Action> {
        let is_top = || name.0 != KIND_USER && top_unit.protects(&name.1).is_some();
        if !self.names.contains(name) || is_top() {
            return None;
        }
        self.what.map(|what| match what {
            Repair::Duplicates => Action::Delete,
            Repair::Passivate => Action::Passivate,
        })
    }
}
