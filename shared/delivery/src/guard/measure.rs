//! How much of each kind a plan destroys and changes, and the digest of that.

use crate::absent::Waiting;
use crate::owned::Owned;
use crate::plan::{Object, Plan, Step};
use crate::spool::{Cause, Entry, Spool};
use crate::{Action, State, Work};
use muster_stream::Op;
use std::collections::{BTreeMap, HashSet};

/// What a plan does to one kind.
#[derive(Default)]
pub(crate) struct Measure {
    /// Owned objects that are taken away or made passive.
    pub(crate) deletes: u64,
    /// Owned objects that are missing in the input and not to be kept, whether they go in this run, wait for their time,
    /// or something holds them.
    pub(crate) missing: u64,
    /// Active owned objects that the input names, or would have to.
    pub(crate) expected: u64,
    /// Foreign objects that are.
    pub(crate) foreign_deletes: u64,
    /// All foreign objects.
    pub(crate) foreign: u64,
    /// Members that are taken out.
    pub(crate) taken_out: u64,
    /// Members that the input names.
    pub(crate) mentions: u64,
    /// Objects that are changed.
    pub(crate) changes: u64,
    /// Those of them of which a member is cleared.
    pub(crate) clears: u64,
    /// Objects that the input names.
    pub(crate) desired: u64,
}

/// What a plan does.
#[derive(Default)]
pub(crate) struct Measures {
    pub(crate) kinds: BTreeMap<String, Measure>,
    destructive: Vec<String>,
    updates: Vec<String>,
}

/// What must be approved: the names of steps, sorted.
#[derive(Default)]
pub(crate) struct Needed(Vec<String>);

/// What a plan is measured by beside itself.
pub(crate) struct Surroundings<'a> {
    pub(crate) spool: &'a Spool,
    pub(crate) owned: &'a Owned,
    /// Rows that are missing, by their index.
    pub(crate) missing: &'a HashSet<usize>,
    pub(crate) waiting: &'a [Waiting],
    /// Foreign objects by kind.
    pub(crate) foreign: &'a BTreeMap<String, u64>,
    /// Whether the plan is of some objects only.
    pub(crate) is_part: bool,
}

impl Measures {
    /// Measure a plan.
    pub(crate) fn of(plan: &Plan, around: &Surroundings<'_>) -> Self {
        let (mut all, spool) = (Self::default(), around.spool);
        for (kind, count) in around.foreign {
            all.kind(kind).foreign = *count;
        }
        for (kind, count) in &plan.mentions {
            all.kind(kind).mentions = *count;
        }
        let lines = spool.entries.iter().filter(|entry| entry.line > 0);
        for entry in lines.filter(|entry| !matches!(entry.op, Some(Op::Delete | Op::Passivate))) {
            all.kind(&entry.kind).desired += 1;
        }
        for step in plan.steps().filter(|step| step.work == Work::Remove) {
            all.removal(spool, step);
        }
        for (entry, object) in &plan.objects {
            all.object(&spool.entries[*entry].kind, &spool.entries[*entry].key, object);
        }
        all.missing(plan, around);
        all
    }

    /// What is missing, and of how many.
    fn missing(&mut self, plan: &Plan, around: &Surroundings<'_>) {
        let Surroundings { spool, owned, missing, waiting, is_part, .. } = around;
        let counts = |(index, entry): &(usize, &Entry)| {
            entry.cause == Cause::Missing && (!is_part || plan.objects.contains_key(index))
        };
        for (_, entry) in spool.entries.iter().enumerate().filter(counts) {
            self.kind(&entry.kind).missing += 1;
        }
        for one in waiting.iter().filter(|one| one.is_held_back && !is_part) {
            self.kind(&one.kind).missing += 1;
        }
        let is_active = |row: &crate::Row| matches!(row.state, State::Active | State::Pending);
        for (index, row) in owned.rows.iter().enumerate().filter(|(_, row)| is_active(row)) {
            let line = || spool.find(&row.kind, &row.key).map(|entry| spool.entries[entry].line);
            if missing.contains(&index) || line().is_some_and(|line| line > 0) {
                self.kind(&row.kind).expected += 1;
            }
        }
    }

    fn kind(&mut self, kind: &str) -> &mut Measure {
        self.kinds.entry(kind.to_owned()).or_default()
    }

    fn removal(&mut self, spool: &Spool, step: &Step) {
        let entry = &spool.entries[step.entry];
        let measure = self.kind(&entry.kind);
        match entry.cause {
            Cause::Foreign => measure.foreign_deletes += 1,
            Cause::Missing | Cause::Line | Cause::Whole | Cause::Replaced => measure.deletes += 1,
        }
        self.destructive.push(named(&entry.kind, &entry.key, step.action));
    }

    fn object(&mut self, kind: &str, key: &str, object: &Object) {
        let measure = self.kind(kind);
        measure.changes += u64::from(object.is_change);
        measure.clears += u64::from(object.is_change && object.clears);
        measure.taken_out += object.taken_out.len() as u64;
        let taken_out = object.taken_out.iter().map(|member| format!("{kind}\0{key}\0remove\0{member}"));
        self.destructive.extend(taken_out);
        if object.is_change {
            self.updates.push(named(kind, key, Action::Update));
        }
    }

    /// Objects that the input names.
    pub(crate) fn desired(&self) -> u64 {
        self.kinds.values().map(|measure| measure.desired).sum()
    }

    /// What must be approved: the destructive steps, and the updates where there are too many of them.
    pub(crate) fn needed(&self, with_updates: bool) -> Needed {
        let updates = self.updates.iter().filter(|_| with_updates);
        let mut all: Vec<String> = self.destructive.iter().chain(updates).cloned().collect();
        all.sort_unstable();
        Needed(all)
    }
}

/// A step by name, as `diff` names it for its digest.
fn named(kind: &str, key: &str, action: Action) -> String {
    format!("{kind}\0{key}\0{}", action.name())
}

fn hash(name: &str) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.copy_from_slice(&blake3::hash(name.as_bytes()).as_bytes()[..16]);
    hash
}

#[cfg(test)]
impl Needed {
    /// Steps of these names.
    pub(super) fn of(names: &[&str]) -> Self {
        Self(names.iter().map(|name| (*name).to_owned()).collect())
    }
}

impl Needed {
    /// The digest: that of `diff` over the same steps.
    pub(crate) fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for name in &self.0 {
            hasher.update(name.as_bytes()).update(b"\n");
        }
        hasher.finalize().to_hex().chars().take(32).collect()
    }

    /// The hashes of the steps, sorted: what is kept of them.
    pub(crate) fn hashes(&self) -> Vec<u8> {
        let mut all: Vec<[u8; 16]> = self.0.iter().map(|name| hash(name)).collect();
        all.sort_unstable();
        all.concat()
    }

    /// How many steps are not among the approved ones.
    pub(crate) fn beyond(&self, approved: &[u8]) -> u64 {
        let (approved, _) = approved.as_chunks::<16>();
        self.0.iter().filter(|name| approved.binary_search(&hash(name)).is_err()).count() as u64
    }
}
