//! An office as a target: people and teams with ids of its own, compared by state, made in several steps.

use muster_base::Error;
use muster_delivery::{
    Action, Comparison, Held, Holdings, OnMissing, Order, Outcome, Phase, Possession, Reference, Request,
    Role, Target, Task, Work,
};
use muster_stream::{Map, Record, Value};
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeMap;

const CREATE: Work = Work::Stage("create");
const CHANGE: Work = Work::Stage("change");
const MEMBERS: Work = Work::Stage("members");

const PHASES: &[Phase] = &[
    Phase { kind: "user", work: CREATE, order: Order::Any },
    Phase { kind: "user", work: CHANGE, order: Order::Any },
    Phase { kind: "user", work: Work::Remove, order: Order::Any },
    Phase { kind: "team", work: CREATE, order: Order::ParentsFirst },
    Phase { kind: "team", work: MEMBERS, order: Order::Any },
    Phase { kind: "team", work: Work::Remove, order: Order::ChildrenFirst },
];

/// What the office holds of one object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thing {
    pub kind: &'static str,
    /// Our key, where the office carries it.
    pub reference: String,
    pub name: String,
    pub mail: String,
    pub members: Vec<String>,
    pub parent: Option<String>,
    pub is_active: bool,
    pub is_admin: bool,
}

/// The office, by id, with a log of what was done to it.
#[derive(Default)]
pub struct Office {
    pub things: RefCell<BTreeMap<String, Thing>>,
    pub log: RefCell<Vec<String>>,
    /// Steps that fail, as the log would show them.
    pub failing: Vec<&'static str>,
    /// Steps that find nothing left to do.
    pub idle: Vec<&'static str>,
    /// What it was told that this pipeline brought: kind, key and fate.
    pub possessions: Vec<String>,
    /// The step after which the network is gone for good.
    pub dying: Option<&'static str>,
    pub doubt: Option<String>,
    /// The step that is done and whose answer never comes.
    pub hanging: Option<&'static str>,
    /// Is told when that step is done.
    pub hangs: std::sync::Arc<tokio::sync::Notify>,
    /// Nobody looks before a create.
    pub is_careless: bool,
    /// Compare by ledger.
    pub by_ledger: bool,
    held: Vec<Held>,
}

impl Office {
    /// Put an active object into it by hand.
    pub fn place(&self, id: &str, kind: &'static str, name: &str, mail: &str) {
        let thing =
            Thing { kind, name: name.to_owned(), mail: mail.to_owned(), is_active: true, ..Thing::default() };
        self.things.borrow_mut().insert(id.to_owned(), thing);
    }

    pub fn with(&self, id: &str, change: impl FnOnce(&mut Thing)) {
        change(self.things.borrow_mut().get_mut(id).unwrap());
    }

    /// What was done since the last look.
    pub fn done(&self) -> Vec<String> {
        self.log.borrow_mut().drain(..).collect()
    }

    fn held(id: &str, thing: &Thing) -> Held {
        let members = json!({ "name": thing.name, "mail": thing.mail, "members": thing.members });
        Held {
            id: id.to_owned(),
            name: thing.name.clone(),
            members: members.as_object().unwrap().clone(),
            is_active: thing.is_active,
            container: thing.parent.clone(),
            protected: thing.is_admin.then(|| "an administrator".to_owned()),
            ..Held::new(thing.kind, &thing.reference)
        }
    }

    fn members(task: &Task) -> Vec<String> {
        let wanted = task.references.iter().filter(|one| one.reference.role == Role::Mentioned);
        wanted.filter_map(|one| one.id().map(str::to_owned)).collect()
    }

    fn change(&self, task: &Task, id: &str, what: &str) {
        let mut things = self.things.borrow_mut();
        match task.action {
            Action::Delete => drop(things.remove(id)),
            Action::Passivate => things.get_mut(id).unwrap().is_active = false,
            Action::Create | Action::Update => {
                assert!(task.work != CREATE || !things.contains_key(id), "{what}: it is there twice");
                let record = task.record.as_ref().unwrap();
                let thing = things.entry(id.to_owned()).or_default();
                thing.kind = if task.kind == "user" { "user" } else { "team" };
                thing.reference = task.key.clone();
                thing.name = text(record.map(), "name");
                thing.mail = text(record.map(), "mail");
                thing.is_active = true;
                let parent = task.references.iter().find(|one| one.reference.role == Role::Container);
                thing.parent = parent.and_then(|parent| parent.id().map(str::to_owned));
                let is_known = !record.unknown().any(|pointer| pointer == "/members");
                if task.work == MEMBERS && is_known {
                    let kept = Self::had(task).into_iter().filter(|_| !task.may_take_out);
                    let mut members: Vec<String> = kept.chain(Self::members(task)).collect();
                    members.dedup();
                    thing.members = members;
                }
            }
        }
    }

    /// Whether somebody is still to be made who shall be a member.
    fn is_awaited(task: &Task) -> bool {
        task.references.iter().any(muster_delivery::Resolved::is_awaited)
    }

    fn had(task: &Task) -> Vec<String> {
        let members = task.held.as_ref().and_then(|held| held.members["members"].as_array().cloned());
        members.unwrap_or_default().iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
    }
}

fn text(map: &Map, name: &str) -> String {
    map.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl Target for Office {
    fn identity(&self) -> String {
        "office".to_owned()
    }

    fn phases(&self) -> &'static [Phase] {
        PHASES
    }

    fn comparison(&self) -> Comparison {
        if self.by_ledger { Comparison::ByLedger } else { Comparison::ByState }
    }

    async fn read(&mut self) -> Result<Holdings, Error> {
        self.held = self.things.borrow().iter().map(|(id, thing)| Self::held(id, thing)).collect();
        Ok(Holdings { objects: self.held.clone(), doubt: self.doubt.clone() })
    }

    fn check(&self, record: &Record) -> Result<(), String> {
        let is_nameless = text(record.map(), "name").is_empty();
        if is_nameless { Err("it has no name".to_owned()) } else { Ok(()) }
    }

    fn references(&self, record: &Record) -> Vec<Reference> {
        let texts = |name: &str| -> Vec<String> {
            let list = record.map().get(name).and_then(Value::as_array).cloned().unwrap_or_default();
            list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
        };
        let parent = Some(text(record.map(), "parent")).filter(|parent| !parent.is_empty());
        let members = texts("members").into_iter();
        let members = members.map(|key| {
            Reference::new("user", key, Role::Mentioned)
                .member("members")
                .absent(muster_delivery::Absent::LeaveOut)
        });
        parent.map(|key| Reference::new("team", key, Role::Container)).into_iter().chain(members).collect()
    }

    fn on_missing(&self, kind: &str) -> OnMissing {
        if kind == "user" { OnMissing::Passivate } else { OnMissing::Delete }
    }

    fn looks_up(&self, _kind: &str) -> bool {
        !self.is_careless
    }

    async fn find(&self, record: &Record) -> Result<Vec<Held>, Error> {
        let held: Vec<Held> = self.things.borrow().iter().map(|(id, thing)| Self::held(id, thing)).collect();
        let of_kind = || held.iter().filter(|held| held.kind == record.kind());
        let by_reference: Vec<Held> = of_kind().filter(|held| held.key == record.key()).cloned().collect();
        if !by_reference.is_empty() || record.kind() == "team" {
            return Ok(by_reference);
        }
        let mail = text(record.map(), "mail").to_lowercase();
        Ok(of_kind().filter(|held| text(&held.members, "mail").to_lowercase() == mail).cloned().collect())
    }

    fn possess(&mut self, possessions: Vec<Possession>) {
        let told = possessions.iter().map(|one| format!("{} {} {:?}", one.kind, one.key, one.fate));
        self.possessions = told.collect();
    }

    fn work(&self, task: &Task) -> Vec<Work> {
        let Some(record) = &task.record else { return Vec::new() };
        let is_team = task.kind == "team";
        if self.by_ledger && task.action == Action::Update {
            return if is_team { vec![MEMBERS] } else { vec![CHANGE] };
        }
        let Some(held) = &task.held else {
            return if is_team { vec![CREATE, MEMBERS] } else { vec![CREATE] };
        };
        let differs = |name: &str| text(record.map(), name) != text(&held.members, name);
        let is_known = !record.unknown().any(|pointer| pointer == "/members");
        match is_team {
            true if is_known && (Self::is_awaited(task) || Self::members(task) != Self::had(task)) => {
                vec![MEMBERS]
            }
            false if differs("name") || !held.is_active => vec![CHANGE],
            _ => Vec::new(),
        }
    }

    fn takes_out(&self, task: &Task) -> Vec<String> {
        let wanted = Self::members(task);
        let is_known = task.record.as_ref().is_some_and(|record| record.unknown().next().is_none());
        let out = Self::had(task).into_iter().filter(|member| !wanted.contains(member));
        if task.may_take_out && is_known && task.kind == "team" { out.collect() } else { Vec::new() }
    }

    fn repeats(&self, task: &Task) -> bool {
        task.work != CREATE
    }

    async fn apply(&self, task: &Task) -> Result<Outcome, Error> {
        let what = format!("{} {} {}", step(task), task.kind, task.key);
        if self.failing.contains(&what.as_str()) {
            return Ok(Outcome::failed(Some(400), "no"));
        }
        if self.idle.contains(&what.as_str()) {
            return Ok(Outcome::unchanged());
        }
        let id = task.id.clone().unwrap_or_else(|| format!("id-{}", task.key));
        self.change(task, &id, &what);
        self.log.borrow_mut().push(what.clone());
        if self.hanging == Some(what.as_str()) {
            self.hangs.notify_one();
            std::future::pending::<()>().await;
        }
        if self.dying == Some(what.as_str()) {
            return Err(Error::new(muster_base::Exit::Unavailable, "the network is gone"));
        }
        Ok(Outcome::done(200).id(id))
    }

    fn describe(&self, task: &Task) -> Result<Vec<Request>, Error> {
        Ok(vec![Request {
            method: step(task),
            url: format!("{}/{}", task.kind, task.key),
            ..Request::default()
        }])
    }
}

fn step(task: &Task) -> String {
    match task.work.stage() {
        "" => task.action.name().to_owned(),
        stage => stage.to_owned(),
    }
}
