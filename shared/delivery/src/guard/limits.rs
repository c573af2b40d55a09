//! How much may go without being asked, as far as a limit and a count tell.

use muster_changes::{Limit, thousands};

/// How far back destructive steps are summed, in seconds.
pub(crate) const WINDOW: i64 = 7 * 24 * 60 * 60;
/// Deletes of a kind that are allowed when nobody says otherwise, in percent of its active owned objects.
const DELETES: Limit = Limit::Percent(5.0);

/// The most that is allowed of `all` within the window, and why.
pub(crate) fn allowed(limit: Option<Limit>, all: u64) -> (u64, String) {
    match limit.unwrap_or(DELETES) {
        Limit::Count(count) => (count, "the limit that was given".to_owned()),
        Limit::Percent(0.0) => (0, "the limit that was given".to_owned()),
        limit @ Limit::Percent(percent) => {
            (limit.of(all).max(1), format!("{percent} % of {}, at least 1", thousands(all)))
        }
    }
}

/// What went before, as a part of a sentence.
pub(super) fn lately(past: u64) -> String {
    match past {
        0 => String::new(),
        _ => format!(", after {} in the last 7 days", thousands(past)),
    }
}

/// So many are allowed.
pub(super) fn is_or_are(allowed: u64) -> String {
    match allowed {
        0 => "none is".to_owned(),
        1 => "1 is".to_owned(),
        _ => format!("{} are", thousands(allowed)),
    }
}
