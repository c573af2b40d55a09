//! STSOrgSync as a target: its phases, its rules, and how one step becomes calls.
//!
//! Units go parents first, then users, then deletes of users, then of units, children first. A POST replaces the whole
//! object; a member that could not be read is taken from the object as the registry has it.

use crate::answers::{judged, refusal};
use crate::api::Api;
use crate::members::{self, ORG_UNIT, USER};
use muster_base::text::lower_uuid;
use muster_base::{Error, Exit};
use muster_delivery::{
    Action, Facts, Held, Holdings, OnMissing, Order, Outcome, Phase, Reference, Request, Role, Root, Target,
    Task, Work,
};
use muster_http::Client;
use muster_stream::{Form, Map, Record, Value};
use std::collections::HashSet;
use tokio::sync::OnceCell;

const PHASES: &[Phase] = &[
    Phase { kind: ORG_UNIT, work: Work::Upsert, order: Order::ParentsFirst },
    Phase { kind: USER, work: Work::Upsert, order: Order::Any },
    Phase { kind: USER, work: Work::Remove, order: Order::Any },
    Phase { kind: ORG_UNIT, work: Work::Remove, order: Order::ChildrenFirst },
];

/// One municipality at one STSOrgSync.
pub(crate) struct Stsorgsync {
    api: Api,
    client: Client,
    top_unit: Root,
    /// Members that the server would pass over, warned of once.
    strange: HashSet<String>,
    /// The uuids that the server lists, read when it says of an object that it does not know it; none when it cannot.
    users: OnceCell<Option<HashSet<String>>>,
    units: OnceCell<Option<HashSet<String>>>,
}

impl Stsorgsync {
    pub(crate) fn new(api: Api, client: Client, top_unit: Option<String>) -> Self {
        let (users, units) = (OnceCell::new(), OnceCell::new());
        let top_unit = Root::new(top_unit, "--top-unit");
        Self { api, client, top_unit, strange: HashSet::new(), users, units }
    }

    async fn upsert(&self, task: &Task, record: &Record) -> Result<Outcome, Error> {
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
            200..=299 if answer.echoes("Uuid", &task.key) => Ok(Outcome::accepted(answer.status)),
            400 => Ok(Outcome::failed(Some(400), refusal(&task.kind, &body, &answer))),
            _ => judged(&answer, &request),
        }
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
            404 | 500.. if task.action == Action::Create && self.lists(task).await == Some(false) => {
                Ok(Ok(None))
            }
            404 | 500.. => {
                let why = "a member could not be read from the source, and the server does not give the object as it is";
                Ok(Err(Outcome::skipped(format!("{why}: {}", answer.status))))
            }
            _ => judged(&answer, &request).map(Err),
        }
    }

    async fn delete(&self, task: &Task) -> Result<Outcome, Error> {
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
        if self.lists(task).await == Some(true) {
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
    async fn lists(&self, task: &Task) -> Option<bool> {
        let listed = if task.kind == USER { &self.users } else { &self.units };
        let read = async || match self.api.list(&self.client, &task.kind).await {
            Ok(keys) => Some(HashSet::from_iter(keys)),
            Err(error) => {
                tracing::warn!(
                    "the server cannot list its objects, so what it does not know counts as gone when it is to be deleted, and \
                     as there else: {error}"
                );
                None
            }
        };
        listed.get_or_init(read).await.as_ref().map(|keys| keys.contains(&task.key))
    }
}

/// Whether a body that says nothing of what could not be read is no whole object.
fn lacks_some(task: &Task, body: &Map) -> bool {
    members::sent(&task.kind, body, |_| false).is_err()
}

impl Target for Stsorgsync {
    fn identity(&self) -> String {
        let base = self.api.base.as_str().trim_end_matches('/');
        match &self.api.municipality {
            Some(cvr) => format!("{base}, municipality {cvr}"),
            None => base.to_owned(),
        }
    }

    fn phases(&self) -> &'static [Phase] {
        PHASES
    }

    fn key(&self, kind: &str, key: &str) -> Result<String, String> {
        if PHASES.iter().all(|phase| phase.kind != kind) {
            return Ok(key.to_owned());
        }
        lower_uuid(key).map_err(|why| format!("the key {why}"))
    }

    fn recall(&mut self, facts: &Facts) {
        self.top_unit.recall(facts);
    }

    async fn read(&mut self) -> Result<Holdings, Error> {
        let mut objects = Vec::new();
        for kind in [ORG_UNIT, USER] {
            objects
                .extend(self.api.list(&self.client, kind).await?.into_iter().map(|key| Held::new(kind, key)));
        }
        Ok(Holdings { objects, doubt: None })
    }

    fn survey(&mut self, record: &Record, form: Form) {
        if is_parentless(record) {
            self.top_unit.survey(&record.key().to_lowercase(), form);
        }
        for (name, _) in record.members().filter(|(name, _)| !members::is_known(record.kind(), name)) {
            if self.strange.insert(format!("{}.{name}", record.kind())) {
                tracing::warn!("STSOrgSync knows no member '{name}' of a {}; it is not sent", record.kind());
            }
        }
    }

    fn facts(&self) -> Facts {
        self.top_unit.facts()
    }

    fn check(&self, record: &Record) -> Result<(), String> {
        let key = record.key().to_lowercase();
        let uuid = record.map().get("Uuid").and_then(Value::as_str);
        if uuid.is_some_and(|uuid| !uuid.eq_ignore_ascii_case(&key)) {
            return Err("'Uuid' is another one than '_key'".to_owned());
        }
        if is_parentless(record) {
            self.top_unit.check(&key)?;
        }
        body(record, &key).map(drop)
    }

    fn protects(&self, kind: &str, key: &str) -> Option<String> {
        if kind == ORG_UNIT { self.top_unit.protects(key) } else { None }
    }

    fn references(&self, record: &Record) -> Vec<Reference> {
        let unit = |role| {
            move |(member, key): (&'static str, &Value)| {
                Some(Reference::new(ORG_UNIT, key.as_str()?.to_lowercase(), role).member(member))
            }
        };
        let parent = record.map().get("ParentOrgUnitUuid").map(|key| ("ParentOrgUnitUuid", key));
        let positions = record.map().get("Positions").and_then(Value::as_array).into_iter().flatten();
        let units = positions.filter_map(|position| Some(("Positions", position.get("OrgUnitUuid")?)));
        let parent = parent.and_then(unit(Role::Container));
        parent.into_iter().chain(units.filter_map(unit(Role::Needed))).collect()
    }

    fn on_missing(&self, _kind: &str) -> OnMissing {
        OnMissing::Delete
    }

    async fn apply(&self, task: &Task) -> Result<Outcome, Error> {
        match (task.action, &task.record) {
            (Action::Create | Action::Update, Some(record)) => self.upsert(task, record).await,
            (Action::Create | Action::Update, None) => Ok(Outcome::failed(None, "there is no record")),
            (Action::Delete, _) => self.delete(task).await,
            (Action::Passivate, _) => Ok(Outcome::blocked("STSOrgSync can only delete, not make passive")),
        }
    }

    fn describe(&self, task: &Task) -> Result<Vec<Request>, Error> {
        let record = match (task.action, &task.record) {
            (Action::Delete, _) => return Ok(vec![Request::shown(&self.api.delete(&task.kind, &task.key)?)]),
            (Action::Create | Action::Update, Some(record)) => record,
            _ => return Ok(Vec::new()),
        };
        let body = body(record, &task.key).map_err(|why| Error::new(Exit::Data, why))?;
        let post = Request::shown(&self.api.upsert(&task.kind, &body)?);
        match unknown(record) {
            unknown if unknown.is_empty() => Ok(vec![post]),
            unknown => {
                let get = Request::shown(&self.api.read(&task.kind, &task.key)?);
                Ok(vec![get, Request { keeps: unknown, ..post }])
            }
        }
    }
}

/// The body of a record's POST, as far as it is known; or why the server would not take it.
fn body(record: &Record, key: &str) -> Result<Map, String> {
    let mut object = record.map().clone();
    object.insert("Uuid".to_owned(), key.into());
    let unknown = unknown(record);
    let mut body =
        members::sent(record.kind(), &object, |name| unknown.iter().any(|unknown| unknown == name))?;
    unknown.iter().for_each(|name| drop(body.shift_remove(name)));
    Ok(body)
}

/// The members of a record of which a part could not be read.
fn unknown(record: &Record) -> Vec<String> {
    let first = |pointer: &str| pointer.split('/').nth(1).unwrap_or_default().to_owned();
    let mut names: Vec<String> = record.unknown().map(first).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether a record is a unit without a parent, as far as that is known.
fn is_parentless(record: &Record) -> bool {
    let parent = record.map().get("ParentOrgUnitUuid").and_then(Value::as_str).unwrap_or_default();
    let is_unknown = record.unknown().any(|pointer| pointer == "/ParentOrgUnitUuid");
    record.kind() == ORG_UNIT && parent.is_empty() && !is_unknown
}
