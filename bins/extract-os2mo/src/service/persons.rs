//! Persons, each written as soon as its details are there, by uuid.

use super::server::Server;
use super::units::DAYS;
use super::wire::{Account, Address, Engagement, Past, Person};
use crate::joining::first_states;
use crate::organisation::{Detail, Held, Organisation};
use crate::validity::Validity;
use crate::wire;
use crate::writing::Selection;
use futures::{StreamExt, TryStreamExt, stream};
use muster_base::Error;
use muster_stream::Writer;
use std::collections::HashMap;
use uuid::Uuid;

/// A person with its details; each none when the server failed to give it.
struct Whole {
    person: Person,
    engagements: Option<Vec<wire::Engagement>>,
    /// None when they are held already: the person is a manager.
    accounts: Option<Option<Vec<Account>>>,
    addresses: Option<Vec<Address>>,
    /// Classes that the engagements name.
    classes: Vec<super::wire::Class>,
}

/// Write the persons of `selection`.
pub async fn write(
    server: &Server,
    organisation: &mut Organisation,
    selection: &Selection,
    output: &mut Writer,
) -> Result<(), Error> {
    let mut persons: Vec<Person> = server.list("e", "persons", None, |person: &Person| person.uuid).await?;
    persons.sort_by_key(|person| person.uuid);
    let (total, limit) = (persons.len(), selection.limit.unwrap_or(usize::MAX));
    let known: Vec<bool> =
        persons.iter().map(|person| organisation.accounts_of.contains_key(&person.uuid)).collect();
    let ask = |(person, is_known): (Person, bool)| whole(server, person, is_known);
    let mut all =
        std::pin::pin!(stream::iter(persons.into_iter().zip(known)).map(ask).buffered(server.parallel));
    let (mut read, mut written) = (0, 0);
    while written < limit {
        let Some(whole) = all.try_next().await? else { return Ok(()) };
        written += usize::from(organisation.write_person(whole, selection, output)?);
        read += 1;
        server.say(format!("persons {read} of {total}"));
    }
    if read < total {
        output.narrowed(format!("only {limit} records were asked for"));
    }
    Ok(())
}

async fn whole(server: &Server, person: Person, is_known: bool) -> Result<Whole, Error> {
    let uuid = person.uuid;
    let accounts = async || match is_known {
        true => Ok(None),
        false => server.details("e", uuid, "it", None).await.map(Some),
    };
    let (present, future, accounts, addresses) = tokio::try_join!(
        server.details::<Engagement>("e", uuid, "engagement", None),
        server.details::<Engagement>("e", uuid, "engagement", Some("future")),
        accounts(),
        server.details("e", uuid, "address", None),
    )?;
    let mut classes = Vec::new();
    let (Some(present), Some(future)) = (present, future) else {
        return Ok(Whole { person, engagements: None, accounts, addresses, classes });
    };
    let employed = !present.is_empty() || !future.is_empty();
    let past: Option<Vec<Past>> = match employed {
        true => server.details("e", uuid, "engagement", Some("past")).await?,
        false => Some(Vec::new()),
    };
    let engagements = past.map(|past| joined(uuid, present, future, past, &mut classes));
    Ok(Whole { person, engagements, accounts, addresses, classes })
}

/// The states of each engagement that is current or begins later, together.
fn joined(
    person: Uuid,
    present: Vec<Engagement>,
    future: Vec<Engagement>,
    past: Vec<Past>,
    classes: &mut Vec<super::wire::Class>,
) -> Vec<wire::Engagement> {
    let mut of_uuid: HashMap<Uuid, wire::Engagement> = HashMap::new();
    let current = present.into_iter().map(|state| (state, true));
    for (state, is_current) in current.chain(future.into_iter().map(|state| (state, false))) {
        let uuid = state.uuid;
        let engagement = of_uuid.entry(uuid).or_insert_with(|| wire::Engagement {
            uuid,
            current: is_current.then_some(wire::Named { uuid }),
            states: Vec::new(),
            starts: Vec::new(),
        });
        engagement.starts.push(wire::Start { validity: state.validity.clone() });
        engagement.states.push(read(person, state, classes));
    }
    for state in past {
        if let Some(engagement) = of_uuid.get_mut(&state.uuid) {
            engagement.starts.push(wire::Start { validity: state.validity });
        }
    }
    of_uuid.into_values().collect()
}

fn read(person: Uuid, state: Engagement, classes: &mut Vec<super::wire::Class>) -> wire::EngagementState {
    let is_primary = state.is_primary();
    let mut learn = |class: Option<super::wire::Class>| {
        let uuid = class.as_ref().map(|class| class.uuid);
        classes.extend(class);
        uuid
    };
    wire::EngagementState {
        user_key: state.user_key,
        employee_uuid: person,
        // In no unit that was read, so that the engagement counts as unknown, not as none.
        org_unit_uuid: state.org_unit.map_or(Uuid::nil(), |unit| unit.uuid),
        job_function_uuid: learn(state.job_function),
        engagement_type_uuid: learn(state.engagement_type),
        primary_uuid: learn(state.primary),
        is_primary,
        fraction: state.fraction,
        extensions: state.extensions,
        validity: state.validity,
    }
}

impl Organisation {
    /// Take a person up, write it if it is wanted, and forget it; whether it was written.
    fn write_person(
        &mut self,
        whole: Whole,
        selection: &Selection,
        output: &mut Writer,
    ) -> Result<bool, Error> {
        let uuid = whole.person.uuid;
        let was_held = whole.accounts.is_none();
        self.take_person(whole)?;
        let record = match selection.top.is_none_or(|top| self.works_below(uuid, top)) {
            true => self.person(uuid)?,
            false => None,
        };
        if let Some(record) = &record {
            output.write(record)?;
        }
        self.employees.remove(&uuid);
        let engagements = self.engagements_of.remove(&uuid).into_iter().flatten();
        self.gaps.adrift += engagements.filter(|held| self.is_adrift(held)).count();
        for held in self.addresses_of.remove(&uuid).into_iter().flatten() {
            self.dar_names.remove(&held.uuid);
        }
        if !was_held {
            self.accounts_of.remove(&uuid);
        }
        Ok(record.is_some())
    }

    fn take_person(&mut self, whole: Whole) -> Result<(), Error> {
        let Whole { person, engagements, accounts, addresses, classes } = whole;
        let uuid = person.uuid;
        for class in classes {
            self.learn(class);
        }
        let engagements = self.given(uuid, Detail::Engagements, engagements);
        self.engagements_of.extend(first_states(engagements, DAYS)?);
        if let Some(accounts) = accounts {
            self.take_accounts(uuid, accounts)?;
        }
        self.take_addresses(uuid, addresses)?;
        let object = wire::Employee::from(person);
        let validity = Validity::read(&object.validity, DAYS)?;
        self.employees.insert(uuid, Held { uuid, object, validity });
        Ok(())
    }
}
