//! STSOrgSync as a target: its phases, its rules, and how one step becomes calls.
//!
//! Units go parents first, then users, then deletes of users, then of units, children first. A POST replaces the whole
//! object; a member that could not be read is taken from the object as the registry has it.

use crate::answers::{echoes, is_page, judged, refusal};
use crate::api::Api;
use crate::members::{self, ORG_UNIT, USER};
use muster_base::{Error, Exit};
use muster_delivery::{
    Action, Facts, Held, Holdings, OnMissing, Order, Outcome, Phase, Reference, Request, Role, Root, Target,
    Task, Work,
};
use muster_http::Client;
use muster_stream::{Map, Record, Value};
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
    /// The uuids that the server lists, read when a delete is answered with 404.
    users: OnceCell<HashSet<String>>,
    units: OnceCell<HashSet<String>>,
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
            let current = match self.current(task).await? {
                Ok(current) => current,
                Err(outcome) => return Ok(outcome),
            };
            for name in unknown {
                current.get(&name).map(|value| body.insert(name, value.clone()));
            }
        }
        let request = self.api.upsert(&task.kind, &body)?;
        let answer = match self.client.send(&request).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Outcome::unanswered(&error)),
        };
        match answer.status {
            200..=299 if echoes(&answer, &task.key) => Ok(Outcome::accepted(answer.status)),
            400 => Ok(Outcome::failed(Some(400), refusal(&task.kind, &body, &answer))),
            _ => judged(&answer, &request),
        }
    }

    /// The object as the registry has it, or why it cannot be known: the server answers 500 to an unknown one, too.
    async fn current(&self, task: &Task) -> Result<Result<Map, Outcome>, Error> {
        let request = self.api.read(&task.kind, &task.key)?;
        let answer = match self.client.send(&request).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(Outcome::unanswered(&error))),
        };
        match answer.status {
            200 => match answer.json::<Map>(&request) {
                Ok(current) => Ok(Ok(current)),
                Err(error) => Ok(Err(Outcome::failed(Some(200), error.to_string()).exit(Exit::Protocol))),
            },
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
            200..=299 if !is_page(&answer) => Ok(Outcome::accepted(answer.status)),
            404 => self.gone(task, &request).await,
            _ => judged(&answer, &request),
        }
    }

    /// A delete that was answered with 404: the object is gone, unless the server lists it and does not know the address.
    async fn gone(&self, task: &Task, request: &muster_http::Request) -> Result<Outcome, Error> {
        let listed = if task.kind == USER { &self.users } else { &self.units };
        let read = async || {
            let keys = self.api.list(&self.client, &task.kind).await;
            keys.map(HashSet::from_iter).unwrap_or_else(|error| {
                tracing::warn!("the server cannot list its objects, so those that it does not know count as gone: {error}");
                HashSet::new()
            })
        };
        if listed.get_or_init(read).await.contains(&task.key) {
            return Err(Error::new(
                Exit::Config,
                "the server does not know this address, but lists the object",
            )
            .at(request)
            .hint("choose the other --uuid-style"));
        }
        Ok(Outcome::accepted(404))
    }
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
        members::lower_uuid(key).map_err(|why| format!("the key {why}"))
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

    fn survey(&mut self, record: &Record) {
        if is_parentless(record) {
            self.top_unit.survey(&record.key().to_lowercase());
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
