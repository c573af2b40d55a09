//! A plan from a ledger alone: what a push of the same input would do, as far as what it remembers tells. The target is
//! not asked, and nothing is sent.

use crate::absent::Absent;
use crate::owned::Owned;
use crate::spool::{Entry, Flaw, Spool};
use crate::{Ledger, State};
use muster_base::{Error, Exit};
use muster_stream::{Form, Map, Op, Reader, Record, Value, Writer};
use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

/// Where things are, and what a missing `_end` means.
#[derive(Clone, Copy, Debug)]
pub struct Preview<'a> {
    /// The ledger of the push.
    pub ledger: &'a Path,
    /// Where the input is spooled.
    pub spool_dir: &'a Path,
    /// Take an input without `_end` for complete, as hand-made files are.
    pub assume_complete: bool,
}

impl Preview<'_> {
    /// Write to `plan` what is to be done so that the target holds what `desired` says: `_op`, kind and key, and of what
    /// is made or changed the record that is wanted. What was before is not there: a ledger keeps no values.
    ///
    /// Fails when there is no ledger, or `desired` cannot be read.
    pub fn write(&self, desired: impl BufRead, plan: &mut Writer) -> Result<(), Error> {
        let ledger = Ledger::glance(self.ledger)?.ok_or_else(|| {
            Error::new(Exit::Config, "there is no ledger here")
                .at(self.ledger.display())
                .hint("name the file that the push was given with --ledger")
        })?;
        let reader = Reader::new(desired).assume_complete(self.assume_complete);
        let owned = Owned::read(Some(&ledger))?;
        // The ledger has keys as the target writes them; where that is in lower case, a line may not.
        let key = |kind: &str, key: &str| {
            let lower = key.to_lowercase();
            let is_lower = owned.find(kind, key).is_none() && owned.find(kind, &lower).is_some();
            Ok(if is_lower { lower } else { key.to_owned() })
        };
        let spool = Spool::read(reader, self.spool_dir, &key, &mut None)?;
        let mut drawn = Drawn { plan, counts: BTreeMap::new() };
        drawn.plan.form(Form::Changes);
        drawn.plan.scope(ledger.identity()?.unwrap_or_default());
        for entry in &spool.entries {
            drawn.entry(entry, &spool, &owned)?;
        }
        let scopes = whole_scopes(&spool, &ledger)?;
        let absent = Absent::find(&spool, &owned, &scopes, false);
        for row in absent.missing.iter().chain(&absent.replaced).map(|index| &owned.rows[*index]) {
            drawn.step(Op::Delete, &row.kind, &row.key, None)?;
        }
        *drawn.counts.entry("unknown").or_default() += spool.unknown.len() as u64;
        let ops: Map =
            drawn.counts.iter().map(|(op, count)| ((*op).to_owned(), Value::from(*count))).collect();
        drawn.plan.note("ops", ops.into());
        drawn.plan.end(spool.shortfall().map(str::to_owned))
    }
}

/// The numbers of the scopes that came whole, as far as the ledger knows them.
fn whole_scopes(spool: &Spool, ledger: &Ledger) -> Result<Vec<i64>, Error> {
    let found = crate::prepare::whole_scopes(spool).into_iter().map(|name| ledger.find_scope(&name));
    Ok(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// The plan as it is written.
struct Drawn<'a> {
    plan: &'a mut Writer,
    counts: BTreeMap<&'static str, u64>,
}

impl Drawn<'_> {
    fn entry(&mut self, entry: &Entry, spool: &Spool, owned: &Owned) -> Result<(), Error> {
        let row = owned.find(&entry.kind, &entry.key);
        let is_there = row.is_some_and(|row| row.state.is_there());
        match (&entry.flaw, entry.op) {
            (Some(Flaw::Wrong(_)), _) => self.count("unknown"),
            // What could not be read is counted by its own line.
            (Some(Flaw::Unknown(_)), _) => Ok(()),
            (None, Some(op @ (Op::Delete | Op::Passivate))) if is_there => {
                self.step(op, &entry.kind, &entry.key, None)
            }
            (None, Some(Op::Delete | Op::Passivate)) => self.count("unchanged"),
            (None, Some(Op::Blocked)) => self.step(Op::Blocked, &entry.kind, &entry.key, None),
            (None, _) => {
                let Some(record) = spool.record(entry)? else { return self.count("unknown") };
                let active = row.filter(|row| row.state == State::Active);
                match active
                    .and_then(|row| row.members.as_ref())
                    .is_some_and(|members| members.agree_with(&record))
                {
                    true => self.count("unchanged"),
                    false => {
                        let op = if is_there { Op::Update } else { Op::Create };
                        self.step(op, &entry.kind, &entry.key, Some(record))
                    }
                }
            }
        }
    }

    fn step(&mut self, op: Op, kind: &str, key: &str, after: Option<Record>) -> Result<(), Error> {
        let mut line = Map::new();
        for (name, value) in [("_op", op.name()), ("_kind", kind), ("_key", key)] {
            line.insert(name.to_owned(), value.into());
        }
        if let Some(after) = after {
            let mut after = after.into_map();
            for own in ["_kind", "_key"] {
                after.shift_remove(own);
            }
            line.insert("after".to_owned(), after.into());
        }
        let mut bytes = Value::Object(line).to_string().into_bytes();
        bytes.push(b'\n');
        self.plan.write_bytes(kind, &bytes)
    }

    fn count(&mut self, what: &'static str) -> Result<(), Error> {
        *self.counts.entry(what).or_default() += 1;
        Ok(())
    }
}
