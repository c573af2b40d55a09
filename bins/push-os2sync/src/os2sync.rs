//! OS2sync as a target: its phases, its rules, and how one step becomes calls.
//!
//! Units go parents first, then users, then deletes of users, then of units, children first: the server's queue works
//! units off before users, and a position in a unit that the registry lacks is refused there, where nobody sees it.

use crate::api::{Api, shown};
use crate::body::{self, KIND_USER, ORG_UNIT, Wanted, fields_of};
use crate::fields;
use crate::top_unit::{TopUnit, is_parentless};
use muster_base::{Error, Exit, text};
use muster_delivery::{
    Action, Facts, Holdings, OnMissing, Order, Outcome, Phase, Reference, Request, Role, Target, Task, Work,
};
use muster_http::{Answer, Client};
use muster_stream::{Map, Record, Value};
use std::collections::HashSet;

const PHASES: &[Phase] = &[
    Phase { kind: ORG_UNIT, work: Work::Upsert, order: Order::ParentsFirst },
    Phase { kind: KIND_USER, work: Work::Upsert, order: Order::Any },
    Phase { kind: KIND_USER, work: Work::Remove, order: Order::Any },
    Phase { kind: ORG_UNIT, work: Work::Remove, order: Order::ChildrenFirst },
];

/// One municipality at one OS2sync.
pub(crate) struct Os2sync {
    api: Api,
    client: Client,
    keep: Vec<String>,
    top_unit: TopUnit,
    /// Members that the server would pass over, warned of once.
    strange: HashSet<String>,
}

impl Os2sync {
    pub(crate) fn new(api: Api, client: Client, keep: Vec<String>, top_unit: TopUnit) -> Self {
        Self { api, client, keep, top_unit, strange: HashSet::new() }
    }

    async fn upsert(&self, task: &Task, record: &Record) -> Result<Outcome, Error> {
        let wanted = Wanted::of(&task.kind, record, &self.keep);
        let current = match wanted.needs_current() {
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
        self.send(self.api.upsert(&task.kind, &body)?, |answer| echoes(answer, &task.key)).await
    }

    /// The object as the registry has it; none when it has none, an outcome when that cannot be known.
    async fn current(&self, task: &Task) -> Result<Result<Option<Map>, Outcome>, Error> {
        let request = self.api.read(&task.kind, &task.key)?;
        let answer = match self.client.send(&request).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(unanswered(error))),
        };
        match answer.status {
            404 => Ok(Ok(None)),
            200 => match answer.json::<Map>(&request) {
                Ok(current) => Ok(Ok(Some(current))),
                Err(error) => Ok(Err(Outcome::failed(Some(200), error.to_string()).exit(Exit::Protocol))),
            },
            _ => judged(&answer, &request)
                .map(|outcome| Err(outcome.explained("the object as it is cannot be read"))),
        }
    }

    /// Send `request`; an answer of 200 counts only when it `is_ours`: a proxy's maintenance page is no queue.
    async fn send(
        &self,
        request: muster_http::Request,
        is_ours: impl Fn(&Answer) -> bool,
    ) -> Result<Outcome, Error> {
        let answer = match self.client.send(&request).await {
            Ok(answer) => answer,
            Err(error) => return Ok(unanswered(error)),
        };
        if answer.is_success() && !is_ours(&answer) {
            return Err(Error::new(
                Exit::Protocol,
                format!("the answer is not OS2sync's: {}", text::cut(&answer.text())),
            )
            .at(&request)
            .hint("check 'api_url'; something else answers there"));
        }
        judged(&answer, &request)
    }
}

impl Target for Os2sync {
    fn identity(&self) -> String {
        let base = self.api.base.as_str().trim_end_matches('/');
        format!("{base}, municipality {}", self.api.municipality)
    }

    fn phases(&self) -> &'static [Phase] {
        PHASES
    }

    fn key(&self, kind: &str, key: &str) -> Result<String, String> {
        if PHASES.iter().all(|phase| phase.kind != kind) {
            return Ok(key.to_owned());
        }
        fields::lower_uuid(key).map_err(|why| format!("the key {why}"))
    }

    fn recall(&mut self, facts: &Facts) {
        self.top_unit.recall(facts);
    }

    fn survey(&mut self, record: &Record) {
        self.top_unit.survey(&record.key().to_lowercase(), record);
        for (name, _) in record.members() {
            let known = fields_of(record.kind()).iter().any(|(field, _)| *field == name);
            if !known && self.strange.insert(format!("{}.{name}", record.kind())) {
                tracing::warn!(
                    "OS2sync knows no member '{name}' of a {}; it will pass it over",
                    record.kind()
                );
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
        match record.kind() {
            KIND_USER => check_user(record)?,
            _ => self.check_unit(&key, record)?,
        }
        fields::check(fields_of(record.kind()), record.map())
    }

    fn on_missing(&self, _kind: &str) -> OnMissing {
        OnMissing::Delete
    }

    fn protects(&self, kind: &str, key: &str) -> Option<String> {
        if kind == ORG_UNIT { self.top_unit.protects(key) } else { None }
    }

    fn references(&self, record: &Record) -> Vec<Reference> {
        let unit =
            |role| move |key: &Value| Some(Reference::new(ORG_UNIT, key.as_str()?.to_lowercase(), role));
        let parent = record.map().get("ParentOrgUnitUuid").and_then(unit(Role::Container));
        let positions = record.map().get("Positions").and_then(Value::as_array).into_iter().flatten();
        let units = positions.filter_map(|position| position.get("OrgUnitUuid"));
        parent.into_iter().chain(units.filter_map(unit(Role::Needed))).collect()
    }

    async fn apply(&self, task: &Task) -> Result<Outcome, Error> {
        match (task.action, &task.record) {
            (Action::Create | Action::Update, Some(record)) => self.upsert(task, record).await,
            (Action::Create | Action::Update, None) => Ok(Outcome::failed(None, "there is no record")),
            (Action::Delete, _) => self.send(self.api.delete(&task.kind, &task.key)?, is_no_page).await,
            (Action::Passivate, _) => self.send(self.api.passivate(&task.kind, &task.key)?, is_no_page).await,
        }
    }

    fn describe(&self, task: &Task) -> Result<Vec<Request>, Error> {
        let record = match (task.action, &task.record) {
            (Action::Delete, _) => return Ok(vec![shown(&self.api.delete(&task.kind, &task.key)?)]),
            (Action::Passivate, _) => return Ok(vec![shown(&self.api.passivate(&task.kind, &task.key)?)]),
            (_, Some(record)) => record,
            (_, None) => return Ok(Vec::new()),
        };
        let wanted = Wanted::of(&task.kind, record, &self.keep);
        let body = body::body(task, record, &wanted, None);
        let post = shown(&self.api.upsert(&task.kind, &body)?);
        if !wanted.needs_current() {
            return Ok(vec![post]);
        }
        let get = shown(&self.api.read(&task.kind, &task.key)?);
        Ok(vec![get, Request { keeps: wanted.names(), ..post }])
    }

    async fn read(&mut self) -> Result<Holdings, Error> {
        match self.api.base.scheme() {
            "stub" => Ok(Holdings { doubt: Some("there is no server".to_owned()), ..Holdings::default() }),
            _ => self.api.list(&self.client).await,
        }
    }
}

impl Os2sync {
    fn check_unit(&self, key: &str, unit: &Record) -> Result<(), String> {
        if is_missing(unit, "/Name", unit.map().get("Name")) {
            return Err("name is null".to_owned());
        }
        if is_parentless(unit) { self.top_unit.check(key) } else { Ok(()) }
    }
}

/// What the server checks in a user, in its order and words.
fn check_user(user: &Record) -> Result<(), String> {
    let person = user.map().get("Person");
    let name = person.and_then(|person| person.get("Name"));
    if is_missing(user, "/Person/Name", name) && !user.unknown().any(|pointer| pointer == "/Person") {
        return Err("Person.Name is null or empty".to_owned());
    }
    if is_missing(user, "/UserId", user.map().get("UserId")) {
        return Err("UserId is null or empty".to_owned());
    }
    if user.unknown().any(|pointer| pointer.starts_with("/Positions")) {
        return Ok(());
    }
    let positions = user.map().get("Positions").and_then(Value::as_array).map(Vec::as_slice);
    let Some(positions) = positions.filter(|positions| !positions.is_empty()) else {
        return Err("Positions is null or empty: a user without a position is to be deleted".to_owned());
    };
    let incomplete = |position: &Value| {
        fields::is_empty(position.get("Name")) || fields::is_empty(position.get("OrgUnitUuid"))
    };
    match positions.iter().any(incomplete) {
        true => Err("Position Name or OrgUnitUUID is null".to_owned()),
        false => Ok(()),
    }
}

fn is_missing(record: &Record, pointer: &str, value: Option<&Value>) -> bool {
    fields::is_empty(value) && !record.unknown().any(|unknown| unknown == pointer)
}

/// Members without which an object cannot be made.
fn required(kind: &str) -> &'static [&'static str] {
    if kind == KIND_USER { &["Person", "UserId", "Positions"] } else { &["Name", "ParentOrgUnitUuid"] }
}

/// Whether the answer to an upsert is the object as OS2sync took it: JSON, and no other object's.
fn echoes(answer: &Answer, key: &str) -> bool {
    let Ok(echo) = serde_json::from_slice::<Map>(&answer.body) else { return false };
    let uuid =
        echo.iter().find(|(name, _)| name.eq_ignore_ascii_case("Uuid")).and_then(|(_, uuid)| uuid.as_str());
    uuid.is_none_or(|uuid| uuid.eq_ignore_ascii_case(key))
}

/// A removal is answered with nothing; whatever a server may say there, it is no page.
fn is_no_page(answer: &Answer) -> bool {
    !answer.text().trim_start().starts_with('<')
}

/// What an answer means: 200 is queued; 400 and what no try made better concerns this object; anything else, the run.
fn judged(answer: &Answer, request: &muster_http::Request) -> Result<Outcome, Error> {
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

/// No answer at all, after every try.
fn unanswered(error: Error) -> Outcome {
    Outcome::failed(None, error.to_string()).exit(error.exit())
}
