//! How a step ended.

use muster_base::{Error, Exit};

/// The status of a result line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is done.
    Ok,
    /// The target took it on and will do it later.
    Accepted,
    /// There was nothing to do.
    Unchanged,
    /// It was not tried, because something that it needs is missing or unknown.
    Skipped,
    /// It was refused, by a check or by the target.
    Failed,
    /// A rule forbids it.
    Blocked,
}

impl Status {
    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Accepted => "accepted",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
        }
    }
}

/// How a step ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its status.
    pub status: Status,
    /// The HTTP status of the last answer.
    pub http: Option<u16>,
    /// Why it did not succeed.
    pub error: Option<String>,
    /// What it means for the exit code of the run.
    pub exit: Exit,
    /// What the target calls the object, where that is not its key.
    pub id: Option<String>,
    /// What else there is to say of a step that succeeded.
    pub note: Option<String>,
}

impl Outcome {
    /// The target did the step, with the answer `http`.
    pub fn done(http: u16) -> Self {
        Self::of(Status::Ok, Some(http), None, Exit::Done)
    }

    /// The target took the step on with the answer `http`, and will do it later.
    pub fn accepted(http: u16) -> Self {
        Self::of(Status::Accepted, Some(http), None, Exit::Done)
    }

    /// The target refused the object, or it cannot be sent.
    pub fn failed(http: Option<u16>, error: impl Into<String>) -> Self {
        Self::of(Status::Failed, http, Some(error.into()), Exit::Look)
    }

    /// There was no answer at all, after every try.
    pub fn unanswered(error: &Error) -> Self {
        Self::failed(None, error.to_string()).exit(error.exit())
    }

    /// The step was not tried.
    pub fn skipped(error: impl Into<String>) -> Self {
        Self::of(Status::Skipped, None, Some(error.into()), Exit::Look)
    }

    /// A rule forbids the step.
    pub fn blocked(error: impl Into<String>) -> Self {
        Self::of(Status::Blocked, None, Some(error.into()), Exit::Look)
    }

    /// There is nothing to do.
    pub fn unchanged() -> Self {
        Self::of(Status::Unchanged, None, None, Exit::Done)
    }

    fn of(status: Status, http: Option<u16>, error: Option<String>, exit: Exit) -> Self {
        Self { status, http, error, exit, id: None, note: None }
    }

    /// The same, and the target calls the object so.
    pub fn id(self, id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..self }
    }

    /// The same, with something to say.
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    /// The same with a weightier meaning for the exit code. What the end of the run's time kept from being sent has not
    /// failed.
    pub fn exit(self, exit: Exit) -> Self {
        let status = if exit == Exit::Stopped { Status::Skipped } else { self.status };
        Self { status, exit: self.exit.and(exit), ..self }
    }

    /// The same with `why` before the error.
    pub fn explained(mut self, why: &str) -> Self {
        self.error = Some(self.error.map_or_else(|| why.to_owned(), |error| format!("{why}: {error}")));
        self
    }

    /// Whether the target has the object as it was wanted, or will have it; also when a step found nothing left to do.
    pub fn is_done(&self) -> bool {
        matches!(self.status, Status::Ok | Status::Accepted | Status::Unchanged)
    }
}
