//! How a task becomes calls, and what their answers mean.

use crate::body::{self, KIND_USER, ORG_UNIT, Wanted, kind_of};
use crate::os2sync::Os2sync;
use muster_base::{Error, Exit, text};
use muster_delivery::{Action, Outcome, Target, Task};
use muster_http::{Answer, Request};
use muster_os2sync::{INACTIVE, fields};
use muster_stream::{Map, Record, Value};

impl Os2sync {
    /// Send a record: with what the registry alone knows of the object, and after a repair that it is in for.
    pub(crate) async fn upsert(&self, task: &Task, record: &Record) -> Result<Outcome, Error> {
        let wanted = Wanted::of(&task.kind, record, &self.keep);
        let repair = self.repair_of(task);
        let current = match wanted.needs_current() || repair.is_some() {
            true => match self.current(task).await? {
                Ok(current) => current,
                Err(outcome) => return Ok(outcome),
            },
            false => None,
        };
        if current.is_none() && required(&task.kind).iter().any(|name| wanted.is_unknown(name)) {
            return Ok(Outcome::skipped("it is not yet there, and a member that it needs could not be read"));
        }
        let body = body::body(task, record, &wanted, current.as_ref());
        let parent = body.get("ParentOrgUnitUuid");
        if task.kind == ORG_UNIT
            && fields::is_empty(parent)
            && let Err(why) = self.top_unit.check(&task.key)
        {
            return Ok(Outcome::failed(None, why));
        }
        if let Some(action) = repair.filter(|_| current.is_some()) {
            let removed = self.take_away(action, task).await?;
            if !removed.is_done() {
                return Ok(removed.explained("the repair did not begin"));
            }
            self.until_gone(task).await?;
        }
        let sent = self.send(self.post(task, &body)?, |answer| answer.echoes("Uuid", &task.key)).await?;
        Ok(match self.again(task) {
            Some(why) => sent.note(why),
            None => sent,
        })
    }

    /// The POST of `body`, past the server's cache where that would hold it back.
    pub(crate) fn post(&self, task: &Task, body: &Map) -> Result<Request, Error> {
        let bypass_cache = self.bypass_cache || self.again(task).is_some();
        self.api.upsert(kind_of(&task.kind), body, bypass_cache, self.priority)
    }

    /// The request that takes the object of `task` away.
    pub(crate) fn removal(&self, action: Action, task: &Task) -> Result<Request, Error> {
        match action {
            Action::Passivate => self.api.passivate(kind_of(&task.kind), &task.key),
            _ => self.api.delete(kind_of(&task.kind), &task.key),
        }
    }

    /// Take the object of `task` away. One that the server does not know is away.
    pub(crate) async fn take_away(&self, action: Action, task: &Task) -> Result<Outcome, Error> {
        let request = self.removal(action, task)?;
        let answer = match self.client.send(&request).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Outcome::unanswered(&error)),
        };
        match answer.status {
            404 if self.is_os2sync().await => Ok(Outcome::accepted(404).note("the server did not know it")),
            // A removal is answered with nothing; whatever a server may say there, it is no page.
            _ => ours(answer, &request, |answer| !answer.is_page()),
        }
    }

    /// Whether OS2sync answers at all: else a 404 says that the address is wrong.
    async fn is_os2sync(&self) -> bool {
        *self.answers.get_or_init(|| async { self.api.answers(&self.client).await }).await
    }

    /// Wait until the registry no longer shows the object: both calls in one batch of the queue would be one. Whatever
    /// happens meanwhile, it must be sent again.
    async fn until_gone(&self, task: &Task) -> Result<(), Error> {
        let request = self.api.read(kind_of(&task.kind), &task.key)?;
        let mut polls = self.api.polls();
        while polls.next().await {
            let is_gone = match self.client.send(&request).await {
                Ok(answer) if answer.status == 404 => true,
                Ok(answer) if answer.is_success() => {
                    answer.json::<Map>(&request).is_ok_and(|object| is_inactive(&object))
                }
                _ => false,
            };
            if is_gone {
                return Ok(());
            }
        }
        tracing::warn!("{} {} was not gone in time; it is sent again all the same", task.kind, task.key);
        Ok(())
    }

    /// The object as the registry has it; none when it has none, an outcome when that cannot be known.
    pub(crate) async fn current(&self, task: &Task) -> Result<Result<Option<Map>, Outcome>, Error> {
        let request = self.api.read(kind_of(&task.kind), &task.key)?;
        let answer = match self.client.send(&request).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(Outcome::unanswered(&error))),
        };
        match answer.status {
            404 => Ok(Ok(None)),
            200 => match answer.object::<Map>("Uuid", &task.key, &request) {
                Ok(current) => Ok(Ok(Some(current))),
                Err(error) => Ok(Err(Outcome::failed(Some(200), error.to_string()).exit(Exit::Protocol))),
            },
            _ => judged(&answer, &request)
                .map(|outcome| Err(outcome.explained("the object as it is cannot be read"))),
        }
    }

    /// Send `request`; an answer of 200 counts only when it `is_ours`: a proxy's maintenance page is no queue.
    async fn send(&self, request: Request, is_ours: impl Fn(&Answer) -> bool) -> Result<Outcome, Error> {
        match self.client.send(&request).await {
            Ok(answer) => ours(answer, &request, is_ours),
            Err(error) => Ok(Outcome::unanswered(&error)),
        }
    }
}

/// Members without which an object cannot be made.
fn required(kind: &str) -> &'static [&'static str] {
    if kind == KIND_USER { &["Person", "UserId", "Positions"] } else { &["Name", "ParentOrgUnitUuid"] }
}

/// What an answer means: 200 is queued; 400 and what no try made better concerns this object; anything else, the run.
fn judged(answer: &Answer, request: &Request) -> Result<Outcome, Error> {
    let said = || match text::cut(&answer.text()) {
        said if said.is_empty() || said.starts_with('<') => format!("the server answered {}", answer.status),
        said => format!("the server answered {}: {said}", answer.status),
    };
    match answer.status {
        200..=299 => Ok(Outcome::accepted(answer.status)),
        400 | 408 | 413 | 422 | 425 | 429 | 500.. => Ok(Outcome::failed(Some(answer.status), said())),
        401 | 403 => Err(answer.failure(request).hint("check 'municipality' and the secret 'api_key'")),
        _ => Err(answer.failure(request).hint("check 'api_url'; it ends with /api")),
    }
}

fn ours(answer: Answer, request: &Request, is_ours: impl Fn(&Answer) -> bool) -> Result<Outcome, Error> {
    if answer.is_success() && !is_ours(&answer) {
        let what = format!("the answer is not OS2sync's: {}", text::cut(&answer.text()));
        let error = Error::new(Exit::Protocol, what).at(request);
        return Err(error.hint("check 'api_url'; something else answers there"));
    }
    judged(&answer, request)
}

/// Whether the registry shows an object as taken away: soft-deleted, or a user without a position.
fn is_inactive(object: &Map) -> bool {
    let without_positions =
        || object.get("Positions").is_some_and(|positions| fields::is_empty(Some(positions)));
    object.get("Status").and_then(Value::as_u64) == Some(INACTIVE) || without_positions()
}
