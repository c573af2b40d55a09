//! The two indexes joined, partition by partition on all cores, and what becomes of each object that is not the same.

use crate::Hash;
use crate::index::{Entry, Gathered, PARTITIONS};
use crate::judge::{Judge, Tie, Verdict};
use crate::side::Role;
use crate::sorter::Sorter;
use crate::summary::Summary;
use crate::text::text;
use crate::ties::{self, Loose};
use muster_base::{Error, Exit};
use muster_stream::{Map, Op};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Keys that come twice are named up to so many.
const NAMED: usize = 10;

/// What comes out of a join.
pub(crate) struct Joined {
    pub(crate) sorter: Sorter,
    pub(crate) summary: Summary,
    /// Objects on one side only, when something may tie them to others.
    pub(crate) loose: Vec<Loose>,
    /// Lines with a key that comes again: side, line, the next such line.
    duplicates: Vec<(&'static str, u64, u64, String)>,
}

/// Joins.
pub(crate) struct Join<'a> {
    pub(crate) judge: Judge<'a>,
    out: Mutex<Joined>,
}

impl<'a> Join<'a> {
    pub(crate) fn new(judge: Judge<'a>, sorter: Sorter, unchanged: u64) -> Self {
        let summary = Summary { unchanged, ..Summary::default() };
        let joined = Joined { sorter, summary, loose: Vec::new(), duplicates: Vec::new() };
        Self { judge, out: Mutex::new(joined) }
    }

    /// Join all partitions.
    pub(crate) fn run(self, desired: &Gathered, current: &Gathered) -> Result<Joined, Error> {
        let next = AtomicUsize::new(0);
        let work = || -> Result<(), Error> {
            loop {
                let partition = next.fetch_add(1, Ordering::Relaxed);
                if partition >= PARTITIONS {
                    return Ok(());
                }
                self.partition(&desired.take(partition)?, &current.take(partition)?)?;
            }
        };
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| broken())?)
        })?;
        let loose = std::mem::take(&mut self.out.lock().map_err(|_| broken())?.loose);
        for (desired, current, tie) in ties::resolve(&self.judge, loose)? {
            self.object(desired, current, tie.as_ref())?;
        }
        let mut joined = self.out.into_inner().map_err(|_| broken())?;
        joined.name_duplicates();
        Ok(joined)
    }

    fn partition(&self, mut desired: &[Entry], mut current: &[Entry]) -> Result<(), Error> {
        let mut same = 0;
        while let Some(id) = desired.first().into_iter().chain(current.first()).map(|entry| entry.id).min() {
            let (of_desired, of_current) = (split(&mut desired, &id), split(&mut current, &id));
            match (of_desired, of_current) {
                (all, also) if all.len() > 1 || also.len() > 1 => {
                    self.duplicates(&[(Role::Desired, all), (Role::Current, also)])?
                }
                ([one], [other]) if one.content == other.content && !self.judge.is_unknown_id(&id) => {
                    same += 1
                }
                (one, other) => self.differing(one.first(), other.first())?,
            }
        }
        self.with(|out| {
            out.summary.unchanged += same;
            Ok(())
        })
    }

    fn differing(&self, desired: Option<&Entry>, current: Option<&Entry>) -> Result<(), Error> {
        let options = self.judge.options;
        let is_tied = options.adopt_by.is_some() || options.match_by.is_some();
        match (desired, current) {
            (Some(entry), None) if is_tied => self.loose(Role::Desired, entry),
            (None, Some(entry)) if is_tied => self.loose(Role::Current, entry),
            _ => self.object(desired.copied(), current.copied(), None),
        }
    }

    fn loose(&self, role: Role, entry: &Entry) -> Result<(), Error> {
        self.with(|out| {
            out.loose.push(Loose { role, entry: *entry });
            Ok(())
        })
    }

    fn object(&self, desired: Option<Entry>, current: Option<Entry>, tie: Option<&Tie>) -> Result<(), Error> {
        let verdict =
            self.judge.judge(desired.map(|entry| entry.place()), current.map(|entry| entry.place()), tie)?;
        let step = match verdict {
            Verdict::Step(op, map) => Some((op, key(&map, op), line(&map)?, map)),
            Verdict::Same => return self.with(|out| out.summary.count(|summary| &mut summary.unchanged)),
            Verdict::Unknown => return self.with(|out| out.summary.count(|summary| &mut summary.unknown)),
            Verdict::Withheld => return self.with(|out| out.summary.count(|summary| &mut summary.withheld)),
            Verdict::Nothing => None,
        };
        let Some((op, key, line, map)) = step else { return Ok(()) };
        self.with(|out| {
            out.summary.step(text(&map, "_kind"), op);
            out.sorter.push(key, line)
        })
    }

    fn duplicates(&self, sides: &[(Role, &[Entry])]) -> Result<(), Error> {
        for (role, entries) in sides {
            let [first, second, ..] = entries else { continue };
            let record = self.judge.record(*role, first.place())?;
            let name = record.map(|record| format!("{} {}", record.kind(), record.key())).unwrap_or_default();
            self.with(|out| {
                out.duplicates.push((role.name(), first.place().line, second.place().line, name));
                Ok(())
            })?;
        }
        self.with(|out| out.summary.count(|summary| &mut summary.unknown))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Joined) -> Result<T, Error>) -> Result<T, Error> {
        work(&mut *self.out.lock().map_err(|_| broken())?)
    }
}

impl Joined {
    fn name_duplicates(&mut self) {
        self.duplicates.sort_unstable();
        self.summary.duplicates = self.duplicates.len() as u64;
        let named = self.duplicates.iter().take(NAMED);
        let told = named.map(|(side, line, other, name)| {
            format!("{name} stands in lines {line} and {other} of {side}: nobody knows which is meant, so it is left alone")
        });
        self.summary.first_duplicates = told.collect();
    }
}

/// The entries of `id` at the front of `entries`, which lose them.
fn split<'e>(entries: &mut &'e [Entry], id: &Hash) -> &'e [Entry] {
    let count = entries.iter().take_while(|entry| entry.id == *id).count();
    let (front, rest) = entries.split_at(count);
    *entries = rest;
    front
}

/// What puts a change into its place among the others: kind, key, operation.
pub(crate) fn key(map: &Map, op: Op) -> Vec<u8> {
    [text(map, "_kind"), text(map, "_key"), op.name()].join("\0").into_bytes()
}

fn line(map: &Map) -> Result<Vec<u8>, Error> {
    let mut line = serde_json::to_vec(map).map_err(|error| Error::new(Exit::Bug, error.to_string()))?;
    line.push(b'\n');
    Ok(line)
}

pub(crate) fn broken() -> Error {
    Error::new(Exit::Bug, "a thread of the comparison broke down")
}
