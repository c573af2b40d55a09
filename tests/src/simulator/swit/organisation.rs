//! The organisation: people, teams, tokens, and what was written and said.

use super::Options;
use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

/// A token of an administrator, valid from the start.
pub const ACCESS_TOKEN: &str = "access-token-0";
/// A bot's token, valid from the start.
pub const BOT_TOKEN: &str = "bot-token-0";

/// A person.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    pub id: String,
    pub name: String,
    pub email: String,
    pub tel: Option<String>,
    /// 10 master, 20 administrator, 30 member, 40 guest.
    pub role: u8,
    pub is_active: bool,
    pub language: String,
    /// The team that is marked as the primary one.
    pub primary: Option<String>,
}

/// A team. Teams stand in the order in which they are listed.
#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    pub id: String,
    pub name: String,
    /// None for the root.
    pub parent: Option<String>,
    pub reference: Option<String>,
    pub members: Vec<String>,
}

/// A write that was accepted.
#[derive(Clone, Debug)]
pub struct Write {
    /// Such as `team.create` or `scim`.
    pub operation: String,
    /// The body; for SCIM with the user's id as `user_id`.
    pub body: serde_json::Value,
}

/// A code that waits for its exchange.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) redirect_uri: String,
    pub(super) challenge: Option<String>,
}

/// Everything behind the API.
#[derive(Clone, Debug)]
pub struct Organisation {
    pub options: Options,
    pub users: Vec<User>,
    pub teams: Vec<Team>,
    pub writes: Vec<Write>,
    /// Texts sent to the webhook.
    pub messages: Vec<String>,
    /// Valid access tokens; true for bots.
    pub tokens: BTreeMap<String, bool>,
    /// Valid refresh tokens.
    pub refresh_tokens: Vec<String>,
    /// A person who joins, first in the list, once that page of a list was given.
    pub joins_after_page: Option<(usize, User)>,
    /// All access tokens expire when this operation is first called.
    pub expires_before: Option<String>,
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) recent: VecDeque<Instant>,
    made: u64,
}

impl Organisation {
    /// A root team, the team `Unassigned` and the master.
    pub fn new(options: Options) -> Self {
        let mut new = Self {
            options,
            users: Vec::new(),
            teams: Vec::new(),
            writes: Vec::new(),
            messages: Vec::new(),
            tokens: BTreeMap::from([(ACCESS_TOKEN.to_owned(), false), (BOT_TOKEN.to_owned(), true)]),
            refresh_tokens: vec!["refresh-token-0".to_owned()],
            joins_after_page: None,
            expires_before: None,
            codes: BTreeMap::new(),
            recent: VecDeque::new(),
            made: 0,
        };
        new.place_team("Example", None, None);
        let root = new.root();
        new.place_team("Unassigned", Some(&root), None);
        new.place_user("The Master", "master@example.org", 10);
        new
    }

    /// An id as Swit makes them, another one each time.
    pub(super) fn new_id(&mut self) -> String {
        self.made += 1;
        format!("{:012}ImIq{:03}", 200_103_015_310_u64 + self.made, self.made % 1000)
    }

    /// The root team's id.
    pub fn root(&self) -> String {
        self.teams.iter().find(|team| team.parent.is_none()).unwrap().id.clone()
    }

    /// Put a team in place as if somebody else had made it; its id.
    pub fn place_team(&mut self, name: &str, parent: Option<&str>, reference: Option<&str>) -> String {
        let id = self.new_id();
        self.teams.push(Team {
            id: id.clone(),
            name: name.to_owned(),
            parent: parent.map(str::to_owned),
            reference: reference.map(str::to_owned),
            members: Vec::new(),
        });
        id
    }

    /// Put a person in place as if somebody else had invited them; the id.
    pub fn place_user(&mut self, name: &str, email: &str, role: u8) -> String {
        let user = self.new_user(name, email, role);
        let id = user.id.clone();
        self.users.push(user);
        id
    }

    /// A person who is not yet in place.
    pub fn new_user(&mut self, name: &str, email: &str, role: u8) -> User {
        User {
            id: self.new_id(),
            name: name.to_owned(),
            email: email.to_owned(),
            tel: None,
            role,
            is_active: true,
            language: "en".to_owned(),
            primary: None,
        }
    }

    /// The team of this name.
    pub fn team(&self, name: &str) -> Option<&Team> {
        self.teams.iter().find(|team| team.name == name)
    }

    /// The person with this address.
    pub fn user(&self, email: &str) -> Option<&User> {
        self.users.iter().find(|user| user.email == email)
    }

    /// The same, to change it.
    pub fn user_mut(&mut self, email: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.email == email)
    }

    /// The names from the root's child to the team, joined by ` / `.
    pub fn path(&self, team: &Team) -> String {
        let above = team.parent.as_ref().and_then(|id| self.by_id(id)).filter(|team| team.parent.is_some());
        above.map_or_else(|| team.name.clone(), |above| format!("{} / {}", self.path(above), team.name))
    }

    /// The addresses of a team's members, sorted.
    pub fn members(&self, name: &str) -> Vec<String> {
        let members = self.team(name).map(|team| team.members.clone()).unwrap_or_default();
        let mut emails: Vec<String> = self
            .users
            .iter()
            .filter(|user| members.contains(&user.id))
            .map(|user| user.email.clone())
            .collect();
        emails.sort();
        emails
    }

    /// The names of a team's sub-teams, in their order; of the root's when there is no such team.
    pub fn children(&self, name: &str) -> Vec<String> {
        let parent = self.team(name).map_or_else(|| self.root(), |team| team.id.clone());
        self.teams
            .iter()
            .filter(|team| team.parent.as_ref() == Some(&parent))
            .map(|team| team.name.clone())
            .collect()
    }

    /// No access token is valid any more.
    pub fn expire_tokens(&mut self) {
        self.tokens.clear();
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&Team> {
        self.teams.iter().find(|team| team.id == id)
    }
}
