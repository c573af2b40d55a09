//! How a run is to be done.

use crate::OnMissing;
use muster_changes::Limit;
use std::path::PathBuf;

/// What is done about objects of the target that this pipeline did not bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Foreign {
    /// They stay, and nobody looks for them.
    #[default]
    Keep,
    /// They stay, and each has a line in the results.
    List,
    /// They are taken away or made passive, as the target's missing objects are.
    Delete,
}

/// Objects that are sent although nothing of them changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resend {
    /// Every one.
    All,
    /// Those of a kind.
    Kind(String),
    /// One, by kind and key.
    Object(String, String),
}

impl Resend {
    /// Whether it means that object.
    pub(crate) fn means(&self, of: &str, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Kind(kind) => kind == of,
            Self::Object(kind, key) => kind == of && key.eq_ignore_ascii_case(name),
        }
    }
}

impl std::str::FromStr for Resend {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('/') {
            None if text == "all" => Ok(Self::All),
            None if !text.is_empty() => Ok(Self::Kind(text.to_owned())),
            Some((kind, key)) if !kind.is_empty() && !key.is_empty() => {
                Ok(Self::Object(kind.to_owned(), key.to_owned()))
            }
            _ => Err("it is neither 'all' nor KIND nor KIND/KEY".to_owned()),
        }
    }
}

/// How a run is to be done.
#[derive(Clone, Debug)]
pub struct Options {
    /// The command and its version, for the rejects file.
    pub from: String,
    /// The command as it was called, with what stands before it, for what a person is told to call.
    pub command: String,
    /// What this pipeline brought to the target before. Without it everything is sent.
    pub ledger: Option<PathBuf>,
    /// The ledger's target has moved here.
    pub rebind: bool,
    /// What another program owned.
    pub adopt_from: Option<PathBuf>,
    /// Where the input is spooled; beside the ledger when nothing is said.
    pub spool_dir: Option<PathBuf>,
    /// Where refused lines are kept.
    pub rejects: Option<PathBuf>,
    /// Say what would be sent, and send nothing.
    pub dry_run: bool,
    /// Do nothing when the input is partial.
    pub require_complete: bool,
    /// Take an input without `_end` for complete.
    pub assume_complete: bool,
    /// Steps side by side.
    pub parallel: usize,
    /// The share of failed steps, in percent, above which the run stops.
    pub max_failures: f64,
    /// Objects that are sent although nothing changed.
    pub resend: Vec<Resend>,
    /// What is done about missing objects; the target's rule when nothing is said.
    pub on_missing: Option<OnMissing>,
    /// In how many runs an object must be missing.
    pub after_runs: u32,
    /// For how many days.
    pub after_days: i64,
    /// Objects of other scopes are taken for this one's.
    pub accept_scope_change: bool,
    /// What is done about foreign objects.
    pub foreign: Foreign,
    /// Most owned objects of a kind that are taken away or made passive; the guard's share when nothing is said.
    pub max_deletes: Option<Limit>,
    /// Most foreign objects of a kind that are.
    pub max_foreign: Limit,
    /// Most objects of a kind that are changed.
    pub max_changes: Limit,
    /// The digest of a plan that the guard refused and somebody approved.
    pub approve: Option<String>,
}

impl Options {
    /// What is done when nobody asks for anything else, in the name of `from` (command and version).
    pub fn new(from: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            command: String::new(),
            ledger: None,
            rebind: false,
            adopt_from: None,
            spool_dir: None,
            rejects: None,
            dry_run: false,
            require_complete: false,
            assume_complete: false,
            parallel: 8,
            max_failures: 10.0,
            resend: Vec::new(),
            on_missing: None,
            after_runs: 1,
            after_days: 0,
            accept_scope_change: false,
            foreign: Foreign::Keep,
            max_deletes: None,
            max_foreign: Limit::Count(0),
            max_changes: Limit::Percent(30.0),
            approve: None,
        }
    }
}
