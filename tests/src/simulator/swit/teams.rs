//! Operations on teams and their members.

use super::answers::{Said, Success, refused};
use super::call::Call;
use super::organisation::{Organisation, Team};
use super::shape::{made_team, team_object};
use serde_json::{Value, json};

/// The team for people without one: it stays.
const UNASSIGNED: &str = "Unassigned";

/// `user.team.list`.
pub(super) fn list(organisation: &Organisation, call: &Call) -> Said {
    let matches = |team: &&Team| {
        let reference = call.text("reference");
        let parent = call.text("parent_id");
        reference.is_none_or(|reference| team.reference.as_deref() == Some(reference))
            && parent.is_none_or(|parent| team.parent.as_deref() == Some(parent))
    };
    let teams: Vec<Value> =
        organisation.teams.iter().filter(matches).map(|team| team_object(organisation, team)).collect();
    Ok(Success::Data(json!({ "team": teams })))
}

/// `team.create`: the new team stands last.
pub(super) fn create(organisation: &mut Organisation, call: &Call) -> Said {
    let (Some(name), Some(parent)) = (call.text("name"), call.text("parent_id")) else {
        return refused(400, "name and parent_id are required");
    };
    if organisation.by_id(parent).is_none() {
        return refused(404, "there is no such parent");
    }
    free(organisation, name, "")?;
    let id = organisation.place_team(name, Some(parent), call.text("reference"));
    Ok(Success::Data(made_team(organisation, known(organisation, &id)?)))
}

/// `team.update`: what is not sent stays.
pub(super) fn update(organisation: &mut Organisation, call: &Call) -> Said {
    let id = required(call)?;
    let is_root = known(organisation, &id)?.parent.is_none();
    if let Some(name) = call.text("name") {
        free(organisation, name, &id)?;
    }
    if let Some(parent) = call.text("parent_id") {
        known(organisation, parent)?;
        if is_root {
            return refused(400, "the root cannot be moved");
        }
        if lineage(organisation, parent).contains(&id) {
            return refused(400, "a team cannot be moved below itself");
        }
    }
    let Some(place) = organisation.teams.iter().position(|team| team.id == id) else {
        return refused(404, "gone");
    };
    let mut team = organisation.teams.remove(place);
    team.name = call.text("name").map_or(team.name, str::to_owned);
    team.reference = call.text("reference").map(str::to_owned).or(team.reference);
    let moved = call.text("parent_id").filter(|parent| team.parent.as_deref() != Some(parent));
    // A team that comes to another parent stands last there.
    let place = if moved.is_some() { organisation.teams.len() } else { place };
    team.parent = moved.map(str::to_owned).or(team.parent);
    organisation.teams.insert(place, team);
    Ok(Success::Data(made_team(organisation, known(organisation, &id)?)))
}

/// `team.delete`: its sub-teams go with it.
pub(super) fn delete(organisation: &mut Organisation, call: &Call) -> Said {
    let id = required(call)?;
    let team = known(organisation, &id)?;
    if team.parent.is_none() || team.name == UNASSIGNED {
        return refused(400, "this team cannot be deleted");
    }
    let gone: Vec<String> = organisation
        .teams
        .iter()
        .filter(|team| lineage(organisation, &team.id).contains(&id))
        .map(|team| team.id.clone())
        .collect();
    organisation.teams.retain(|team| !gone.contains(&team.id));
    for user in &mut organisation.users {
        user.primary = user.primary.take().filter(|team| !gone.contains(team));
    }
    Ok(Success::Data(Value::Null))
}

/// `team.sort`: all children of a parent, in the wanted order.
pub(super) fn sort(organisation: &mut Organisation, call: &Call) -> Said {
    let (Some(parent), Some(wanted)) = (call.text("parent_id"), call.list("team_ids")) else {
        return refused(400, "parent_id and team_ids are required");
    };
    let is_child = |team: &&Team| team.parent.as_deref() == Some(parent);
    let mut present: Vec<String> =
        organisation.teams.iter().filter(is_child).map(|team| team.id.clone()).collect();
    let mut named = wanted.clone();
    present.sort();
    named.sort();
    if present != named {
        return refused(400, "team_ids are not the children of the parent");
    }
    let (mut children, mut others): (Vec<Team>, Vec<Team>) =
        organisation.teams.drain(..).partition(|team| team.parent.as_deref() == Some(parent));
    children.sort_by_key(|team| wanted.iter().position(|id| *id == team.id));
    others.append(&mut children);
    organisation.teams = others;
    Ok(Success::Data(Value::Null))
}

/// `team.user.add` and `team.user.remove`: a success when any was added or removed, or already is as wanted.
pub(super) fn members(organisation: &mut Organisation, call: &Call, add: bool) -> Said {
    let id = required(call)?;
    known(organisation, &id)?;
    let Some(wanted) = call.list("user_ids").filter(|ids| !ids.is_empty()) else {
        return refused(400, "user_ids is required");
    };
    if wanted.len() > organisation.options.batch_limit {
        return refused(400, "too many user_ids");
    }
    let can = |user: &&String| {
        let known = organisation.users.iter().any(|known| known.id == **user && known.is_active);
        !add || (known && !organisation.options.unaddable.contains(user))
    };
    let taken: Vec<String> = wanted.iter().filter(can).cloned().collect();
    if taken.is_empty() {
        return refused(400, "none of the users can be added");
    }
    let Some(team) = organisation.teams.iter_mut().find(|team| team.id == id) else {
        return refused(404, "gone");
    };
    team.members.retain(|member| !taken.contains(member));
    if add {
        team.members.extend(taken);
    } else {
        for user in organisation.users.iter_mut().filter(|user| taken.contains(&user.id)) {
            user.primary = user.primary.take().filter(|primary| *primary != id);
        }
    }
    Ok(Success::Data(Value::Null))
}

/// `team.user.primary.update`.
pub(super) fn primary(organisation: &mut Organisation, call: &Call) -> Said {
    let id = required(call)?;
    let Some(user) = call.text("user_id") else { return refused(400, "user_id is required") };
    if !known(organisation, &id)?.members.iter().any(|member| member == user) {
        return refused(400, "the user is not in this team");
    }
    match organisation.users.iter_mut().find(|known| known.id == user) {
        Some(user) => user.primary = Some(id),
        None => return refused(404, "there is no such user"),
    }
    Ok(Success::Data(Value::Null))
}

fn required(call: &Call) -> Result<String, (u16, String)> {
    call.text("id").map_or_else(|| refused(400, "id is required"), |id| Ok(id.to_owned()))
}

fn known<'a>(organisation: &'a Organisation, id: &str) -> Result<&'a Team, (u16, String)> {
    organisation.by_id(id).map_or_else(|| refused(404, "there is no such team"), Ok)
}

/// Whether no other team than `except` has this name, whatever its case.
fn free(organisation: &Organisation, name: &str, except: &str) -> Result<(), (u16, String)> {
    let same = |team: &&Team| team.id != except && team.name.to_lowercase() == name.to_lowercase();
    match organisation.teams.iter().find(same) {
        None => Ok(()),
        Some(_) => refused(400, "a team of this name exists"),
    }
}

/// A team and all above it.
fn lineage(organisation: &Organisation, id: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut next = organisation.by_id(id);
    while let Some(team) = next.filter(|team| !all.contains(&team.id)) {
        all.push(team.id.clone());
        next = team.parent.as_ref().and_then(|parent| organisation.by_id(parent));
    }
    all
}
