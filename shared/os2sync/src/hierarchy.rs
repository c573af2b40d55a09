//! The hierarchy: all active units and users of the registry, read by the server in the background and given once.
//!
//! `GET /hierarchy` gives a ticket, `GET /hierarchy/{ticket}` answers 404 until the result is there; it is gone after the
//! first read, after an hour and after a restart. Only `Status` 0 is to be trusted, and only with its users: with
//! `onlyOUs` there are none, and nothing may be concluded of them then.

use crate::{Api, INACTIVE, Kind};
use muster_base::{Error, Exit};
use muster_http::{Answer, Client, Request};
use serde::Deserialize;
use std::time::Instant;

/// A result that was lost on its way is gone: so often the whole is begun anew.
const ROUNDS: usize = 2;

/// What `GET /hierarchy/{ticket}` gives.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Read {
    status: u8,
    result: Option<Hierarchy>,
}

/// The active units and users of the registry. Users without a name are not among them.
#[derive(Debug, Deserialize)]
pub struct Hierarchy {
    /// The units.
    #[serde(rename = "OUs")]
    pub units: Vec<Unit>,
    /// The users.
    #[serde(rename = "Users")]
    pub users: Vec<User>,
}

/// A unit.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Unit {
    /// Its uuid, in lower case.
    #[serde(deserialize_with = "lower")]
    pub uuid: String,
    /// Its name.
    pub name: Option<String>,
    /// The unit that it lies in; none for the root.
    #[serde(rename = "ParentOU")]
    pub parent: Option<String>,
}

/// A user.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct User {
    /// Its uuid, in lower case.
    #[serde(deserialize_with = "lower")]
    pub uuid: String,
    /// Its name in the municipality's systems.
    pub user_id: Option<String>,
    /// The person's name.
    pub name: Option<String>,
    /// What the user does, and where.
    #[serde(default)]
    pub positions: Vec<Position>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The telephone number.
    pub telephone: Option<String>,
    status: Option<u64>,
}

/// What a user does in a unit.
#[derive(Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Position {
    /// The unit's uuid, in lower case.
    #[serde(rename = "Uuid", deserialize_with = "lower")]
    pub unit: String,
    /// What it is called.
    pub name: Option<String>,
}

fn lower<'de, D: serde::Deserializer<'de>>(text: D) -> Result<String, D::Error> {
    String::deserialize(text).map(|text| text.to_lowercase())
}

impl Hierarchy {
    /// Without soft-deleted users; uuids in lower case.
    fn tidy(&mut self) {
        self.users.retain(|user| user.status != Some(INACTIVE));
        for unit in &mut self.units {
            unit.parent = unit.parent.take().filter(|uuid| !uuid.is_empty()).map(|uuid| uuid.to_lowercase());
        }
    }
}

impl Api {
    /// The hierarchy, once it is ready; an error when the server could not read it, or left its users out.
    pub async fn hierarchy(&self, client: &Client) -> Result<Hierarchy, Error> {
        let hierarchy = self.read_hierarchy(client, self.get(&["hierarchy"])?).await?;
        self.check_whole(client, &hierarchy).await?;
        Ok(hierarchy)
    }

    /// The units alone, which the server reads sooner.
    pub async fn units(&self, client: &Client) -> Result<Vec<Unit>, Error> {
        let start = self.get(&["hierarchy"])?.header("onlyOUs", "true");
        Ok(self.read_hierarchy(client, start).await?.units)
    }

    async fn read_hierarchy(&self, client: &Client, start: Request) -> Result<Hierarchy, Error> {
        let begun = Instant::now();
        let mut round = 1;
        let mut hierarchy = loop {
            match self.fetch(client, &start, begun).await {
                Err(error) if round < ROUNDS && error.exit() == Exit::Unavailable && self.is_time(begun) => {
                    tracing::info!("{error}; the hierarchy is asked for anew");
                    round += 1;
                }
                Err(error) => return Err(error),
                Ok((request, read)) => break trusted(&request, read)?,
            }
        };
        hierarchy.tidy();
        Ok(hierarchy)
    }

    /// One try: start it, and ask until there is something else than 404.
    async fn fetch(
        &self,
        client: &Client,
        start: &Request,
        begun: Instant,
    ) -> Result<(Request, Read), Error> {
        let ticket = client.send(start).await?.success(start)?.text();
        let mut fetch = self.get(&["hierarchy", ticket.trim().trim_matches('"')])?;
        // The answer is gone after the first read, so a second try would wait in vain.
        fetch.repeatable = false;
        let read = self.ready(client, &fetch, begun).await?.json(&fetch)?;
        Ok((fetch, read))
    }

    async fn ready(&self, client: &Client, fetch: &Request, begun: Instant) -> Result<Answer, Error> {
        let mut polls = self.polls_since(begun);
        loop {
            let answer = client.send(fetch).await?;
            if answer.status != 404 {
                return answer.success(fetch);
            }
            if !polls.next().await {
                let what = format!("no hierarchy within {:?}", self.hierarchy_wait);
                return Err(Error::new(Exit::Busy, what).at(fetch).hint("--hierarchy-wait sets that time"));
            }
        }
    }

    /// Whether OS2sync answers at this address: it gives the ticket of a hierarchy.
    pub async fn answers(&self, client: &Client) -> bool {
        let Ok(start) = self.get(&["hierarchy"]) else { return false };
        client.send(&start.header("onlyOUs", "true")).await.is_ok_and(|answer| answer.is_success())
    }

    fn is_time(&self, begun: Instant) -> bool {
        begun.elapsed() < self.hierarchy_wait
    }

    /// A hierarchy without users is one of a registry without users, or one that left them out; users without units there
    /// are none.
    async fn check_whole(&self, client: &Client, hierarchy: &Hierarchy) -> Result<(), Error> {
        if !hierarchy.users.is_empty() {
            return match hierarchy.units.is_empty() {
                true => Err(Error::new(Exit::Protocol, "the hierarchy has users, but no units")
                    .at(self.get(&["hierarchy"])?)),
                false => Ok(()),
            };
        }
        match self.uuids(client, Kind::User).await?.len() {
            0 => Ok(()),
            count => {
                let what = format!("the hierarchy has no users, the registry has {count}");
                Err(Error::new(Exit::Protocol, what).at(self.get(&["hierarchy"])?))
            }
        }
    }
}

fn trusted(request: &Request, read: Read) -> Result<Hierarchy, Error> {
    match read {
        Read { status: 0, result: Some(hierarchy) } => Ok(hierarchy),
        _ => {
            let what = "the server could not read the registry's hierarchy";
            Err(Error::new(Exit::Unavailable, what).at(request).hint("its log says why; try again later"))
        }
    }
}
