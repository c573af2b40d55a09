//! The whole organisation in memory: flat collections, joined by uuid.
//!
//! One nested query for persons costs the server some twenty statements a person; ten flat ones cost five a page. The
//! requests share no snapshot, so units and employees are read last, and what refers to an object that was not read
//! is unknown, not gone.

use crate::graphql::Server;
use crate::joining::{by_owner, current, first_states, held, resolved};
use crate::tree::tree;
use crate::validity::Validity;
use crate::wire::{self, Object};
use jiff::civil::Date;
use muster_base::Error;
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

/// A list that belongs to a person or unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Detail {
    Addresses,
    Accounts,
    Engagements,
    Managers,
    Kles,
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
    /// Units that exist but could not be read, and why.
    pub lost_units: BTreeMap<Uuid, String>,
    /// Lists that the server failed to give: the members made of them are unknown.
    pub unreadable: HashSet<(Uuid, Detail)>,
    /// What is missing of objects that are no longer held.
    pub gaps: Gaps,
    /// Whether the interface says nothing of ids that accounts have elsewhere, of accounts that addresses belong to, and of
    /// the time for which persons are there.
    pub is_terse: bool,
}

impl Organisation {
    /// Whether the list `detail` of `owner` was read; if not, its place goes to `unknown`.
    pub fn is_readable(&self, owner: Uuid, detail: Detail, place: &str, unknown: &mut Vec<String>) -> bool {
        let lost = self.unreadable.contains(&(owner, detail));
        if lost {
            unknown.push(place.to_owned());
        }
        !lost
    }

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
        organisation.gaps().tell();
        Ok(organisation)
    }

    /// What is known to be missing of all that is held.
    fn gaps(&self) -> Gaps {
        let is_dar = |address: &wire::Address| self.class(address.address_type_uuid).scope == Some("DAR");
        let dar: Vec<_> = self
            .addresses_of
            .values()
            .flatten()
            .filter(|held| is_dar(&held.object))
            .map(|held| held.uuid)
            .collect();
        let engagements = self.engagements_of.values().flatten();
        Gaps {
            dar: dar.len(),
            textless: dar.iter().filter(|uuid| !self.dar_names.contains_key(uuid)).count(),
            adrift: engagements.filter(|held| self.is_adrift(held)).count(),
        }
    }

    /// Whether a current engagement is in a unit that was not read.
    pub fn is_adrift(&self, held: &HeldEngagement) -> bool {
        held.is_current && !self.units.contains_key(&held.state.org_unit_uuid)
    }
}

/// How much of the read is missing.
#[derive(Debug, Default)]
pub struct Gaps {
    /// DAR addresses.
    pub dar: usize,
    /// Those without a text.
    pub textless: usize,
    /// Current engagements in units that were not read.
    pub adrift: usize,
}

impl Gaps {
    /// Say so.
    pub fn tell(&self) {
        let Self { dar, textless, adrift } = self;
        if *textless > 0 {
            tracing::warn!("{textless} of {dar} DAR addresses have no text; they count as unknown");
        }
        if *adrift > 0 {
            tracing::warn!(
                "{adrift} current engagements are in units that were not read; these persons count as unknown"
            );
        }
    }
}

async fn when<T>(wanted: bool, read: impl Future<Output = Result<Vec<T>, Error>>) -> Result<Vec<T>, Error> {
    if wanted { read.await } else { Ok(Vec::new()) }
}
