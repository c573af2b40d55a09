//! What the guard says: fit to be understood at three in the morning, without the manual.

use super::Verdict;
use super::approval::{APPROVABLE, shown};
use crate::plan::{Object, Plan};
use crate::resolve::Known;
use crate::spool::Entry;
use crate::{Action, Row, Work, ledger};
use muster_base::{Error, text};
use muster_changes::text::{Style, Text};
use muster_changes::{Counts, Summary, thousands};
use muster_stream::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// So many objects of a kind are shown.
const SHOWN: usize = 40;
/// So many are looked at to say whether names are missing.
const LOOKED_AT: usize = 200;
const STYLE: Style = Style { width: 100, colours: false };

/// What a person reads when the guard stopped a run: why, the plan, and how it is approved.
pub(crate) struct Refusal<'a, 'k> {
    pub(crate) verdict: &'a Verdict,
    pub(crate) plan: &'a Plan,
    pub(crate) known: &'a Known<'k>,
    /// The command that was run.
    pub(crate) command: &'a str,
    /// Whether it was one that sends nothing anyway.
    pub(crate) is_dry: bool,
    /// What the target calls an object, by kind and key, as far as it was read.
    pub(crate) name: &'a dyn Fn(&str, &str) -> Option<String>,
    /// The command that lists the objects of the target.
    pub(crate) lister: Option<&'a str>,
}

impl Refusal<'_, '_> {
    /// All of it.
    pub(crate) fn text(&self) -> Result<String, Error> {
        let mut out = match self.is_dry {
            true => {
                "A run would be refused: it would destroy or change more than it may without being asked:\n"
            }
            false => {
                "NOTHING WAS SENT. This run would destroy or change more than it may without being asked:\n"
            }
        }
        .to_owned();
        for reason in &self.verdict.reasons {
            let _ = writeln!(out, "  {}", text::one_line(reason));
        }
        if let Some(why) = &self.verdict.no_approval {
            let _ = writeln!(out, "The --approve that was given does not help: {why}.");
        }
        match self.drawn()? {
            drawn if drawn.is_empty() => {
                out += "\nIt would take nothing away yet. But so little looks like a read that went wrong.\n";
            }
            drawn => {
                let _ = write!(out, "\nWhat it would do:\n{drawn}");
            }
        }
        out += &self.nameless();
        let until = ledger::time(ledger::now() + APPROVABLE);
        let (command, approval) = (self.command, shown(&self.verdict.approval));
        let _ = write!(
            out,
            "\nIs this a mistake? Nothing is lost. When the source is right again, the next run goes on as if this had never \
             been.\nIs this what shall happen? Then run the same once more, by {until}, and let just this, or a part of it, \
             pass once:\n  {command} --approve {approval}"
        );
        Ok(out)
    }

    /// Where names are to be found, where they are not known.
    fn nameless(&self) -> String {
        let mut sources = BTreeSet::new();
        let mut is_any = false;
        for step in self.plan.steps().filter(|step| step.work == Work::Remove).take(LOOKED_AT) {
            let entry = &self.known.spool.entries[step.entry];
            if self.name_of(step.entry, entry).is_none() && entry.line == 0 {
                is_any = true;
                let from = self.row(entry).and_then(|row| row.origin.from.as_ref());
                sources.extend(from.map(|(kind, _)| text::one_line(kind)));
            }
        }
        if !is_any {
            return String::new();
        }
        let sources: Vec<String> = sources.into_iter().collect();
        let kinds = if sources.is_empty() { String::new() } else { format!(" ({})", sources.join(", ")) };
        let target = self.lister.map(|lister| format!(", or at the target: {lister} | grep KEY"));
        let target = target.unwrap_or_default();
        format!("\nThe ledger keeps no names. Look keys up where they come from{kinds}{target}\n")
    }

    fn row(&self, entry: &Entry) -> Option<&Row> {
        self.known.owned.find(&entry.kind, &entry.key)
    }

    /// What the target calls an object, as far as that is known.
    fn name_of(&self, index: usize, entry: &Entry) -> Option<String> {
        let held = self.known.matches.get(index).and_then(|found| found.held.clone());
        let held = held.or_else(|| self.known.seen.find(&entry.kind, None, &entry.key));
        let name = held.map(|held| held.name.clone()).or_else(|| (self.name)(&entry.kind, &entry.key));
        name.filter(|name| !name.is_empty())
    }

    /// The plan as `diff --format text` shows it: first what is taken away.
    fn drawn(&self) -> Result<String, Error> {
        let (plan, known) = (self.plan, self.known);
        let mut summary = Summary::default();
        let mut kinds = BTreeMap::<&str, Vec<(usize, &'static str)>>::new();
        for step in plan.steps().filter(|step| step.work == Work::Remove) {
            let kind = known.spool.entries[step.entry].kind.as_str();
            kinds.entry(kind).or_default().push((step.entry, step.action.name()));
            let counts = summary.kinds.entry(kind.to_owned()).or_default();
            counts.delete += 1;
            counts.passive += u64::from(step.action == Action::Passivate);
        }
        let mut objects: Vec<(&usize, &Object)> =
            plan.objects.iter().filter(|(_, one)| one.origin.is_some()).collect();
        objects
            .sort_unstable_by_key(|(entry, object)| (!object.clears && object.taken_out.is_empty(), **entry));
        for (entry, object) in objects {
            let counts: &mut Counts =
                summary.kinds.entry(known.spool.entries[*entry].kind.clone()).or_default();
            match object.action {
                Action::Create => counts.create += 1,
                _ => counts.update += 1,
            }
            if object.is_change || !object.taken_out.is_empty() {
                kinds
                    .entry(known.spool.entries[*entry].kind.as_str())
                    .or_default()
                    .push((*entry, object.action.name()));
            }
        }
        let (mut out, mut text) = (String::new(), Text::new(STYLE));
        for entries in kinds.into_values() {
            for (entry, op) in entries.iter().take(SHOWN) {
                out += &text.change(&self.change(*entry, op)?, &summary);
            }
            if entries.len() > SHOWN {
                let more = thousands((entries.len() - SHOWN) as u64);
                let _ = writeln!(out, "  … and {more} more; --dry-run shows every request");
            }
        }
        Ok(out)
    }

    /// An object as a change line: of what the ledger keeps no value is known.
    fn change(&self, index: usize, op: &str) -> Result<Map, Error> {
        let entry = &self.known.spool.entries[index];
        let mut map = Map::new();
        map.insert("_op".to_owned(), op.into());
        map.insert("_kind".to_owned(), entry.kind.as_str().into());
        map.insert("_key".to_owned(), entry.key.as_str().into());
        map.insert("before".to_owned(), Value::Object(self.known_before(index, entry)?));
        let object = self.plan.objects.get(&index);
        let taken_out = object.map(|object| object.taken_out.as_slice()).unwrap_or_default();
        if !taken_out.is_empty() {
            let out: Vec<Value> = self.members(taken_out).into_iter().map(Value::from).collect();
            if let Some(Value::Object(before)) = map.get_mut("before") {
                before.insert("members".to_owned(), out.into());
            }
            map.insert("after".to_owned(), serde_json::json!({ "members": [] }));
            map.insert("changed".to_owned(), serde_json::json!(["/members"]));
        }
        Ok(map)
    }

    /// The first of the members that are taken out, by name where that is known.
    fn members(&self, taken_out: &[String]) -> Vec<String> {
        let name = |id: &String| self.known.seen.name_of(id).unwrap_or(id).to_owned();
        let mut names: Vec<String> = taken_out.iter().take(SHOWN).map(name).collect();
        if taken_out.len() > SHOWN {
            names.push(format!("… and {} more", thousands((taken_out.len() - SHOWN) as u64)));
        }
        names
    }

    /// What names the object for a person: from its line, or from the target's reading.
    fn known_before(&self, index: usize, entry: &Entry) -> Result<Map, Error> {
        if let Some(record) = self.known.spool.record(entry)? {
            let mut members: Map =
                record.members().map(|(name, value)| (name.to_owned(), value.clone())).collect();
            // A name that stands one level deeper, as a person's does, is a name all the same.
            let inner = members.values().find_map(|value| {
                let inner = value.as_object()?.iter().find(|(name, _)| name.eq_ignore_ascii_case("name"))?;
                inner.1.as_str().map(str::to_owned)
            });
            if !members.keys().any(|name| name.eq_ignore_ascii_case("name")) {
                members.extend(inner.map(|inner| ("name".to_owned(), Value::from(inner))));
            }
            return Ok(members);
        }
        let from = || {
            let (kind, key) = self.row(entry)?.origin.from.as_ref()?;
            (*key != entry.key).then(|| format!("(from {kind} {key})"))
        };
        let name = self.name_of(index, entry).or_else(from);
        Ok(name.map(|name| ("name".to_owned(), name.into())).into_iter().collect())
    }
}
