//! The server's objects as the REST API gives them, and how they become those of `crate::wire`.

use crate::organisation::Organisation;
use crate::wire;
use serde::Deserialize;
use uuid::Uuid;

/// Part of a list.
#[derive(Deserialize)]
pub struct Page<T> {
    pub total: usize,
    pub items: Vec<T>,
}

#[derive(Deserialize)]
pub struct Named {
    pub uuid: Uuid,
}

/// The classes of a facet.
#[derive(Deserialize)]
pub struct Facet {
    pub data: Items,
}

#[derive(Deserialize)]
pub struct Items {
    pub items: Vec<Class>,
}

/// A class; with nothing but its uuid where the server no longer has it.
#[derive(Deserialize)]
pub struct Class {
    pub uuid: Uuid,
    pub user_key: Option<String>,
    pub name: Option<String>,
    pub scope: Option<String>,
}

#[derive(Clone, Deserialize)]
pub struct Person {
    pub uuid: Uuid,
    pub user_key: String,
    pub cpr_no: Option<String>,
    pub name: String,
    pub givenname: String,
    pub surname: String,
    #[serde(default)]
    pub nickname: String,
    pub nickname_givenname: Option<String>,
    pub nickname_surname: Option<String>,
    pub seniority: Option<String>,
}

impl From<Person> for wire::Employee {
    fn from(person: Person) -> Self {
        Self {
            user_key: person.user_key,
            cpr_number: person.cpr_no,
            name: person.name,
            given_name: person.givenname,
            surname: person.surname,
            nickname: person.nickname,
            nickname_given_name: person.nickname_givenname,
            nickname_surname: person.nickname_surname,
            seniority: person.seniority,
            // The API does not say; nor does the record.
            validity: wire::Validity { from: None, to: None },
        }
    }
}

/// A unit with those above it.
#[derive(Deserialize)]
pub struct Unit {
    pub uuid: Uuid,
    pub user_key: String,
    pub name: String,
    pub parent: Option<Box<Unit>>,
    pub org_unit_type: Option<Class>,
    pub org_unit_level: Option<Class>,
    pub time_planning: Option<Class>,
    pub validity: wire::Validity,
}

#[derive(Deserialize)]
pub struct Address {
    pub uuid: Uuid,
    pub user_key: String,
    pub value: String,
    pub value2: Option<String>,
    pub name: Option<String>,
    pub engagement_uuid: Option<Uuid>,
    pub address_type: Class,
    pub visibility: Option<Class>,
    pub validity: wire::Validity,
}

#[derive(Deserialize)]
pub struct Account {
    pub uuid: Uuid,
    pub user_key: String,
    pub itsystem: System,
    pub engagement: Option<Named>,
    pub validity: wire::Validity,
}

/// An IT system; likewise.
#[derive(Deserialize)]
pub struct System {
    pub uuid: Uuid,
    pub user_key: Option<String>,
    pub name: Option<String>,
}

#[derive(Deserialize)]
pub struct Engagement {
    pub uuid: Uuid,
    pub user_key: String,
    /// Null for a unit that is not there today.
    pub org_unit: Option<Named>,
    pub job_function: Option<Class>,
    pub engagement_type: Option<Class>,
    pub primary: Option<Class>,
    pub fraction: Option<i64>,
    #[serde(flatten)]
    pub extensions: wire::Extensions,
    pub validity: wire::Validity,
}

/// The days of an engagement's state that is over.
#[derive(Deserialize)]
pub struct Past {
    pub uuid: Uuid,
    pub validity: wire::Validity,
}

#[derive(Deserialize)]
pub struct Manager {
    pub uuid: Uuid,
    pub person: Option<Named>,
    pub manager_type: Option<Class>,
    pub manager_level: Option<Class>,
    #[serde(default)]
    pub responsibility: Vec<Class>,
    pub validity: wire::Validity,
}

#[derive(Deserialize)]
pub struct Kle {
    pub uuid: Uuid,
    pub user_key: String,
    pub kle_number: Class,
    #[serde(default)]
    pub kle_aspect: Vec<Class>,
    pub validity: wire::Validity,
}

/// The scope from which on a primary class makes an engagement primary, as GraphQL has it.
const PRIMARY: u32 = 3000;

impl Engagement {
    /// Whether its primary class ranks high enough.
    pub fn is_primary(&self) -> bool {
        let scope = self.primary.as_ref().and_then(|class| class.scope.as_deref());
        scope.and_then(|scope| scope.parse::<u32>().ok()).is_some_and(|rank| rank >= PRIMARY)
    }
}

impl Organisation {
    /// Remember a class; its uuid.
    pub fn learn(&mut self, class: Class) -> Uuid {
        let Class { uuid, user_key, name, scope } = class;
        if let (Some(user_key), Some(name)) = (user_key, name) {
            self.classes.insert(uuid, wire::Class { user_key, name, scope });
        }
        uuid
    }

    /// The same for one that may be missing.
    pub fn learn_some(&mut self, class: Option<Class>) -> Option<Uuid> {
        class.map(|class| self.learn(class))
    }
}
