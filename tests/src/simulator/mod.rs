//! Simulators of remote systems: real HTTP servers on a free port, with state, paging, refusals and faults.
//!
//! Each is written from the remote's documents (the fact sheet), never from our client.

mod faults;
pub mod os2mo;
pub mod os2sync;
mod server;
pub mod swit;

pub use faults::{Fault, Faults, Rule};
pub use server::{Seen, Served, serve, serve_with};
