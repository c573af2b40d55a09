//! The paths whose values are wanted of each line, as a tree that is followed while the line is read.

use std::borrow::Cow;

/// The paths that are wanted, each with a slot for what is found there.
#[derive(Debug)]
pub struct Wanted {
    branches: Vec<Branch>,
    slots: usize,
}

/// One place on a path.
#[derive(Debug, Default)]
pub(crate) struct Branch {
    pub(crate) slot: Option<usize>,
    below: Vec<Step>,
    /// A bit for the hash of each step: most names are none, and seen so at once.
    mask: u64,
}

#[derive(Debug)]
struct Step {
    hash: u32,
    name: Box<[u8]>,
    place: Option<usize>,
    branch: usize,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { branches: vec![Branch::default()], slots: 0 }
    }
}

impl Wanted {
    /// Want what stands at this path: names of members, which in an array are places. Gives its slot.
    pub fn path<'a>(&mut self, parts: impl IntoIterator<Item = &'a str>) -> usize {
        let mut at = 0;
        for part in parts {
            at = match self.branches[at].below.iter().find(|step| *step.name == *part.as_bytes()) {
                Some(step) => step.branch,
                None => self.grow(at, part),
            };
        }
        let slots = &mut self.slots;
        *self.branches[at].slot.get_or_insert_with(|| {
            *slots += 1;
            *slots - 1
        })
    }

    fn grow(&mut self, at: usize, part: &str) -> usize {
        let branch = self.branches.len();
        let (hash, name) = (hash(part.as_bytes()), part.as_bytes().into());
        self.branches[at].mask |= 1 << (hash & 63);
        self.branches[at].below.push(Step { hash, name, place: part.parse().ok(), branch });
        self.branches.push(Branch::default());
        branch
    }

    /// How many slots there are.
    pub fn len(&self) -> usize {
        self.slots
    }

    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.slots == 0
    }

    pub(crate) fn root(&self) -> &Branch {
        &self.branches[0]
    }
}

impl Branch {
    /// What is wanted of the member of this name.
    pub(crate) fn member<'w, 'n>(
        &self,
        all: &'w Wanted,
        hash: u32,
        name: impl Fn() -> Cow<'n, [u8]>,
    ) -> Option<&'w Branch> {
        if self.mask & 1 << (hash & 63) == 0 {
            return None;
        }
        let step = self.below.iter().find(|step| step.hash == hash && *step.name == *name())?;
        Some(&all.branches[step.branch])
    }

    /// What is wanted of the item at this place.
    pub(crate) fn place<'w>(&self, all: &'w Wanted, place: usize) -> Option<&'w Branch> {
        let step = self.below.iter().find(|step| step.place == Some(place))?;
        Some(&all.branches[step.branch])
    }
}

/// A number that names seldom share: from the length, the first and the last eight bytes.
pub(crate) fn hash(name: &[u8]) -> u32 {
    let word = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
    let (first, last) = match name.len() {
        8.. => (word(&name[..8]), word(&name[name.len() - 8..])),
        _ => (name.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)), 0),
    };
    let mixed = (first ^ last.rotate_left(23) ^ name.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32
}
