//! Changes applied to the records that they were made for: the desired records again.
//!
//! The plan is indexed, the current records pass in their order; what is created comes behind them. Where the plan blocks
//! a change, the current record stays.

use crate::index::{Place, id};
use crate::input::Input;
use crate::side::{Reading, Role, Side};
use crate::spool::SpoolDir;
use crate::{Hash, canonical};

use muster_base::{Error, Exit};
use muster_stream::{Change, Form, Item, Line, Map, Op, Reader, Record, Value, Whole, Writer};
use std::collections::{HashMap, HashSet};
use std::io::BufRead;
use std::path::Path;

/// Write to `output` what the records of `current` are once `plan`, a stream of changes, is carried out.
///
/// Returns why that is less than everything, if it is. Fails when the plan was made for other records.
pub fn apply(
    plan: &Path,
    current: impl BufRead,
    spool_dir: Option<&Path>,
    output: &mut Writer,
) -> Result<Option<String>, Error> {
    let plan = Plan::read(Input::open(plan, &SpoolDir::new(spool_dir))?)?;
    output.scope(plan.side.scope());
    output.from(plan.side.from());
    let mut applying = Applying {
        used: HashSet::new(),
        shortfall: plan.side.shortfall().map(|why| format!("the plan is partial: {why}")),
        plan: &plan,
        output,
    };
    applying.records(Reader::new(current))?;
    applying.creates()?;
    let Applying { shortfall, output, .. } = applying;
    output.end(shortfall.clone())?;
    Ok(shortfall)
}

/// Changes by the current object that they are about.
struct Plan {
    side: Side,
    steps: HashMap<Hash, Place>,
    /// Whether an update says all of its record.
    whole: bool,
}

impl Plan {
    fn read(input: Input) -> Result<Self, Error> {
        let mut places = Vec::new();
        let reading = Reading { assume_complete: false, takes_unkeyed: false };
        let side = Side::read(Role::Desired, input, &reading, &mut |_, _, entry| {
            places.push(entry.place());
            Ok(())
        })?;
        if side.form != Form::Changes || side.bad().is_some() {
            return Err(Error::new(Exit::Data, "the plan is no stream of changes with their records")
                .hint("make it with `diff --format ndjson`"));
        }
        let whole = side.ends("whole").all(|whole| *whole == Value::Bool(true));
        let mut plan = Self { side, steps: HashMap::new(), whole };
        for place in places {
            let change = plan.change(place)?;
            let id = match change.map.get("adopts") {
                None => id(change.kind(), change.key()),
                Some(adopts) => {
                    let key = adopts.get("_key").and_then(Value::as_str);
                    let unkeyed =
                        || wrong(&change, "takes over a record without key, which cannot be found again");
                    id(change.kind(), key.ok_or_else(unkeyed)?)
                }
            };
            if plan.steps.insert(id, place).is_some() {
                return Err(wrong(&change, "stands twice in the plan"));
            }
        }
        Ok(plan)
    }

    fn change(&self, place: Place) -> Result<Change, Error> {
        match self.side.line(place)? {
            Line::Change(change) => Ok(change),
            _ => Err(Error::new(Exit::Data, "the plan holds a record that is no change")
                .at(format!("line {}", place.line))),
        }
    }
}

fn wrong(change: &Change, what: &str) -> Error {
    Error::new(Exit::Data, format!("{} {} {what}", change.kind(), change.key()))
}

struct Applying<'a> {
    plan: &'a Plan,
    used: HashSet<Hash>,
    shortfall: Option<String>,
    output: &'a mut Writer,
}

impl Applying<'_> {
    fn records(&mut self, mut reader: Reader<impl BufRead>) -> Result<(), Error> {
        while let Some(item) = reader.next_item()? {
            match item {
                Item::Line(Line::Record(record)) => self.record(record)?,
                Item::Line(Line::Unreadable(error)) => self.output.error_line(&error.0)?,
                Item::Segment(segment) => {
                    if let Whole::No(why) = segment.whole {
                        self.shortfall.get_or_insert(format!("CURRENT is partial: {why}"));
                    }
                }
                Item::Line(_) => {
                    return Err(Error::new(Exit::Data, "what is current must be records, this is a change")
                        .at(format!("CURRENT line {}", reader.number())));
                }
                Item::Bad(bad) => {
                    return Err(Error::new(Exit::Data, format!("cannot be read: {}", bad.reason))
                        .at(format!("CURRENT line {}", reader.number())));
                }
            }
        }
        Ok(())
    }

    fn record(&mut self, record: Record) -> Result<(), Error> {
        let id = id(record.kind(), record.key());
        let Some(place) = self.plan.steps.get(&id) else { return self.output.write(&record) };
        let change = self.plan.change(*place)?;
        self.used.insert(id);
        if !agrees(&change, &record) {
            return Err(
                wrong(&change, "is not what it was when the plan was made").hint("make the plan anew")
            );
        }
        match (change.op, change.after()) {
            (Op::Update, Some(after)) if self.plan.whole => self.output.write(&after),
            (Op::Update, Some(after)) => self.output.write(&over(&record, &after)),
            (Op::Blocked, _) => self.output.write(&record),
            _ => Ok(()),
        }
    }

    fn creates(&mut self) -> Result<(), Error> {
        let unused = self.plan.steps.iter().filter(|(id, _)| !self.used.contains(*id));
        let mut unused: Vec<Place> = unused.map(|(_, place)| *place).collect();
        unused.sort_unstable_by_key(|place| place.line);
        for place in unused {
            let change = self.plan.change(place)?;
            match (change.op, change.after()) {
                (Op::Create, Some(after)) => self.output.write(&after)?,
                (Op::Blocked, _) => (),
                _ => {
                    return Err(wrong(&change, "is not in CURRENT, and the plan changes it")
                        .hint("make the plan anew"));
                }
            }
        }
        Ok(())
    }
}

/// Whether `record` is what a change was made for.
fn agrees(change: &Change, record: &Record) -> bool {
    match change.map.get("before").and_then(Value::as_object) {
        None => change.op != Op::Create,
        Some(before) => canonical(&Record::new("", "", before.clone())) == canonical(&plain(record)),
    }
}

fn plain(record: &Record) -> Record {
    Record::new("", "", record.members().map(|(name, value)| (name.to_owned(), value.clone())).collect())
}

/// `current` with what `after` says of it; what is ours is that of `after`.
fn over(current: &Record, after: &Record) -> Record {
    let mut members: Map = current.members().map(|(name, value)| (name.to_owned(), value.clone())).collect();
    for (name, value) in after.members() {
        lay(&mut members, name, value);
    }
    let mut record = Record::new(after.kind(), after.key(), members);
    for (name, value) in after.map().iter().filter(|(name, _)| name.starts_with('_')) {
        record.set_own(name, value.clone());
    }
    record
}

fn lay(members: &mut Map, name: &str, value: &Value) {
    match (members.get_mut(name), value) {
        (_, Value::Null) => drop(members.shift_remove(name)),
        (Some(Value::Object(old)), Value::Object(new)) => {
            new.iter().for_each(|(name, value)| lay(old, name, value));
        }
        _ => drop(members.insert(name.to_owned(), value.clone())),
    }
}
