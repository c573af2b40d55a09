//! Two streams compared: what has to be done so that the current one becomes the desired one.
//!
//! Both sides are read once, at the same time. Of each record kind and key, the text of its members and its place go
//! into an index, as hashes; records that differ are read again by their place. Nothing is written before all is known.

use crate::count::thousands;
use crate::index::Index;
use crate::input::Input;
use crate::join::{Join, broken};
use crate::judge::Judge;
use crate::options::Options;
use crate::side::{Keep, Reading, Role, Side};
use crate::sorter::{Sorted, Sorter};
use crate::spool::SpoolDir;
use crate::summary::Summary;
use crate::{Rules, sorted};
use muster_base::{Error, Exit, text};
use muster_stream::{Form, Value, Writer};
use serde_json::json;
use std::path::Path;

/// Of the memory, each index may take three eighths, the changes the rest.
const EIGHTHS: usize = 8;
/// Digits of a digest: 128 bits.
const DIGEST: usize = 32;

/// What there is to do, in the order of kind and key.
pub struct Difference {
    steps: Sorted,
    /// In counts.
    pub summary: Summary,
    end: End,
    destructive: blake3::Hasher,
}

/// What the end of the changes says.
#[derive(Default)]
pub(crate) struct End {
    pub(crate) from: String,
    pub(crate) scope: String,
    pub(crate) whole: bool,
    /// When a plan that is drawn again was made.
    pub(crate) made: Option<String>,
}

/// One step.
pub struct Step {
    /// The kind of its object.
    pub kind: String,
    /// The change, with its line end.
    pub line: Vec<u8>,
}

/// Both sides as they were read.
pub(crate) struct Read {
    pub(crate) sides: [Side; 2],
    pub(crate) indexes: [Index; 2],
    /// Records that were found equal while reading.
    pub(crate) unchanged: u64,
}

/// Compare the records of `current` with those of `desired`; either may be `-`.
///
/// Fails when a side cannot be read or is no state, when there is no room for what does not fit into memory, and with
/// [`Exit::Guard`] when there are more deletes than allowed.
pub fn compare(desired: &Path, current: &Path, options: &Options<'_>) -> Result<Difference, Error> {
    let directory = SpoolDir::new(options.spool_dir.as_deref());
    let share = options.memory / EIGHTHS;
    let inputs = [Input::open(desired, &directory)?, Input::open(current, &directory)?];
    let indexes = [(); 2].map(|()| Index::new(share * 3, directory.clone()));
    let takes_unkeyed = options.adopt_by.is_some();
    let reading = Reading { assume_complete: options.assume_complete, takes_unkeyed };
    let read = match options.sorted {
        true => sorted::read(inputs, reading, indexes)?,
        false => read(inputs, reading, indexes)?,
    };
    let [desired, current] = &read.sides;
    if current.form == Form::Changes {
        return Err(Error::new(Exit::Data, "CURRENT is a stream of changes; it must be a state"));
    }
    let rules = Rules { known: current.known_members(), ..options.rules.clone() };
    let options = Options { rules, ..options.clone() };
    let judge = judge(desired, current, &options);
    let (partial, held_back) = (shortfall(desired, current), judge.held_back.clone());
    let [of_desired, of_current] = read.indexes;
    let joined = Join::new(judge, Sorter::new(share * 2, directory), read.unchanged)
        .run(&of_desired.finish()?, &of_current.finish()?)?;
    let bad_lines = [desired, current].into_iter().filter_map(Side::bad).collect();
    let summary = Summary { bad_lines, partial, held_back, ..joined.summary };
    guard(&summary, current, &options)?;
    let end = End { from: desired.from(), scope: desired.scope(), whole: options.rules.whole, made: None };
    Ok(Difference::new(joined.sorter.finish()?, summary, end))
}

/// Read both sides at once, a thread each.
fn read(inputs: [Input; 2], reading: Reading, indexes: [Index; 2]) -> Result<Read, Error> {
    let one = |role, input, mut index: Index| {
        let keep: &mut Keep<'_> = &mut |_, _, entry| index.add(entry);
        let side = Side::read(role, input, &reading, keep)?;
        Ok::<_, Error>((side, index))
    };
    let ([desired, current], [of_desired, of_current]) = (inputs, indexes);
    let (desired, current) = std::thread::scope(|scope| {
        let other = scope.spawn(move || one(Role::Current, current, of_current));
        let desired = one(Role::Desired, desired, of_desired);
        (desired, other.join().map_err(|_| broken()).flatten())
    });
    let ((desired, of_desired), (current, of_current)) = (desired?, current?);
    Ok(Read { sides: [desired, current], indexes: [of_desired, of_current], unchanged: 0 })
}

fn judge<'a>(desired: &'a Side, current: &'a Side, options: &'a Options<'a>) -> Judge<'a> {
    let is_compared = |kind: &String| desired.counts.contains_key(kind) || current.counts.contains_key(kind);
    Judge {
        desired,
        current,
        options,
        partial: shortfall(desired, current).is_some(),
        held_back: other_scope(desired, current).filter(|_| !options.accept_scope_change),
        source_kinds: desired.unknown.kinds.iter().filter(|kind| !is_compared(kind)).cloned().collect(),
    }
}

fn shortfall(desired: &Side, current: &Side) -> Option<String> {
    let of = |side: &Side| Some(format!("{} is partial: {}", side.role.name(), side.shortfall()?));
    of(desired).or_else(|| of(current))
}

/// Two readings by the same commands of different populations: what is missing may be out of scope only.
fn other_scope(desired: &Side, current: &Side) -> Option<String> {
    let ((commands, scopes), (others, before)) = (desired.origins(), current.origins());
    let is_other = !commands.is_empty() && commands == others && scopes != before;
    is_other.then(|| "both sides come from the same commands, and their scopes differ".to_owned())
}

fn guard(summary: &Summary, current: &Side, options: &Options<'_>) -> Result<(), Error> {
    let Some(limit) = options.max_deletes else { return Ok(()) };
    for (kind, counts) in &summary.kinds {
        let all = current.counts.get(kind).copied().unwrap_or_default();
        if counts.delete > limit.of(all) {
            let (deletes, kind) = (thousands(counts.delete), text::one_line(kind));
            let (allowed, all) = (thousands(limit.of(all)), thousands(all));
            let what =
                format!("{deletes} of {all} {kind} records would be deleted, --max-deletes allows {allowed}");
            return Err(Error::new(Exit::Guard, what).hint("look at them without --max-deletes"));
        }
    }
    Ok(())
}

impl Difference {
    pub(crate) fn new(steps: Sorted, summary: Summary, end: End) -> Self {
        Self { steps, summary, end, destructive: blake3::Hasher::new() }
    }

    /// The commands that made what shall be, with their versions.
    pub fn from(&self) -> &str {
        &self.end.from
    }

    /// The population that was compared.
    pub fn scope(&self) -> &str {
        &self.end.scope
    }

    /// When the plan was made, if it was made before this run: RFC 3339 in UTC.
    pub fn made(&self) -> Option<&str> {
        self.end.made.as_deref()
    }

    /// The digest of the deletes that were given so far: plans with equal digests delete the same objects.
    pub fn digest(&self) -> String {
        self.destructive.finalize().to_hex().chars().take(DIGEST).collect()
    }

    /// The next step.
    pub fn next_step(&mut self) -> Result<Option<Step>, Error> {
        let Some((key, line)) = self.steps.next()? else { return Ok(None) };
        let key = String::from_utf8_lossy(&key).into_owned();
        let kind = key.split('\0').next().unwrap_or_default().to_owned();
        if key.ends_with("\0delete") || key.ends_with("\0passivate") {
            self.destructive.update(key.as_bytes()).update(b"\n");
        }
        Ok(Some(Step { kind, line }))
    }

    /// Say in the end of `output`, once all steps are written, what they are, and end it.
    pub fn end(self, output: &mut Writer, name: &str) -> Result<(), Error> {
        output.form(Form::Changes);
        output.from(match self.end.from.as_str() {
            "" => name.to_owned(),
            from => format!("{from} | {name}"),
        });
        output.scope(self.end.scope.as_str());
        let total = self.summary.total();
        let mut ops = json!({
            "create": total.create, "update": total.update, "delete": total.delete, "blocked": total.blocked,
            "unchanged": self.summary.unchanged, "unknown": self.summary.unknown,
        });
        if self.summary.withheld > 0 {
            ops["withheld"] = self.summary.withheld.into();
        }
        output.note("ops", ops);
        output.note("whole", self.end.whole.into());
        output.note("digest", Value::from(self.digest()));
        output.end(self.summary.partial)
    }
}
