//! The organisation that a simulated OS2mo holds: objects with their states in time, which tests and demos change.

use super::collection::Collection;
use super::dates::Window;
use super::index::Index;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;
use uuid::Uuid;

/// What an object is for some time.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// First day; `None`: since ever.
    pub from: Option<Date>,
    /// First day after it; `None`: no end.
    pub until: Option<Date>,
    /// Members by their GraphQL name, those that are null left out. Root units have no `parent_uuid`.
    pub members: Map<String, Value>,
}

impl State {
    /// The text of `member`.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.members.get(member)?.as_str()
    }

    /// The uuids that `member` holds, one or a list.
    pub(super) fn uuids(&self, member: &str) -> Vec<Uuid> {
        let texts = match self.members.get(member) {
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one.as_str()],
            _ => Vec::new(),
        };
        texts.into_iter().filter_map(|text| text.parse().ok()).collect()
    }

    /// The last day included; `None`: no end.
    pub fn last_day(&self) -> Option<Date> {
        self.until.map(|until| until.yesterday().unwrap())
    }
}

/// What the national address register says about one address.
#[derive(Clone, Debug, PartialEq)]
pub enum Dar {
    Text(String),
    /// Not in the register: the name is `Ukendt`.
    Unknown,
    /// The name is null and the answer has an error.
    Failing,
}

/// The national address register as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum DarService {
    #[default]
    Up,
    /// It answers with an error: every name is `Ukendt`.
    Down,
    /// No connection: every name is null and the answer has errors.
    Unreachable,
}

/// The objects of one collection by uuid, each with its states, earliest first.
pub type Objects = BTreeMap<Uuid, Vec<State>>;

/// A whole organisation.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// The one root organisation, which is no unit.
    pub uuid: Uuid,
    pub name: String,
    /// The unit below which the municipality stands.
    pub top_unit: Uuid,
    /// The date that 'now' and 'current' mean.
    pub today: Date,
    pub dar_service: DarService,
    /// Every other page is empty and the others are half full, as the contract of paging allows.
    pub sparse_pages: bool,
    dar: HashMap<String, Dar>,
    objects: [Objects; Collection::ALL.len()],
    index: OnceLock<Index>,
}

impl Organisation {
    /// One without objects.
    pub fn empty(uuid: Uuid, name: &str, today: Date) -> Self {
        Self {
            uuid,
            name: name.to_owned(),
            top_unit: Uuid::nil(),
            today,
            dar_service: DarService::Up,
            sparse_pages: false,
            dar: HashMap::new(),
            objects: Default::default(),
            index: OnceLock::new(),
        }
    }

    /// All objects of a collection.
    pub fn objects(&self, collection: Collection) -> &Objects {
        &self.objects[collection as usize]
    }

    pub(super) fn objects_mut(&mut self, collection: Collection) -> &mut Objects {
        self.index = OnceLock::new();
        &mut self.objects[collection as usize]
    }

    /// The states of one object, none when it is unknown.
    pub fn states(&self, collection: Collection, uuid: Uuid) -> &[State] {
        self.objects(collection).get(&uuid).map(Vec::as_slice).unwrap_or_default()
    }

    /// The state of today; of several the one without end, else with the latest.
    pub fn current(&self, collection: Collection, uuid: Uuid) -> Option<&State> {
        self.at(collection, uuid, self.today)
    }

    pub(super) fn at(&self, collection: Collection, uuid: Uuid, day: Date) -> Option<&State> {
        let window = Window::now(day);
        let states = self.states(collection, uuid).iter();
        states.filter(|s| window.touches(s.from, s.until)).max_by_key(|s| s.until.unwrap_or(Date::MAX))
    }

    /// The first object with this user key.
    pub fn find(&self, collection: Collection, user_key: &str) -> Option<Uuid> {
        let has_key = |states: &[State]| states.iter().any(|s| s.text("user_key") == Some(user_key));
        self.objects(collection).iter().find(|(_, states)| has_key(states)).map(|(uuid, _)| *uuid)
    }

    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self))
    }

    /// What the address register says about `value`, the `value` of a DAR address.
    pub fn dar(&self, value: &str) -> Dar {
        match self.dar_service {
            DarService::Up => self.dar.get(value).cloned().unwrap_or(Dar::Unknown),
            DarService::Down => Dar::Unknown,
            DarService::Unreachable => Dar::Failing,
        }
    }

    /// Let the address register say `dar` about `value`.
    pub fn set_dar(&mut self, value: &str, dar: Dar) {
        self.dar.insert(value.to_owned(), dar);
    }

    /// All days until the day after `last`.
    pub(super) fn after(last: Date) -> Date {
        last.saturating_add(1.day())
    }
}
