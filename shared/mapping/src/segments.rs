//! The writing side of a run: lines in the order of the input, counted, each segment with an end of its own.

use crate::batch::{Batch, Counts, Run, Step};
use crate::deletes::Deletes;
use crate::engine::Engine;
use crate::pool::Pool;
use crate::run::{Numbered, Options, Summary};
use muster_base::{Error, text};
use muster_stream::{End, Form, Line, Rejects, Segment, Tally, Value, Whole, Writer};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;

/// What is written and counted.
pub(crate) struct Segments<'a> {
    engine: &'a Engine,
    output: &'a mut Writer,
    rejects: Option<&'a mut Rejects>,
    options: &'a Options,
    pool: &'a Pool,
    tally: Tally,
    deletes: Deletes,
    /// Lines before the batch at hand.
    before: u64,
    rejected: u64,
    dropped: BTreeMap<String, u64>,
    unmapped: BTreeMap<String, u64>,
    summary: Summary,
}

impl<'a> Segments<'a> {
    pub(crate) fn new(
        engine: &'a Engine,
        output: &'a mut Writer,
        rejects: Option<&'a mut Rejects>,
        options: &'a Options,
        pool: &'a Pool,
    ) -> Self {
        Self {
            engine,
            output,
            rejects,
            options,
            pool,
            tally: Tally::default(),
            deletes: Deletes::default(),
            before: 0,
            rejected: 0,
            dropped: BTreeMap::new(),
            unmapped: BTreeMap::new(),
            summary: Summary::default(),
        }
    }

    /// What it came to.
    pub(crate) fn into_summary(self) -> Summary {
        self.summary
    }

    /// Take the batches in the order of the input.
    pub(crate) fn take_all(
        &mut self,
        results: Receiver<Numbered<Batch>>,
        permits: Receiver<()>,
    ) -> Result<(), Error> {
        let mut early = BTreeMap::new();
        let mut next = 0;
        for (number, result) in results {
            early.insert(number, result);
            while let Some(result) = early.remove(&next) {
                let taken = match result {
                    Ok(batch) => self.batch(batch)?,
                    Err(error) => return self.break_off(error),
                };
                permits.try_iter().take(taken).for_each(drop);
                next += 1;
            }
        }
        match self.tally.finish(self.options.assume_complete) {
            Some(segment) => self.end(segment),
            None => Ok(()),
        }
    }

    /// The input cannot be read any further: the output says so, too.
    fn break_off(&mut self, error: Error) -> Result<(), Error> {
        let whole = Whole::No(error.what().to_owned());
        self.end(Segment { end: None, whole, last_line: 0 })?;
        Err(error)
    }

    /// Take what became of a block, and give the permits that were taken for it.
    fn batch(&mut self, batch: Batch) -> Result<usize, Error> {
        for (number, step) in batch.steps {
            self.take(self.before + number, step)?;
        }
        self.before += batch.lines;
        Ok(batch.permits)
    }

    fn take(&mut self, number: u64, step: Step) -> Result<(), Error> {
        match step {
            Step::Run(run) => self.run(number, run),
            Step::Rejected { kind, key, why, record } => {
                self.count(number, &kind);
                self.reject(&text::mask(&format!("line {number}, {kind} {key}: {why}")));
                if let Some(rejects) = &mut self.rejects {
                    rejects.object(number, &record, &why)?;
                }
                self.output.unreadable(&kind, &key, &text::mask(&why))
            }
            Step::Unknown { kind, key, what } => {
                self.count(number, &kind);
                self.summary.unknown += 1;
                self.output.unreadable(&kind, &key, &what)
            }
            Step::Unreadable(error) => {
                let line = Line::Unreadable(error);
                self.tally.count(number, &line);
                match line {
                    Line::Unreadable(error) => self.output.error_line(&error.0),
                    _ => Ok(()),
                }
            }
            Step::End(end, ended) => {
                let segment = self.tally.close(number, *end, ended)?;
                self.end(segment)
            }
            Step::Bad(bad, bytes) => {
                self.tally.count_bad(number, &bad);
                self.reject(&format!("line {number}: {}", bad.reason));
                if let Some(rejects) = &mut self.rejects {
                    rejects.text(number, &bytes, &bad.reason)?;
                }
                match &bad.about {
                    Some((kind, key)) => self.output.unreadable(kind, key, &text::mask(&bad.reason)),
                    None => Ok(()),
                }
            }
        }
    }

    fn count(&mut self, number: u64, kind: &str) {
        self.tally.count_objects(number, kind, 1);
        self.summary.read += 1;
    }

    fn run(&mut self, number: u64, run: Run) -> Result<(), Error> {
        for (kind, count) in &run.read.0 {
            self.tally.count_objects(number, kind, *count);
            self.summary.read += count;
        }
        add(&mut self.dropped, run.dropped);
        add(&mut self.unmapped, run.unmapped);
        self.deletes.push(&run.deletes)?;
        self.summary.written += run.written.0.iter().map(|(_, count)| count).sum::<u64>();
        self.output.write_lines(&run.written.0, &run.bytes)?;
        self.pool.give(run.bytes);
        Ok(())
    }

    fn reject(&mut self, reason: &str) {
        self.rejected += 1;
        self.summary.first_reject.get_or_insert_with(|| reason.to_owned());
    }

    fn end(&mut self, segment: Segment) -> Result<(), Error> {
        let form = segment.end.as_ref().map_or(self.tally.form(), |end| end.form);
        match form {
            Form::Changes => self.deletes.write(self.output)?,
            Form::State => self.deletes.forget(),
        }
        let (from, scope) = match &segment.end {
            Some(end) => (end.from.as_str(), end.scope.as_str()),
            None => ("", ""),
        };
        self.output.form(form);
        self.output.from(joined(from, " | ", &self.options.from));
        self.output.scope(joined(scope, " ", &format!("map:{}", self.engine.population_digest())));
        self.notes(segment.end.as_ref());
        let failure = match (segment.whole, segment.end) {
            (Whole::Yes, _) => None,
            (Whole::No(_), Some(End { complete: false, error: Some(error), .. })) => Some(error),
            (Whole::No(why), _) => Some(why),
        };
        if let Some(why) = &failure {
            self.summary.partial.get_or_insert_with(|| why.clone());
        }
        self.output.end(failure)
    }

    fn notes(&mut self, end: Option<&End>) {
        for (name, value) in end.iter().flat_map(|end| &end.other) {
            self.output.note(name, value.clone());
        }
        let spec = json!({"name": self.engine.spec_name(), "digest": self.engine.spec_digest()});
        self.output.note("spec", spec);
        self.summary.rejected += self.rejected;
        self.output.note("rejected", std::mem::take(&mut self.rejected).into());
        self.output.note("dropped", counts(&mut self.dropped, &mut self.summary.dropped));
        self.output.note("unmapped", counts(&mut self.unmapped, &mut self.summary.unmapped));
    }
}

fn joined(left: &str, by: &str, right: &str) -> String {
    if left.is_empty() { right.to_owned() } else { format!("{left}{by}{right}") }
}

fn add(all: &mut BTreeMap<String, u64>, counts: Counts) {
    for (kind, count) in counts.0 {
        *all.entry(kind).or_default() += count;
    }
}

/// The counts of a segment, added to those of the stream and begun anew.
fn counts(segment: &mut BTreeMap<String, u64>, stream: &mut BTreeMap<String, u64>) -> Value {
    let counts = std::mem::take(segment);
    for (kind, count) in &counts {
        *stream.entry(kind.clone()).or_default() += count;
    }
    json!(counts)
}
