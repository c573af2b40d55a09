//! What becomes of one object: nothing, a create, an update, a delete, or a step that is blocked.

use crate::index::{Place, id};
use crate::options::Options;
use crate::side::{Role, Side};
use muster_base::Error;
use muster_stream::{Change, Form, Line, Map, Op, Record, Value};
use serde_json::json;

/// What is known of an object beside its two records.
pub(crate) enum Tie {
    /// The desired record takes over a current one of another key.
    Adopts { by: String },
    /// The object is likely one that is created or deleted under this other key.
    Rename { other: String, by: String },
    /// It cannot be told which of these it is.
    Conflict { by: String, others: Vec<String> },
}

/// What becomes of an object.
pub(crate) enum Verdict {
    /// It is as it shall be.
    Same,
    /// Nobody knows what it shall be.
    Unknown,
    /// It is missing, and a side is partial.
    Withheld,
    /// Nothing was said about it.
    Nothing,
    /// A step.
    Step(Op, Map),
}

/// Judges objects.
pub(crate) struct Judge<'a> {
    pub(crate) desired: &'a Side,
    pub(crate) current: &'a Side,
    pub(crate) options: &'a Options<'a>,
    /// Whether a side is partial.
    pub(crate) partial: bool,
    /// Why nothing that is missing may be deleted, although both sides are whole.
    pub(crate) held_back: Option<String>,
    /// Kinds that only `_error` lines of the desired side name: what came of their objects is known by `_from` alone.
    pub(crate) source_kinds: Vec<String>,
}

impl Judge<'_> {
    /// The record at a place; of a desired change the record that it wants.
    pub(crate) fn record(&self, role: Role, place: Place) -> Result<Option<Record>, Error> {
        let side = if role == Role::Desired { self.desired } else { self.current };
        Ok(match side.line(place)? {
            Line::Record(record) => Some(record),
            Line::Change(change) if matches!(change.op, Op::Create | Op::Update) => change.after(),
            _ => None,
        })
    }

    /// What becomes of the object that is at these places.
    pub(crate) fn judge(
        &self,
        desired: Option<Place>,
        current: Option<Place>,
        tie: Option<&Tie>,
    ) -> Result<Verdict, Error> {
        let current = match current {
            Some(place) => self.record(Role::Current, place)?,
            None => None,
        };
        let desired = match desired.map(|place| self.desired.line(place)).transpose()? {
            Some(Line::Change(change)) if !matches!(change.op, Op::Create | Op::Update) => {
                return Ok(self.explicit(&change, current));
            }
            Some(Line::Change(change)) => change.after(),
            Some(Line::Record(record)) => Some(record),
            _ => None,
        };
        if [&desired, &current].into_iter().flatten().any(|record| self.is_unknown(record)) {
            return Ok(Verdict::Unknown);
        }
        Ok(match (desired, current) {
            (Some(desired), None) => self.create(&desired, tie),
            (Some(desired), Some(current)) => self.update(&desired, &current, tie),
            (None, Some(current)) if self.desired.form == Form::State => self.missing(&current, tie),
            _ => Verdict::Nothing,
        })
    }

    /// Whether an object of this kind and key could not be read.
    pub(crate) fn is_unknown_id(&self, id: &crate::Hash) -> bool {
        self.desired.unknown.ids.contains(id) || self.current.unknown.ids.contains(id)
    }

    fn is_unknown(&self, record: &Record) -> bool {
        let source = record.from().map(|(kind, key)| id(kind, key));
        self.is_unknown_id(&id(record.kind(), record.key()))
            || source.is_some_and(|source| self.is_unknown_id(&source))
            || record.unknown().any(str::is_empty)
    }

    /// A delete or passivate that the desired side asks for itself.
    fn explicit(&self, change: &Change, current: Option<Record>) -> Verdict {
        match current {
            _ if change.op == Op::Blocked => Verdict::Unknown,
            None => Verdict::Same,
            Some(current) if self.is_unknown(&current) => Verdict::Unknown,
            Some(current) => self.removal(change.op, &current, None),
        }
    }

    fn create(&self, desired: &Record, tie: Option<&Tie>) -> Verdict {
        let mut step = Step::of(desired, tie, Role::Desired);
        step.put("after", own(desired).into());
        match tie {
            Some(Tie::Conflict { .. }) => {
                step.blocked(Op::Create, "it cannot be told which current record it is")
            }
            _ => step.done(Op::Create),
        }
    }

    fn update(&self, desired: &Record, current: &Record, tie: Option<&Tie>) -> Verdict {
        let changed = self.options.rules.changed(desired, current);
        if changed.is_empty() && tie.is_none() {
            return Verdict::Same;
        }
        let mut step = Step::of(desired, None, Role::Desired);
        if let Some(Tie::Adopts { by }) = tie {
            let key = (!current.key().is_empty()).then(|| ("_key".to_owned(), current.key().into()));
            let by = ("by".to_owned(), by.as_str().into());
            step.put("adopts", Value::Object(key.into_iter().chain([by]).collect()));
        }
        step.put("after", own(desired).into());
        step.put("before", own(current).into());
        step.put("changed", changed.into());
        match self.protected(current) {
            Some(why) => step.blocked(Op::Update, &why),
            None => step.done(Op::Update),
        }
    }

    /// A current object that the desired side does not hold.
    fn missing(&self, current: &Record, tie: Option<&Tie>) -> Verdict {
        if current.key().is_empty() {
            return Verdict::Nothing;
        }
        let unknown = &self.desired.unknown;
        if current.from().is_none() && !self.source_kinds.is_empty() && unknown.keys.contains(current.key()) {
            return Verdict::Unknown;
        }
        self.removal(Op::Delete, current, tie)
    }

    fn removal(&self, op: Op, current: &Record, tie: Option<&Tie>) -> Verdict {
        if self.partial {
            return Verdict::Withheld;
        }
        let mut step = Step::of(current, tie, Role::Current);
        step.put("before", own(current).into());
        let doubt =
            || (op == Op::Delete && current.from().is_none()).then(|| self.source_kinds.first()).flatten();
        if let Some(Tie::Conflict { .. }) = tie {
            step.blocked(op, "it cannot be told which desired record it is")
        } else if let Some(why) = self.protected(current).or_else(|| self.held_back.clone()) {
            step.blocked(op, &why)
        } else if let Some(kind) = doubt() {
            let why = format!(
                "a {kind} could not be read, and nothing says that this did not come of it (no _from)"
            );
            step.blocked(op, &why)
        } else {
            step.done(op)
        }
    }

    fn protected(&self, current: &Record) -> Option<String> {
        self.options.protect.and_then(|protect| protect(current))
    }
}

fn own(record: &Record) -> Map {
    record.members().map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

/// A change line while it is made.
struct Step(Map);

impl Step {
    /// The change of `record`'s object, with what is ours in the record, and the hint that a tie gives.
    fn of(record: &Record, tie: Option<&Tie>, role: Role) -> Self {
        let mut step = Self(Map::new());
        step.put("_op", Value::Null);
        step.put("_kind", record.kind().into());
        step.put("_key", record.key().into());
        for name in ["_from", "_alias", "_sets", "_unknown"] {
            if let Some(value) = record.map().get(name) {
                step.put(name, value.clone());
            }
        }
        match tie {
            Some(Tie::Rename { other, by }) => {
                let direction = if role == Role::Desired { "from" } else { "to" };
                step.put("rename", json!({ direction: other, "by": by }));
            }
            Some(Tie::Conflict { by, others }) => step.put("conflict", json!({ "with": others, "by": by })),
            _ => (),
        }
        step
    }

    fn put(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    fn done(mut self, op: Op) -> Verdict {
        self.put("_op", op.name().into());
        Verdict::Step(op, self.0)
    }

    fn blocked(mut self, op: Op, reason: &str) -> Verdict {
        self.put("_op", Op::Blocked.name().into());
        self.put("op", op.name().into());
        self.put("reason", reason.into());
        Verdict::Step(Op::Blocked, self.0)
    }
}
