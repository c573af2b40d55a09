//! What is asked about taking away: missing objects, foreign objects, the guard.

use crate::{Foreign, OnMissing};
use muster_changes::Limit;

/// Arguments about what is taken away.
#[derive(clap::Args, Clone, Debug)]
pub struct Removal {
    /// Our objects that are missing in a whole input: keep them, deactivate them (passivate), or delete them [default: the
    /// target's rule]
    #[arg(long, value_name = "WHAT", value_enum)]
    pub on_missing: Option<WhatOfMissing>,

    /// Leave a missing object until so many runs in a row have missed it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub after_runs: u32,

    /// Leave a missing object until it has been missing for so many days
    #[arg(long, value_name = "DAYS", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=3650))]
    pub after_days: i64,

    /// Take our objects of other scopes for this input's: after a filter or an address was changed
    #[arg(long)]
    pub accept_scope_change: bool,

    /// Objects of the target that this pipeline did not bring: keep them, list them too, or delete them as missing ones are
    #[arg(long, value_name = "WHAT", value_enum)]
    pub foreign: Option<WhatOfForeign>,

    /// Most objects of a kind that go within seven days: a count, or a share of ours as 10%; of members taken out, too
    /// [default: 5%, at least 1]
    #[arg(long, value_name = "N|P%")]
    pub max_deletes: Option<Limit>,

    /// Most foreign objects of a kind that go: a count, or a share of them
    #[arg(long, value_name = "N|P%", default_value = "0")]
    pub max_foreign: Limit,

    /// Most objects of a kind that are changed: a count, or a share of ours; a hundred always may
    #[arg(long, value_name = "N|P%", default_value = "30%")]
    pub max_changes: Limit,

    /// Let the plan pass whose refusal gave this digest, or any part of it: once, within 24 hours
    #[arg(long, value_name = "DIGEST")]
    pub approve: Option<String>,
}

/// What is to be done about missing objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[allow(missing_docs, reason = "with doc comments the help would take four lines an option")]
pub enum WhatOfMissing {
    Keep,
    Deactivate,
    Delete,
}

impl From<WhatOfMissing> for OnMissing {
    fn from(what: WhatOfMissing) -> Self {
        match what {
            WhatOfMissing::Keep => Self::Keep,
            WhatOfMissing::Deactivate => Self::Passivate,
            WhatOfMissing::Delete => Self::Delete,
        }
    }
}

/// What is to be done about foreign objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[allow(missing_docs, reason = "with doc comments the help would take four lines an option")]
pub enum WhatOfForeign {
    Keep,
    List,
    Delete,
}

impl From<WhatOfForeign> for Foreign {
    fn from(what: WhatOfForeign) -> Self {
        match what {
            WhatOfForeign::Keep => Self::Keep,
            WhatOfForeign::List => Self::List,
            WhatOfForeign::Delete => Self::Delete,
        }
    }
}
