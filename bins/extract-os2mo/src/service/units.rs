//! All units with their details, as records of units and of persons need them.

use super::server::Server;
use super::wire::{Account, Address, Facet, Kle, Manager, Named, Unit};
use crate::address::is_resolved;
use crate::organisation::{Detail, Held, Organisation};
use crate::tree::tree;
use crate::validity::Validity;
use crate::wire;
use crate::writing::Selection;
use futures::{StreamExt, TryStreamExt, stream};
use muster_base::{Error, Exit};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// The end of a validity is the last included day here, as up to this version of GraphQL.
pub const DAYS: u8 = 28;

/// The details of one unit that were asked for; each none when the server failed to give it.
struct Details {
    unit: Uuid,
    accounts: Option<Vec<Account>>,
    addresses: Option<Vec<Address>>,
    managers: Option<Vec<Manager>>,
    kles: Option<Vec<Kle>>,
}

/// The units that `selection` may need; managers and KLE annotations only when the units themselves are `wanted`.
pub async fn read(server: &Server, wanted: bool, selection: &Selection) -> Result<Organisation, Error> {
    let mut organisation = Organisation { is_terse: true, ..Organisation::default() };
    let listed = match selection.picked.is_empty() {
        true => list(server, None).await?,
        false => selection.picked.clone(),
    };
    let read = chains(server, &listed, &mut organisation).await?;
    let hierarchies = hierarchies(server, &mut organisation).await?;
    let mut units = Vec::with_capacity(read.len());
    for (uuid, unit) in read {
        let validity = Validity::read(&unit.validity, DAYS)?;
        let object = wire::Unit {
            parent_uuid: unit.parent.map(|parent| parent.uuid),
            unit_type_uuid: organisation.learn_some(unit.org_unit_type),
            org_unit_level_uuid: organisation.learn_some(unit.org_unit_level),
            org_unit_hierarchy: hierarchies.get(&uuid).copied(),
            time_planning_uuid: organisation.learn_some(unit.time_planning),
            user_key: unit.user_key,
            name: unit.name,
            validity: unit.validity,
        };
        units.push(Held { uuid, object, validity });
    }
    organisation.units = tree(units, server.organisation());
    let uuids: Vec<Uuid> = organisation.units.keys().copied().collect();
    let mut all = stream::iter(uuids).map(|unit| details(server, unit, wanted)).buffered(server.parallel);
    while let Some(details) = all.try_next().await? {
        organisation.take_unit(details)?;
        server.say(format!("details of units {}", organisation.accounts_of.len()));
    }
    drop(all);
    if wanted {
        accounts_of_managers(server, &mut organisation).await?;
    }
    Ok(organisation)
}

async fn list(server: &Server, hierarchy: Option<Uuid>) -> Result<Vec<Uuid>, Error> {
    let filter = hierarchy.map(|uuid| ("hierarchy_uuids", uuid));
    let all: Vec<Named> = server.list("ou", "units", filter, |unit: &Named| unit.uuid).await?;
    Ok(all.into_iter().map(|unit| unit.uuid).collect())
}

/// The listed units and all above them. One that went since the list was made is lost: neither there nor gone.
async fn chains(
    server: &Server,
    listed: &[Uuid],
    organisation: &mut Organisation,
) -> Result<BTreeMap<Uuid, Unit>, Error> {
    let read: RefCell<BTreeMap<Uuid, Unit>> = RefCell::default();
    let ask = async |unit: Uuid| -> Result<(Uuid, bool), Error> {
        if read.borrow().contains_key(&unit) {
            return Ok((unit, true));
        }
        let found: Option<Unit> = server.find(&["ou", &unit.to_string()]).await?;
        let is_there = found.is_some();
        let mut next = found;
        while let Some(mut unit) = next {
            // What is above stays as a uuid alone.
            let parent =
                unit.parent.as_mut().map(|parent| std::mem::replace(parent, Box::new(parent.stub())));
            read.borrow_mut().entry(unit.uuid).or_insert(unit);
            next = parent.map(|parent| *parent);
        }
        server.say(format!("units {}", read.borrow().len()));
        Ok((unit, is_there))
    };
    let mut asked = std::pin::pin!(stream::iter(listed.iter().copied()).map(ask).buffered(server.parallel));
    let mut lost = BTreeSet::new();
    while let Some((unit, is_there)) = asked.try_next().await? {
        if !is_there {
            lost.insert(unit);
        }
    }
    let gone = "the server lists the unit, but no longer has it".to_owned();
    organisation.lost_units = lost.into_iter().map(|unit| (unit, gone.clone())).collect();
    Ok(read.take())
}

impl Unit {
    /// Its uuid, with nothing else of it.
    fn stub(&self) -> Self {
        Self {
            uuid: self.uuid,
            user_key: String::new(),
            name: String::new(),
            parent: None,
            org_unit_type: None,
            org_unit_level: None,
            time_planning: None,
            validity: wire::Validity { from: None, to: None },
        }
    }
}

/// The hierarchy of each unit that has one: units do not name it, but can be listed by it.
async fn hierarchies(server: &Server, organisation: &mut Organisation) -> Result<HashMap<Uuid, Uuid>, Error> {
    let facet: Option<Facet> = server.find_in_organisation(&["f", "org_unit_hierarchy"]).await?;
    let mut of_unit = HashMap::new();
    for class in facet.into_iter().flat_map(|facet| facet.data.items) {
        let hierarchy = organisation.learn(class);
        for unit in list(server, Some(hierarchy)).await? {
            if of_unit.insert(unit, hierarchy).is_some() {
                let what = format!("the server lists the unit {unit} in several hierarchies");
                return Err(
                    Error::new(Exit::Protocol, what).hint("read by `--api graphql` if the server has it")
                );
            }
        }
    }
    Ok(of_unit)
}

async fn details(server: &Server, unit: Uuid, wanted: bool) -> Result<Details, Error> {
    let (accounts, addresses) = tokio::try_join!(
        server.details("ou", unit, "it", None),
        server.details("ou", unit, "address", None),
    )?;
    let (managers, kles) = match wanted {
        true => tokio::try_join!(
            server.details("ou", unit, "manager", None),
            server.details("ou", unit, "kle", None)
        )?,
        false => (Some(Vec::new()), Some(Vec::new())),
    };
    Ok(Details { unit, accounts, addresses, managers, kles })
}

/// The accounts of persons who are managers: records of units hold them.
async fn accounts_of_managers(server: &Server, organisation: &mut Organisation) -> Result<(), Error> {
    let managers = organisation.managers_of.values().flatten();
    let persons: BTreeSet<Uuid> = managers.filter_map(|held| held.object.employee_uuid).collect();
    let ask = async |person| Ok::<_, Error>((person, server.details("e", person, "it", None).await?));
    let mut all = std::pin::pin!(stream::iter(persons).map(ask).buffered(server.parallel));
    while let Some((person, accounts)) = all.try_next().await? {
        organisation.take_accounts(person, accounts)?;
    }
    Ok(())
}

impl Organisation {
    fn take_unit(&mut self, details: Details) -> Result<(), Error> {
        let Details { unit, accounts, addresses, managers, kles } = details;
        self.take_accounts(unit, accounts)?;
        self.take_addresses(unit, addresses)?;
        let mut held = Vec::new();
        for manager in self.given(unit, Detail::Managers, managers) {
            let validity = Validity::read(&manager.validity, DAYS)?;
            let object = wire::Manager {
                employee_uuid: manager.person.map(|person| person.uuid),
                org_unit_uuid: unit,
                manager_type_uuid: self.learn_some(manager.manager_type),
                manager_level_uuid: self.learn_some(manager.manager_level),
                responsibility_uuids: Some(
                    manager.responsibility.into_iter().map(|class| self.learn(class)).collect(),
                ),
                validity: manager.validity,
            };
            held.push(Held { uuid: manager.uuid, object, validity });
        }
        self.managers_of.insert(unit, sorted(held));
        let mut held = Vec::new();
        for kle in self.given(unit, Detail::Kles, kles) {
            let validity = Validity::read(&kle.validity, DAYS)?;
            let object = wire::Kle {
                user_key: kle.user_key,
                org_unit_uuid: unit,
                kle_number_uuid: self.learn(kle.kle_number),
                kle_aspect_uuids: kle.kle_aspect.into_iter().map(|class| self.learn(class)).collect(),
                validity: kle.validity,
            };
            held.push(Held { uuid: kle.uuid, object, validity });
        }
        self.kles_of.insert(unit, sorted(held));
        Ok(())
    }

    /// Take the accounts of a person or unit up.
    pub fn take_accounts(&mut self, owner: Uuid, accounts: Option<Vec<Account>>) -> Result<(), Error> {
        let mut held = Vec::new();
        for account in self.given(owner, Detail::Accounts, accounts) {
            if let (Some(user_key), Some(name)) = (account.itsystem.user_key, account.itsystem.name) {
                self.systems.insert(account.itsystem.uuid, wire::System { user_key, name });
            }
            let validity = Validity::read(&account.validity, DAYS)?;
            let object = wire::Account {
                user_key: account.user_key,
                external_id: None,
                employee_uuid: None,
                org_unit_uuid: None,
                engagement_uuids: account.engagement.into_iter().map(|engagement| engagement.uuid).collect(),
                itsystem_uuid: account.itsystem.uuid,
                validity: account.validity,
            };
            held.push(Held { uuid: account.uuid, object, validity });
        }
        self.accounts_of.insert(owner, sorted(held));
        Ok(())
    }

    /// Take the addresses of a person or unit up.
    pub fn take_addresses(&mut self, owner: Uuid, addresses: Option<Vec<Address>>) -> Result<(), Error> {
        let mut held = Vec::new();
        for address in self.given(owner, Detail::Addresses, addresses) {
            let name = address.name.filter(|name| is_resolved(name));
            if address.address_type.scope.as_deref() == Some("DAR") {
                self.gaps.dar += 1;
                self.gaps.textless += usize::from(name.is_none());
                self.dar_names.extend(name.map(|name| (address.uuid, name)));
            }
            let validity = Validity::read(&address.validity, DAYS)?;
            let object = wire::Address {
                user_key: address.user_key,
                value: address.value,
                value2: address.value2,
                employee_uuid: None,
                org_unit_uuid: None,
                engagement_uuid: address.engagement_uuid,
                ituser_uuid: None,
                address_type_uuid: self.learn(address.address_type),
                visibility_uuid: self.learn_some(address.visibility),
                validity: address.validity,
            };
            held.push(Held { uuid: address.uuid, object, validity });
        }
        self.addresses_of.insert(owner, sorted(held));
        Ok(())
    }

    /// What the server gave; nothing, and remembered as unreadable, when it failed to.
    pub fn given<T>(&mut self, owner: Uuid, detail: Detail, list: Option<Vec<T>>) -> Vec<T> {
        if list.is_none() {
            self.unreadable.insert((owner, detail));
        }
        list.unwrap_or_default()
    }
}

fn sorted<T>(mut held: Vec<Held<T>>) -> Vec<Held<T>> {
    held.sort_by_key(|held| held.uuid);
    held
}
