//! All teams of the organisation: one answer, checked to be one tree.

use crate::Api;
use crate::answer::{broken, data, text_of, within};
use crate::member::renamed;
use muster_base::{Error, Exit};
use muster_http::Request;
use muster_stream::{Map, Value};
use std::collections::HashSet;

/// A team.
#[derive(Clone, Debug)]
pub struct Team {
    /// Swit's id.
    pub id: String,
    /// The name, unique in the organisation whatever its case.
    pub name: String,
    /// The id of the team above; none for the root.
    pub parent: Option<String>,
    /// Whose team it is: the source's key, as whoever made it left it there.
    pub reference: Option<String>,
    /// Ids of its members.
    pub members: Vec<String>,
    /// The whole object under the names of the newest description.
    pub map: Map,
}

/// All teams in Swit's order, which is that of siblings too.
#[derive(Clone, Debug, Default)]
pub struct Teams {
    /// The root's id.
    pub root: String,
    /// All, the root included.
    pub all: Vec<Team>,
}

impl Team {
    fn of(item: Value, request: &Request) -> Result<(Self, bool), Error> {
        let Value::Object(item) = item else { return Err(broken("a team is no object", request)) };
        let item = within(item, &["team"]);
        let depth = item.get("depth").and_then(Value::as_u64);
        let (team, depth) = Self::from_map(item)
            .zip(depth)
            .ok_or_else(|| broken("a team lacks team_id, team_name or depth", request))?;
        let team = if depth == 0 { Self { parent: None, ..team } } else { team };
        Ok((team, depth == 0))
    }

    /// The team that an object of the API is.
    pub fn from_map(object: Map) -> Option<Self> {
        let map = renamed(object, &[("id", "team_id"), ("name", "team_name")]);
        let members = map.get("users").and_then(Value::as_array).into_iter().flatten();
        Some(Self {
            id: text_of(&map, &["team_id"])?,
            name: text_of(&map, &["team_name"])?,
            parent: text_of(&map, &["parent_id"]),
            reference: text_of(&map, &["reference"]),
            members: members.filter_map(member).collect(),
            map,
        })
    }
}

/// A member by id alone, or as an object.
fn member(item: &Value) -> Option<String> {
    match item {
        Value::String(id) => Some(id.clone()),
        Value::Object(user) => text_of(user, &["user_id", "id"]),
        _ => None,
    }
}

impl Teams {
    /// Read all.
    pub async fn read(api: &Api<'_>) -> Result<Self, Error> {
        let request = api.addresses.teams(None)?;
        let all = list(api, &request).await?;
        let roots: Vec<String> =
            all.iter().filter(|(_, is_root)| *is_root).map(|(team, _)| team.id.clone()).collect();
        let [root] = roots.as_slice() else {
            let what = format!("the list of teams has {} roots instead of one", roots.len());
            return Err(untrusted(what, &request));
        };
        let ids: HashSet<&str> = all.iter().map(|(team, _)| team.id.as_str()).collect();
        if ids.len() != all.len() {
            return Err(untrusted("the list of teams names a team twice".to_owned(), &request));
        }
        let orphan = all.iter().find(|(team, is_root)| {
            !is_root && team.parent.as_deref().is_none_or(|parent| !ids.contains(parent))
        });
        if let Some((team, _)) = orphan {
            let what = format!("the list of teams lacks the one above team {}", team.id);
            return Err(untrusted(what, &request));
        }
        let root = root.clone();
        Ok(Self { root, all: all.into_iter().map(|(team, _)| team).collect() })
    }

    /// The teams with this reference, asked for anew.
    pub async fn with_reference(api: &Api<'_>, reference: &str) -> Result<Vec<Team>, Error> {
        let request = api.addresses.teams(Some(reference))?;
        let teams = list(api, &request).await?.into_iter().map(|(team, _)| team);
        // A server that does not know the parameter gives all.
        Ok(teams.filter(|team| team.reference.as_deref() == Some(reference)).collect())
    }
}

async fn list(api: &Api<'_>, request: &Request) -> Result<Vec<(Team, bool)>, Error> {
    let answer = api.send(request).await?;
    let mut data = data(&api.success(answer, request)?, request)?;
    match data.remove("team").or_else(|| data.remove("teams")) {
        Some(Value::Array(items)) => items.into_iter().map(|item| Team::of(item, request)).collect(),
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(_) => Err(broken("'team' is no list", request)),
    }
}

fn untrusted(what: String, request: &Request) -> Error {
    Error::new(Exit::Protocol, what)
        .at(request)
        .hint("nothing is done with a reading that is not whole; run it again")
}
