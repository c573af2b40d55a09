//! What lets a refused plan pass: once, within a day.
//!
//! An approval names one refusal, not a plan: its first half is when that was, in milliseconds since 1970, the rest a hash
//! of that and of the plan's digest. So the one that was used never lets anything pass again, even when the same plan is
//! refused every night. The ledger keeps the steps of refused plans, so that a part of one passes as well. Where nothing
//! was kept (without a ledger, after a dry run) it is good for that very plan.

use super::Needed;
use crate::{Ledger, ledger};
use muster_base::Error;
use muster_changes::counted;

/// How long a refused plan can be approved, in seconds.
pub(crate) const APPROVABLE: i64 = ledger::APPROVABLE;
/// Digits of the time.
const TIME: usize = 12;
/// Digits of all.
const DIGITS: usize = 32;

/// The approval of the plan that needs this, refused at `now` (milliseconds since 1970).
pub(super) fn new(needed: &Needed, now: i64) -> String {
    let time = format!("{:0TIME$x}", now.max(0));
    let hash = blake3::hash(format!("{time} {}", needed.digest()).as_bytes()).to_hex();
    format!("{time}{}", &hash[..DIGITS - TIME])
}

/// An approval as a person is told it: in the form of a UUID, which no log takes for a CPR number.
pub(crate) fn shown(approval: &str) -> String {
    let part = |range| approval.get(range).unwrap_or_default();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..approval.len().max(20))].join("-")
}

/// Why the plan that needs this is not one that `approval` lets pass, if so.
pub(super) fn denied(
    approval: &str,
    needed: &Needed,
    ledger: Option<&Ledger>,
) -> Result<Option<String>, Error> {
    let Some(kept) = ledger.map(|ledger| ledger.approval(approval)).transpose()?.flatten() else {
        return Ok(denied_by_itself(approval, needed, ledger::now()));
    };
    if let Some(used) = kept.used {
        return Ok(Some(format!("it let the run of {} pass, and is used up by that", ledger::time(used))));
    }
    if kept.is_late {
        return Ok(Some(LATE.to_owned()));
    }
    Ok(match needed.beyond(&kept.steps) {
        0 => None,
        more => Some(format!(
            "{} of this plan not in the one that it is for",
            counted(more, "step is", "steps are")
        )),
    })
}

const LATE: &str = "what it is for was refused more than 24 hours ago";

/// The same, as far as the approval itself tells.
fn denied_by_itself(approval: &str, needed: &Needed, now: i64) -> Option<String> {
    if approval == needed.digest() {
        return Some("it is the digest of the plan; a refusal says what approves it".to_owned());
    }
    let made = approval.get(..TIME).and_then(|time| i64::from_str_radix(time, 16).ok()).unwrap_or_default();
    match approval == new(needed, made) {
        true if now - made / 1000 > APPROVABLE => Some(LATE.to_owned()),
        true => None,
        false => Some("no refusal of this plan gave it".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEN: i64 = 1_790_000_000_000;

    #[test]
    fn an_approval_is_that_of_one_refusal_of_one_plan() {
        let (needed, other) = (Needed::of(&["a", "b"]), Needed::of(&["a"]));
        let approval = new(&needed, THEN);
        assert_eq!(approval.len(), DIGITS);
        assert_ne!(approval, new(&needed, THEN + 1));
        assert_eq!(denied_by_itself(&approval, &needed, THEN / 1000 + APPROVABLE), None);
        let why = |approval: &str, needed: &Needed, now| denied_by_itself(approval, needed, now).unwrap();
        assert_eq!(why(&approval, &needed, THEN / 1000 + APPROVABLE + 1), LATE);
        assert_eq!(why(&approval, &other, THEN / 1000), "no refusal of this plan gave it");
        assert!(why(&needed.digest(), &needed, THEN / 1000).contains("the digest of the plan"));
        for nonsense in ["", "æøå", "0", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"] {
            assert_eq!(why(nonsense, &needed, THEN / 1000), "no refusal of this plan gave it");
        }
    }

    #[test]
    fn it_is_shown_as_a_uuid() {
        assert_eq!(shown(&"0123456789".repeat(4)[..DIGITS]), "01234567-8901-2345-6789-012345678901");
    }
}
