//! What the registry was seen to hold: for foreign objects, for `--verify` and for `--repair`.
//!
//! Only a hierarchy that the server calls a success counts. Where there is none, its lists of uuids name the objects, and
//! nothing is concluded from them.

use muster_base::{Error, Exit};
use muster_delivery::{Held, Holdings};
use muster_http::Client;
use muster_os2sync::{Api, Hierarchy, Kind, User};
use std::collections::HashSet;

/// Kind and key of an object.
pub(crate) type Name = (&'static str, String);

/// The registry as it was before the run, as far as anybody looked.
#[derive(Default)]
pub(crate) struct Registry {
    hierarchy: Option<Hierarchy>,
    /// What is in it.
    held: HashSet<Name>,
    /// What was accepted and is not in it.
    pub(crate) lost: HashSet<Name>,
}

impl Registry {
    /// Read the hierarchy.
    pub(crate) async fn read(api: &Api, client: &Client) -> Result<Self, Error> {
        let hierarchy = api.hierarchy(client).await?;
        let units = hierarchy.units.iter().map(|unit| (Kind::OrgUnit.name(), unit.uuid.clone()));
        let users = hierarchy.users.iter().map(|user| (Kind::User.name(), user.uuid.clone()));
        let held = units.chain(users).collect();
        Ok(Self { hierarchy: Some(hierarchy), held, lost: HashSet::new() })
    }

    /// Whether it holds an object.
    pub(crate) fn holds(&self, name: &Name) -> bool {
        self.held.contains(name)
    }

    /// What people call an object of it.
    pub(crate) fn called(&self, kind: Kind, key: &str) -> Option<&str> {
        let hierarchy = self.hierarchy.as_ref()?;
        match kind {
            Kind::User => hierarchy.users.iter().find(|user| user.uuid == key)?.name.as_deref(),
            Kind::OrgUnit => hierarchy.units.iter().find(|unit| unit.uuid == key)?.name.as_deref(),
        }
    }

    /// Everything that it holds but its root.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Name> {
        let units = self.hierarchy.iter().flat_map(|hierarchy| &hierarchy.units);
        let roots: HashSet<&str> =
            units.filter(|unit| unit.parent.is_none()).map(|unit| unit.uuid.as_str()).collect();
        self.held
            .iter()
            .filter(move |(kind, key)| *kind != Kind::OrgUnit.name() || !roots.contains(key.as_str()))
    }

    /// The users of whom a position stands there more than once.
    pub(crate) fn with_duplicates(&self) -> impl Iterator<Item = &str> {
        let users = self.hierarchy.iter().flat_map(|hierarchy| &hierarchy.users);
        users.filter(|user| has_duplicates(user)).map(|user| user.uuid.as_str())
    }

    /// All its objects, for whoever looks for foreign ones; without their names and in doubt when there is no hierarchy.
    pub(crate) async fn holdings(&mut self, api: &Api, client: &Client) -> Result<Holdings, Error> {
        let read = match self.hierarchy.take() {
            Some(hierarchy) => Ok(hierarchy),
            None => api.hierarchy(client).await,
        };
        match read {
            Ok(hierarchy) => Ok(Holdings { objects: held(hierarchy), doubt: None }),
            Err(error) if error.exit() == Exit::NoPerm => Err(error),
            Err(error) => {
                tracing::warn!("{error}; reading the lists of uuids instead, which have no names");
                Ok(Holdings { objects: listed(api, client).await?, doubt: Some(error.to_string()) })
            }
        }
    }
}

fn has_duplicates(user: &User) -> bool {
    let mut seen = HashSet::new();
    !user.positions.iter().all(|position| seen.insert(position))
}

fn held(hierarchy: Hierarchy) -> Vec<Held> {
    let units = hierarchy.units.into_iter().map(|unit| Held {
        name: unit.name.unwrap_or_default(),
        protected: unit.parent.is_none().then(|| "it is the root of the organisation".to_owned()),
        container: unit.parent,
        ..Held::new(Kind::OrgUnit.name(), unit.uuid)
    });
    let users = hierarchy
        .users
        .into_iter()
        .map(|user| Held { name: user.name.unwrap_or_default(), ..Held::new(Kind::User.name(), user.uuid) });
    units.chain(users).collect()
}

async fn listed(api: &Api, client: &Client) -> Result<Vec<Held>, Error> {
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let uuids = api.uuids(client, kind).await?;
        all.extend(uuids.into_iter().map(|uuid| Held::new(kind.name(), uuid)));
    }
    Ok(all)
}
