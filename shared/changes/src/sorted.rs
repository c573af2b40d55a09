//! Sorted sides merged while they are read: only what differs goes into the indexes.

use crate::difference::Read;
use crate::index::{Entry, Index};
use crate::input::Input;
use crate::join::broken;
use crate::side::{Reading, Role, Side};
use muster_base::{Error, Exit};
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Records that are handed over at once, and such batches on their way.
const BATCH: usize = 512;
const AHEAD: usize = 8;

/// Kind and key as they are sorted, and the entry.
type Named = (Vec<u8>, Entry);

/// Read both sides, a thread each. A record that is out of order is bad data.
pub(crate) fn read(inputs: [Input; 2], reading: Reading, indexes: [Index; 2]) -> Result<Read, Error> {
    let [desired, current] = inputs;
    let (to_desired, of_desired) = sync_channel(AHEAD);
    let (to_current, of_current) = sync_channel(AHEAD);
    std::thread::scope(|scope| {
        let desired = scope.spawn(move || side(Role::Desired, desired, reading, to_desired));
        let current = scope.spawn(move || side(Role::Current, current, reading, to_current));
        let mut merge =
            Merge { sides: [Queue::new(of_desired), Queue::new(of_current)], indexes, unchanged: 0 };
        let merged = merge.run();
        // Whoever still waits to send must be let go before it is waited for.
        let Merge { sides, indexes, unchanged } = merge;
        drop(sides);
        let sides = [
            desired.join().map_err(|_| broken()).flatten()?,
            current.join().map_err(|_| broken()).flatten()?,
        ];
        merged?;
        Ok(Read { sides, indexes, unchanged })
    })
}

fn side(role: Role, input: Input, reading: Reading, to: SyncSender<Vec<Named>>) -> Result<Side, Error> {
    let (mut batch, mut last) = (Vec::with_capacity(BATCH), Vec::new());
    let side = Side::read(role, input, &reading, &mut |kind, key, entry| {
        let name = [kind, key].join("\0").into_bytes();
        if name < last {
            let what = format!("{kind} {key} is out of order: kinds and keys must be sorted by their bytes");
            return Err(Error::new(Exit::Data, what).hint("leave out --sorted"));
        }
        last.clone_from(&name);
        batch.push((name, entry));
        if batch.len() == BATCH {
            // Nobody listens when the other side failed; that is told there.
            let _ = to.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)));
        }
        Ok(())
    })?;
    let _ = to.send(batch);
    Ok(side)
}

struct Merge {
    sides: [Queue; 2],
    indexes: [Index; 2],
    unchanged: u64,
}

impl Merge {
    fn run(&mut self) -> Result<(), Error> {
        while let Some(name) = self.sides.iter_mut().filter_map(|side| side.name()).min().map(<[u8]>::to_vec)
        {
            let [desired, current] = [0, 1].map(|side| self.sides[side].take(&name));
            match (desired.as_slice(), current.as_slice()) {
                ([one], [other]) if one.content == other.content => self.unchanged += 1,
                _ => {
                    desired.into_iter().try_for_each(|entry| self.indexes[0].add(entry))?;
                    current.into_iter().try_for_each(|entry| self.indexes[1].add(entry))?;
                }
            }
        }
        Ok(())
    }
}

/// One side on its way.
struct Queue {
    batches: Receiver<Vec<Named>>,
    ready: VecDeque<Named>,
}

impl Queue {
    fn new(batches: Receiver<Vec<Named>>) -> Self {
        Self { batches, ready: VecDeque::new() }
    }

    /// The name of the next record.
    fn name(&mut self) -> Option<&[u8]> {
        while self.ready.is_empty() {
            self.ready.extend(self.batches.recv().ok()?);
        }
        self.ready.front().map(|(name, _)| name.as_slice())
    }

    /// The next records, as long as they have this name.
    fn take(&mut self, name: &[u8]) -> Vec<Entry> {
        let mut taken = Vec::new();
        while self.name() == Some(name) {
            taken.extend(self.ready.pop_front().map(|(_, entry)| entry));
        }
        taken
    }
}
