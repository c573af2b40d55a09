//! What a run did, in one block that a person reads at its end.

use crate::spool::Entry;
use crate::{Action, Outcome, Status};
use muster_base::{Error, Exit};
use muster_changes::counted;
use muster_stream::Value;
use std::collections::BTreeMap;
use std::fmt;

/// The counts of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines of the input.
    pub found: u64,
    /// Objects made: nothing of them was accepted before.
    pub created: u64,
    /// Objects changed.
    pub updated: u64,
    /// Objects that were as they should be; nothing was sent.
    pub unchanged: u64,
    /// Objects taken away.
    pub deleted: u64,
    /// Objects made passive.
    pub passivated: u64,
    /// Objects of the target that the ledger did not know and now owns.
    pub adopted: u64,
    /// Missing objects that are left until it is time.
    pub held_back: u64,
    /// Objects of which the input does not know what they shall be.
    pub unknown: u64,
    /// Steps not tried, because something that they need failed.
    pub skipped: u64,
    /// Steps that a rule forbids.
    pub blocked: u64,
    /// Objects refused by a check or by the target.
    pub failed: u64,
    /// Objects of the target that this pipeline did not bring.
    pub foreign: u64,
}

impl Counts {
    fn columns(&self) -> [(&'static str, u64); 13] {
        [
            ("found", self.found),
            ("created", self.created),
            ("updated", self.updated),
            ("unchanged", self.unchanged),
            ("deleted", self.deleted),
            ("passivated", self.passivated),
            ("adopted", self.adopted),
            ("held_back", self.held_back),
            ("unknown", self.unknown),
            ("skipped", self.skipped),
            ("blocked", self.blocked),
            ("failed", self.failed),
            ("foreign", self.foreign),
        ]
    }
}

/// These columns are shown only when they count something.
const SHY: [&str; 6] = ["passivated", "adopted", "held_back", "skipped", "blocked", "foreign"];

/// What a run did.
#[derive(Debug)]
pub struct Summary {
    /// By kind.
    pub kinds: BTreeMap<String, Counts>,
    /// Lines of the input that are no lines of the stream.
    pub bad_lines: u64,
    /// Why the input is less than its scopes, if it is.
    pub partial: Option<String>,
    /// The first refusal or failure, in words.
    pub first_failure: Option<String>,
    /// Whether nothing was sent on purpose.
    pub dry_run: bool,
    /// Owned objects of other scopes, which this run says nothing about.
    pub elsewhere: u64,
    /// References that were left out, because there is no such object, by kind of the record.
    pub left_out: BTreeMap<String, u64>,
    /// What a person is to read when the guard refused the plan.
    pub refusal: Option<String>,
    /// What ended the run early.
    pub error: Option<Error>,
    pub(crate) exit: Exit,
}

impl Summary {
    pub(crate) fn new(dry_run: bool) -> Self {
        Self {
            kinds: BTreeMap::new(),
            bad_lines: 0,
            partial: None,
            first_failure: None,
            dry_run,
            elsewhere: 0,
            left_out: BTreeMap::new(),
            refusal: None,
            error: None,
            exit: Exit::Done,
        }
    }

    /// The exit code of the run.
    pub fn exit(&self) -> Exit {
        self.error.as_ref().map_or(self.exit, |error| self.exit.and(error.exit()))
    }

    pub(crate) fn weigh(&mut self, exit: Exit) {
        self.exit = self.exit.and(exit);
    }

    pub(crate) fn kind(&mut self, kind: &str) -> &mut Counts {
        self.kinds.entry(kind.to_owned()).or_default()
    }

    /// Count an object that ended so.
    pub(crate) fn count(&mut self, entry: &Entry, action: Option<Action>, outcome: &Outcome) {
        self.weigh(outcome.exit);
        let counts = self.kind(&entry.kind);
        counts.found += u64::from(entry.line > 0);
        match (outcome.status, action) {
            (Status::Unchanged, _) => counts.unchanged += 1,
            (Status::Skipped, _) => counts.skipped += 1,
            (Status::Blocked, _) => counts.blocked += 1,
            (Status::Failed, _) => counts.failed += 1,
            (_, Some(Action::Create)) => counts.created += 1,
            (_, Some(Action::Update)) => counts.updated += 1,
            (_, Some(Action::Delete)) => counts.deleted += 1,
            (_, Some(Action::Passivate)) => counts.passivated += 1,
            (_, None) => (),
        }
    }

    /// Count the lines of the input, of which nothing came.
    pub(crate) fn count_found(&mut self, entries: &[Entry]) {
        for entry in entries.iter().filter(|entry| entry.line > 0) {
            self.kind(&entry.kind).found += 1;
        }
    }

    /// The counts that are not 0, by kind and column.
    pub(crate) fn by_kind(&self) -> Value {
        let counted = |counts: &Counts| -> Value {
            let all = counts.columns().into_iter().filter(|(_, count)| *count > 0);
            all.map(|(name, count)| (name.to_owned(), Value::from(count))).collect()
        };
        self.kinds.iter().map(|(kind, counts)| (kind.clone(), counted(counts))).collect()
    }

    /// The sum over all kinds, by column name.
    pub(crate) fn totals(&self) -> BTreeMap<&'static str, u64> {
        let mut totals: BTreeMap<_, _> = Counts::default().columns().into_iter().collect();
        for (name, count) in self.kinds.values().flat_map(Counts::columns) {
            *totals.entry(name).or_default() += count;
        }
        totals
    }
}

/// A table: a line a kind, a column a count.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = self.totals();
        let shown = |name: &str| !SHY.contains(&name) || totals.get(name).is_some_and(|count| *count > 0);
        let widest = self.kinds.keys().map(String::len).max().unwrap_or_default().max("dry run".len());
        write!(f, "{:widest$}", if self.dry_run { "dry run" } else { "" })?;
        for (name, _) in Counts::default().columns().into_iter().filter(|(name, _)| shown(name)) {
            write!(f, "  {:>9}", name.replace('_', " "))?;
        }
        let nothing = BTreeMap::from([("nothing".to_owned(), Counts::default())]);
        for (kind, counts) in if self.kinds.is_empty() { &nothing } else { &self.kinds } {
            write!(f, "\n{kind:widest$}")?;
            for (name, count) in counts.columns().into_iter().filter(|(name, _)| shown(name)) {
                write!(f, "  {count:>width$}", width = name.len().max(9))?;
            }
        }
        if self.bad_lines > 0 {
            write!(f, "\n{} of the input could not be read", counted(self.bad_lines, "line", "lines"))?;
        }
        for (kind, count) in &self.left_out {
            let (references, why) = match count {
                1 => ("1 reference".to_owned(), "was left out: there is no such object"),
                _ => (counted(*count, "", "references"), "were left out: there are no such objects"),
            };
            write!(f, "\n{references} of {kind} {why}")?;
        }
        if self.elsewhere > 0 {
            let what = match self.elsewhere {
                1 => "1 object of another scope stays; --accept-scope-change takes it for this scope's"
                    .to_owned(),
                count => format!(
                    "{} of other scopes stay; --accept-scope-change takes them for this scope's",
                    counted(count, "object", "objects")
                ),
            };
            write!(f, "\n{what}")?;
        }
        if let Some(first) = &self.first_failure {
            write!(f, "\nthe first failure: {first}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_with_a_line_for_each_kind() {
        let mut summary = Summary::new(false);
        for _ in 0..3 {
            summary.count(&Entry::named("org_unit"), Some(Action::Create), &Outcome::accepted(200));
        }
        summary.count(&Entry::named("user"), Some(Action::Update), &Outcome::failed(Some(400), "no"));
        summary.kind("user").unknown += 1;
        assert_eq!(
            summary.to_string(),
            "          \
             \x20     found    created    updated  unchanged    deleted    unknown     failed\n\
             org_unit          3          3          0          0          0          0          0\n\
             user              1          0          0          0          0          1          1"
                .replacen("                ", "              ", 1)
        );
        assert_eq!(summary.exit(), Exit::Look);
    }
}
