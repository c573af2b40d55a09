//! How a ledger stands, for people and for monitoring.

use super::standing::Standing;
use crate::Ledger;
use crate::ledger::{Known, Ran, time};
use crate::lock::{self, Holder};
use muster_base::{Error, Exit, text};
use muster_changes::{Limit, counted};
use muster_command::standard_output;
use muster_stream::unwritable;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How a ledger stands.
pub(super) struct Status {
    path: PathBuf,
    now: i64,
    target: Option<String>,
    last_success: Option<Ran>,
    last_run: Option<Ran>,
    holder: Option<Holder>,
    kinds: BTreeMap<String, Known>,
    in_doubt: usize,
    guard: Standing,
    pause: Option<(i64, String)>,
}

impl Status {
    /// `max_deletes` is the limit that the next run will be given, where anybody says so.
    pub(super) fn of(ledger: &Ledger, path: &Path, max_deletes: Option<Limit>) -> Result<Self, Error> {
        let now = jiff::Timestamp::now().as_second();
        let (last_run, kinds) = (ledger.last_run()?, ledger.kinds()?);
        let is_tripped = last_run.as_ref().and_then(|run| run.exit) == Some(Exit::Guard as u8);
        Ok(Self {
            path: path.to_owned(),
            now,
            target: ledger.identity()?,
            last_success: ledger.last_success()?,
            holder: lock::holder_of_ledger(path),
            in_doubt: ledger.in_doubt()?.len(),
            guard: Standing::of(ledger, &kinds, max_deletes, is_tripped, now)?,
            pause: ledger.paused()?,
            last_run,
            kinds,
        })
    }

    /// Whether the last complete success is no older than this.
    pub(super) fn is_young(&self, max_age: Option<Duration>) -> bool {
        let age = self.last_success.as_ref().and_then(|run| run.ended).map(|ended| self.now - ended);
        max_age.is_none_or(|most| age.is_some_and(|age| u64::try_from(age).unwrap_or(0) <= most.as_secs()))
    }

    pub(super) fn print(&self, as_json: bool, max_age: Option<Duration>) -> Result<(), Error> {
        let mut said = if as_json { self.json(max_age).to_string() } else { self.to_string() };
        if !as_json && !self.is_young(max_age) {
            said += "\nthe last complete success is too old";
        }
        let mut output = standard_output()?;
        writeln!(output, "{said}").and_then(|()| output.flush()).map_err(unwritable)
    }

    fn json(&self, max_age: Option<Duration>) -> Value {
        let run = |run: &Ran| {
            json!({
                "started": time(run.started), "ended": run.ended.map(time), "exit": run.exit,
                "complete": run.complete, "age_seconds": run.ended.map(|ended| self.now - ended),
            })
        };
        let kinds = self.kinds.iter().map(|(kind, known)| (kind.clone(), known.json()));
        json!({
            "ledger": self.path.display().to_string(),
            "target": self.target,
            "last_complete_success": self.last_success.as_ref().map(run),
            "is_young": self.is_young(max_age),
            "last_run": self.last_run.as_ref().map(run),
            "running": self.holder.map(|holder| json!({ "process": holder.process, "since": holder.since.map(time) })),
            "kinds": kinds.collect::<serde_json::Map<_, _>>(),
            "in_doubt": self.in_doubt,
            "guard": self.guard.json(),
            "pause": self.pause.as_ref().map(|(since, reason)| json!({ "since": time(*since), "reason": reason })),
        })
    }

    fn line(&self, f: &mut fmt::Formatter<'_>, name: &str, said: &str) -> fmt::Result {
        write!(f, "\n{name:<14}{said}")
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<14}{}", "ledger", self.path.display())?;
        self.line(f, "target", self.target.as_deref().unwrap_or("none yet"))?;
        let success = self.last_success.as_ref().map_or("never".to_owned(), |run| self.ended(run));
        self.line(f, "last success", &success)?;
        let last = match (&self.last_run, &self.holder) {
            (_, Some(holder)) => format!("goes on now{holder}"),
            (None, None) => "none".to_owned(),
            (Some(run), None) if run.ended.is_none() => {
                format!("begun {}, broken off", time(run.started))
            }
            (Some(run), None) => {
                let input = if run.complete { "" } else { ", not a complete run" };
                format!("{}, exit code {}{input}", self.ended(run), run.exit.unwrap_or_default())
            }
        };
        self.line(f, "last run", &last)?;
        for (kind, known) in &self.kinds {
            self.line(f, kind, &known.to_string())?;
        }
        let doubt = match self.in_doubt {
            0 => "no step".to_owned(),
            count => format!(
                "{} with steps of which nobody knows how they ended; the next run finds out",
                counted(count as u64, "object", "objects")
            ),
        };
        self.line(f, "in doubt", &doubt)?;
        for (index, said) in self.guard.lines().iter().enumerate() {
            self.line(f, if index == 0 { "guard" } else { "" }, said)?;
        }
        let pause = self
            .pause
            .as_ref()
            .map(|(since, reason)| format!("since {}: {}", time(*since), text::one_line(reason)));
        self.line(f, "pause", pause.as_deref().unwrap_or("none"))
    }
}

impl Status {
    fn ended(&self, run: &Ran) -> String {
        let ended = run.ended.unwrap_or(run.started);
        format!("{} ({} ago)", time(ended), long(self.now - ended))
    }
}

impl Known {
    fn json(&self) -> Value {
        json!({
            "active": self.active, "passive": self.passive, "deleted": self.deleted, "pending": self.pending,
            "missing": self.missing,
        })
    }
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} active", self.active)?;
        let others = [
            (self.passive, "passive"),
            (self.deleted, "deleted"),
            (self.pending, "nobody knows yet"),
            (self.missing, "of them missing in the source"),
        ];
        others
            .iter()
            .filter(|(count, _)| *count > 0)
            .try_for_each(|(count, what)| write!(f, ", {count} {what}"))
    }
}

/// A length of time in its two largest units.
fn long(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds @ 3600..172_800 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        seconds => format!("{} days {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_short_to_read() {
        for (seconds, said) in
            [(-5, "0 s"), (59, "59 s"), (90, "1 min"), (7260, "2 h 1 min"), (270_000, "3 days 3 h")]
        {
            assert_eq!(long(seconds), said);
        }
    }
}
