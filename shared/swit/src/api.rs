//! Sends requests in the name of an administrator: signed, and once more with a renewed token when the first is refused.

use crate::answer::{said, status};
use crate::requests::{Addresses, team_body};
use crate::{Changes, ScimForm, TeamChange, Tokens};
use muster_base::{Error, Exit};
use muster_http::{Answer, Client, Request, Url};
use serde_json::json;

/// One organisation at one Swit.
pub struct Api<'a> {
    pub(crate) addresses: Addresses,
    client: Client,
    tokens: Tokens<'a>,
}

impl<'a> Api<'a> {
    /// The API at `base`, with the SCIM host at `scim`.
    pub fn new(base: Url, scim: Url, client: Client, tokens: Tokens<'a>) -> Self {
        Self { addresses: Addresses { base, scim }, client, tokens }
    }

    /// The answer to `request`, of whatever status; one that says an error in a body of 200 has that error's status.
    pub async fn send(&self, request: &Request) -> Result<Answer, Error> {
        let token = self.tokens.bearer(&self.client).await?;
        let mut answer = self.client.send(&signed(request, &token)).await?;
        if answer.status == 401 {
            let token = self.tokens.renew(&token, &self.client).await?;
            answer = self.client.send(&signed(request, &token)).await?;
        }
        answer.status = status(&answer);
        Ok(answer)
    }

    /// `answer` when it is a success, else what its status means.
    pub fn success(&self, answer: Answer, request: &Request) -> Result<Answer, Error> {
        if answer.is_success() { Ok(answer) } else { Err(self.failure(&answer, request)) }
    }

    /// The error that an answer means.
    pub fn failure(&self, answer: &Answer, request: &Request) -> Error {
        let failure = answer.failure(request);
        match (answer.status, said(answer)) {
            (401, _) => failure.hint("log in with `push-swit --login`"),
            (403, _) => failure.hint(
                "it takes a token of an administrator with the scopes user:read admin:read admin:write",
            ),
            (_, Some(said)) => {
                Error::new(failure.exit(), format!("Swit answered {}: {said}", answer.status)).at(request)
            }
            (_, None) => failure,
        }
    }

    /// Ask who we are: a cheap check of the token.
    pub async fn check(&self) -> Result<(), Error> {
        let request = self.addresses.whoami()?;
        let answer = self.send(&request).await?;
        self.success(answer, &request).map(|_| ())
    }

    /// The id of the organisation that the token belongs to; nothing where Swit does not say.
    pub async fn organisation(&self) -> Result<Option<String>, Error> {
        let request = self.addresses.organisation()?;
        let answer = self.send(&request).await?;
        match answer.status {
            // It is not among the operations that provisioning needs, so its scope may be missing.
            403 | 404 => Ok(None),
            _ => {
                let data = crate::answer::data(&self.success(answer, &request)?, &request)?;
                Ok(crate::answer::text_of(&data, &["id", "organization_id"]))
            }
        }
    }

    /// The token endpoint.
    pub fn token_endpoint(base: &Url) -> Result<Url, Error> {
        Addresses { base: base.clone(), scim: base.clone() }.token()
    }

    /// The page where an administrator agrees.
    pub fn authorize_page(base: &Url) -> Result<Url, Error> {
        Addresses { base: base.clone(), scim: base.clone() }.authorize()
    }

    /// Make a person. Not repeatable: the answer may be lost after the person was made.
    pub fn create_user(
        &self,
        name: &str,
        email: &str,
        phone: Option<&str>,
        language: &str,
    ) -> Result<Request, Error> {
        let mut body = json!({ "user_name": name, "user_email": email, "language": language });
        if let (Some(phone), Some(body)) = (phone, body.as_object_mut()) {
            body.insert("tel".to_owned(), phone.into());
        }
        self.addresses.write("organization.user.create", &body)
    }

    /// Change a person's name or number.
    pub fn patch_user(&self, id: &str, changes: &Changes, form: ScimForm) -> Result<Request, Error> {
        self.addresses.scim(id, changes, form)
    }

    /// Let a person log in again.
    pub fn activate(&self, id: &str) -> Result<Request, Error> {
        Ok(self.addresses.write("organization.user.activate", &json!({ "user_id": id }))?.repeatable())
    }

    /// Let a person log in no more.
    pub fn deactivate(&self, id: &str) -> Result<Request, Error> {
        Ok(self.addresses.write("organization.user.deactivate", &json!({ "user_id": id }))?.repeatable())
    }

    /// Remove a person for good.
    pub fn remove_user(&self, id: &str) -> Result<Request, Error> {
        self.addresses.write("organization.user.remove", &json!({ "user_id": id }))
    }

    /// Make a team. Not repeatable: a second one would have the same reference.
    pub fn create_team(&self, name: &str, parent: &str, reference: &str) -> Result<Request, Error> {
        let body = json!({ "name": name, "parent_id": parent, "reference": reference });
        self.addresses.write("team.create", &body)
    }

    /// Change a team.
    pub fn update_team(&self, id: &str, change: &TeamChange) -> Result<Request, Error> {
        Ok(self.addresses.write("team.update", &team_body(id, change))?.repeatable())
    }

    /// Delete a team and all below it.
    pub fn delete_team(&self, id: &str) -> Result<Request, Error> {
        self.addresses.write("team.delete", &json!({ "id": id }))
    }

    /// Put all sub-teams of a team in order.
    pub fn sort(&self, parent: &str, children: &[String]) -> Result<Request, Error> {
        let body = json!({ "parent_id": parent, "team_ids": children });
        Ok(self.addresses.write("team.sort", &body)?.repeatable())
    }

    /// Take people into a team. A success means that any of them was taken in.
    pub fn add_members(&self, team: &str, users: &[String]) -> Result<Request, Error> {
        let body = json!({ "id": team, "user_ids": users });
        Ok(self.addresses.write("team.user.add", &body)?.repeatable())
    }

    /// Take people out of a team. A success means that any of them was taken out.
    pub fn remove_members(&self, team: &str, users: &[String]) -> Result<Request, Error> {
        let body = json!({ "id": team, "user_ids": users });
        Ok(self.addresses.write("team.user.remove", &body)?.repeatable())
    }

    /// Mark a team as a person's primary one.
    pub fn set_primary(&self, team: &str, user: &str) -> Result<Request, Error> {
        let body = json!({ "id": team, "user_id": user });
        Ok(self.addresses.write("team.user.primary.update", &body)?.repeatable())
    }

    /// The exit code that a failure of one object means for the run.
    pub fn weight(answer: &Answer) -> Exit {
        match answer.status {
            408 | 425 | 429 | 503 => Exit::Busy,
            500.. => Exit::Unavailable,
            _ => Exit::Look,
        }
    }
}

fn signed(request: &Request, token: &muster_base::Secret) -> Request {
    let bearer = muster_base::Secret::new(format!("Bearer {}", token.reveal()));
    request.clone().credential("authorization", bearer)
}
