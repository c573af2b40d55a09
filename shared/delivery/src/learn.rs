//! What the ledger learns before the first request.

use crate::absent::Waiting;
use crate::plan::{Learned, Plan};
use crate::resolve::Known;
use crate::spool::{Cause, Entry};
use crate::{Action, Ledger, Row};
use muster_base::Error;

/// Write down what is known of objects without sending anything.
pub(crate) fn learn(
    ledger: &mut Ledger,
    known: &Known<'_>,
    plan: &Plan,
    entered: &[Row],
    waiting: &[Waiting],
) -> Result<(), Error> {
    for row in entered {
        ledger.adopt(&row.kind, &row.key, row.id.as_deref(), &row.origin)?;
    }
    for (index, found) in known.matches.iter().enumerate() {
        let entry = &known.spool.entries[index];
        if let Some(old) = &found.rekeyed {
            ledger.rekey(&entry.kind, old, &entry.key)?;
        }
        let origin = plan.objects.get(&index).and_then(|object| object.origin.as_ref());
        if let Some(origin) = origin.filter(|_| found.is_adopted) {
            ledger.adopt(&entry.kind, &entry.key, found.id.as_deref(), origin)?;
        }
    }
    for (index, learned) in &plan.learned {
        let Entry { kind, key, .. } = &known.spool.entries[*index];
        match learned {
            Learned::Seen(origin) => ledger.seen(kind, key, origin)?,
            Learned::Adopted(origin) => ledger.adopt(kind, key, known.id(*index).as_deref(), origin)?,
            Learned::Became(state) => ledger.became(kind, key, *state)?,
        }
    }
    for one in waiting {
        ledger.missing(&one.kind, &one.key, one.since, one.runs)?;
    }
    ledger.commit()
}

/// Have the ledger ready for what is about to be sent: whatever hinders it shows before the first request.
pub(crate) fn ready(ledger: &mut Ledger, known: &Known<'_>, plan: &Plan) -> Result<(), Error> {
    if plan.objects.is_empty() {
        return Ok(());
    }
    let objects =
        plan.objects.iter().filter(|(entry, _)| known.spool.entries[**entry].cause != Cause::Foreign);
    ledger.expect(objects.map(|(index, object)| {
        let entry = &known.spool.entries[*index];
        let made = object.origin.as_ref().filter(|_| object.action == Action::Create);
        (entry.kind.as_str(), entry.key.as_str(), made)
    }))?;
    ledger.make_room(plan.steps().count())
}
