//! A block of lines, mapped by one thread while others map the next ones.

use crate::deletes;
use crate::engine::Engine;
use crate::field::Failure;
use crate::made::{Made, let_go};
use crate::plan::Group;
use crate::pool::Pool;
use crate::profile::Profile;
use crate::source::Source;
use muster_stream::{Bad, Block, Change, End, Line, Map, Op, Unreadable};
use std::sync::Arc;

/// What the lines of a block were and what became of them, in their order.
#[derive(Default)]
pub(crate) struct Batch {
    /// How many lines it had.
    pub(crate) lines: u64,
    /// Permits that were taken for it.
    pub(crate) permits: usize,
    pub(crate) steps: Vec<(u64, Step)>,
}

/// What became of a line, or of several; its number within the block stands beside it.
pub(crate) enum Step {
    /// Records and changes that came out well.
    Run(Run),
    /// A record that does not fit the spec.
    Rejected { kind: String, key: String, why: String, record: Map },
    /// A record about which something decides that could not be read.
    Unknown { kind: String, key: String, what: String },
    /// An object that could not be read further up.
    Unreadable(Unreadable),
    /// An end, and whether it had its `\n`.
    End(Box<End>, bool),
    /// A line that is not what a line must be, and its bytes.
    Bad(Bad, Vec<u8>),
}

/// Records and changes that came out well, in a row.
#[derive(Default)]
pub(crate) struct Run {
    /// Their kinds.
    pub(crate) read: Counts,
    /// The lines that came of them, and the kinds of these.
    pub(crate) bytes: Vec<u8>,
    pub(crate) written: Counts,
    /// Kinds of those of which nothing came, because `when` dropped them.
    pub(crate) dropped: Counts,
    /// Kinds that no map takes.
    pub(crate) unmapped: Counts,
    /// What is to be deleted if the stream is one of changes: the kinds that a record's maps make and of which no line
    /// came.
    pub(crate) deletes: Vec<u8>,
}

/// A few kinds and how often each came.
#[derive(Default)]
pub(crate) struct Counts(pub(crate) Vec<(String, u64)>);

impl Counts {
    fn add(&mut self, kind: &str) {
        match self.0.iter_mut().find(|(known, _)| known == kind) {
            Some((_, count)) => *count += 1,
            None => self.0.push((kind.to_owned(), 1)),
        }
    }
}

/// One thread's part of the work.
pub(crate) struct Worker<'e> {
    engine: &'e Engine,
    pool: &'e Pool,
    max_line: usize,
    source: Arc<Source>,
    made: Made,
    batch: Batch,
    run: Run,
}

impl<'e> Worker<'e> {
    pub(crate) fn new(engine: &'e Engine, pool: &'e Pool, max_line: usize) -> Self {
        let (batch, run) = (Batch::default(), Run::default());
        Self { engine, pool, max_line, source: Arc::default(), made: Made::default(), batch, run }
    }

    /// All lines of a block mapped.
    pub(crate) fn map(&mut self, block: Block) -> Batch {
        match block {
            Block::TooLong(_) => self.too_long(),
            Block::Lines(bytes) => match String::from_utf8(bytes) {
                Ok(text) => self.text(Arc::new(text)),
                Err(error) => {
                    error.as_bytes().split_inclusive(|byte| *byte == b'\n').for_each(|line| self.bytes(line))
                }
            },
        }
        self.close_run();
        std::mem::take(&mut self.batch)
    }

    fn text(&mut self, text: Arc<String>) {
        self.run.bytes = self.pool.take();
        let mut start = 0;
        while start < text.len() {
            let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map(|length| start + length);
            self.line(&text, start, end.unwrap_or(text.len()), end.is_some());
            start = end.map_or(text.len(), |end| end + 1);
        }
        self.source = Arc::default();
        if let Ok(text) = Arc::try_unwrap(text) {
            self.pool.give(text.into_bytes());
        }
    }

    /// A line of a block in which something is not UTF-8.
    fn bytes(&mut self, line: &[u8]) {
        let (line, ended) = line.strip_suffix(b"\n").map_or((line, false), |line| (line, true));
        match std::str::from_utf8(line) {
            Ok(text) => self.line(&Arc::new(text.to_owned()), 0, line.len(), ended),
            Err(_) => {
                self.batch.lines += 1;
                self.other(line, ended);
            }
        }
    }

    fn line(&mut self, text: &Arc<String>, start: usize, end: usize, ended: bool) {
        if end - start > self.max_line {
            return self.too_long();
        }
        self.batch.lines += 1;
        if self.read(text, start, end) {
            return self.record(None);
        }
        self.other(&text.as_bytes()[start..end], ended);
    }

    fn too_long(&mut self) {
        self.batch.lines += 1;
        let reason = format!("the line is longer than {} MiB", self.max_line >> 20);
        self.step(Step::Bad(Bad { reason, about: None }, Vec::new()));
    }

    /// Take a line as the source record, when it is one. What still holds the last one keeps it.
    fn read(&mut self, text: &Arc<String>, start: usize, end: usize) -> bool {
        if Arc::get_mut(&mut self.source).is_none() {
            self.source = Arc::default();
        }
        let source = Arc::get_mut(&mut self.source);
        source.is_some_and(|source| source.read(text, start, end, self.engine.wanted()))
    }

    /// A line that is no sound record.
    fn other(&mut self, line: &[u8], ended: bool) {
        match Line::parse(line) {
            // Only what the quick reading takes for bad and the thorough one does not.
            Ok(Line::Record(record)) => self.built(record.into_map(), None),
            Ok(Line::Change(change)) => self.change(change),
            Ok(Line::Unreadable(error)) => self.step(Step::Unreadable(error)),
            Ok(Line::End(end)) => self.step(Step::End(Box::new(end), ended)),
            Err(bad) => self.step(Step::Bad(bad, line.to_vec())),
        }
    }

    /// A record that is not in its line; `instead` goes to the rejects.
    fn built(&mut self, map: Map, instead: Option<Map>) {
        let text = serde_json::Value::Object(map).to_string();
        let end = text.len();
        if self.read(&Arc::new(text), 0, end) {
            return self.record(instead);
        }
        let reason = "the record cannot be read".to_owned();
        self.step(Step::Bad(Bad { reason, about: None }, self.source.line().to_vec()));
    }

    /// A create or update goes on as the records that its `after` gives: an upsert says all that is to be, and the target
    /// knows itself whether it has the object. Any other operation goes on for every kind that the object may have become.
    fn change(&mut self, change: Change) {
        match (change.op, change.after()) {
            (Op::Create | Op::Update, Some(after)) => self.built(after.into_map(), Some(change.map)),
            (op, _) => self.operation(op, &change),
        }
    }

    fn operation(&mut self, op: Op, change: &Change) {
        let (kind, key) = (change.kind(), change.key());
        self.run.read.add(kind);
        let Some(group) = self.engine.group(kind) else { return self.run.unmapped.add(kind) };
        for (to, keeps) in &group.targets {
            // The objects of a source that is mapped by key are named; a line that names its own source keeps doing so.
            let named = *keeps && !change.map.contains_key("_from");
            self.run.bytes.extend_from_slice(&deletes::line(op, to, named, kind, key));
            self.run.written.add(to);
        }
    }

    /// Map the source record.
    fn record(&mut self, instead: Option<Map>) {
        let source = self.source.clone();
        let kind = source.kind();
        let Some(group) = self.engine.group(&kind) else {
            self.run.read.add(&kind);
            return self.run.unmapped.add(&kind);
        };
        let mapped = match self.engine.profiler() {
            None => group.map(&source, &mut self.made),
            Some(profile) => self.profiled(profile, &source),
        };
        let failure = match mapped {
            Ok(()) => return self.done(group, &source),
            Err(failure) => failure,
        };
        let (kind, key) = (kind.into_owned(), source.key().into_owned());
        self.step(match failure {
            Failure::Rejected(why) => {
                Step::Rejected { kind, key, why, record: instead.unwrap_or_else(|| source.map()) }
            }
            Failure::Unknown(what) => Step::Unknown { kind, key, what },
        });
    }

    fn profiled(&mut self, profile: &Profile, source: &Source) -> Result<(), Failure> {
        let Ok(Line::Record(record)) = Line::parse(source.line()) else { return Ok(()) };
        let failure = profile.map(self.engine.maps(), self.engine.wanted(), &record, &mut self.made);
        failure.map_or(Ok(()), Err)
    }

    fn done(&mut self, group: &Group, source: &Source) {
        let (made, run) = (&mut self.made, &mut self.run);
        run.read.add(group.from);
        run.bytes.extend_from_slice(&made.lines);
        let_go(&mut made.lines);
        made.kinds.iter().for_each(|kind| run.written.add(kind));
        for (to, keeps) in group.targets.iter().filter(|(to, _)| !made.kinds.contains(to)) {
            deletes::keep(&mut run.deletes, to, *keeps, group.from, &source.key());
        }
        if made.kinds.is_empty() {
            run.dropped.add(group.from);
        }
    }

    fn step(&mut self, step: Step) {
        self.close_run();
        self.batch.steps.push((self.batch.lines, step));
    }

    fn close_run(&mut self) {
        if !self.run.read.0.is_empty() {
            self.batch.steps.push((self.batch.lines, Step::Run(std::mem::take(&mut self.run))));
        }
    }
}
