//! What the tests stand on: simulators of the remote systems, and the harness that runs the built commands.

pub mod cli;
pub mod simulator;
