//! The push engine: read everything, plan, then write, and remember what was accepted.
//!
//! [`push`] is the whole of it, [`deliver`] makes a command of it. [`spool`] keeps the input on disk with a small index, [`plan`] makes ordered steps of it,
//! [`ledger`] knows what was accepted before, [`run`] carries the steps out side by side, [`Target`] is what a remote
//! system has to state about itself.

mod arguments;
mod input;
mod ledger;
mod outcome;
mod plan;
mod results;
mod run;
mod spool;
mod summary;
mod target;

pub use arguments::{Arguments, deliver};
pub use ledger::{Known, Ledger, State};
pub use outcome::{Outcome, Status};
pub use run::{Foreign, Options, push};
pub use summary::{Counts, Summary};
pub use target::{Action, Facts, Listed, Order, Phase, Reference, Request, Role, Target, Task, Work};
