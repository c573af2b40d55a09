//! The push engine: read everything, plan, then write, and remember what was accepted.
//!
//! [`deliver`] is a command's way through it, [`push`] the engine itself, [`Target`] what a remote system states about
//! itself. Inside, `spool` keeps the input on disk with a small index, `owned` has what the ledger knows, `matching` finds
//! out which objects lines mean, `absent` which no line names, `plan` makes ordered steps of all that, `guard` judges them,
//! `run` carries them out side by side, `ledger` remembers, `results` and `summary` tell what became of them.

mod absent;
mod adopt;
mod ahead;
mod arguments;
mod attempt;
mod before;
mod beside;
mod conduct;
mod fate;
mod guard;
mod guarded;
mod hold;
mod input;
mod learn;
mod ledger;
mod levels;
mod lock;
mod matching;
mod options;
mod outcome;
mod owned;
mod phase;
mod plan;
mod prepare;
mod preview;
mod progress;
mod push;
mod report;
mod resolve;
mod results;
mod root;
mod run;
mod said;
mod spool;
mod summary;
mod target;
mod task;

pub use arguments::{Arguments, Removal, WhatOfForeign, WhatOfMissing, deliver};
pub use beside::main;
pub use fate::{Fate, Possession};
pub use ledger::{Accepted, Approval, Destroyed, Intent, Ledger, Origin, Row, State};
pub use options::{Foreign, Options, Resend};
pub use outcome::{Outcome, Status};
pub use phase::{Absent, Comparison, Facts, Found, OnMissing, Order, Phase, Reference, Resolved, Role, Work};
pub use preview::Preview;
pub use push::push;
pub use root::Root;
pub use said::Said;
pub use summary::{Counts, Summary};
pub use target::Target;
pub use task::{Action, Held, Holdings, Request, Task};
