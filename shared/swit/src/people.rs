//! All people of the organisation, read page by page until the count is right.
//!
//! Page numbers shift while people come and go: what comes twice counts once, and a reading during which `total_rows`
//! changed, or which is not as long as it says, is done again.

use crate::Api;
use crate::answer::{broken, data, text_of, within};
use crate::member::renamed;
use muster_base::{Error, Exit};
use muster_http::Request;
use muster_stream::{Map, Value};
use std::collections::HashSet;

/// Readings until one is taken for incomplete.
const READINGS: u32 = 3;

/// A person.
#[derive(Clone, Debug)]
pub struct User {
    /// Swit's id.
    pub id: String,
    /// The name that is shown.
    pub name: String,
    /// The address; empty when there is none.
    pub email: String,
    /// The number.
    pub phone: Option<String>,
    /// 10 master of the organisation, 20 administrator, 30 member, 40 guest.
    pub role: u64,
    /// Whether the person can log in.
    pub is_active: bool,
    /// The id of the team that is marked as the primary one.
    pub primary: Option<String>,
    /// The whole object under the names of the newest description.
    pub map: Map,
}

/// All people, in Swit's order.
#[derive(Clone, Debug, Default)]
pub struct People(pub Vec<User>);

/// What became of one reading.
enum Reading {
    Whole(Vec<User>),
    /// Why it is not to be trusted.
    Moved(String),
}

impl User {
    fn of(item: Value, request: &Request) -> Result<Self, Error> {
        let Value::Object(item) = item else { return Err(broken("a user is no object", request)) };
        Self::from_map(within(item, &["user"]))
            .ok_or_else(|| broken("a user lacks user_id, role or is_active", request))
    }

    /// The person that an object of the API is.
    pub fn from_map(object: Map) -> Option<Self> {
        let map = renamed(object, &[("id", "user_id"), ("name", "user_name"), ("user_email", "email")]);
        Some(Self {
            id: text_of(&map, &["user_id"])?,
            name: text_of(&map, &["user_name"]).unwrap_or_default(),
            email: text_of(&map, &["email"]).unwrap_or_default(),
            phone: text_of(&map, &["tel"]),
            role: map.get("role").and_then(Value::as_u64)?,
            is_active: map.get("is_active").and_then(Value::as_bool)?,
            primary: primary(&map),
            map,
        })
    }

    /// The id of a person whom an answer may show in part.
    pub fn id_of(object: &Map) -> Option<String> {
        text_of(object, &["user_id", "id"])
    }

    /// Whether this is the master or an administrator of the organisation.
    pub fn is_administrator(&self) -> bool {
        self.role <= 20
    }

    /// Whether this is a guest.
    pub fn is_guest(&self) -> bool {
        self.role == 40
    }
}

fn primary(user: &Map) -> Option<String> {
    let teams = user.get("team")?.as_array()?;
    let main = teams.iter().find(|team| team.get("main_dept_yn").and_then(Value::as_str) == Some("Y"))?;
    text_of(main.as_object()?, &["team_id", "id"])
}

impl People {
    /// The person with this address, whatever its case, asked for anew.
    pub async fn with_email(api: &Api<'_>, email: &str) -> Result<Option<User>, Error> {
        let request = api.addresses.users_with(email)?;
        let answer = api.send(&request).await?;
        let mut data = data(&api.success(answer, &request)?, &request)?;
        let Some(Value::Array(items)) = data.remove("users") else { return Ok(None) };
        let users: Vec<User> =
            items.into_iter().map(|item| User::of(item, &request)).collect::<Result<_, _>>()?;
        Ok(users.into_iter().find(|user| user.email.to_lowercase() == email.to_lowercase()))
    }

    /// Read all, `size` a page.
    pub async fn read(api: &Api<'_>, size: u32) -> Result<Self, Error> {
        let mut why = String::new();
        for reading in 1..=READINGS {
            match read_once(api, size).await? {
                Reading::Whole(users) => return Ok(Self(users)),
                Reading::Moved(reason) => why = reason,
            }
            tracing::info!("reading {reading} of the users is not whole: {why}");
        }
        let what = format!("the users could not be read whole in {READINGS} readings: {why}");
        Err(Error::new(Exit::Busy, what).hint("run it again when nobody changes the organisation"))
    }
}

async fn read_once(api: &Api<'_>, size: u32) -> Result<Reading, Error> {
    let (mut users, mut seen, mut total) = (Vec::new(), HashSet::new(), None);
    for page in 1.. {
        let request = api.addresses.users(page, size)?;
        let answer = api.send(&request).await?;
        let mut data = data(&api.success(answer, &request)?, &request)?;
        let said = data.get("total_rows").and_then(Value::as_u64);
        let said = said.ok_or_else(|| broken("the answer has no 'total_rows'", &request))?;
        let before = *total.get_or_insert(said);
        if before != said {
            return Ok(Reading::Moved(format!("there were {before} of them, then {said}")));
        }
        let items = match data.remove("users") {
            Some(Value::Array(items)) => items,
            None | Some(Value::Null) => Vec::new(),
            Some(_) => return Err(broken("'users' is no list", &request)),
        };
        let is_last = items.is_empty();
        let had = seen.len();
        for item in items {
            let user = User::of(item, &request)?;
            if seen.insert(user.id.clone()) {
                users.push(user);
            }
        }
        // A page that brings nobody new would come for ever from a server that does not count pages.
        if is_last || seen.len() == had {
            break;
        }
    }
    let total = total.unwrap_or_default();
    match users.len() as u64 == total {
        true => Ok(Reading::Whole(users)),
        false => Ok(Reading::Moved(format!("{} came of {total}", users.len()))),
    }
}
