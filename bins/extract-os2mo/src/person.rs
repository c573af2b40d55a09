//! Persons as records.

use crate::account::Account;
use crate::address::Address;
use crate::engagement::Engagement;
use crate::organisation::Organisation;
use crate::validity::Validity;
use muster_base::Error;
use muster_stream::{Record, Value, to_value};
use serde::Serialize;
use uuid::Uuid;

#[derive(Serialize)]
struct Person<'a> {
    uuid: Uuid,
    user_key: &'a str,
    cpr_number: Option<&'a str>,
    name: &'a str,
    given_name: &'a str,
    surname: &'a str,
    nickname: &'a str,
    nickname_given_name: Option<&'a str>,
    nickname_surname: Option<&'a str>,
    seniority: Option<&'a str>,
    /// Left out where the interface does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    validity: Option<Validity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    addresses: Option<Vec<Address<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    itusers: Option<Vec<Account<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    engagements: Option<Vec<Engagement<'a>>>,
}

impl Organisation {
    /// The record of the person `uuid`.
    pub fn person(&self, uuid: Uuid) -> Result<Option<Record>, Error> {
        let Some(held) = self.employees.get(&uuid) else { return Ok(None) };
        let employee = &held.object;
        let mut unknown: Vec<String> = self.is_terse.then(|| "/validity".to_owned()).into_iter().collect();
        let person = Person {
            uuid,
            user_key: &employee.user_key,
            cpr_number: employee.cpr_number.as_deref(),
            name: &employee.name,
            given_name: &employee.given_name,
            surname: &employee.surname,
            nickname: &employee.nickname,
            nickname_given_name: employee.nickname_given_name.as_deref(),
            nickname_surname: employee.nickname_surname.as_deref(),
            seniority: employee.seniority.as_deref(),
            validity: (!self.is_terse).then_some(held.validity),
            addresses: self.addresses(uuid, "/addresses", &mut unknown),
            itusers: self.accounts(uuid, "/itusers", &mut unknown),
            engagements: self.engagements(uuid, &mut unknown),
        };
        record("person", uuid, &person, unknown).map(Some)
    }
}

/// A record of `members`, with what could not be read.
pub fn record(
    kind: &str,
    uuid: Uuid,
    members: &impl Serialize,
    unknown: Vec<String>,
) -> Result<Record, Error> {
    let Value::Object(members) = to_value(members)? else {
        return Err(Error::new(muster_base::Exit::Bug, "a record that is no object"));
    };
    let mut record = Record::new(kind, &uuid.to_string(), members);
    if !unknown.is_empty() {
        record.set_own("_unknown", to_value(&unknown)?);
    }
    Ok(record)
}
