//! Simulators of remote systems: real HTTP servers on a free port, with state, paging, refusals and faults.
//!
//! Each is written from the remote's documents (the fact sheet), never from our client.

pub mod conjur;
mod encoding;
mod faults;
mod limit;
pub mod os2mo;
pub mod os2sync;
mod server;
pub mod stsorgsync;
pub mod swit;
pub mod vault;

pub use faults::{Fault, Faults, Rule};
pub use limit::{Limit, Limited};
pub use server::{Seen, Served, serve, serve_with};
