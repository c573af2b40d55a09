//! A plan that was made before, to be drawn: its changes counted and put into the order of kind and key.

use crate::difference::{Difference, End};
use crate::join::key;
use crate::sorter::Sorter;
use crate::spool::SpoolDir;
use crate::summary::Summary;
use muster_base::{Error, Exit};
use muster_stream::{Change, Form, Item, Line, Reader, Segment, Value, Whole};
use std::io::BufRead;
use std::path::Path;

/// How a plan is read.
#[derive(Clone, Copy, Debug)]
pub struct Showing<'a> {
    /// Take a plan without `_end` for complete, as hand-made ones are.
    pub assume_complete: bool,
    /// Bytes of memory for the changes; past that they go to a file.
    pub memory: usize,
    /// Directory for that file; the system's when there is none.
    pub spool_dir: Option<&'a Path>,
}

/// The changes of `plan`, a stream of changes, as the comparison gave them.
///
/// Fails when there are other lines in it, or lines that cannot be read.
pub fn show(plan: impl BufRead, showing: Showing<'_>) -> Result<Difference, Error> {
    let mut reader = Reader::new(plan).assume_complete(showing.assume_complete);
    let mut shown = Shown {
        sorter: Sorter::new(showing.memory, SpoolDir::new(showing.spool_dir)),
        summary: Summary::default(),
        end: End::default(),
    };
    while let Some(item) = reader.next_item()? {
        match item {
            Item::Line(Line::Change(change)) => shown.change(&change, reader.raw())?,
            Item::Line(Line::Unreadable(_)) => shown.summary.unknown += 1,
            Item::Line(_) => return Err(no_plan()),
            Item::Segment(segment) => shown.segment(segment)?,
            Item::Bad(bad) => {
                return Err(Error::new(Exit::Data, format!("cannot be read: {}", bad.reason))
                    .at(format!("line {} of the plan", reader.number())));
            }
        }
    }
    Ok(Difference::new(shown.sorter.finish()?, shown.summary, shown.end))
}

fn no_plan() -> Error {
    Error::new(Exit::Data, "this is no plan, which is a stream of changes").hint("make one with `diff`")
}

struct Shown {
    sorter: Sorter,
    summary: Summary,
    end: End,
}

impl Shown {
    fn change(&mut self, change: &Change, line: &[u8]) -> Result<(), Error> {
        self.summary.step(change.kind(), change.op);
        self.sorter.push(key(&change.map, change.op), [line, b"\n"].concat())
    }

    fn segment(&mut self, segment: Segment) -> Result<(), Error> {
        if let Whole::No(why) = segment.whole {
            self.summary.partial.get_or_insert(format!("the plan is partial: {why}"));
        }
        let Some(end) = segment.end else { return Ok(()) };
        if end.form != Form::Changes {
            return Err(no_plan());
        }
        let count = |name: &str| end.other.get("ops").and_then(|ops| ops.get(name)?.as_u64()).unwrap_or(0);
        self.summary.unchanged += count("unchanged");
        self.summary.unknown += count("unknown");
        self.summary.withheld += count("withheld");
        self.end.whole |= end.other.get("whole") == Some(&Value::Bool(true));
        join(&mut self.end.from, " + ", &end.from);
        join(&mut self.end.scope, " + ", &end.scope);
        self.end.made = Some(end.ended).filter(|made| !made.is_empty()).or(self.end.made.take());
        Ok(())
    }
}

/// Add `text` behind `between`, unless it is there.
fn join(all: &mut String, between: &str, text: &str) {
    if all.is_empty() {
        all.push_str(text);
    } else if !all.split(between).any(|other| other == text) {
        all.push_str(between);
        all.push_str(text);
    }
}
