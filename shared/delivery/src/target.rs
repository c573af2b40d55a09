//! What a target states about itself, and how one step becomes requests.

use crate::{
    Comparison, Facts, Held, Holdings, OnMissing, Outcome, Phase, Possession, Reference, Request, Task, Work,
};
use muster_base::{Error, Exit};
use muster_changes::Rules;
use muster_stream::{Form, Map, Record};
use std::future::Future;

/// A remote system that is written to.
///
/// Calls come in this order: [`recall`](Target::recall) once, [`read`](Target::read) where the target is compared by
/// state or foreign objects are asked for, [`survey`](Target::survey) for every record, [`check`](Target::check),
/// [`references`](Target::references), [`find`](Target::find) and [`work`](Target::work) for every record, then
/// [`apply`](Target::apply) side by side (or [`describe`](Target::describe) when nothing is to be sent).
///
/// A target that takes whole objects by their key, over and over, states its identity, phases, checks, references, and
/// how a task becomes requests; all else has a sensible default.
pub trait Target {
    /// Which system this is: address and tenant. A ledger belongs to one identity.
    fn identity(&self) -> String;

    /// In which order the kinds are written and taken away. A kind that no phase names is refused.
    fn phases(&self) -> &'static [Phase];

    /// How it is known what changed.
    fn comparison(&self) -> Comparison {
        Comparison::ByLedger
    }

    /// `key` as the target writes it, or why it can be none.
    fn key(&self, kind: &str, key: &str) -> Result<String, String> {
        let _ = kind;
        Ok(key.to_owned())
    }

    /// Take up what was remembered in the ledger.
    fn recall(&mut self, facts: &Facts) {
        let _ = facts;
    }

    /// All that the target holds, and whether that is all.
    fn read(&mut self) -> impl Future<Output = Result<Holdings, Error>> {
        let what = format!("{} cannot be listed", self.identity());
        async move { Err(Error::new(Exit::Usage, what).hint("leave --foreign out")) }
    }

    /// Look at a record of a stream of this form before the first is checked, for rules about all of them.
    fn survey(&mut self, record: &Record, form: Form) {
        let _ = (record, form);
    }

    /// What is to be remembered in the ledger.
    fn facts(&self) -> Facts {
        Facts::new()
    }

    /// Why the target would not take a record. Asked before the first request.
    fn check(&self, record: &Record) -> Result<(), String>;

    /// Why an object must never be taken away, if so. What [`Held::protected`] says counts as well.
    fn protects(&self, kind: &str, key: &str) -> Option<String> {
        let _ = (kind, key);
        None
    }

    /// The objects that a record names, keys as [`Target::key`] writes them; an `_alias` may stand for a key.
    fn references(&self, record: &Record) -> Vec<Reference> {
        let _ = record;
        Vec::new()
    }

    /// What becomes of an owned object of `kind` that is missing, when nobody says otherwise.
    fn on_missing(&self, kind: &str) -> OnMissing {
        let _ = kind;
        OnMissing::Keep
    }

    /// Why the object of `task` is sent although its record says what was accepted, if so: the target lost it, or it is to
    /// be repaired. By ledger only.
    fn again(&self, task: &Task) -> Option<String> {
        let _ = task;
        None
    }

    /// Whether an object of `kind` of which the ledger knows nothing must be looked for before it is made: its create is
    /// not an upsert by our key.
    fn looks_up(&self, kind: &str) -> bool {
        let _ = kind;
        false
    }

    /// The objects of the target that a record may mean: those of the first tier (id, reference, secondary key in
    /// canonical form) that has any. One is adopted, of several none.
    fn find(&self, record: &Record) -> impl Future<Output = Result<Vec<Held>, Error>> {
        let _ = record;
        async { Ok(Vec::new()) }
    }

    /// Take up what this pipeline brought, and what becomes of it. Told once, before the first [`Target::work`].
    fn possess(&mut self, possessions: Vec<Possession>) {
        let _ = possessions;
    }

    /// Which of its upsert phases have something to do so that the target has what `task` wants; none when it has. Its
    /// [`Task::work`] says nothing yet.
    ///
    /// By ledger it is asked only of records that differ from what was accepted. The default: the phase of
    /// [`Work::Upsert`], by state only where a member of the record differs from the held one.
    fn work(&self, task: &Task) -> Vec<Work> {
        let (Some(held), Some(record)) = (&task.held, &task.record) else { return vec![Work::Upsert] };
        let current = Record::new(&task.kind, &task.key, held.members.clone());
        match held.is_active && Rules::default().changed(record, &current).is_empty() {
            true => Vec::new(),
            false => vec![Work::Upsert],
        }
    }

    /// The members that a task takes out of its object (people out of a team), a name each. The guard counts them.
    fn takes_out(&self, task: &Task) -> Vec<String> {
        let _ = task;
        Vec::new()
    }

    /// Whether a task may be carried out twice to the same end. The intent of one that may not is on the disk before it
    /// is sent; when nobody knows how it ended, the object is looked for ([`Target::find`]).
    fn repeats(&self, task: &Task) -> bool {
        let _ = task;
        true
    }

    /// What people call an object, as far as it was read before the run. Asked of what is to be taken away, for whoever has
    /// to say whether it may.
    fn name(&self, kind: &str, key: &str) -> Option<String> {
        let _ = (kind, key);
        None
    }

    /// The command that lists the target's objects with their names, where there is one.
    fn lister(&self) -> Option<&'static str> {
        None
    }

    /// What an object says before `task` changes it or takes it away, asked when that is to be kept and nothing else tells:
    /// nothing when the target has none, or cannot be asked. The outcome of the task where the answer is no answer.
    fn before(&self, task: &Task) -> impl Future<Output = Result<Result<Option<Map>, Outcome>, Error>> {
        let _ = task;
        async { Ok(Ok(None)) }
    }

    /// Carry a task out. An error ends the run; what concerns only this object is an [`Outcome`].
    fn apply(&self, task: &Task) -> impl Future<Output = Result<Outcome, Error>>;

    /// The requests that [`Target::apply`] would send.
    fn describe(&self, task: &Task) -> Result<Vec<Request>, Error>;
}
