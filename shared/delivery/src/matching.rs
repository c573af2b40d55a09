//! Which object of the ledger and of the target each line means.
//!
//! By key first. What the ledger does not know is looked for at the target before it is made, by the target's tiers: one
//! hit is adopted, of several none. One target id has one row: when its old key is missing, the row moves to the new one.

use crate::owned::Owned;
use crate::spool::{Entry, Spool};
use crate::{Action, Comparison, Held, Holdings, State, Target, Task, Work};
use futures::{StreamExt, TryStreamExt, stream};
use muster_base::Error;
use muster_stream::Op;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What a line means.
#[derive(Clone, Default)]
pub(crate) struct Match {
    /// What the target calls it, where that is known.
    pub(crate) id: Option<String>,
    /// The object as the target holds it.
    pub(crate) held: Option<Arc<Held>>,
    /// Whether the target has it, for all that is known.
    pub(crate) is_there: bool,
    /// Whether it was found at the target, and the ledger did not know it.
    pub(crate) is_adopted: bool,
    /// The key that its row had.
    pub(crate) rekeyed: Option<String>,
    /// Why nobody can tell which object it means.
    pub(crate) doubt: Option<String>,
}

/// What the target holds, by its names.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) objects: Vec<Arc<Held>>,
    pub(crate) doubt: Option<String>,
    kinds: Vec<&'static str>,
    by_id: HashMap<(&'static str, String), usize>,
    by_key: HashMap<(&'static str, String), usize>,
}

impl Seen {
    pub(crate) fn of(holdings: Holdings) -> Self {
        let objects: Vec<Arc<Held>> = holdings.objects.into_iter().map(Arc::new).collect();
        let named = |name: &dyn Fn(&Held) -> String| {
            let names = objects.iter().enumerate().map(|(index, held)| ((held.kind, name(held)), index));
            names.filter(|((_, name), _)| !name.is_empty()).collect()
        };
        let (by_id, by_key) = (named(&|held| held.id().to_owned()), named(&|held| held.key.clone()));
        let mut kinds: Vec<&'static str> = Vec::new();
        for held in &objects {
            if !kinds.contains(&held.kind) {
                kinds.push(held.kind);
            }
        }
        Self { kinds, doubt: holdings.doubt, by_id, by_key, objects }
    }

    fn get(&self, index: Option<&usize>) -> Option<Arc<Held>> {
        index.map(|index| Arc::clone(&self.objects[*index]))
    }

    /// What people call the object that the target calls so, of whichever kind it is.
    pub(crate) fn name_of(&self, id: &str) -> Option<&str> {
        let found = self.kinds.iter().find_map(|kind| self.by_id.get(&(*kind, id.to_owned())))?;
        Some(self.objects[*found].name.as_str()).filter(|name| !name.is_empty())
    }

    /// The object that the target calls so, else the one that carries the key.
    pub(crate) fn find(&self, kind: &str, id: Option<&str>, key: &str) -> Option<Arc<Held>> {
        let kind = *self.kinds.iter().find(|known| **known == kind)?;
        let by_id = id.and_then(|id| self.by_id.get(&(kind, id.to_owned())));
        match id {
            Some(_) => self.get(by_id),
            None => self.get(self.by_key.get(&(kind, key.to_owned()))),
        }
    }
}

/// Matches lines.
pub(crate) struct Matcher<'a, T> {
    pub(crate) target: &'a T,
    pub(crate) spool: &'a Spool,
    pub(crate) seen: &'a Seen,
    /// Rows that are missing in this run.
    pub(crate) missing: &'a HashSet<usize>,
    pub(crate) parallel: usize,
}

impl<T: Target> Matcher<'_, T> {
    /// What every line means, by its index. Rows move to the keys that took their ids over.
    pub(crate) async fn all(&self, owned: &mut Owned) -> Result<Vec<Match>, Error> {
        let entries = self.spool.entries.iter().enumerate();
        let mut matches: Vec<Match> = entries.clone().map(|(_, entry)| self.by_name(entry, owned)).collect();
        let wanted = entries.filter(|(index, entry)| {
            let upsert = matches!(entry.op, None | Some(Op::Create | Op::Update));
            upsert && entry.flaw.is_none() && !matches[*index].is_there && self.must_look(entry, owned)
        });
        let found: Vec<(usize, Vec<Held>)> = stream::iter(wanted)
            .map(|(index, entry)| self.look_up(index, entry))
            .buffer_unordered(self.parallel.max(1))
            .try_collect()
            .await?;
        self.adopt(found, owned, &mut matches);
        Ok(matches)
    }

    pub(crate) fn by_name(&self, entry: &Entry, owned: &Owned) -> Match {
        let row = owned.find(&entry.kind, &entry.key);
        let id = row.and_then(|row| row.id.clone());
        let held = self.seen.find(&entry.kind, id.as_deref(), &entry.key);
        let is_known = row.is_some_and(|row| row.state.is_there());
        // By state, the reading decides whether it is there.
        let by_state = self.target.comparison() == Comparison::ByState;
        let takes_key = !self.target.looks_up(&entry.kind);
        match by_state {
            true => {
                let held = held.filter(|_| is_known || takes_key);
                let id = held.as_ref().map(|held| held.id().to_owned());
                Match {
                    is_there: held.is_some(),
                    is_adopted: held.is_some() && !is_known,
                    id,
                    held,
                    ..Match::default()
                }
            }
            false => Match { is_there: is_known, id, held, ..Match::default() },
        }
    }

    /// Whether an object that is not known to be there must be looked for: always, or because a create that must not be
    /// repeated may have been done.
    fn must_look(&self, entry: &Entry, owned: &Owned) -> bool {
        let is_pending =
            || owned.find(&entry.kind, &entry.key).is_some_and(|row| row.state == State::Pending);
        let create =
            || Task { work: self.first(&entry.kind), ..Task::new(Action::Create, &entry.kind, &entry.key) };
        self.target.looks_up(&entry.kind) || is_pending() && !self.target.repeats(&create())
    }

    /// The step that makes an object of `kind`.
    fn first(&self, kind: &str) -> Work {
        let phases =
            self.target.phases().iter().filter(|phase| phase.kind == kind && phase.work != Work::Remove);
        phases.map(|phase| phase.work).next().unwrap_or_default()
    }

    async fn look_up(&self, index: usize, entry: &Entry) -> Result<(usize, Vec<Held>), Error> {
        match self.spool.record(entry)? {
            Some(record) if self.target.check(&record).is_ok() => {
                Ok((index, self.target.find(&record).await?))
            }
            _ => Ok((index, Vec::new())),
        }
    }

    fn adopt(&self, mut found: Vec<(usize, Vec<Held>)>, owned: &mut Owned, matches: &mut [Match]) {
        found.sort_by_key(|(index, _)| *index);
        let mut wanted = HashMap::<(&str, String), usize>::new();
        for (_, hits) in found.iter().filter(|(_, hits)| hits.len() == 1) {
            *wanted.entry((hits[0].kind, hits[0].id().to_owned())).or_default() += 1;
        }
        for (index, hits) in found {
            let entry = &self.spool.entries[index];
            let count = hits.len();
            let Some(hit) = hits.into_iter().next() else { continue };
            let claims = wanted.get(&(hit.kind, hit.id().to_owned())).copied().unwrap_or(1);
            matches[index] = match (count, claims) {
                (1, 1) => self.take(entry, hit, owned),
                (1, _) => doubted(format!("several records mean {} of the target", named(&hit))),
                _ => doubted(format!("{count} objects of the target may be it; none is adopted")),
            };
        }
    }

    /// Adopt `hit`, unless it is another's.
    fn take(&self, entry: &Entry, hit: Held, owned: &mut Owned) -> Match {
        let owner = owned.with_id(hit.kind, hit.id()).filter(|row| row.state != State::Deleted);
        let mut rekeyed = None;
        if let Some(owner) = owner.filter(|owner| owner.key != entry.key) {
            let position = owned.position(&owner.kind, &owner.key).filter(|row| self.missing.contains(row));
            let Some(position) = position else {
                return doubted(format!("{} of the target is {} {}", named(&hit), owner.kind, owner.key));
            };
            rekeyed = Some(owner.key.clone());
            owned.rekey(position, &entry.key);
        }
        let id = hit.id().to_owned();
        let held = self.seen.find(&entry.kind, Some(&id), "").unwrap_or_else(|| Arc::new(hit));
        Match {
            is_adopted: rekeyed.is_none(),
            is_there: true,
            id: Some(id),
            held: Some(held),
            rekeyed,
            doubt: None,
        }
    }
}

fn doubted(why: String) -> Match {
    Match { doubt: Some(why), ..Match::default() }
}

fn named(held: &Held) -> String {
    format!("{} {}", held.kind, held.id())
}
