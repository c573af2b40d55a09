//! What a comparison is asked.

use crate::Rules;
use muster_stream::Record;
use std::path::PathBuf;

/// Says why a current record must not be touched, if so.
pub type Protect<'a> = dyn Fn(&Record) -> Option<String> + Sync + 'a;

/// What a comparison is asked.
#[derive(Clone)]
pub struct Options<'a> {
    /// Which members are compared.
    pub rules: Rules,
    /// Take an input without `_end` for complete, as hand-made files are.
    pub assume_complete: bool,
    /// Take away what is missing although both sides come from the same commands and name different scopes.
    pub accept_scope_change: bool,
    /// Both sides are sorted by the bytes of kind and key.
    pub sorted: bool,
    /// Bytes of memory for indexes and changes; past that they go to files.
    pub memory: usize,
    /// Directory for copies of pipes and for what does not fit into memory; the system's when there is none.
    pub spool_dir: Option<PathBuf>,
    /// Most deletes of one kind.
    pub max_deletes: Option<Limit>,
    /// What must not be touched.
    pub protect: Option<&'a Protect<'a>>,
    /// Pointer of a member in which a delete and a create that agree are likely a rename.
    pub match_by: Option<String>,
    /// Pointer of a member by which a desired record without counterpart takes over a current one.
    pub adopt_by: Option<String>,
}

/// A bound on the deletes of one kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// So many.
    Count(u64),
    /// So many in a hundred of the current records of the kind.
    Percent(f64),
}

impl Limit {
    /// The most deletes among `current` records.
    pub fn of(self, current: u64) -> u64 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => (current as f64 * percent / 100.0) as u64,
        }
    }
}

/// As it is given: `12`, `5%`.
impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl std::str::FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "it is neither a count nor a percentage such as 5%".to_owned();
        match text.strip_suffix('%') {
            None => text.parse().map(Self::Count).map_err(|_| wrong()),
            Some(percent) => match percent.parse() {
                Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(Self::Percent(percent)),
                _ => Err(wrong()),
            },
        }
    }
}
