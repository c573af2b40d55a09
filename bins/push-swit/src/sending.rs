//! Calls sent one after the other, and what their answers mean.
//!
//! What was made is not known when the answer is lost: a team is then looked for by its reference, a person by the
//! address, before it is made again.

use crate::call::Call;
use crate::target::Swit;
use muster_base::Error;
use muster_delivery::Outcome;
use muster_http::{Answer, Request};
use muster_swit::{Api, People, Team, Teams, User, made, said};

/// Tries to make something, with a look for it between them.
const TRIES: u32 = 3;

/// How one call ended.
enum Sent {
    /// It is done: the status, and the id of what was made.
    Done(u16, Option<String>),
    Failed(Outcome),
}

impl Swit<'_> {
    /// Send `calls` one after the other until one fails.
    pub(crate) async fn carry_out(&self, calls: Vec<Call>) -> Result<Outcome, Error> {
        let mut outcome = Outcome::unchanged();
        for call in calls {
            let sent = match &call {
                Call::CreateUser { .. } | Call::CreateTeam { .. } => self.make(&call).await?,
                _ => self.send(&call).await?,
            };
            match sent {
                Sent::Done(status, id) => {
                    self.world.borrow_mut().settle(&call, id.as_deref());
                    outcome = Outcome { id: id.or(outcome.id), ..Outcome::done(status) };
                }
                Sent::Failed(failed) => {
                    self.give_back_names(&call);
                    return Ok(failed);
                }
            }
        }
        Ok(outcome)
    }

    /// A name that was given out and not taken is free again.
    fn give_back_names(&self, call: &Call) {
        let mut world = self.world.borrow_mut();
        match call {
            Call::CreateTeam { key, name, .. } => world.names.release(name, key),
            Call::UpdateTeam { id, change } => {
                let held = world.teams.get(id).map(|team| team.name.clone());
                if let Some(name) = change.name.as_ref().filter(|name| held.as_ref() != Some(name)) {
                    world.names.release(name, id);
                }
            }
            _ => (),
        }
    }

    async fn send(&self, call: &Call) -> Result<Sent, Error> {
        let request = call.request(&self.api, self.options.scim_form)?;
        match self.api.send(&request).await {
            Ok(answer) if answer.is_success() => Ok(Sent::Done(answer.status, None)),
            Ok(answer) if answer.status == 404 && call.takes_away() => Ok(Sent::Done(404, None)),
            Ok(answer) => self.refused(&answer, &request).map(Sent::Failed),
            Err(error) => unanswered(error).map(Sent::Failed),
        }
    }

    /// Make something once, however often answers are lost.
    async fn make(&self, call: &Call) -> Result<Sent, Error> {
        let request = call.request(&self.api, self.options.scim_form)?;
        let mut lost = Outcome::skipped("it was not tried");
        for _ in 0..TRIES {
            lost = match self.api.send(&request).await {
                Ok(answer) if answer.is_success() => {
                    let id = id_of_made(call, &answer, &request);
                    return Ok(match id {
                        Some(id) => Sent::Done(answer.status, Some(id)),
                        None => self.found(call, answer.status).await?,
                    });
                }
                Ok(answer) if answer.status >= 500 => self.refused(&answer, &request)?,
                Ok(answer) => return self.refused(&answer, &request).map(Sent::Failed),
                Err(error) => unanswered(error)?,
            };
            if let Some(id) = self.look(call).await? {
                return Ok(Sent::Done(200, Some(id)));
            }
        }
        Ok(Sent::Failed(lost))
    }

    /// What was made, when the answer does not say its id.
    async fn found(&self, call: &Call, status: u16) -> Result<Sent, Error> {
        Ok(match self.look(call).await? {
            Some(id) => Sent::Done(status, Some(id)),
            None => Sent::Failed(Outcome::failed(
                Some(status),
                "Swit says that it was made, but does not have it",
            )),
        })
    }

    /// Look for what may have been made.
    async fn look(&self, call: &Call) -> Result<Option<String>, Error> {
        match call {
            Call::CreateTeam { reference, .. } => {
                let teams = Teams::with_reference(&self.api, reference).await?;
                Ok(teams.into_iter().next().map(|team| team.id))
            }
            Call::CreateUser { email, .. } => {
                let user = People::with_email(&self.api, email).await?;
                Ok(user.map(|user| user.id))
            }
            _ => Ok(None),
        }
    }

    /// What an answer means that is no success: wrong credentials end the run, all else concerns this object.
    fn refused(&self, answer: &Answer, request: &Request) -> Result<Outcome, Error> {
        if answer.status == 401 {
            return Err(self.api.failure(answer, request));
        }
        let mut what = format!("Swit answered {}", answer.status);
        if let Some(said) = said(answer) {
            what = format!("{what}: {said}");
        }
        if answer.status == 403 {
            what = format!(
                "{what}; it takes the token of an administrator, not a bot's, with the scope admin:write"
            );
        }
        Ok(Outcome::failed(Some(answer.status), what).exit(Api::weight(answer)))
    }
}

/// No answer after every try concerns this object; refused credentials end the run.
fn unanswered(error: Error) -> Result<Outcome, Error> {
    match error.exit() {
        muster_base::Exit::NoPerm | muster_base::Exit::Config => Err(error),
        exit => Ok(Outcome::failed(None, error.to_string()).exit(exit)),
    }
}

fn id_of_made(call: &Call, answer: &Answer, request: &Request) -> Option<String> {
    let object = made(answer, request).ok()?;
    match call {
        Call::CreateTeam { .. } => Team::from_map(object).map(|team| team.id),
        _ => User::id_of(&object),
    }
}
