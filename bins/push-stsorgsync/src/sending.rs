//! How a task becomes calls, and what their answers mean.

use crate::answers::{judged, refusal};
use crate::members::{self, ORG_UNIT, USER};
use crate::stsorgsync::{Stsorgsync, body, unknown};
use muster_base::{Error, Exit};
use muster_delivery::{Action, Outcome, Task};
use muster_stream::{Map, Record, Value};
use std::collections::HashSet;

impl Stsorgsync {
    /// Send a record, with what could not be read of it taken from the object as it is.
    pub(crate) async fn upsert(&self, task: &Task, record: &Record) -> Result<Outcome, Error> {
        let unknown = unknown(record);
        let mut body = match body(record, &task.key) {
            Ok(body) => body,
            Err(why) => return Ok(Outcome::failed(None, why)),
        };
        if !unknown.is_empty() {
            match self.current(task).await? {
                Err(outcome) => return Ok(outcome),
                Ok(None) if lacks_some(task, &body) => {
                    let why = "it is not yet there, and a member that it needs could not be read";
                    return Ok(Outcome::skipped(why));
                }
                Ok(None) => (),
                Ok(Some(current)) => {
                    for name in unknown {
                        current.get(&name).map(|value| body.insert(name, value.clone()));
                    }
                }
            }
        }
        let request = self.api.upsert(&task.kind, &body)?;
        let answer = match self.client.send(&request).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Outcome::unanswered(&error)),
        };
        match answer.status {
            200..=299 if answer.echoes("Uuid", &task.key) => {
                let accepted = Outcome::accepted(answer.status);
                Ok(match self.missing_parent(&body).await {
                    Some(why) => accepted.note(why),
                    None => accepted,
                })
            }
            400 => Ok(Outcome::failed(Some(400), refusal(&task.kind, &body, &answer))),
            _ => judged(&answer, &request),
        }
    }

    /// Why the registry will refuse a unit that the queue took, where nobody would see it: that in which it lies is not there.
    async fn missing_parent(&self, body: &Map) -> Option<String> {
        let parent = body.get("ParentOrgUnitUuid").and_then(Value::as_str);
        let parent = parent.filter(|parent| self.outside.contains(*parent))?;
        if self.lists(ORG_UNIT, parent).await != Some(false) {
            return None;
        }
        let why =
            format!("it lies in the unit {parent}, which the registry does not have: it will refuse it");
        tracing::warn!(
            "a unit is accepted, but {why}, and all in it; take the unit above into the input, too"
        );
        Some(why)
    }

    /// The object as the registry has it, nothing when it is new, or why that cannot be known: the server answers 500 to an
    /// unknown one, too, so its list decides.
    async fn current(&self, task: &Task) -> Result<Result<Option<Map>, Outcome>, Error> {
        let request = self.api.read(&task.kind, &task.key)?;
        let answer = match self.client.send(&request).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(Outcome::unanswered(&error))),
        };
        match answer.status {
            200 => match answer.object::<Map>("Uuid", &task.key, &request) {
                Ok(current) => Ok(Ok(Some(current))),
                Err(error) => Ok(Err(Outcome::failed(Some(200), error.to_string()).exit(Exit::Protocol))),
            },
            // What was accepted earlier may still wait in the queue.
            404 | 500..
                if task.action == Action::Create
                    && self.lists(&task.kind, &task.key).await == Some(false) =>
            {
                Ok(Ok(None))
            }
            404 | 500.. => {
                let why = "a member could not be read from the source, and the server does not give the object as it is";
                Ok(Err(Outcome::skipped(format!("{why}: {}", answer.status))))
            }
            _ => judged(&answer, &request).map(Err),
        }
    }

    /// Take the object of `task` away.
    pub(crate) async fn delete(&self, task: &Task) -> Result<Outcome, Error> {
        let request = self.api.delete(&task.kind, &task.key)?;
        let answer = match self.client.send(&request).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Outcome::unanswered(&error)),
        };
        match answer.status {
            200..=299 if !answer.is_page() => Ok(Outcome::accepted(answer.status)),
            404 => self.gone(task, &request).await,
            _ => judged(&answer, &request),
        }
    }

    /// A delete that was answered with 404: the object is gone, unless the server lists it and does not know the address.
    async fn gone(&self, task: &Task, request: &muster_http::Request) -> Result<Outcome, Error> {
        if self.lists(&task.kind, &task.key).await == Some(true) {
            return Err(Error::new(
                Exit::Config,
                "the server does not know this address, but lists the object",
            )
            .at(request)
            .hint("choose the other --uuid-style"));
        }
        Ok(Outcome::accepted(404))
    }

    /// Whether the server lists the object; nothing when it cannot list any.
    async fn lists(&self, kind: &str, key: &str) -> Option<bool> {
        let listed = if kind == USER { &self.users } else { &self.units };
        let read = async || match self.api.list(&self.client, kind).await {
            Ok(keys) => Some(HashSet::from_iter(keys)),
            Err(error) => {
                tracing::warn!(
                    "the server cannot list its objects, so what it does not know counts as gone when it is to be deleted, and \
                     as there else: {error}"
                );
                None
            }
        };
        listed.get_or_init(read).await.as_ref().map(|keys| keys.contains(key))
    }
}

/// Whether a body that says nothing of what could not be read is no whole object.
fn lacks_some(task: &Task, body: &Map) -> bool {
    members::sent(&task.kind, body, |_| false).is_err()
}
