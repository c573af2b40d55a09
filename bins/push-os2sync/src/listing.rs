//! All objects of the registry: from its hierarchy, and where the server cannot make one, from its lists of uuids.

use muster_base::{Error, Exit};
use muster_delivery::Listed;
use muster_http::Client;
use muster_os2sync::{Api, Hierarchy, Kind};

pub(crate) async fn list(api: &Api, client: &Client) -> Result<Vec<Listed>, Error> {
    match api.hierarchy(client).await {
        Ok(hierarchy) => Ok(listed(hierarchy)),
        Err(error) if error.exit() != Exit::NoPerm => {
            tracing::warn!("{error}; reading the lists of uuids instead, which have no names");
            let mut all = Vec::new();
            for kind in Kind::ALL {
                let uuids = api.uuids(client, kind).await?;
                all.extend(uuids.into_iter().map(|key| one(kind, key, None)));
            }
            Ok(all)
        }
        Err(error) => Err(error),
    }
}

fn listed(hierarchy: Hierarchy) -> Vec<Listed> {
    let units = hierarchy.units.into_iter().map(|unit| one(Kind::OrgUnit, unit.uuid, unit.name));
    let users = hierarchy.users.into_iter().map(|user| one(Kind::User, user.uuid, user.name));
    units.chain(users).collect()
}

fn one(kind: Kind, key: String, name: Option<String>) -> Listed {
    Listed { kind: kind.name(), key, name: name.unwrap_or_default() }
}
