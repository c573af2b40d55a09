//! OS2sync as a target: its phases, its rules, and how one step becomes calls.
//!
//! Units go parents first, then users, then deletes of users, then of units, children first: the server's queue works
//! units off before users, and a position in a unit that the registry lacks is refused there, where nobody sees it.

use crate::body::{self, KIND_USER, ORG_UNIT, Wanted, fields_of, kind_of};
use crate::check::{check_user, is_parentless};
use crate::registry::{Name, Registry};
use crate::repair::Repairs;
use muster_base::text::lower_uuid;
use muster_base::{Error, Exit};
use muster_delivery::{
    Action, Arguments, Facts, Holdings, OnMissing, Order, Outcome, Phase, Reference, Request, Role, Root,
    Target, Task, Work,
};
use muster_http::Client;
use muster_os2sync::{Api, Kind, fields};
use muster_stream::{Form, Map, Record, Value};
use std::collections::HashSet;
use tokio::sync::OnceCell;

const PHASES: &[Phase] = &[
    Phase { kind: ORG_UNIT, work: Work::Upsert, order: Order::ParentsFirst },
    Phase { kind: KIND_USER, work: Work::Upsert, order: Order::Any },
    Phase { kind: KIND_USER, work: Work::Remove, order: Order::Any },
    Phase { kind: ORG_UNIT, work: Work::Remove, order: Order::ChildrenFirst },
];

/// One municipality at one OS2sync.
pub(crate) struct Os2sync {
    pub(crate) api: Api,
    pub(crate) client: Client,
    /// Members that keep the registry's value where the record says nothing.
    pub(crate) keep: Vec<String>,
    pub(crate) bypass_cache: bool,
    pub(crate) priority: u16,
    pub(crate) top_unit: Root,
    /// What was seen of the registry before the run.
    pub(crate) registry: Registry,
    pub(crate) repair: Repairs,
    /// Whether OS2sync answers, once that is in question.
    pub(crate) answers: OnceCell<bool>,
    /// Units that records of this run name.
    pub(crate) named: HashSet<String>,
    /// Members that the server would pass over, warned of once.
    pub(crate) strange: HashSet<String>,
}

impl Os2sync {
    /// Look at the registry: what is to be repaired, and what was accepted `hours` ago and never came there.
    ///
    /// Without a hierarchy nothing is known to be lost, and nothing can be repaired.
    pub(crate) async fn look(&mut self, hours: Option<u32>, delivery: &Arguments) -> Result<(), Error> {
        match Registry::read(&self.api, &self.client).await {
            Ok(registry) => self.registry = registry,
            Err(error) if self.repair.is_wanted() || error.exit() == Exit::NoPerm => return Err(error),
            Err(error) => {
                tracing::warn!("{error}; nothing is verified");
                return Ok(());
            }
        }
        self.repair.look(&self.registry);
        if let Some(hours) = hours {
            let accepted = delivery.accepted_before(&self.identity(), u64::from(hours) * 3600)?;
            let known = accepted.into_iter().filter_map(|(kind, key)| Some((Kind::of(&kind)?.name(), key)));
            self.registry.lost = known.filter(|name| !self.registry.holds(name)).collect();
        }
        Ok(())
    }

    /// Kind and key of an object.
    pub(crate) fn name(&self, kind: &str, key: &str) -> Name {
        (kind_of(kind).name(), key.to_owned())
    }

    /// How the object of `task` is taken out before it is sent, if it is: never because of a partial input.
    pub(crate) fn repair_of(&self, task: &Task) -> Option<Action> {
        self.repair.of(&self.name(&task.kind, &task.key), &self.top_unit).filter(|_| task.may_take_out)
    }

    fn protects_unit(&self, key: &str) -> Option<String> {
        let named = || self.named.contains(key).then(|| "records of this run name it".to_owned());
        self.top_unit.protects(key).or_else(named)
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
        lower_uuid(key).map_err(|why| format!("the key {why}"))
    }

    fn recall(&mut self, facts: &Facts) {
        self.top_unit.recall(facts);
    }

    fn survey(&mut self, record: &Record, form: Form) {
        if record.kind() == ORG_UNIT && is_parentless(record) {
            self.top_unit.survey(&record.key().to_lowercase(), form);
        }
        self.named.extend(self.references(record).into_iter().map(|reference| reference.key));
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

    fn protects(&self, kind: &str, key: &str) -> Option<String> {
        if kind == ORG_UNIT { self.protects_unit(key) } else { None }
    }

    fn references(&self, record: &Record) -> Vec<Reference> {
        let unit =
            |role| move |key: &Value| Some(Reference::new(ORG_UNIT, key.as_str()?.to_lowercase(), role));
        let parent = record.map().get("ParentOrgUnitUuid").and_then(unit(Role::Container));
        let positions = record.map().get("Positions").and_then(Value::as_array).into_iter().flatten();
        let units = positions.filter_map(|position| position.get("OrgUnitUuid"));
        parent.into_iter().chain(units.filter_map(unit(Role::Needed))).collect()
    }

    fn name(&self, kind: &str, key: &str) -> Option<String> {
        self.registry.called(kind_of(kind), key).map(str::to_owned)
    }

    fn lister(&self) -> Option<&'static str> {
        Some("extract-os2sync")
    }

    async fn before(&self, task: &Task) -> Result<Result<Option<Map>, Outcome>, Error> {
        self.current(task).await
    }

    fn on_missing(&self, _kind: &str) -> OnMissing {
        OnMissing::Delete
    }

    fn again(&self, task: &Task) -> Option<String> {
        match self.repair_of(task) {
            Some(Action::Passivate) => Some("passivated and sent again".to_owned()),
            Some(_) => Some("it has duplicate positions: deleted and sent again".to_owned()),
            None if self.registry.lost.contains(&self.name(&task.kind, &task.key)) => Some(
                "accepted earlier and not in the registry: sent again past the server's cache".to_owned(),
            ),
            None => None,
        }
    }

    async fn apply(&self, task: &Task) -> Result<Outcome, Error> {
        match (task.action, &task.record) {
            (Action::Create | Action::Update, Some(record)) => self.upsert(task, record).await,
            (Action::Create | Action::Update, None) => Ok(Outcome::failed(None, "there is no record")),
            (action, _) => self.take_away(action, task).await,
        }
    }

    fn describe(&self, task: &Task) -> Result<Vec<Request>, Error> {
        let Some(record) = task.record.as_ref().filter(|_| task.action.is_upsert()) else {
            return Ok(vec![Request::shown(&self.removal(task.action, task)?)]);
        };
        let repair = self.repair_of(task);
        let wanted = Wanted::of(&task.kind, record, &self.keep);
        let body = body::body(task, record, &wanted, None);
        let read = (wanted.needs_current() || repair.is_some())
            .then(|| self.api.read(kind_of(&task.kind), &task.key))
            .transpose()?;
        let keeps = if read.is_some() { wanted.names() } else { Vec::new() };
        let post = Request { keeps, ..Request::shown(&self.post(task, &body)?) };
        let removal = repair.map(|action| self.removal(action, task)).transpose()?;
        Ok(read.iter().chain(&removal).map(Request::shown).chain([post]).collect())
    }

    async fn read(&mut self) -> Result<Holdings, Error> {
        match self.api.is_stub() {
            true => Ok(Holdings { doubt: Some("there is no server".to_owned()), ..Holdings::default() }),
            false => self.registry.holdings(&self.api, &self.client).await,
        }
    }
}
