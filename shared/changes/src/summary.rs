//! What a comparison came to, in counts.

use crate::count::thousands;
use muster_base::Error;
use muster_stream::Op;
use std::collections::BTreeMap;
use std::fmt;

/// The steps of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Objects to be made.
    pub create: u64,
    /// Objects to be changed.
    pub update: u64,
    /// Objects to be taken away or made passive.
    pub delete: u64,
    /// Those of them that are made passive.
    pub passive: u64,
    /// Objects that are not to be touched.
    pub blocked: u64,
}

impl Counts {
    /// All steps.
    pub fn all(&self) -> u64 {
        self.create + self.update + self.delete + self.blocked
    }
}

/// What a comparison came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Steps by kind.
    pub kinds: BTreeMap<String, Counts>,
    /// Objects that are as they shall be.
    pub unchanged: u64,
    /// Objects of which nobody knows what they shall be.
    pub unknown: u64,
    /// Missing objects that are not deleted, because a side is partial.
    pub withheld: u64,
    /// Keys that come twice in one side.
    pub duplicates: u64,
    /// The first of them, in words.
    pub first_duplicates: Vec<String>,
    /// Lines that are no lines of a stream, by side, with the first reason.
    pub bad_lines: Vec<(&'static str, u64, String)>,
    /// Why a side is less than its scopes.
    pub partial: Option<String>,
    /// Why deletes are blocked although both sides are whole.
    pub held_back: Option<String>,
}

impl Summary {
    /// The steps of all kinds.
    pub fn total(&self) -> Counts {
        self.kinds.values().fold(Counts::default(), |sum, counts| Counts {
            create: sum.create + counts.create,
            update: sum.update + counts.update,
            delete: sum.delete + counts.delete,
            passive: sum.passive + counts.passive,
            blocked: sum.blocked + counts.blocked,
        })
    }

    pub(crate) fn step(&mut self, kind: &str, op: Op) {
        let counts = self.kinds.entry(kind.to_owned()).or_default();
        counts.passive += u64::from(op == Op::Passivate);
        *match op {
            Op::Create => &mut counts.create,
            Op::Update => &mut counts.update,
            Op::Delete | Op::Passivate => &mut counts.delete,
            Op::Blocked => &mut counts.blocked,
        } += 1;
    }

    pub(crate) fn count(&mut self, of: impl FnOnce(&mut Self) -> &mut u64) -> Result<(), Error> {
        *of(self) += 1;
        Ok(())
    }
}

/// `12 to create, 3 to update, 1 to delete, 5,020 unchanged`, and what else there is.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.total();
        let (create, update) = (thousands(total.create), thousands(total.update));
        let (delete, unchanged) = (thousands(total.delete), thousands(self.unchanged));
        write!(f, "{create} to create, {update} to update, {delete} to delete, {unchanged} unchanged")?;
        let others =
            [(total.blocked, "blocked"), (self.unknown, "unknown"), (self.withheld, "deletes withheld")];
        for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, ", {} {what}", thousands(count))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_reads_well() {
        let mut summary = Summary { unchanged: 1_005_020, ..Summary::default() };
        (0..12).for_each(|_| summary.step("user", Op::Create));
        summary.step("org_unit", Op::Delete);
        assert_eq!(summary.to_string(), "12 to create, 0 to update, 1 to delete, 1,005,020 unchanged");
    }
}
