//! Every operation as a request: the one table of paths (Core API v1; a v2 is announced).

use muster_base::Error;
use muster_http::{Method, Request, Url, join};
use muster_stream::{Map, Value};
use serde_json::json;

/// The SCIM path of the number that Swit shows.
const MOBILE: &str = "phoneNumbers[type eq \"mobile\"].value";
const USER_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// How a SCIM PATCH is worded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[expect(missing_docs, reason = "with documentation of each, the help would take four lines for the option")]
pub enum ScimForm {
    Swit,
    Rfc7644,
}

/// What changes of a person by SCIM; a phone of no characters is cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The new name.
    pub name: Option<String>,
    /// The new number.
    pub phone: Option<String>,
}

/// What changes of a team; what is not said stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TeamChange {
    /// The new name.
    pub name: Option<String>,
    /// The new parent's id.
    pub parent: Option<String>,
    /// The new reference.
    pub reference: Option<String>,
}

/// Where requests go.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    /// The host of the API; `/v1/api` is appended.
    pub(crate) base: Url,
    /// The SCIM host, with its path.
    pub(crate) scim: Url,
}

impl Addresses {
    pub(crate) fn token(&self) -> Result<Url, Error> {
        join(&self.base, ["oauth", "token"])
    }

    pub(crate) fn authorize(&self) -> Result<Url, Error> {
        join(&self.base, ["oauth", "authorize"])
    }

    /// A page (from 1) of all people, active or not.
    pub(crate) fn users(&self, page: u32, size: u32) -> Result<Request, Error> {
        let mut url = self.operation("organization.user.list")?;
        url.query_pairs_mut().append_pair("cnt", &size.to_string()).append_pair("page", &page.to_string());
        Ok(Request::get(url))
    }

    /// People whose name or address has `keyword` in it.
    pub(crate) fn users_with(&self, keyword: &str) -> Result<Request, Error> {
        let mut request = self.users(1, 100)?;
        request.url.query_pairs_mut().append_pair("keyword", keyword);
        Ok(request)
    }

    /// All teams, or those with this reference.
    pub(crate) fn teams(&self, reference: Option<&str>) -> Result<Request, Error> {
        let mut url = self.operation("user.team.list")?;
        if let Some(reference) = reference {
            url.query_pairs_mut().append_pair("reference", reference);
        }
        Ok(Request::get(url))
    }

    pub(crate) fn organisation(&self) -> Result<Request, Error> {
        Ok(Request::get(self.operation("organization.info")?))
    }

    pub(crate) fn whoami(&self) -> Result<Request, Error> {
        Ok(Request::get(self.operation("user.info")?))
    }

    /// A write; whether sending it twice is harmless is said by the caller.
    pub(crate) fn write(&self, operation: &str, body: &Value) -> Result<Request, Error> {
        Request::post(self.operation(operation)?).json(body)
    }

    pub(crate) fn scim(&self, id: &str, changes: &Changes, form: ScimForm) -> Result<Request, Error> {
        let url = join(&self.scim, ["Users", id])?;
        Ok(Request::new(Method::PATCH, url).json(&scim_body(changes, form))?.repeatable())
    }

    fn operation(&self, name: &str) -> Result<Url, Error> {
        join(&self.base, ["v1", "api", name])
    }
}

fn scim_body(changes: &Changes, form: ScimForm) -> Value {
    let (schema, replace) = match form {
        ScimForm::Swit => (USER_SCHEMA, "Replace"),
        ScimForm::Rfc7644 => (PATCH_SCHEMA, "replace"),
    };
    let name = changes.name.iter().map(|name| json!({ "op": replace, "path": "displayName", "value": name }));
    let phone = changes.phone.iter().map(|phone| json!({ "op": replace, "path": MOBILE, "value": phone }));
    json!({ "schemas": [schema], "Operations": name.chain(phone).collect::<Vec<_>>() })
}

pub(crate) fn team_body(id: &str, change: &TeamChange) -> Value {
    let mut body = Map::new();
    body.insert("id".to_owned(), id.into());
    let members = [("name", &change.name), ("parent_id", &change.parent), ("reference", &change.reference)];
    for (name, value) in members {
        if let Some(value) = value {
            body.insert(name.to_owned(), value.as_str().into());
        }
    }
    body.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_is_sent() {
        let change = TeamChange { parent: Some("7".to_owned()), ..TeamChange::default() };
        assert_eq!(team_body("1", &change), json!({ "id": "1", "parent_id": "7" }));
        let changes = Changes { phone: Some("+45".to_owned()), ..Changes::default() };
        let body = scim_body(&changes, ScimForm::Swit);
        assert_eq!(body["Operations"], json!([{ "op": "Replace", "path": MOBILE, "value": "+45" }]));
        assert_eq!(scim_body(&changes, ScimForm::Rfc7644)["schemas"], json!([PATCH_SCHEMA]));
    }
}
