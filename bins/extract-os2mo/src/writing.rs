//! Which records are written, and in which order: units parents first, then by uuid; persons by uuid.

use crate::organisation::{Kind, Organisation};
use muster_base::{Error, Exit};
use muster_stream::Writer;
use std::collections::HashSet;
use uuid::Uuid;

/// What is wanted of all that was read.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only this unit and what is below it.
    pub top: Option<Uuid>,
    /// Only these units and what is above them; all when there is none.
    pub picked: Vec<Uuid>,
    /// So many records of each kind at most.
    pub limit: Option<usize>,
}

impl Organisation {
    /// Refuse units that are not there: a mistyped one would make the whole municipality look empty.
    pub fn check(&self, selection: &Selection) -> Result<(), Error> {
        let wrong = |what: String, flag| Err(Error::new(Exit::Config, what).hint(format!("check {flag}")));
        let is_there = |unit: &Uuid| self.units.contains_key(unit);
        for unit in &selection.picked {
            if !is_there(unit) {
                return wrong(format!("the server has no current unit {unit}"), "--unit");
            }
            if selection.top.is_some_and(|top| !self.may_be_below(*unit, top)) {
                return wrong(format!("the unit {unit} is not below the top unit"), "--unit");
            }
        }
        match selection.top.filter(|top| !is_there(top)) {
            Some(top) => wrong(format!("the server has no current unit {top}"), "--top-unit"),
            None => Ok(()),
        }
    }

    /// Write the units of `selection`, parents first, then by uuid.
    pub fn write_units(&self, selection: &Selection, output: &mut Writer) -> Result<(), Error> {
        let uuids = self.selected_units(selection);
        let limit = selection.limit.unwrap_or(usize::MAX);
        if !selection.picked.is_empty() {
            output.narrowed(format!(
                "only {} units and those above them were asked for",
                selection.picked.len()
            ));
        } else if uuids.len() > limit {
            output.narrowed(format!("only {limit} of {} records were asked for", uuids.len()));
        }
        for uuid in uuids.into_iter().take(limit) {
            match self.org_unit(uuid)? {
                Ok(record) => output.write(&record)?,
                Err(why) => output.unreadable(Kind::OrgUnit.name(), &uuid.to_string(), &why)?,
            }
        }
        for (uuid, why) in &self.lost_units {
            output.unreadable(Kind::OrgUnit.name(), &uuid.to_string(), why)?;
        }
        Ok(())
    }

    /// Write the persons of `selection`, by uuid.
    pub fn write_persons(&self, selection: &Selection, output: &mut Writer) -> Result<(), Error> {
        let wanted = |person: &&Uuid| selection.top.is_none_or(|top| self.works_below(**person, top));
        let uuids: Vec<&Uuid> = self.employees.keys().filter(wanted).collect();
        let limit = selection.limit.unwrap_or(usize::MAX);
        if uuids.len() > limit {
            output.narrowed(format!("only {limit} of {} records were asked for", uuids.len()));
        }
        for uuid in uuids.into_iter().take(limit) {
            if let Some(record) = self.person(*uuid)? {
                output.write(&record)?;
            }
        }
        Ok(())
    }

    fn selected_units(&self, selection: &Selection) -> Vec<Uuid> {
        let ancestors = |unit: &Uuid| self.units.get(unit).and_then(|held| held.ancestors.as_ref().ok());
        let above = selection.picked.iter().filter_map(ancestors).flatten();
        let picked: HashSet<&Uuid> = selection.picked.iter().chain(above).collect();
        let mut units: Vec<(usize, Uuid)> = self
            .units
            .iter()
            .filter(|(uuid, _)| picked.is_empty() || picked.contains(uuid))
            .filter(|(uuid, _)| selection.top.is_none_or(|top| self.may_be_below(**uuid, top)))
            .map(|(uuid, held)| (held.ancestors.as_ref().map_or(usize::MAX, Vec::len), *uuid))
            .collect();
        units.sort_unstable();
        units.into_iter().map(|(_, uuid)| uuid).collect()
    }

    /// Whether a person has an engagement in `top` or below it, or may have, as that is unknown.
    pub fn works_below(&self, person: Uuid, top: Uuid) -> bool {
        let mut engagements = self.engagements_of.get(&person).into_iter().flatten();
        engagements.any(|held| self.may_be_below(held.state.org_unit_uuid, top))
            || self.unreadable.contains(&(person, crate::organisation::Detail::Engagements))
    }

    /// Whether a unit is `top` or below it, or may be, as its place is unknown.
    fn may_be_below(&self, unit: Uuid, top: Uuid) -> bool {
        let ancestors = self.units.get(&unit).map(|held| &held.ancestors);
        unit == top
            || ancestors.is_none_or(|ancestors| ancestors.as_ref().map_or(true, |all| all.contains(&top)))
    }
}
