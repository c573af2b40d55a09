//! What the guard says: fit to be understood at three in the morning, without the manual.

use super::Verdict;
use crate::plan::{Object, Plan};
use crate::resolve::Known;
use crate::spool::Entry;
use crate::{Action, Work};
use muster_base::{Error, text};
use muster_changes::text::{Style, Text};
use muster_changes::{Counts, Summary, thousands};
use muster_stream::{Map, Value};
use std::collections::BTreeMap;
use std::fmt::Write;

/// So many objects of a kind are shown.
const SHOWN: usize = 40;
const STYLE: Style = Style { width: 100, colours: false };

/// What a person reads when the guard stopped a run: why, the plan, and how it is approved. `command` is the command that
/// was run.
pub(crate) fn refusal(
    verdict: &Verdict,
    plan: &Plan,
    known: &Known<'_>,
    command: &str,
) -> Result<String, Error> {
    let mut out =
        "NOTHING WAS SENT. This run would destroy or change more than it may without being asked:\n"
            .to_owned();
    for reason in &verdict.reasons {
        let _ = writeln!(out, "  {}", text::one_line(reason));
    }
    let _ = writeln!(out, "\nWhat it would do:");
    out += &drawn(plan, known)?;
    let digest = verdict.needed.shown();
    if let Some(why) = &verdict.no_approval {
        let _ = writeln!(out, "\n--approve did not help: {why}.");
    }
    let _ = write!(
        out,
        "\nIs this what shall happen? Then run the same once more, within 24 hours, and let exactly this pass:\n  \
         {command} --approve {digest}\n\
         If it is not: nothing is lost. Look at what the source gave; the next run asks again."
    );
    Ok(out)
}

/// The plan as `diff --format text` shows it: first what is taken away.
fn drawn(plan: &Plan, known: &Known<'_>) -> Result<String, Error> {
    let mut summary = Summary::default();
    let mut kinds = BTreeMap::<&str, Vec<(usize, &'static str)>>::new();
    for step in plan.steps().filter(|step| step.work == Work::Remove) {
        let kind = known.spool.entries[step.entry].kind.as_str();
        kinds.entry(kind).or_default().push((step.entry, step.action.name()));
        summary.kinds.entry(kind.to_owned()).or_default().delete += 1;
    }
    let mut objects: Vec<(&usize, &Object)> =
        plan.objects.iter().filter(|(_, one)| one.origin.is_some()).collect();
    objects.sort_unstable_by_key(|(entry, object)| (!object.clears && object.taken_out.is_empty(), **entry));
    for (entry, object) in objects {
        let counts: &mut Counts = summary.kinds.entry(known.spool.entries[*entry].kind.clone()).or_default();
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
            out += &text.change(&change(known, *entry, op, plan)?, &summary);
        }
        if entries.len() > SHOWN {
            let more = thousands((entries.len() - SHOWN) as u64);
            let _ = writeln!(out, "  … and {more} more; --dry-run shows every request");
        }
    }
    Ok(out)
}

/// An object as a change line: of what the ledger keeps no value is known.
fn change(known: &Known<'_>, index: usize, op: &str, plan: &Plan) -> Result<Map, Error> {
    let entry = &known.spool.entries[index];
    let mut map = Map::new();
    map.insert("_op".to_owned(), op.into());
    map.insert("_kind".to_owned(), entry.kind.as_str().into());
    map.insert("_key".to_owned(), entry.key.as_str().into());
    map.insert("before".to_owned(), Value::Object(known_before(known, index, entry)?));
    let object = plan.objects.get(&index);
    let taken_out = object.map(|object| object.taken_out.as_slice()).unwrap_or_default();
    if !taken_out.is_empty() {
        let out: Vec<Value> = taken_out.iter().map(|member| Value::from(member.as_str())).collect();
        if let Some(Value::Object(before)) = map.get_mut("before") {
            before.insert("members".to_owned(), out.into());
        }
        map.insert("after".to_owned(), serde_json::json!({ "members": [] }));
        map.insert("changed".to_owned(), serde_json::json!(["/members"]));
    }
    Ok(map)
}

/// What names the object for a person: from its line, or from the target's reading.
fn known_before(known: &Known<'_>, index: usize, entry: &Entry) -> Result<Map, Error> {
    if let Some(record) = known.spool.record(entry)? {
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
    let held = known.matches.get(index).and_then(|found| found.held.as_ref());
    let name = held.map(|held| held.name.as_str()).filter(|name| !name.is_empty());
    Ok(name.map(|name| ("name".to_owned(), name.into())).into_iter().collect())
}
