//! The whole organisation in memory: flat collections, joined by uuid.
//!
//! One nested query for persons costs the server some twenty statements a person; ten flat ones cost five a page. The
//! requests share no snapshot, so units and employees are read last, and what refers to an object that was not read
//! is unknown, not gone.

use crate::address::is_resolved;
use crate::graphql::Server;
use crate::validity::Validity;
use crate::wire::{self, Object};
use jiff::civil::Date;
use muster_base::{Error, Exit};
use muster_stream::Writer;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// The kinds of records.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Kind {
    OrgUnit,
    Person,
}

impl Kind {
    /// Its name in the stream.
    pub fn name(self) -> &'static str {
        match self {
            Self::OrgUnit => "org_unit",
            Self::Person => "person",
        }
    }
}

/// What is to be read.
pub struct Wanted<'a> {
    pub kinds: &'a [Kind],
    pub today: Date,
}

/// An object of the server, with its validity in days.
pub struct Held<T> {
    pub uuid: Uuid,
    pub object: T,
    pub validity: Validity,
}

/// A unit with its place in the tree: ancestors nearest first, or why they are unknown.
pub struct HeldUnit {
    pub unit: wire::Unit,
    pub validity: Validity,
    pub parent: Option<Uuid>,
    pub ancestors: Result<Vec<Uuid>, String>,
}

/// An engagement in its first state from today on.
pub struct HeldEngagement {
    pub uuid: Uuid,
    pub is_current: bool,
    pub state: wire::EngagementState,
    pub start_date: Option<Date>,
    pub validity: Validity,
}

/// Everything that was read, findable by the uuid of what it belongs to.
#[derive(Default)]
pub struct Organisation {
    pub employees: BTreeMap<Uuid, Held<wire::Employee>>,
    pub units: BTreeMap<Uuid, HeldUnit>,
    pub engagements_of: HashMap<Uuid, Vec<HeldEngagement>>,
    pub addresses_of: HashMap<Uuid, Vec<Held<wire::Address>>>,
    pub accounts_of: HashMap<Uuid, Vec<Held<wire::Account>>>,
    pub managers_of: HashMap<Uuid, Vec<Held<wire::Manager>>>,
    pub kles_of: HashMap<Uuid, Vec<Held<wire::Kle>>>,
    pub dar_names: HashMap<Uuid, String>,
    pub classes: HashMap<Uuid, wire::Class>,
    pub systems: HashMap<Uuid, wire::System>,
}

impl Organisation {
    /// Read all that records of the wanted kinds need.
    pub async fn read(server: &Server, wanted: &Wanted<'_>) -> Result<Self, Error> {
        let (persons, units) = (wanted.kinds.contains(&Kind::Person), wanted.kinds.contains(&Kind::OrgUnit));
        let today = json!({ "today": wanted.today.to_string() });
        let (engagements, addresses, dar_names, accounts, managers, kles, classes, systems) = tokio::try_join!(
            when(persons, server.collect::<wire::Engagement>(&wire::ENGAGEMENTS, today)),
            server.collect::<Object<wire::Address>>(&wire::ADDRESSES, json!({})),
            server.collect::<Object<wire::DarName>>(&wire::DAR_NAMES, json!({})),
            server.collect::<Object<wire::Account>>(&wire::ACCOUNTS, json!({})),
            when(units, server.collect::<Object<wire::Manager>>(&wire::MANAGERS, json!({}))),
            when(units, server.collect::<Object<wire::Kle>>(&wire::KLES, json!({}))),
            server.collect::<Object<wire::Class>>(&wire::CLASSES, json!({})),
            server.collect::<Object<wire::System>>(&wire::SYSTEMS, json!({})),
        )?;
        let (employees, units, root) = tokio::try_join!(
            when(persons, server.collect::<Object<wire::Employee>>(&wire::EMPLOYEES, json!({}))),
            server.collect::<Object<wire::Unit>>(&wire::UNITS, json!({})),
            server.ask::<wire::Root>(&wire::ORGANISATION),
        )?;
        let version = server.version();
        let mut organisation = Self {
            employees: held(employees, version, |employee| &employee.validity)?
                .map(|held| (held.uuid, held))
                .collect(),
            engagements_of: first_states(engagements, version)?,
            dar_names: resolved(dar_names),
            classes: current(classes).collect(),
            systems: current(systems).collect(),
            ..Self::default()
        };
        let owner = |address: &wire::Address| address.employee_uuid.or(address.org_unit_uuid);
        organisation.addresses_of = by_owner(held(addresses, version, |address| &address.validity)?, owner);
        let owner = |account: &wire::Account| account.employee_uuid.or(account.org_unit_uuid);
        organisation.accounts_of = by_owner(held(accounts, version, |account| &account.validity)?, owner);
        let owner = |manager: &wire::Manager| Some(manager.org_unit_uuid);
        organisation.managers_of = by_owner(held(managers, version, |manager| &manager.validity)?, owner);
        organisation.kles_of =
            by_owner(held(kles, version, |kle| &kle.validity)?, |kle| Some(kle.org_unit_uuid));
        organisation.units = tree(held(units, version, |unit| &unit.validity)?.collect(), root.org.uuid);
        organisation.tell_of_gaps();
        Ok(organisation)
    }

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

    fn tell_of_gaps(&self) {
        let is_dar = |address: &wire::Address| self.class(address.address_type_uuid).scope == Some("DAR");
        let all = self.addresses_of.values().flatten().filter(|held| is_dar(&held.object));
        let (found, lost): (Vec<_>, Vec<_>) = all.partition(|held| self.dar_names.contains_key(&held.uuid));
        if !lost.is_empty() {
            let total = found.len() + lost.len();
            tracing::warn!("{} of {total} DAR addresses have no text; they count as unknown", lost.len());
        }
        let engagements = self.engagements_of.values().flatten();
        let adrift = engagements
            .filter(|held| held.is_current && !self.units.contains_key(&held.state.org_unit_uuid))
            .count();
        if adrift > 0 {
            tracing::warn!(
                "{adrift} current engagements are in units that were not read; these persons count as unknown"
            );
        }
    }
}

async fn when<T>(wanted: bool, read: impl Future<Output = Result<Vec<T>, Error>>) -> Result<Vec<T>, Error> {
    if wanted { read.await } else { Ok(Vec::new()) }
}

fn current<C>(objects: Vec<Object<C>>) -> impl Iterator<Item = (Uuid, C)> {
    objects.into_iter().filter_map(|object| Some((object.uuid, object.current?)))
}

fn held<C>(
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

fn by_owner<C>(
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

fn resolved(names: Vec<Object<wire::DarName>>) -> HashMap<Uuid, String> {
    current(names)
        .filter_map(|(uuid, dar)| Some((uuid, dar.name.filter(|name| is_resolved(name))?)))
        .collect()
}

/// Each engagement in its first state from today on, by person.
fn first_states(
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

/// The units with their ancestors. Up to version 27 of the interface the parent of a root is the organisation itself.
fn tree(units: Vec<Held<wire::Unit>>, root: Uuid) -> BTreeMap<Uuid, HeldUnit> {
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
