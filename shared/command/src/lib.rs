//! What every command has: arguments and settings, log, progress, signals, the end line, the manual page, exit codes.
//!
//! A command's `main` is one line that hands its function to [`extract`], [`filter`] or [`push`]. Nothing else in muster
//! writes to standard error or knows the numbers of exit codes.

mod arguments;
mod ca_bundle;
mod connection;
mod context;
mod entry;
mod generate;
mod log;
mod memory;
mod output;
mod progress;
mod stop;

pub use arguments::Beside;
pub use ca_bundle::CaBundle;
pub use connection::{Connection, Trust};
pub use context::Context;
pub use entry::{extract, filter, push, push_or};
pub use muster_secrets::Change;
pub use output::{Screen, standard_output};
pub use progress::Progress;
pub use stop::Stop;
