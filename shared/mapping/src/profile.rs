//! `map --profile`: what each part of a spec took, and how often it came to nothing.
//!
//! A profiled engine maps with [`crate::tracer`]: an engine that measures nothing does nothing for it but ask, once a record,
//! whether it is profiled.

use crate::compile_places::map_name;
use crate::explain_text::name;
use crate::field::Failure;
use crate::made::{Made, write};
use crate::plan::MapPlan;
use crate::text::SpecText;
use crate::trace::{End, FieldTrace, LineTrace, MapTrace, Trace};
use crate::tracer::Tracer;
use muster_stream::{Record, Value, Wanted};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What one part of a spec came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The map and the part: `person to user: when`, `person to user.Name`.
    pub name: String,
    /// The time it took, without that of the `let`s it uses, which are parts of their own.
    pub took: Duration,
    /// How often it was evaluated.
    pub evaluated: u64,
    /// How often it was null in the end.
    pub null: u64,
    /// How often its path led nowhere.
    pub missing: u64,
    /// How often it could not be known.
    pub unknown: u64,
    /// How often it rejected the record.
    pub rejected: u64,
}

/// Takes the times of a run.
#[derive(Debug)]
pub(crate) struct Profile {
    spec: SpecText,
    parts: Mutex<BTreeMap<(usize, String), Part>>,
}

impl Profile {
    pub(crate) fn new(spec: SpecText) -> Self {
        Self { spec, parts: Mutex::default() }
    }

    /// The parts, the costliest first.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut parts: Vec<Part> = parts.values().cloned().collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.took));
        parts
    }

    /// Map `record`: its lines stand in `made`, or say why there are none.
    pub(crate) fn map(
        &self,
        maps: &'static [MapPlan],
        wanted: &Wanted,
        record: &Record,
        made: &mut Made,
    ) -> Option<Failure> {
        let tracer = Tracer { spec: &self.spec, maps, wanted, apart: true };
        let Trace { maps: traces, failure } = tracer.map(record);
        made.begin();
        for trace in &traces {
            self.count(trace, failure.as_ref());
            for record in trace.lines.iter().filter_map(|line| line.record.as_ref()) {
                write(&mut made.lines, record);
                made.lines.push(b'\n');
                made.kinds.push(&maps[trace.index].to);
            }
        }
        failure
    }

    fn count(&self, map: &MapTrace<'_>, failure: Option<&Failure>) {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut count = Count { parts: &mut parts, map: map.index, name: map_name(map.text), failure };
        if !map.text.each.0.is_empty() {
            count.part(": each", map.each_took, map.items.is_some());
        }
        for line in &map.lines {
            count.line(line, map);
        }
    }
}

/// Counting one record into the parts of one map.
struct Count<'a> {
    parts: &'a mut BTreeMap<(usize, String), Part>,
    map: usize,
    name: String,
    failure: Option<&'a Failure>,
}

impl Count<'_> {
    fn entry(&mut self, part: &str, took: Duration) -> &mut Part {
        let name = format!("{}{part}", self.name);
        let entry = self.parts.entry((self.map, name.clone())).or_default();
        entry.name = name;
        entry.took += took;
        entry.evaluated += 1;
        entry
    }

    /// A part that either came out well or is what the record failed at.
    fn part(&mut self, part: &str, took: Duration, is_well: bool) {
        let failure = self.failure.filter(|_| !is_well);
        let entry = self.entry(part, took);
        match failure {
            Some(Failure::Rejected(_)) => entry.rejected += 1,
            Some(Failure::Unknown(_)) => entry.unknown += 1,
            None => (),
        }
    }

    fn line(&mut self, line: &LineTrace<'_>, map: &MapTrace<'_>) {
        for (index, took) in &line.lets_took {
            if let Some((name, _)) = map.text.lets.0.get(*index) {
                let gave =
                    line.lets.iter().find(|(known, ..)| known == name).map(|(.., value)| value.clone());
                let entry = self.entry(&format!(": let {name}"), *took);
                entry.null += u64::from(gave == Some(Ok(Value::Null)));
            }
        }
        if map.text.when.is_some() {
            self.part(": when", line.when_took, line.when.is_some());
        }
        line.fields.iter().for_each(|field| self.field(field));
        let came_to_key = line.record.is_some() || line.key_took > Duration::ZERO;
        if map.text.key.is_some() && came_to_key {
            self.part(": key", line.key_took, line.record.is_some());
        }
    }

    fn field(&mut self, field: &FieldTrace<'_>) {
        let entry = self.entry(&format!(".{}", name(field.pointer)), field.took);
        entry.missing += u64::from(field.steps.first().is_some_and(|step| step.missing));
        match &field.end {
            End::Value(value) => entry.null += u64::from(value.is_null()),
            End::LeftOut(_) => {
                entry.null += u64::from(field.steps.last().is_some_and(|step| step.value.is_null()))
            }
            End::Unknown(_) => entry.unknown += 1,
            End::Rejected(_) => entry.rejected += 1,
        }
        field.below.iter().for_each(|below| self.field(below));
    }
}
