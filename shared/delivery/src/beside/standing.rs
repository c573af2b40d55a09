//! How the guard stands: what went within its window, of how much that may, and what waits for approval.

use crate::guard::{self, WINDOW};
use crate::ledger::{Judged, Known, time};
use crate::{Destroyed, Ledger};
use muster_base::Error;
use muster_changes::{Limit, thousands};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How the guard stands.
pub(super) struct Standing {
    /// Why it refused the last run; nothing when it let it pass.
    reasons: Option<Vec<String>>,
    /// What approves the plan that was refused last, and until when.
    approval: Option<(String, i64)>,
    kinds: BTreeMap<String, Used>,
}

/// What of a kind went within the window, and may.
struct Used {
    objects: u64,
    allowed: u64,
    /// Where the limit is from.
    from: String,
    /// Members taken out, and how many may be; nothing where no object has members.
    members: Option<(u64, u64)>,
}

impl Standing {
    pub(super) fn of(
        ledger: &Ledger,
        kinds: &BTreeMap<String, Known>,
        max_deletes: Option<Limit>,
        is_tripped: bool,
        now: i64,
    ) -> Result<Self, Error> {
        let Judged { max_deletes: last, members, reasons } = ledger.judged()?;
        let (limit, past) = (max_deletes.or(last), ledger.destructive_since(now - WINDOW)?);
        let used = |(kind, known): (&String, &Known)| {
            let Destroyed { objects, members: taken_out } = past.get(kind).copied().unwrap_or_default();
            let (allowed, from) = guard::allowed(limit, u64::from(known.active) + u64::from(known.pending));
            let all = members.get(kind).copied().unwrap_or_default();
            let members =
                (all + taken_out > 0).then(|| (taken_out, guard::allowed(limit, all + taken_out).0));
            (kind.clone(), Used { objects, allowed, from, members })
        };
        Ok(Self {
            reasons: is_tripped.then_some(reasons),
            approval: if is_tripped { ledger.refused(now)? } else { None },
            kinds: kinds.iter().map(used).collect(),
        })
    }

    pub(super) fn json(&self) -> Value {
        let kinds = self.kinds.iter().map(|(kind, used)| {
            let members = used.members.map(|(taken_out, allowed)| {
                json!({ "used": taken_out, "allowed": allowed, "left": allowed.saturating_sub(taken_out) })
            });
            let left = used.allowed.saturating_sub(used.objects);
            let said =
                json!({ "used": used.objects, "allowed": used.allowed, "left": left, "members": members });
            (kind.clone(), said)
        });
        json!({
            "tripped": self.reasons.is_some(),
            "reasons": self.reasons.clone().unwrap_or_default(),
            "to_approve": self.approval.as_ref().map(|(approval, until)| {
                json!({ "approval": guard::shown(approval), "until": time(*until) })
            }),
            "deletes_in_7_days": kinds.collect::<serde_json::Map<_, _>>(),
        })
    }

    /// Lines for people.
    pub(super) fn lines(&self) -> Vec<String> {
        let tripped = self.reasons.is_some();
        let mut lines =
            vec![if tripped { "refused the last run" } else { "let the last run pass" }.to_owned()];
        lines.extend(self.reasons.iter().flatten().map(|reason| format!("  {reason}")));
        if let Some((approval, until)) = &self.approval {
            lines.push(format!(
                "  until {}, --approve {} lets it pass once",
                time(*until),
                guard::shown(approval)
            ));
        }
        if !self.kinds.is_empty() {
            lines.push("of the deletes allowed within 7 days are used up, approved ones apart:".to_owned());
        }
        let of = |used: u64, allowed: u64| format!("{} of {}", thousands(used), thousands(allowed));
        for (kind, used) in &self.kinds {
            lines.push(format!("  {kind}: {} ({})", of(used.objects, used.allowed), used.from));
            let members = used.members.map(|(taken_out, allowed)| of(taken_out, allowed));
            lines.extend(members.map(|members| format!("  members of {kind}: {members}")));
        }
        lines
    }
}
