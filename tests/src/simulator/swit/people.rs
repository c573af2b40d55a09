//! Operations on people.

use super::answers::{Said, Success, refused};
use super::call::Call;
use super::organisation::{Organisation, User};
use super::shape::{listed_user, made_user};
use serde_json::{Value, json};

const LONGEST_EMAIL: usize = 254;

/// `organization.user.list`.
pub(super) fn list(organisation: &mut Organisation, call: &Call) -> Said {
    let Some(cnt) = call.count("cnt").filter(|cnt| *cnt > 0) else { return refused(400, "cnt is required") };
    let size = cnt.min(organisation.options.page_limit);
    let page = call.count("page").unwrap_or(1).max(1);
    let matching: Vec<&User> =
        organisation.users.iter().filter(|user| matches(organisation, user, call)).collect();
    let total = matching.len();
    let users: Vec<Value> = matching
        .into_iter()
        .skip((page - 1) * size)
        .take(size)
        .map(|user| listed_user(organisation, user))
        .collect();
    if organisation.joins_after_page.as_ref().is_some_and(|(after, _)| *after == page)
        && let Some((_, user)) = organisation.joins_after_page.take()
    {
        organisation.users.insert(0, user);
    }
    Ok(Success::Data(json!({ "total_rows": total, "users": users })))
}

fn matches(organisation: &Organisation, user: &User, call: &Call) -> bool {
    let status = match call.text("filters.membership_status") {
        Some("active") => user.is_active,
        Some("inactive") => !user.is_active,
        _ => true,
    };
    let keyword =
        call.text("keyword").is_none_or(|word| user.name.contains(word) || user.email.contains(word));
    let team = call
        .text("team_id")
        .is_none_or(|id| organisation.by_id(id).is_some_and(|team| team.members.contains(&user.id)));
    status && keyword && team
}

/// `organization.user.create`.
pub(super) fn create(organisation: &mut Organisation, call: &Call) -> Said {
    let (Some(name), Some(email)) = (call.text("user_name"), call.text("user_email")) else {
        return refused(400, "user_name and user_email are required");
    };
    if email.len() > LONGEST_EMAIL || !email.contains('@') {
        return refused(400, "user_email is not valid");
    }
    let language = call.text("language").unwrap_or("en");
    if !matches!(language, "en" | "ko") {
        return refused(400, "language is not valid");
    }
    if organisation.users.iter().any(|user| user.email.eq_ignore_ascii_case(email)) {
        return refused(400, "user_email is already in use");
    }
    let mut user = organisation.new_user(name, email, 30);
    user.tel = call.text("tel").map(str::to_owned);
    user.language = language.to_owned();
    organisation.users.push(user.clone());
    Ok(Success::Data(made_user(organisation, &user)))
}

/// `organization.user.activate` and `organization.user.deactivate`.
pub(super) fn set_active(organisation: &mut Organisation, call: &Call, is_active: bool) -> Said {
    let user = known(organisation, call)?;
    if !is_active && user.role == 10 {
        return refused(403, "the master cannot be deactivated");
    }
    user.is_active = is_active;
    Ok(Success::Nothing)
}

/// `organization.user.remove`.
pub(super) fn remove(organisation: &mut Organisation, call: &Call) -> Said {
    let user = known(organisation, call)?;
    if user.role == 10 {
        return refused(403, "the master cannot be removed");
    }
    let id = user.id.clone();
    organisation.users.retain(|user| user.id != id);
    for team in &mut organisation.teams {
        team.members.retain(|member| *member != id);
    }
    Ok(Success::Data(json!({})))
}

fn known<'a>(organisation: &'a mut Organisation, call: &Call) -> Result<&'a mut User, (u16, String)> {
    let Some(id) = call.text("user_id") else { return refused(400, "user_id is required") };
    match organisation.users.iter_mut().find(|user| user.id == id) {
        Some(user) => Ok(user),
        None => refused(404, "there is no such user"),
    }
}
