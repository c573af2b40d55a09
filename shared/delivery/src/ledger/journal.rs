//! The journal: every step, from its intent to its outcome. Never a body.

use super::{Ledger, unusable};
use crate::{Action, Outcome};
use muster_base::{Error, text};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

/// A step before it is sent.
#[derive(Clone, Debug)]
pub struct Intent<'a> {
    /// Its object's kind.
    pub kind: &'a str,
    /// Its object's key.
    pub key: &'a str,
    /// What is to be done.
    pub action: Action,
    /// Which of its object's steps, where there are several.
    pub stage: &'a str,
    /// Members that it takes out of its object.
    pub taken_out: u64,
    /// Whether somebody approved it.
    pub approved: bool,
}

/// The op of members taken out, which a step may do beside its own.
const REMOVE: &str = "remove";

impl Ledger {
    /// Write down what is about to be sent; the numbers of the steps in the journal. When `durable`, it is on the disk
    /// when this returns.
    pub fn intend(&mut self, intents: &[Intent<'_>], durable: bool) -> Result<Vec<i64>, Error> {
        let (run, now) = (self.run, super::now());
        let mut numbers = Vec::with_capacity(intents.len());
        let write = |db: &Connection| {
            for Intent { kind, key, action, stage, taken_out, approved } in intents {
                let mut put = db.prepare_cached(
                    "INSERT INTO journal (run, at, kind, key, op, stage, phase, approved, amount)
                     VALUES (?, ?, ?, ?, ?, ?, 'intent', ?, ?)",
                )?;
                let stage = super::row::filled(stage);
                if *taken_out > 0 {
                    let amount = i64::try_from(*taken_out).unwrap_or(i64::MAX);
                    put.execute(params![run, now, kind, key, REMOVE, stage, approved, amount])?;
                }
                put.execute(params![run, now, kind, key, action.name(), stage, approved, 1])?;
                numbers.push(db.last_insert_rowid());
            }
            Ok(())
        };
        if durable {
            self.durable(write)?
        } else {
            self.grouped(write)?
        }
        Ok(numbers)
    }

    /// Write down how the step `number` ended. What was in doubt about its object before is settled by that.
    pub fn outcome(&mut self, number: i64, outcome: &Outcome, took: Duration) -> Result<(), Error> {
        let phase = if outcome.is_done() { "done" } else { "failed" };
        let ms = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
        let error = outcome.error.as_deref().map(|error| text::mask(&text::cut(error)));
        self.grouped(|db| {
            db.prepare_cached(
                "UPDATE journal SET phase = ?, id = ?, http = ?, ms = ?, error = ? WHERE number = ?",
            )?
            .execute(params![phase, outcome.id, outcome.http, ms, error, number])?;
            // Members that the step took out have a row of their own, the one before.
            db.prepare_cached(
                "UPDATE journal SET phase = ? WHERE number = ? AND op = 'remove' AND phase = 'intent'",
            )?
            .execute(params![phase, number - 1])?;
            if outcome.is_done() { settle(db, number) } else { Ok(()) }
        })
    }

    /// Steps that were written down and never sent.
    pub fn withdraw(&mut self, numbers: &HashSet<i64>) -> Result<(), Error> {
        if numbers.is_empty() {
            return Ok(());
        }
        self.grouped(|db| {
            // Members that the step would have taken out have a row of their own, the one before.
            let mut withdrawn = db.prepare_cached(
                "DELETE FROM journal WHERE number = ?1 OR (number = ?1 - 1 AND op = 'remove' AND phase = 'intent')",
            )?;
            numbers.iter().try_for_each(|number| withdrawn.execute([number]).map(drop))
        })
    }

    /// Steps of earlier runs that were begun and of which nobody knows how they ended, as kind and key.
    pub fn in_doubt(&self) -> Result<Vec<(String, String)>, Error> {
        let read = || {
            self.db
                .prepare(
                    "SELECT DISTINCT kind, key FROM journal WHERE phase = 'intent' AND run < ? ORDER BY 1, 2",
                )?
                .query_map([self.run], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|error| unusable(&self.path, &error))
    }

    /// Nothing is in doubt any more: the target was read whole, or every object in doubt was sent again.
    pub fn settle_all(&mut self) -> Result<(), Error> {
        let run = self.run;
        self.grouped(|db| {
            db.execute("UPDATE journal SET phase = 'settled' WHERE phase = 'intent' AND run < ?", [run])
                .map(drop)
        })
    }

    /// Destructive steps since then that nobody approved, by kind: objects taken away or made passive, and members taken
    /// out. A step in doubt counts.
    pub fn destructive_since(&self, then: i64) -> Result<BTreeMap<String, Destroyed>, Error> {
        let read = || {
            let mut all = BTreeMap::<String, Destroyed>::new();
            let mut statement = self.db.prepare(
                "SELECT kind, op, sum(amount) FROM journal
                 WHERE at >= ? AND (op = 'delete' OR op = 'passivate' OR op = 'remove') AND phase <> 'failed' AND NOT approved
                 GROUP BY kind, op",
            )?;
            let mut rows = statement.query([then])?;
            while let Some(row) = rows.next()? {
                let destroyed = all.entry(row.get(0)?).or_default();
                match row.get::<_, String>(1)?.as_str() {
                    REMOVE => destroyed.members += u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default(),
                    _ => destroyed.objects += u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default(),
                }
            }
            Ok(all)
        };
        read().map_err(|error: rusqlite::Error| unusable(&self.path, &error))
    }
}

/// What was in doubt about the object of the step `number` before its run is in doubt no more.
fn settle(db: &Connection, number: i64) -> rusqlite::Result<()> {
    let mut step = db.prepare_cached("SELECT run, kind, key FROM journal WHERE number = ?")?;
    let (run, kind, key): (i64, String, String) =
        step.query_row([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut doubts = db.prepare_cached(
        "SELECT number FROM journal WHERE phase = 'intent' AND kind = ? AND key = ? AND run < ?",
    )?;
    let doubts: Vec<i64> =
        doubts.query_map(params![kind, key, run], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut settled = db.prepare_cached("UPDATE journal SET phase = 'settled' WHERE number = ?")?;
    doubts.iter().try_for_each(|doubt| settled.execute([doubt]).map(drop))
}

/// How much was destroyed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Destroyed {
    /// Objects taken away or made passive.
    pub objects: u64,
    /// Members taken out of objects.
    pub members: u64,
}
