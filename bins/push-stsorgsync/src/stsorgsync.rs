//! STSOrgSync as a target: its phases and its rules; how one step becomes calls stands in `sending.rs`.
//!
//! Units go parents first, then users, then deletes of users, then of units, children first. A POST replaces the whole
//! object; a member that could not be read is taken from the object as the registry has it.

use crate::api::Api;
use crate::members::{self, ORG_UNIT, USER};
use muster_base::text::lower_uuid;
use muster_base::{Error, Exit};
use muster_delivery::{
    Action, Facts, Held, Holdings, OnMissing, Order, Outcome, Phase, Possession, Reference, Request, Role,
    Root, Target, Task, Work,
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
    pub(crate) api: Api,
    pub(crate) client: Client,
    top_unit: Root,
    /// Units of this input, and after that the units in which others lie that neither it nor the ledger has.
    units_here: HashSet<String>,
    pub(crate) outside: HashSet<String>,
    /// Members that the server would pass over, warned of once.
    strange: HashSet<String>,
    /// The uuids that the server lists, read when it says of an object that it does not know it; none when it cannot.
    pub(crate) users: OnceCell<Option<HashSet<String>>>,
    pub(crate) units: OnceCell<Option<HashSet<String>>>,
}

impl Stsorgsync {
    pub(crate) fn new(api: Api, client: Client, top_unit: Option<String>) -> Self {
        let (users, units) = (OnceCell::new(), OnceCell::new());
        let top_unit = Root::new(top_unit, "--top-unit");
        let (units_here, outside) = (HashSet::new(), HashSet::new());
        Self { api, client, top_unit, units_here, outside, strange: HashSet::new(), users, units }
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
        if record.kind() == ORG_UNIT {
            self.units_here.insert(record.key().to_lowercase());
            let parent = record.map().get("ParentOrgUnitUuid").and_then(Value::as_str);
            self.outside.extend(parent.map(str::to_lowercase));
        }
        for (name, _) in record.members().filter(|(name, _)| !members::is_known(record.kind(), name)) {
            if self.strange.insert(format!("{}.{name}", record.kind())) {
                tracing::warn!("STSOrgSync knows no member '{name}' of a {}; it is not sent", record.kind());
            }
        }
    }

    fn possess(&mut self, possessions: Vec<Possession>) {
        let owned = possessions.into_iter().filter(|one| one.kind == ORG_UNIT).map(|one| one.key);
        for key in self.units_here.drain().chain(owned) {
            self.outside.remove(&key);
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
pub(crate) fn body(record: &Record, key: &str) -> Result<Map, String> {
    let mut object = record.map().clone();
    object.insert("Uuid".to_owned(), key.into());
    let unknown = unknown(record);
    let mut body =
        members::sent(record.kind(), &object, |name| unknown.iter().any(|unknown| unknown == name))?;
    unknown.iter().for_each(|name| drop(body.shift_remove(name)));
    Ok(body)
}

/// The members of a record of which a part could not be read.
pub(crate) fn unknown(record: &Record) -> Vec<String> {
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
