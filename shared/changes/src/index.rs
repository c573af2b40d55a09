//! The index of one side: for each record 48 bytes, in 256 partitions by the hash of kind and key.
//!
//! In memory a partition grows by a sixteenth, so that a record takes at most 64 bytes with what the allocator wastes. Past
//! its share of the memory all partitions go to a file without a name; one partition at a time comes back for the
//! comparison.

use crate::Hash;
use crate::scan::first_half;
use crate::spool::{self, Spool, SpoolDir};
use muster_base::Error;
use std::fs::File;

/// Partitions of an index.
pub(crate) const PARTITIONS: usize = 256;
/// Bytes of an entry, in memory and in a file.
const SIZE: usize = 48;
/// Bits of a length and of a line number; an offset has the 48 that are left.
const LENGTH_BITS: u32 = 32;
const LINE_BITS: u32 = 48;

/// Where a record lies in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) offset: u64,
    pub(crate) line: u64,
    pub(crate) length: u32,
}

/// One record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: Hash,
    pub(crate) content: Hash,
    /// Offset, line and length, from the highest bit to the lowest.
    place: [u64; 2],
}

/// The hash of a kind and key.
pub(crate) fn id(kind: &str, key: &str) -> Hash {
    let mut name = [0; 128];
    let length = 4 + kind.len() + key.len();
    // No JSON string is longer than a line, so the length keeps the two apart.
    let parts = [&(kind.len() as u32).to_le_bytes(), kind.as_bytes(), key.as_bytes()];
    if length > name.len() {
        return first_half(&blake3::hash(&parts.concat()));
    }
    name[..4].copy_from_slice(parts[0]);
    name[4..4 + kind.len()].copy_from_slice(parts[1]);
    name[4 + kind.len()..length].copy_from_slice(parts[2]);
    first_half(&blake3::hash(&name[..length]))
}

/// The entries of one side while they are gathered.
pub(crate) struct Index {
    partitions: Vec<Vec<Entry>>,
    held: usize,
    most: usize,
    directory: SpoolDir,
    spilled: Option<Spilled>,
}

/// Of a partition, where its stretches of the file begin and how many bytes they have.
type Stretches = Vec<(u64, usize)>;

struct Spilled {
    spool: Spool,
    stretches: Vec<Stretches>,
}

impl Index {
    /// An index that keeps at most `memory` bytes.
    pub(crate) fn new(memory: usize, directory: SpoolDir) -> Self {
        let partitions = (0..PARTITIONS).map(|_| Vec::new()).collect();
        Self { partitions, held: 0, most: memory / 64, directory, spilled: None }
    }

    /// Add a record.
    pub(crate) fn add(&mut self, entry: Entry) -> Result<(), Error> {
        let partition = &mut self.partitions[usize::from(entry.id[0])];
        if partition.len() == partition.capacity() {
            partition.reserve_exact((partition.len() / 16).max(8));
        }
        partition.push(entry);
        self.held += 1;
        if self.held > self.most { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<(), Error> {
        if self.spilled.is_none() {
            let stretches = vec![Vec::new(); PARTITIONS];
            self.spilled = Some(Spilled { spool: self.directory.file()?, stretches });
        }
        let Some(spilled) = &mut self.spilled else { return Ok(()) };
        for (partition, stretches) in self.partitions.iter_mut().zip(&mut spilled.stretches) {
            let begin = spilled.spool.length();
            for entry in partition.drain(..) {
                spilled.spool.append(&entry.to_bytes())?;
            }
            let length = (spilled.spool.length() - begin) as usize;
            if length > 0 {
                stretches.push((begin, length));
            }
        }
        self.held = 0;
        Ok(())
    }

    /// All that was added, partition by partition.
    pub(crate) fn finish(self) -> Result<Gathered, Error> {
        let spilled = match self.spilled {
            None => None,
            Some(spilled) => Some((spilled.spool.into_file()?, spilled.stretches)),
        };
        Ok(Gathered { partitions: self.partitions.into_iter().map(std::sync::Mutex::new).collect(), spilled })
    }
}

/// The entries of one side.
pub(crate) struct Gathered {
    partitions: Vec<std::sync::Mutex<Vec<Entry>>>,
    spilled: Option<(File, Vec<Stretches>)>,
}

impl Gathered {
    /// The entries of a partition, sorted by id and line; they are handed out once.
    pub(crate) fn take(&self, partition: usize) -> Result<Vec<Entry>, Error> {
        let mut entries = match self.partitions[partition].lock() {
            Ok(mut entries) => std::mem::take(&mut *entries),
            Err(_) => Vec::new(),
        };
        if let Some((file, stretches)) = &self.spilled {
            for (offset, length) in &stretches[partition] {
                let bytes = spool::read(file, *offset, *length)?;
                let (stored, _) = bytes.as_chunks::<SIZE>();
                entries.extend(stored.iter().map(Entry::from_bytes));
            }
        }
        entries.sort_unstable_by_key(|entry| (entry.id, entry.place().line));
        Ok(entries)
    }
}

impl Entry {
    /// The entry of a record.
    pub(crate) fn new(id: Hash, content: Hash, place: Place) -> Self {
        let Place { offset, line, length } = place;
        let above = u128::from(offset) << LINE_BITS | u128::from(line);
        let packed = above << LENGTH_BITS | u128::from(length);
        Self { id, content, place: [(packed >> 64) as u64, packed as u64] }
    }

    /// Where its record lies.
    pub(crate) fn place(&self) -> Place {
        let packed = u128::from(self.place[0]) << 64 | u128::from(self.place[1]);
        Place {
            offset: (packed >> (LINE_BITS + LENGTH_BITS)) as u64,
            line: (packed >> LENGTH_BITS) as u64 & ((1 << LINE_BITS) - 1),
            length: packed as u32,
        }
    }

    fn to_bytes(self) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        bytes[..16].copy_from_slice(&self.id);
        bytes[16..32].copy_from_slice(&self.content);
        bytes[32..40].copy_from_slice(&self.place[0].to_le_bytes());
        bytes[40..].copy_from_slice(&self.place[1].to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; SIZE]) -> Self {
        fn part<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
            let mut part = [0; N];
            part.copy_from_slice(&bytes[at..at + N]);
            part
        }
        let place = [u64::from_le_bytes(part(bytes, 32)), u64::from_le_bytes(part(bytes, 40))];
        Self { id: part(bytes, 0), content: part(bytes, 16), place }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(memory: usize, count: u64) -> Vec<Entry> {
        let mut index = Index::new(memory, SpoolDir::new(None));
        for line in 0..count {
            let place = Place { offset: line * 7, line, length: 9 };
            index.add(Entry::new(id("user", &line.to_string()), [3; 16], place)).unwrap();
        }
        let gathered = index.finish().unwrap();
        (0..PARTITIONS).flat_map(|partition| gathered.take(partition).unwrap()).collect()
    }

    #[test]
    fn an_entry_takes_48_bytes_and_keeps_every_place() {
        assert_eq!(size_of::<Entry>(), SIZE);
        let far = Place { offset: (1 << 48) - 1, line: (1 << 48) - 2, length: u32::MAX };
        for place in [far, Place { offset: 7, line: 1, length: 9 }] {
            assert_eq!(Entry::new([1; 16], [2; 16], place).place(), place);
        }
    }

    #[test]
    fn what_was_spilled_comes_back_the_same() {
        let all = entries(1 << 20, 5000);
        assert_eq!(all.len(), 5000);
        assert!(all == entries(0, 5000) && all == entries(64 * 700, 5000));
    }

    #[test]
    fn kind_and_key_are_kept_apart() {
        assert_ne!(id("ab", "c"), id("a", "bc"));
        assert_ne!(id("ab", &"c".repeat(200)), id("a", &format!("b{}", "c".repeat(200))));
    }
}
