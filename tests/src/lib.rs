//! What the tests stand on: simulators of the remote systems, real servers, and the harness that runs the built commands.

pub mod cli;
pub mod lines;
pub mod pages;
pub mod raw;
pub mod servers;
pub mod simulator;
pub mod tls;
