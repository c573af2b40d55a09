//! Objects as answers show them, in the newest shape or an older one.

use super::options::Shape;
use super::organisation::{Organisation, Team, User};
use serde_json::{Value, json};

/// A user of a list.
pub(super) fn listed_user(organisation: &Organisation, user: &User) -> Value {
    let shown = user_object(organisation, user);
    if organisation.options.shape == Shape::Older { json!({ "user": shown }) } else { shown }
}

/// A user that was made.
pub(super) fn made_user(organisation: &Organisation, user: &User) -> Value {
    listed_user(organisation, user)
}

/// A team that was made or changed.
pub(super) fn made_team(organisation: &Organisation, team: &Team) -> Value {
    let shown = team_object(organisation, team);
    if organisation.options.shape == Shape::Older { json!({ "data": shown }) } else { shown }
}

pub(super) fn user_object(organisation: &Organisation, user: &User) -> Value {
    let is_older = organisation.options.shape == Shape::Older;
    let teams: Vec<Value> = organisation
        .teams
        .iter()
        .filter(|team| team.members.contains(&user.id))
        .map(|team| {
            let main = if user.primary.as_deref() == Some(&team.id) { "Y" } else { "N" };
            json!({ "team_id": team.id, "team_name": team.name, "created": CREATED, "main_dept_yn": main })
        })
        .collect();
    let mut shown = json!({
        "user_id": user.id, "user_name": user.name, "email": user.email, "tel": user.tel, "role": user.role,
        "is_active": user.is_active, "status": "off", "language": user.language, "timezone": "Asia/Seoul",
        "timezone_auto_flag": 1, "created": CREATED, "last_activity": null, "mode": "", "msg": "", "photo": "",
        "bg_color": "#fff", "team": teams,
    });
    if is_older && user.tel.is_none() {
        shown.as_object_mut().unwrap().remove("tel");
    }
    shown
}

pub(super) fn team_object(organisation: &Organisation, team: &Team) -> Value {
    let is_older = organisation.options.shape == Shape::Older;
    let (id, name) = if is_older { ("id", "name") } else { ("team_id", "team_name") };
    let mut shown = json!({
        id: team.id, name: team.name, "parent_id": team.parent.clone().unwrap_or_default(),
        "depth": depth(organisation, team), "reference": team.reference.clone().unwrap_or_default(),
        "member_cnt": team.members.len(), "users": team.members,
    });
    if is_older {
        let shown = shown.as_object_mut().unwrap();
        if team.members.is_empty() {
            shown.remove("users");
        }
        if team.reference.is_none() {
            shown.insert("reference".to_owned(), Value::Null);
        }
    }
    shown
}

const CREATED: &str = "2022-01-03T01:18:43Z";

fn depth(organisation: &Organisation, team: &Team) -> usize {
    let parent = team.parent.as_ref().and_then(|id| organisation.by_id(id));
    parent.map_or(0, |parent| 1 + depth(organisation, parent))
}
