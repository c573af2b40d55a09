//! Objects on one side only that may be one object all the same: adopted, likely renamed, or in conflict.

use crate::index::Entry;
use crate::judge::{Judge, Tie};
use crate::side::Role;
use crate::{Hash, canonical, pointer};
use muster_base::Error;
use muster_stream::Record;
use std::collections::{BTreeMap, HashSet};

/// An object that one side alone holds under its key.
pub(crate) struct Loose {
    pub(crate) role: Role,
    pub(crate) entry: Entry,
}

/// The two places of an object, and what ties it to others.
pub(crate) type Tied = (Option<Entry>, Option<Entry>, Option<Tie>);

/// What the loose objects come to.
pub(crate) fn resolve(judge: &Judge<'_>, mut loose: Vec<Loose>) -> Result<Vec<Tied>, Error> {
    // Partitions come in any order; ties must not depend on it.
    loose.sort_unstable_by_key(|loose| (loose.role == Role::Current, loose.entry.place().line));
    let mut tied = Vec::new();
    let options = judge.options;
    if let Some(by) = &options.adopt_by {
        loose = adopt(judge, loose, by, &mut tied)?;
    }
    if let Some(by) = &options.match_by {
        loose = rename(judge, loose, by, &mut tied)?;
    }
    tied.extend(loose.into_iter().map(|loose| loose.tied(None)));
    Ok(tied)
}

impl Loose {
    fn tied(self, tie: Option<Tie>) -> Tied {
        match self.role {
            Role::Desired => (Some(self.entry), None, tie),
            Role::Current => (None, Some(self.entry), tie),
        }
    }
}

/// Which of the loose objects have the same value: on the desired side, on the current side.
type Groups = BTreeMap<Hash, (Vec<usize>, Vec<usize>)>;

fn groups(judge: &Judge<'_>, loose: &[Loose], by: &str) -> Result<Groups, Error> {
    let mut groups = Groups::new();
    for (index, Loose { role, entry }) in loose.iter().enumerate() {
        let Some(value) = judge.record(*role, entry.place())?.and_then(|record| value(&record, by)) else {
            continue;
        };
        let group = groups.entry(value).or_default();
        if *role == Role::Desired { group.0.push(index) } else { group.1.push(index) }
    }
    groups.retain(|_, (desired, current)| !desired.is_empty() && !current.is_empty());
    Ok(groups)
}

/// The hash of a record's kind and of its text or number at `by`; nothing where there is none.
fn value(record: &Record, by: &str) -> Option<Hash> {
    let value = pointer::find(record.map(), by)?;
    let is_name = value.is_number() || value.as_str().is_some_and(|text| !text.is_empty());
    let is_unknown = record.unknown().any(|unknown| pointer::is_within(by, unknown));
    let text = || String::from_utf8_lossy(&canonical::part(value, by, &HashSet::new())).into_owned();
    (is_name && !is_unknown).then(|| crate::index::id(record.kind(), &text()))
}

fn key(judge: &Judge<'_>, loose: &Loose) -> Result<String, Error> {
    let record = judge.record(loose.role, loose.entry.place())?;
    Ok(record.map(|record| record.key().to_owned()).unwrap_or_default())
}

fn keys(judge: &Judge<'_>, loose: &[Loose], of: &[usize]) -> Result<Vec<String>, Error> {
    of.iter().map(|index| key(judge, &loose[*index])).collect()
}

fn adopt(judge: &Judge<'_>, loose: Vec<Loose>, by: &str, tied: &mut Vec<Tied>) -> Result<Vec<Loose>, Error> {
    let mut used = HashSet::new();
    for (desired, current) in groups(judge, &loose, by)?.into_values() {
        used.extend(desired.iter().chain(&current).copied());
        if let ([one], [other]) = (desired.as_slice(), current.as_slice()) {
            let tie = Tie::Adopts { by: by.to_owned() };
            tied.push((Some(loose[*one].entry), Some(loose[*other].entry), Some(tie)));
            continue;
        }
        let names = [keys(judge, &loose, &current)?, keys(judge, &loose, &desired)?];
        for (of, others) in [&desired, &current].into_iter().zip(names) {
            for index in of {
                let Loose { role, entry } = &loose[*index];
                let tie = Tie::Conflict { by: by.to_owned(), others: others.clone() };
                tied.push(Loose { role: *role, entry: *entry }.tied(Some(tie)));
            }
        }
    }
    Ok(without(loose, &used))
}

fn rename(judge: &Judge<'_>, loose: Vec<Loose>, by: &str, tied: &mut Vec<Tied>) -> Result<Vec<Loose>, Error> {
    let mut used = HashSet::new();
    for (desired, current) in groups(judge, &loose, by)?.into_values() {
        let ([one], [other]) = (desired.as_slice(), current.as_slice()) else { continue };
        for (index, other) in [(*one, *other), (*other, *one)] {
            let tie = Tie::Rename { other: key(judge, &loose[other])?, by: by.to_owned() };
            let Loose { role, entry } = &loose[index];
            tied.push(Loose { role: *role, entry: *entry }.tied(Some(tie)));
            used.insert(index);
        }
    }
    Ok(without(loose, &used))
}

fn without(loose: Vec<Loose>, used: &HashSet<usize>) -> Vec<Loose> {
    loose.into_iter().enumerate().filter(|(index, _)| !used.contains(index)).map(|(_, loose)| loose).collect()
}
