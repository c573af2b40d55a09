//! Lines put into order by a key, in memory as long as they fit, else in sorted runs in a file without a name.

use crate::spool::{Spool, SpoolDir};
use muster_base::{Error, Exit};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::os::unix::fs::FileExt;

/// What a line costs beside its bytes.
const OVERHEAD: usize = 64;
/// Bytes of a run that are read at once.
const BLOCK: usize = 1 << 16;

/// A key and its line.
pub(crate) type Item = (Vec<u8>, Vec<u8>);

/// Takes lines in any order.
pub(crate) struct Sorter {
    held: Vec<Item>,
    bytes: usize,
    most: usize,
    directory: SpoolDir,
    spool: Option<Spool>,
    /// Where each run begins and ends.
    runs: Vec<(u64, u64)>,
}

impl Sorter {
    /// A sorter that keeps about `memory` bytes.
    pub(crate) fn new(memory: usize, directory: SpoolDir) -> Self {
        Self { held: Vec::new(), bytes: 0, most: memory, directory, spool: None, runs: Vec::new() }
    }

    /// Take a line.
    pub(crate) fn push(&mut self, key: Vec<u8>, line: Vec<u8>) -> Result<(), Error> {
        self.bytes += key.len() + line.len() + OVERHEAD;
        self.held.push((key, line));
        if self.bytes > self.most { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<(), Error> {
        let mut spool = match self.spool.take() {
            Some(spool) => spool,
            None => self.directory.file()?,
        };
        self.held.sort_unstable();
        let begin = spool.length();
        for (key, line) in self.held.drain(..) {
            spool.append(&(key.len() as u32).to_le_bytes())?;
            spool.append(&(line.len() as u32).to_le_bytes())?;
            spool.append(&key)?;
            spool.append(&line)?;
        }
        self.runs.push((begin, spool.length()));
        (self.spool, self.bytes) = (Some(spool), 0);
        Ok(())
    }

    /// All lines in order.
    pub(crate) fn finish(mut self) -> Result<Sorted, Error> {
        self.held.sort_unstable();
        let held = self.held.into_iter();
        let mut runs = match self.spool {
            None => Vec::new(),
            Some(spool) => opened(&spool.into_file()?, &self.runs)?,
        };
        let mut next = BinaryHeap::new();
        for (number, run) in runs.iter_mut().enumerate() {
            next.extend(run.next()?.map(|item| Reverse((item, number))));
        }
        Ok(Sorted { held: held.peekable(), runs, next })
    }
}

fn opened(file: &File, runs: &[(u64, u64)]) -> Result<Vec<Run>, Error> {
    let run = |(begin, end): &(u64, u64)| {
        let stretch = Stretch { file: file.try_clone()?, at: *begin, end: *end };
        Ok(Run(BufReader::with_capacity(BLOCK, stretch)))
    };
    runs.iter().map(run).collect()
}

/// Lines in order.
pub(crate) struct Sorted {
    held: std::iter::Peekable<std::vec::IntoIter<Item>>,
    runs: Vec<Run>,
    /// The first line of each run that has one.
    next: BinaryHeap<Reverse<(Item, usize)>>,
}

impl Sorted {
    /// The next key and line.
    pub(crate) fn next(&mut self) -> Result<Option<Item>, Error> {
        let is_held_first = match (self.held.peek(), self.next.peek()) {
            (Some(held), Some(Reverse((other, _)))) => held <= other,
            (_, other) => other.is_none(),
        };
        if is_held_first {
            return Ok(self.held.next());
        }
        let Some(Reverse((item, number))) = self.next.pop() else { return Ok(None) };
        self.next.extend(self.runs[number].next()?.map(|item| Reverse((item, number))));
        Ok(Some(item))
    }
}

/// A sorted run in the file.
struct Run(BufReader<Stretch>);

impl Run {
    fn next(&mut self) -> Result<Option<Item>, Error> {
        if self.0.get_ref().at == self.0.get_ref().end && self.0.buffer().is_empty() {
            return Ok(None);
        }
        let (key, line) = (self.length()?, self.length()?);
        Ok(Some((self.bytes(key)?, self.bytes(line)?)))
    }

    fn length(&mut self) -> Result<usize, Error> {
        let mut bytes = [0; 4];
        self.0.read_exact(&mut bytes).map_err(lost)?;
        Ok(u32::from_le_bytes(bytes) as usize)
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; length];
        self.0.read_exact(&mut bytes).map_err(lost)?;
        Ok(bytes)
    }
}

fn lost(error: std::io::Error) -> Error {
    Error::new(Exit::Io, format!("cannot read again what was spooled: {error}"))
}

/// A part of a file.
struct Stretch {
    file: File,
    at: u64,
    end: u64,
}

impl Read for Stretch {
    fn read(&mut self, space: &mut [u8]) -> std::io::Result<usize> {
        let most = space.len().min((self.end - self.at) as usize);
        let read = self.file.read_at(&mut space[..most], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(memory: usize, items: &[(String, String)]) -> Vec<Vec<u8>> {
        let mut sorter = Sorter::new(memory, SpoolDir::new(None));
        for (key, line) in items {
            sorter.push(key.as_bytes().to_vec(), line.as_bytes().to_vec()).unwrap();
        }
        let mut sorted = sorter.finish().unwrap();
        std::iter::from_fn(|| sorted.next().unwrap()).map(|(_, line)| line).collect()
    }

    proptest! {
        #[test]
        fn spilled_or_not_the_order_is_that_of_the_keys(
            items in prop::collection::vec(("[a-c]{0,3}", "[a-z]{0,5}"), 0..40),
            memory in 0_usize..600,
        ) {
            let mut expected = items.clone();
            expected.sort();
            let expected: Vec<_> = expected.into_iter().map(|(_, line)| line.into_bytes()).collect();
            prop_assert_eq!(sorted(memory, &items), expected);
        }
    }
}
