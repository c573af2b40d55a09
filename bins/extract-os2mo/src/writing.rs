//! Which records are written, and in which order: units parents first, then by uuid; persons by uuid.

use crate::organisation::{Kind, Organisation};
use muster_base::{Error, Exit};
use muster_stream::Writer;
use uuid::Uuid;

impl Organisation {
    /// The unit `uuid`, which must be there: a mistyped one would make the whole municipality look empty.
    pub fn known_unit(&self, uuid: Uuid) -> Result<Uuid, Error> {
        match self.units.contains_key(&uuid) {
            true => Ok(uuid),
            false => Err(Error::new(Exit::Config, format!("the server has no current unit {uuid}"))
                .hint("check --top-unit")),
        }
    }

    /// Write the records of `kind`, at most `limit`: units parents first, then by uuid; persons by uuid.
    pub fn write(
        &self,
        kind: Kind,
        top: Option<Uuid>,
        limit: Option<usize>,
        output: &mut Writer,
    ) -> Result<(), Error> {
        let uuids = match kind {
            Kind::OrgUnit => self.units_parents_first(top),
            Kind::Person => self.persons(top),
        };
        let limit = limit.unwrap_or(usize::MAX);
        if uuids.len() > limit {
            output.narrowed(format!("only {limit} of {} records were asked for", uuids.len()));
        }
        for uuid in uuids.into_iter().take(limit) {
            match kind {
                Kind::OrgUnit => match self.org_unit(uuid)? {
                    Ok(record) => output.write(&record)?,
                    Err(why) => output.unreadable(kind.name(), &uuid.to_string(), &why)?,
                },
                Kind::Person => {
                    if let Some(record) = self.person(uuid)? {
                        output.write(&record)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn units_parents_first(&self, top: Option<Uuid>) -> Vec<Uuid> {
        let mut units: Vec<(usize, Uuid)> = self
            .units
            .iter()
            .filter(|(uuid, _)| top.is_none_or(|top| self.may_be_below(**uuid, top)))
            .map(|(uuid, held)| (held.ancestors.as_ref().map_or(usize::MAX, Vec::len), *uuid))
            .collect();
        units.sort_unstable();
        units.into_iter().map(|(_, uuid)| uuid).collect()
    }

    fn persons(&self, top: Option<Uuid>) -> Vec<Uuid> {
        let works_below = |person: &Uuid, top: Uuid| {
            let mut engagements = self.engagements_of.get(person).into_iter().flatten();
            engagements.any(|held| self.may_be_below(held.state.org_unit_uuid, top))
        };
        self.employees
            .keys()
            .filter(|person| top.is_none_or(|top| works_below(person, top)))
            .copied()
            .collect()
    }

    /// Whether a unit is `top` or below it, or may be, as its place is unknown.
    fn may_be_below(&self, unit: Uuid, top: Uuid) -> bool {
        let ancestors = self.units.get(&unit).map(|held| &held.ancestors);
        unit == top
            || ancestors.is_none_or(|ancestors| ancestors.as_ref().map_or(true, |all| all.contains(&top)))
    }
}
