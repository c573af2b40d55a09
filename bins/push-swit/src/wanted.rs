//! What records want of Swit.

use crate::clean;
use muster_stream::{Record, Value};
use std::collections::HashMap;

/// The kinds.
pub(crate) const USER: &str = "user";
pub(crate) const TEAM: &str = "team";

/// The longest address, in characters.
const LONGEST_EMAIL: usize = 254;

/// Why Swit would not take a record.
pub(crate) fn check(record: &Record) -> Result<(), String> {
    for member in ["name", "email", "phone", "language", "parent", "primary"] {
        if !matches!(record.map().get(member), None | Some(Value::Null | Value::String(_))) {
            return Err(format!("{member} is no text"));
        }
    }
    if !is_unknown(record, "name") && name(record).is_empty() {
        return Err("it has no name".to_owned());
    }
    match record.kind() {
        USER => check_user(record),
        _ => check_team(record),
    }
}

fn check_user(user: &Record) -> Result<(), String> {
    let email = text(user, "email").unwrap_or_default();
    if !is_unknown(user, "email") && !email.contains('@') {
        return Err("it has no e-mail address".to_owned());
    }
    if email.chars().count() > LONGEST_EMAIL {
        return Err(format!("the e-mail address is longer than {LONGEST_EMAIL} characters"));
    }
    match text(user, "language") {
        None | Some("" | "en" | "ko") => Ok(()),
        Some(_) => Err("Swit knows the languages en and ko only".to_owned()),
    }
}

fn check_team(team: &Record) -> Result<(), String> {
    let is_list = |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
    let wrong = ["members", "parents"].into_iter().find(|member| match team.map().get(*member) {
        None | Some(Value::Null) => false,
        Some(value) => !is_list(value),
    });
    wrong.map_or(Ok(()), |member| Err(format!("{member} is no list of texts")))
}

/// A member that is text.
pub(crate) fn text<'a>(record: &'a Record, member: &str) -> Option<&'a str> {
    record.map().get(member).and_then(Value::as_str)
}

/// The name in Swit's form.
pub(crate) fn name(record: &Record) -> String {
    clean::name(text(record, "name").unwrap_or_default())
}

/// The number in Swit's form: empty when it is to be cleared, nothing when the record does not say.
pub(crate) fn phone(record: &Record) -> Option<String> {
    let said = record.map().get("phone").filter(|_| !is_unknown(record, "phone"))?;
    Some(clean::phone(said.as_str().unwrap_or_default()))
}

/// Whether a member could not be read.
pub(crate) fn is_unknown(record: &Record, member: &str) -> bool {
    record.unknown().any(|pointer| {
        let mut names = pointer.split('/').skip(1);
        names.next() == Some(member)
    })
}

/// The names of a team's members.
pub(crate) fn members(record: &Record) -> impl Iterator<Item = &str> {
    texts(record, "members")
}

/// The names of the teams that a team may lie in, the best first: `parent`, or each of `parents`.
pub(crate) fn parents(record: &Record) -> impl Iterator<Item = &str> {
    let parent = text(record, "parent").filter(|name| !name.is_empty());
    parent.into_iter().chain(texts(record, "parents"))
}

/// Whether a team's record says where the team lies.
pub(crate) fn says_parent(record: &Record) -> bool {
    let says = |member| record.map().contains_key(member) && !is_unknown(record, member);
    says("parent") || says("parents")
}

/// Other names of a record.
pub(crate) fn aliases(record: &Record) -> impl Iterator<Item = &str> {
    texts(record, "_alias")
}

fn texts<'a>(record: &'a Record, member: &str) -> impl Iterator<Item = &'a str> {
    record.map().get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// A team, as far as rules about all of them ask.
pub(crate) struct Group {
    pub(crate) key: String,
    pub(crate) references: Vec<String>,
    pub(crate) parents: Vec<String>,
}

/// All records, as far as rules about all of them ask.
#[derive(Default)]
pub(crate) struct Survey {
    /// Teams in the order in which they came.
    pub(crate) teams: Vec<Group>,
    /// Teams by each of their names.
    pub(crate) team_of: HashMap<String, usize>,
    /// How many people have an address.
    pub(crate) emails: HashMap<String, u32>,
    /// The address of a person by each of their names.
    pub(crate) email_of: HashMap<String, String>,
}

impl Survey {
    pub(crate) fn add(&mut self, record: &Record) {
        let names = std::iter::once(record.key()).chain(aliases(record)).map(str::to_owned);
        if record.kind() == TEAM {
            let names: Vec<String> = names.collect();
            self.team_of.extend(names.iter().map(|name| (name.clone(), self.teams.len())));
            let parents = parents(record).map(str::to_owned).collect();
            self.teams.push(Group { key: record.key().to_owned(), references: names, parents });
        } else if let Some(email) = text(record, "email").map(clean::folded) {
            *self.emails.entry(email.clone()).or_default() += 1;
            self.email_of.extend(names.map(|name| (name, email.clone())));
        }
    }

    /// The team above a team, when it is one of ours.
    pub(crate) fn parent_of(&self, group: &Group) -> Option<&Group> {
        let index = group.parents.iter().find_map(|parent| self.team_of.get(parent))?;
        self.teams.get(*index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(kind: &str, members: Value) -> String {
        let record = Record::new(kind, "1", members.as_object().unwrap().clone());
        check(&record).err().unwrap_or_default()
    }

    #[test]
    fn each_refusal_says_what_is_wrong() {
        assert_eq!(refusal(USER, json!({ "name": " (2)", "email": "a@example.org" })), "it has no name");
        assert_eq!(refusal(USER, json!({ "name": "A" })), "it has no e-mail address");
        assert_eq!(refusal(USER, json!({ "name": 7 })), "name is no text");
        let long = format!("{}@example.org", "a".repeat(250));
        assert!(refusal(USER, json!({ "name": "A", "email": long })).contains("254"));
        assert!(
            refusal(USER, json!({ "name": "A", "email": "a@b", "language": "da" })).contains("en and ko")
        );
        assert_eq!(refusal(TEAM, json!({ "name": "A", "members": [1] })), "members is no list of texts");
        assert_eq!(refusal(TEAM, json!({ "name": "A", "parents": "x" })), "parents is no list of texts");
        assert_eq!(refusal(TEAM, json!({ "name": "A", "members": ["x"], "parent": null })), "");
    }

    #[test]
    fn what_could_not_be_read_is_not_missed() {
        let mut record = Record::new(USER, "1", json!({ "email": "a@b" }).as_object().unwrap().clone());
        record.set_own("_unknown", json!(["/name"]));
        assert!(check(&record).is_ok());
    }
}
